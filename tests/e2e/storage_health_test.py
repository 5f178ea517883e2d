# SPDX-License-Identifier: Apache-2.0
"""What the cloud says and does when its storage fails under it: a page is damaged, the disk is full or read-only."""
import json
import sqlite3
import ssl
import time
import unittest
import urllib.error
import urllib.request

from world import World, storage

PAGE = 4096


class StorageHealth(unittest.TestCase):
    def setUp(self):
        self.bed = World()
        self.addCleanup(self.bed.close)

    def get(self, path):
        tls = ssl.create_default_context(cafile=self.bed.cloud_dir / "ca.pem")
        try:
            with urllib.request.urlopen(self.bed.url + path, context=tls, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def ready(self):
        status, body = self.get("/readyz")
        return status, {name for name, check in body["checks"].items() if check["status"] == "failed"}

    def wait(self, what, condition, timeout=60):
        deadline = time.monotonic() + timeout
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"{what} did not come about")
            time.sleep(0.1)

    def restart(self):
        self.bed.cloud.stop()
        self.bed.start_cloud(init=False)

    def damage(self, table):
        """Changes one bit of a page of the database file, as a dying disk does."""
        path = self.bed.cloud_dir / "strata.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            page = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
        with open(path, "r+b") as file:
            at = (page - 1) * PAGE + PAGE // 2
            file.seek(at)
            changed = bytes([file.read(1)[0] ^ 1])
            file.seek(at)
            file.write(changed)

    def test_damaged_page_is_found_and_nothing_is_served_from_it(self):
        bed = self.bed
        image = bed.dir / "image.bin"
        image.write_bytes(bytes(range(256)) * 64)
        bed.strata("bundle", "create", image, bed.dir / "app.zip", "--hardware", "stm32u585")
        bed.upload(bed.dir / "app.zip", "first")
        backup = bed.dir / "cloud.backup"
        bed.run([bed.bin / "strata-cloud", "backup", "--data", bed.cloud_dir, "--out", backup])
        bed.serve_options = ["--integrity-every", "1"]
        self.restart()  # what was in the write-ahead log is in the pages now
        self.assertEqual(self.ready(), (200, set()))
        self.damage("key_changes")  # which nobody asks for
        self.wait("finding the damage", lambda: self.ready() == (503, {"database"}))
        status, body = self.get("/healthz")
        self.assertEqual(status, 503)
        self.assertIn("damaged", body["message"])
        bed.cloud.wait_for(r'"job":"integrity","failure":".*damaged')
        refused = bed.strata("apps", "list", check=False)
        self.assertEqual(refused.returncode, 20)
        self.assertIn("restores a backup", refused.stderr)
        bed.cloud.stop()
        again = bed.run([bed.bin / "strata-cloud", "serve", "--data", bed.cloud_dir, "--listen", "127.0.0.1:0",
                         "--device-listen", "127.0.0.1:0"], check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("found damaged", again.stderr)
        bed.cloud_dir.rename(bed.dir / "damaged")
        bed.run([bed.bin / "strata-cloud", "restore", "--from", backup, "--data", bed.cloud_dir])
        bed.start_cloud(init=False)
        self.assertEqual(self.ready(), (200, set()))
        self.assertEqual([app["uniqueName"] for app in bed.strata_list("apps", "list")], ["first"])

    def test_full_and_read_only_disks_are_told_and_outlived(self):
        bed = self.bed
        faults = bed.set_storage_faults()
        bed.serve_options = ["--log-format", "text"]
        self.restart()
        bed.strata("configs", "create", "--key", "before", "--value", "1")
        for deed in (storage.FULL, storage.READ_ONLY):
            faults.arm(deed)
            self.wait("telling", lambda: self.ready() == (503, {"database", "blobs"}))
            self.assertEqual(self.get("/healthz")[0], 503)
            failed = bed.strata("configs", "create", "--key", f"during-{deed}", "--value", "1", check=False)
            self.assertNotEqual(failed.returncode, 0)
            self.assertEqual([c["key"] for c in bed.strata_list("configs", "list")][-1], "before", "reading goes on")
            faults.disarm()
            self.wait("recovery", lambda: self.ready() == (200, set()))
            bed.strata("configs", "create", "--key", f"after-{deed}", "--value", "1")
        keys = {config["key"] for config in bed.strata_list("configs", "list")}
        self.assertEqual(keys, {"before", f"after-{storage.FULL}", f"after-{storage.READ_ONLY}"})
        self.assertFalse((bed.cloud_dir / "strata.db.damaged").exists())
        bed.cloud.wait_for(r"^time=\S+ request=RQ\S+ method=POST path=/v1/Configs status=201 bytes=\d+ ms=\d+$")


if __name__ == "__main__":
    unittest.main()
