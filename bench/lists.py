# SPDX-License-Identifier: Apache-2.0
"""GET /v1/Apps?PageSize=50 with 1 000 apps, against nginx serving that very answer from a file."""
import os

import servers

APPS, CONNECTIONS, SECONDS = 1000, 16, 4


def bench(rounds):
    print("\n## `GET /v1/Apps?PageSize=50` with 1 000 apps\n")
    print(f"{CONNECTIONS} connections (TLS 1.3, keep-alive), {SECONDS} s each, load and server on the same machine. Peer: nginx with that very answer as a file, without "
          "credentials, database or counting. Processor time: of the server alone, for each answer, warming up included.\n")
    with servers.Server() as server:
        image = server.dir / "image.bin"
        image.write_bytes(os.urandom(100_000))
        bundle = server.dir / "bundle.zip"
        server.strata("bundle", "create", image, bundle)
        server.upload_often(bundle, APPS)
        path = "/v1/Apps?PageSize=50"
        paths = server.dir / "paths"
        paths.write_text(path + "\n")
        connection = server.people()
        connection.request("GET", path, headers=server.authorization())
        body = connection.getresponse().read()
        connection.close()
        file = server.dir / "www/v1/Apps"
        file.parent.mkdir(parents=True)
        file.write_bytes(body)

        def measured(process, url, env=None):
            before = process.processor_seconds()
            got = servers.load("get", "--url", url, "--paths", paths, "--connections", CONNECTIONS, "--seconds", SECONDS, env=env)
            used = process.processor_seconds() - before
            return got["requests"] / got["seconds"], got["p50_ms"], got["p99_ms"], used / got["requests"] * 1e3

        ours, peers = [], []
        with servers.Nginx(server, server.dir / "www", devices=False) as nginx:
            for _ in range(rounds):
                ours.append(measured(server.cloud, server.url, server.credentials))
                peers.append(measured(nginx.process, nginx.url))
    print(f"| answer of {len(body)} bytes | requests/s | p50 | p99 | processor time |")
    print("|---|---|---|---|---|")
    for words, values in (("`strata-cloud`", ours), ("nginx", peers)):
        columns = [servers.spread([v[i] for v in values], 0 if i == 0 else 2) for i in range(4)]
        print(f"| {words} | {columns[0]} | {columns[1]} ms | {columns[2]} ms | {columns[3]} ms |")
    print(f"| ratio (median of rounds) | {servers.ratio([v[0] for v in ours], [v[0] for v in peers]):.2f} | | | |", flush=True)
