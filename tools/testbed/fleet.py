# SPDX-License-Identifier: Apache-2.0
"""Very many devices without their keys: rows of the cloud's database, copied from devices that were provisioned."""
import hashlib
import os
import sqlite3


def copy_devices(bed, templates, count):
    """`count` devices many-00000 … that look like `templates` (SIDs, in turn) and are older than them. The cloud must be stopped."""
    database = sqlite3.connect(bed.cloud_dir / "strata.db")
    database.row_factory = sqlite3.Row
    with database:
        rows = [dict(database.execute("SELECT * FROM devices WHERE sid = ?", (sid,)).fetchone()) for sid in templates]
        account = rows[0]["account_sid"]
        (last,) = database.execute("SELECT last_sequence FROM accounts WHERE sid = ?", (account,)).fetchone()
        created = min(row["date_created"] for row in rows) - 86400
        marks = ", ".join("?" * len(rows[0]))
        for number in range(count):
            row = dict(rows[number % len(rows)])
            row.update(sid="UV" + hashlib.md5(f"{account} {number}".encode()).hexdigest(), sequence=last + 1 + number,
                       unique_name=f"many-{number:05}", public_key=os.urandom(len(row["public_key"])),
                       fingerprint=os.urandom(len(row["fingerprint"])), date_created=created)
            if row["deployment_id"] is not None:
                row["deployment_id"] = os.urandom(16)
            database.execute(f"INSERT INTO devices ({', '.join(row)}) VALUES ({marks})", list(row.values()))
        database.execute("UPDATE accounts SET last_sequence = ? WHERE sid = ?", (last + count, account))
    database.execute("VACUUM")  # pages that this SQLite wrote have wrong sums, new ones have none
    database.close()
