# SPDX-License-Identifier: Apache-2.0
"""Years in a cloud's life: garbage, damaged layers, backup and restore, health, metrics, the end of a process."""
import base64
import json
import os
import signal
import socket
import ssl
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from world import Process, Testbed


class Cloud(Testbed):
    """Without examples or layer keys; bundles are made of bytes."""

    def start_cloud(self, init=True, options=()):
        if init and not self.cloud_dir.exists():
            self.run([self.bin / "strata-cloud", "init", "--data", self.cloud_dir])
        addresses = ["127.0.0.1:0", "127.0.0.1:0"]
        if self.cloud:
            addresses = [url.split("//")[1] for url in (self.url, self.device_url)]
        self.cloud = Process([self.bin / "strata-cloud", "serve", "--data", self.cloud_dir, "--listen", addresses[0],
                              "--device-listen", addresses[1], *options], env=self.program_env)
        match = self.cloud.wait_for(r"^ready (\S+) (\S+)$")
        self.url, self.device_url = match.group(1), match.group(2)
        return self

    def make_bundle(self, name, seed, image_bytes=None):
        image = self.dir / f"{name}.bin"
        image.write_bytes(image_bytes or b"".join(bytes([seed + part]) * 65536 for part in range(3)))
        out = self.dir / f"{name}.zip"
        self.strata("bundle", "create", image, out, "--hardware", "stm32u585", "--trial-window", "1")
        return out

    def layers(self, bundle):
        return sorted({layer["fetchHash"] for layer in self.strata_json("bundle", "inspect", bundle)["layers"]})

    def blobs(self):
        return sorted(p.parent.name + p.name for p in (self.cloud_dir / "blobs").glob("*/*"))

    def get(self, path):
        context = ssl.create_default_context(cafile=self.cloud_dir / "ca.pem")
        try:
            with urllib.request.urlopen(self.url + path, context=context, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def strata_cloud(self, *arguments, check=True):
        return self.run([self.bin / "strata-cloud", *arguments], check=check)

    def eventually(self, what, condition, timeout=30):
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not happen within {timeout} s")
            time.sleep(0.1)


class Operations(unittest.TestCase):
    def setUp(self):
        self.bed = Cloud()
        self.addCleanup(self.bed.close)

    def test_garbage_goes_and_live_layers_stay(self):
        bed = self.bed.start_cloud(options=("--garbage-wait", "0", "--garbage-every", "1")).login()
        first, second = bed.make_bundle("first", 1), bed.make_bundle("second", 2)
        bed.strata("apps", "create", first, "first")
        bed.strata("apps", "create", second, "second")
        everything = bed.blobs()
        self.assertEqual(everything, sorted(set(bed.layers(first)) | set(bed.layers(second))))
        bed.strata("apps", "remove", "--sid", "first")
        bed.eventually("garbage collection", lambda: bed.blobs() == bed.layers(second))
        bed.cloud.wait_for(r'"job":"garbage","removed":\d+')
        bed.strata("apps", "create", first, "again")
        self.assertEqual(bed.blobs(), everything)

    def test_damaged_layer_is_found_told_and_healed(self):
        bed = self.bed.start_cloud().login()
        bundle = bed.make_bundle("first", 1)
        bed.strata("apps", "create", bundle, "first")
        self.assertEqual(bed.get("/healthz"), (200, '{"status":"ok"}'))
        layer = bed.layers(bundle)[0]
        path = bed.blob_path(layer)
        bed.cloud.stop()
        path.chmod(0o600)
        path.write_bytes(b"damaged" + path.read_bytes()[7:])
        bed.start_cloud(init=False)
        bed.eventually("the scrub", lambda: not path.exists())
        bed.cloud.wait_for(f'"job":"scrub","damaged":"{layer}"')
        self.assertTrue((bed.cloud_dir / "quarantine" / layer).exists())
        bed.eventually("the sorrow", lambda: "degraded" in bed.get("/healthz")[1])
        status, body = bed.get("/healthz")
        self.assertEqual((status, json.loads(body)["status"]), (200, "degraded"))
        self.assertIn("1 layers of apps are damaged or missing", body)
        bed.strata("apps", "create", bundle, "healed")
        bed.eventually("healing", lambda: bed.get("/healthz") == (200, '{"status":"ok"}'))

    def test_backup_while_it_runs_comes_back_whole(self):
        bed = self.bed.start_cloud().login()
        bundle = bed.make_bundle("first", 1)
        bed.strata("apps", "create", bundle, "first")
        bed.strata("secrets", "create", "--key", "wifi", "--value", "hush-hush")
        secret = bed.dir / "backup.pass"
        secret.write_bytes(base64.b64encode(os.urandom(24)) + b"\n")
        secret.chmod(0o600)
        file = bed.dir / "cloud.backup"
        bed.strata_cloud("backup", "--data", bed.cloud_dir, "--out", file, "--passphrase-file", secret)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        for clear in (b"hush-hush", b"PRIVATE KEY", b"SQLite format", bed.account()["STRATA_AUTH_TOKEN"].encode()):
            self.assertNotIn(clear, file.read_bytes())
        self.assertEqual(bed.strata_cloud("backup", "--data", bed.cloud_dir, "--out", file, check=False).returncode, 1, "never over another")
        bed.strata("apps", "create", bed.make_bundle("later", 2), "later")
        bed.cloud.stop()
        for damage in (lambda b: b[:-1], lambda b: b[:100] + bytes([b[100] ^ 1]) + b[101:], lambda b: b + b"x"):
            changed = bed.dir / "changed.backup"
            changed.write_bytes(damage(file.read_bytes()))
            refused = bed.strata_cloud("restore", "--from", changed, "--data", bed.dir / "no", "--passphrase-file", secret, check=False)
            self.assertEqual(refused.returncode, 1, refused.stderr)
            self.assertEqual(sorted(p.name for p in bed.dir.glob("no*")), [], "nothing is left")
        os.rename(bed.cloud_dir, bed.dir / "lost")
        bed.strata_cloud("restore", "--from", file, "--data", f"{bed.cloud_dir}/", "--passphrase-file", secret)
        for path in [bed.cloud_dir, *bed.cloud_dir.rglob("*")]:
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)
        bed.start_cloud(init=False)
        self.assertEqual([app["uniqueName"] for app in bed.strata_list("apps", "list")], ["first"])
        self.assertEqual(bed.blobs(), bed.layers(bundle))
        self.assertEqual([s["key"] for s in bed.strata_list("secrets", "list")], ["wifi"])
        self.assertEqual(bed.get("/healthz"), (200, '{"status":"ok"}'))
        self.assertEqual(len(bed.strata_list("audit", "list", "--action", "cloud.restore")), 1)

    def test_damaged_database_missing_layer_and_keys_are_not_backed_up_in_silence(self):
        bed = self.bed.start_cloud().login()
        bundle = bed.make_bundle("first", 1)
        bed.strata("apps", "create", bundle, "first")
        bed.cloud.stop()
        bed.blob_path(bed.layers(bundle)[0]).unlink()
        made = bed.strata_cloud("backup", "--data", bed.cloud_dir, "--out", bed.dir / "a.backup", check=False)
        self.assertEqual(made.returncode, 3, made.stderr)
        self.assertIn(bed.layers(bundle)[0][2:], made.stderr)
        keys = bed.cloud_dir / "pki"
        os.rename(keys, bed.dir / "pki")
        keys.touch()  # can't be listed, as a folder without rights is for others than root
        keyless = bed.strata_cloud("backup", "--data", bed.cloud_dir, "--out", bed.dir / "k.backup", check=False)
        self.assertEqual(keyless.returncode, 1, keyless.stderr)
        self.assertFalse((bed.dir / "k.backup").exists(), "a backup without its keys is none")
        keys.unlink()
        os.rename(bed.dir / "pki", keys)
        database = bed.cloud_dir / "strata.db"
        data = bytearray(database.read_bytes())
        for at in range(4096 * 3, len(data), 4096):
            data[at:at + 64] = b"\xa5" * 64
        database.write_bytes(bytes(data))
        refused = bed.strata_cloud("backup", "--data", bed.cloud_dir, "--out", bed.dir / "b.backup", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("database", refused.stderr)
        self.assertFalse((bed.dir / "b.backup").exists())

    def test_device_copes_with_a_cloud_that_went_back_in_time(self):
        bed = self.bed.start_cloud().login()
        first, second = (bed.strata_json("apps", "create", bed.make_bundle(name, seed), name)["sid"] for name, seed in (("first", 1), ("second", 2)))
        device = bed.provision("board", "stm32u585").start()
        bed.deploy(device, first)
        file = bed.dir / "cloud.backup"
        bed.strata_cloud("backup", "--data", bed.cloud_dir, "--out", file)
        third = bed.strata_json("apps", "create", bed.make_bundle("third", 3), "third")["sid"]
        for app in (second, third):
            bed.deploy(device, app)
        self.assertEqual(device.status()["currentApp"], third)
        bed.cloud.stop()
        os.rename(bed.cloud_dir, bed.dir / "lost")
        bed.strata_cloud("restore", "--from", file, "--data", bed.cloud_dir)
        bed.start_cloud(init=False)
        bed.eventually("the device's way back", lambda: device.status()["currentApp"] == first, timeout=90)
        bed.cloud.wait_for(r"/device/v1/receipts", timeout=60)
        state = bed.device_app(device)
        self.assertEqual((state["update_status"], state["reported_sid"], state["target_sid"]), ("up-to-date", first, first))
        bed.deploy(device, second)  # its receipts count: their counter is ahead of the restored cloud's
        self.assertEqual(device.status()["currentApp"], second)
        again = bed.strata_json("apps", "create", bed.dir / "third.zip", "third")["sid"]
        bed.deploy(device, again)
        self.assertEqual(bed.device_app(device)["reported_sid"], again)

    def test_metrics_on_their_own_listener(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        bed = self.bed.start_cloud(options=("--metrics-listen", f"127.0.0.1:{port}")).login()
        bed.strata("apps", "list")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
            text = answer.read().decode()
        self.assertRegex(text, r'strata_http_requests_total\{listener="people",code="2xx"\} [1-9]')
        self.assertRegex(text, r'strata_job_last_run_seconds\{job="garbage"\} \d+')
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{[^{}]*\})? [0-9.]+)$')
        self.assertEqual(bed.get("/metrics")[0], 404)
        self.assertEqual(json.loads(bed.get("/readyz")[1])["status"], "ok")

    def test_sigterm_lets_an_upload_in_progress_end(self):
        bed = self.bed.start_cloud().login()
        bundle = bed.make_bundle("first", 1, os.urandom(600_000))  # takes three seconds
        account = bed.account()
        upload = subprocess.Popen(["curl", "-sS", "--limit-rate", "200K", "--cacert", bed.cloud_dir / "ca.pem", "-u",
                                   f"{account['STRATA_ACCOUNT_SID']}:{account['STRATA_AUTH_TOKEN']}", "-F", f"File=@{bundle}", "-o",
                                   os.devnull, "-w", "%{http_code}", f"{bed.url}/v1/Apps"], stdout=subprocess.PIPE, text=True)
        self.bed.eventually("the upload's begin", lambda: any((bed.cloud_dir / "tmp").iterdir()))
        self.assertEqual(bed.cloud.stop(signal.SIGTERM), 0)
        self.assertEqual(upload.communicate(timeout=20)[0], "201")
        bed.start_cloud(init=False)
        self.assertEqual(len(bed.strata_list("apps", "list")), 1)


if __name__ == "__main__":
    unittest.main()
