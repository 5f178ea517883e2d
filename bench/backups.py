# SPDX-License-Identifier: Apache-2.0
"""Backup and restore of a GB of layers, against copying and syncing the same files."""
import base64
import os
import shutil
import time

import servers

BUNDLES, BUNDLE_BYTES = 17, 60_000_000


def timed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def copy(source, target):
    def action():
        servers.subprocess.run(["cp", "-r", source, target], check=True)
        servers.subprocess.run(["sync", "-f", target], check=True)
    return action


def bench(rounds, bundles=BUNDLES):
    print("\n## Backup and restore\n")
    print(f"A cloud with {bundles * BUNDLE_BYTES / 1e9:.2f} GB of layers (random bytes), the server running, the files in the page cache. Ours: `strata-cloud backup --passphrase-file` (each layer hashed, "
          "everything encrypted, one file, synced) and `strata-cloud restore` (decrypted, each layer hashed and synced, the database checked page by page). Floor: `cp -r` and "
          "`sync -f` of the same directory.\n")
    with servers.Server() as server:
        image, bundle = server.dir / "image.bin", server.dir / "bundle.zip"
        for _ in range(bundles):
            image.write_bytes(os.urandom(BUNDLE_BYTES))
            bundle.unlink(missing_ok=True)
            server.strata("bundle", "create", image, bundle, "--hardware", "large")
            server.upload_often(bundle, 1)
        passphrase = server.dir / "pass"
        passphrase.write_bytes(base64.b64encode(os.urandom(24)) + b"\n")
        passphrase.chmod(0o600)
        file, restored, peer = (server.dir / name for name in ("cloud.backup", "restored", "peer"))
        program = server.bin / "strata-cloud"
        saves, loads, floors = [], [], []
        for number in range(rounds + 1):
            os.sync()
            times = (timed(lambda: server.run([program, "backup", "--data", server.cloud_dir, "--out", file, "--passphrase-file", passphrase], timeout=3600)),
                     timed(lambda: server.run([program, "restore", "--from", file, "--data", restored, "--passphrase-file", passphrase], timeout=3600)),
                     timed(copy(server.cloud_dir, peer)))
            size = file.stat().st_size
            file.unlink()
            shutil.rmtree(restored)
            shutil.rmtree(peer)
            if number:
                for kept, value in zip((saves, loads, floors), times):
                    kept.append(value / size * 1e9)
    print("| for each GB | time | ratio (median of rounds) |")
    print("|---|---|---|")
    print(f"| backup, encrypted | {servers.spread(saves, 2)} s | {servers.ratio(saves, floors):.1f} |")
    print(f"| restore, checked | {servers.spread(loads, 2)} s | {servers.ratio(loads, floors):.1f} |")
    print(f"| `cp -r`, `sync -f` | {servers.spread(floors, 2)} s | |", flush=True)
