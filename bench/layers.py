# SPDX-License-Identifier: Apache-2.0
"""Download of layers of 256 KiB, against nginx serving the same files to the same devices."""
import os
import shutil

import servers

LAYERS, LAYER_BYTES, CONNECTIONS, SECONDS = 32, 256 * 1024, 64, 4


def bench(rounds):
    print("\n## Download of 256 KiB layers against nginx\n")
    print(f"{LAYERS} layers, {CONNECTIONS} connections of one device with its certificate (mutual TLS 1.3), {SECONDS} s each, load (`bench_load`) and server on the same machine; "
          "nginx serves the same files with the same certificates, demands the device's, and logs too. Layers are served to devices alone, so there is no plain HTTP of ours "
          "to measure; nginx's is beside it. Processor time: of the server alone, for each GB that it sent, warming up included.\n")
    with servers.Server() as server:
        image = server.dir / "image.bin"
        image.write_bytes(os.urandom(LAYERS * LAYER_BYTES))
        bundle = server.dir / "bundle.zip"
        server.strata("bundle", "create", image, bundle, "--hardware", "large", "--layer-size", "256K")
        layers = server.inspect(bundle)["layers"]
        device = server.provision("reader", "large")
        server.strata("devices", "update", "--sid", device.sid, "--target-app", server.upload(bundle))
        identity, paths = server.dir / "identity.pem", server.dir / "paths"
        identity.touch(0o600)
        identity.write_text((device.dir / "identity.crt").read_text() + (device.dir / "identity.pem").read_text())
        paths.write_text("".join(f"/device/v1/layers/{layer['fetchHash']}\n" for layer in layers))
        files = server.dir / "www/device/v1/layers"
        files.mkdir(parents=True)
        for layer in layers:
            shutil.copyfile(server.blob_path(layer["fetchHash"]), files / layer["fetchHash"])
            (files / layer["fetchHash"]).chmod(0o644)

        def measured(process, url, *more):
            before = process.processor_seconds()
            got = servers.load("get", "--url", url, "--paths", paths, "--connections", CONNECTIONS, "--seconds", SECONDS, *more)
            used = process.processor_seconds() - before
            return got["bytes"] / got["seconds"] / 1e6, got["p99_ms"], used / (got["bytes"] / 1e9)

        ours, peers, plain = [], [], []
        with servers.Nginx(server, server.dir / "www", devices=True) as nginx:
            for _ in range(rounds):
                ours.append(measured(server.cloud, server.device_url, "--identity", identity))
                peers.append(measured(nginx.process, nginx.url, "--identity", identity))
                plain.append(measured(nginx.process, nginx.plain_url))
    print("| | MB/s | p99 of a layer | processor time for a GB |")
    print("|---|---|---|---|")
    for words, values in (("`strata-cloud`, mutual TLS", ours), ("nginx, mutual TLS", peers), ("nginx, plain HTTP", plain)):
        columns = [servers.spread([v[i] for v in values], digits) for i, digits in ((0, 0), (1, 1), (2, 2))]
        print(f"| {words} | {columns[0]} | {columns[1]} ms | {columns[2]} s |")
    rates, costs = ([servers.ratio([v[i] for v in ours], [v[i] for v in peers]) for i in (0, 2)])
    print(f"| ratio of the first two (median of rounds) | {rates:.2f} (goal ≥ 1.0) | | {costs:.2f} |", flush=True)
