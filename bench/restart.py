# SPDX-License-Identifier: Apache-2.0
"""From exec to `ready` with a big database, after an orderly end and after kill -9, against an empty cloud."""
import os
import signal
import sqlite3
import time

import servers

APPS, DEVICES = 1000, 100_000


def ready_in(server):
    begin = time.monotonic()
    server.start_cloud(init=False)
    return time.monotonic() - begin


def fill(server, apps, devices):
    """Apps as people upload them; devices as copies of one row, each with its own SID and key, a tenth with an update pending."""
    image = server.dir / "image.bin"
    image.write_bytes(os.urandom(100_000))
    bundle = server.dir / "bundle.zip"
    server.strata("bundle", "create", image, bundle)
    server.upload_often(bundle, apps)
    server.provision("first", "stm32u585")
    server.cloud.stop()
    database = sqlite3.connect(server.cloud_dir / "strata.db")
    columns = [row[1] for row in database.execute("PRAGMA table_info(devices)")]
    changed = {"sid": "'UV' || lower(hex(randomblob(16)))", "sequence": "sequence + n", "unique_name": "NULL", "public_key": "randomblob(65)",
               "fingerprint": "randomblob(32)", "deployment_id": "randomblob(16)", "target_sid": "(SELECT min(sid) FROM apps)",
               "target_hash": "(SELECT manifest_hash FROM apps WHERE sid = (SELECT min(sid) FROM apps))", "date_targeted": "date_created",
               "update_status": "CASE WHEN n % 10 = 0 THEN 1 ELSE 0 END", "date_last_seen": "date_created"}
    with database:
        database.execute(f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {devices - 1}) "
                         f"INSERT INTO devices ({', '.join(columns)}) SELECT {', '.join(changed.get(c, c) for c in columns)} "
                         "FROM (SELECT * FROM devices LIMIT 1), many")
        database.execute("UPDATE accounts SET last_sequence = (SELECT max(sequence) FROM devices)")
    count = database.execute("SELECT count(*) FROM devices").fetchone()[0]
    database.execute("VACUUM")  # pages that this SQLite wrote have wrong sums, new ones have none
    database.close()
    return count


def bench(rounds, apps=APPS, devices=DEVICES):
    print("\n## Restart\n")
    print(f"{apps} apps and {devices} devices, a tenth of them with an update pending. From exec to the line `ready`, when both listeners accept; after SIGTERM, and after kill -9 "
          "in the middle of 200 changes. Peer: the same program with an empty cloud. The first round, with cold caches of the program, does not count.\n")
    with servers.Server() as server, servers.Server() as empty:
        count = fill(server, apps, devices)
        size = (server.cloud_dir / "strata.db").stat().st_size
        empty.cloud.stop()
        orderly, killed, peers = [], [], []
        for number in range(rounds + 1):
            times = [ready_in(server)]
            client = servers.Client(server)
            for change in range(200):
                client.ask("POST", "/v1/Configs", f"Key=k{number}-{change}&Value=x")
            server.cloud.stop(signal.SIGKILL)
            times.append(ready_in(server))
            client = servers.Client(server)
            for change in range(200):
                client.ask("DELETE", f"/v1/Configs/k{number}-{change}")
            server.cloud.stop()
            times.append(ready_in(empty))
            empty.cloud.stop()
            if number:
                for kept, value in zip((orderly, killed, peers), times):
                    kept.append(value)
    print(f"| {count} devices, database of {size / 1e6:.0f} MB | time | ratio (median of rounds) |")
    print("|---|---|---|")
    print(f"| after SIGTERM | {servers.spread(orderly, 3)} s | {servers.ratio(orderly, peers):.2f} |")
    print(f"| after kill -9 | {servers.spread(killed, 3)} s | {servers.ratio(killed, peers):.2f} |")
    print(f"| an empty cloud | {servers.spread(peers, 3)} s | |", flush=True)
