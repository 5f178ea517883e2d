# SPDX-License-Identifier: Apache-2.0
"""Ingest of a 60 MB bundle: from the first byte sent to the App, against hashing, copying and syncing the same file."""
import os
import subprocess
import time

import servers

SIZE = 60_000_000


def timed(command, **more):
    begin = time.monotonic()
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, **more)
    return time.monotonic() - begin


def bench(rounds):
    print("\n## Ingest of a 60 MB bundle against `sha256sum`, `cp` and `sync` of the same file\n")
    print(f"{SIZE // 1_000_000} MB of random bytes, others in each round, in 32 layers (`large`). Ours: the wall time of `curl -F File=@bundle.zip` until 201: TLS, everything "
          "checked, every layer and the metadata synced to disk. Floor: `sha256sum f && cp f g && sync g`.\n")
    with servers.Server() as server:
        image, bundle, copy = (server.dir / name for name in ("image.bin", "bundle.zip", "copy.zip"))
        account = server.account()
        upload = ["curl", "-sS", "--fail-with-body", "--cacert", account["STRATA_CA_FILE"], "-K", "-", "-F", f"File=@{bundle}",
                  f"{server.url}/v1/Apps"]
        credentials = f'user = "{account["STRATA_ACCOUNT_SID"]}:{account["STRATA_AUTH_TOKEN"]}"'
        floor = ["sh", "-c", f"sha256sum {bundle} && cp {bundle} {copy} && sync {copy}"]
        ours, floors = [], []
        for number in range(rounds + 1):
            image.write_bytes(os.urandom(SIZE))
            bundle.unlink(missing_ok=True)
            copy.unlink(missing_ok=True)
            server.strata("bundle", "create", image, bundle, "--hardware", "large")
            os.sync()
            times = timed(upload, input=credentials, text=True), timed(floor)
            if number:  # the first is for warming up
                ours.append(times[0])
                floors.append(times[1])
        size = bundle.stat().st_size
    print("| bundle | ours | floor | ratio (median of rounds) |")
    print("|---|---|---|---|")
    print(f"| {size / 1e6:.1f} MB | {servers.spread(ours, 2)} s | {servers.spread(floors, 2)} s | {servers.ratio(ours, floors):.1f} |", flush=True)
