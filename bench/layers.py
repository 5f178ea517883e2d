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
          "to measure; nginx's is beside it.\n")
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

        def megabytes(url, *more):
            got = servers.load("get", "--url", url, "--paths", paths, "--connections", CONNECTIONS, "--seconds", SECONDS, *more)
            return got["bytes"] / got["seconds"] / 1e6, got["p99_ms"]

        ours, peers, plain = [], [], []
        with servers.Nginx(server, server.dir / "www", devices=True) as nginx:
            for _ in range(rounds):
                ours.append(megabytes(server.device_url, "--identity", identity))
                peers.append(megabytes(nginx.url, "--identity", identity))
                plain.append(megabytes(nginx.plain_url))
    print("| | MB/s | p99 of a layer |")
    print("|---|---|---|")
    for words, values in (("`strata-cloud`, mutual TLS", ours), ("nginx, mutual TLS", peers), ("nginx, plain HTTP", plain)):
        print(f"| {words} | {servers.spread([v[0] for v in values])} | {servers.spread([v[1] for v in values], 1)} ms |")
    print(f"| ratio of the first two (median of rounds) | {servers.ratio([v[0] for v in ours], [v[0] for v in peers]):.2f} (goal ≥ 1.0) | |", flush=True)
