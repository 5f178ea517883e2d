# SPDX-License-Identifier: Apache-2.0
"""A factory: devices come in with single-use tokens, many certificate requests are certified from one file."""
import csv
import os
import subprocess
import time
import unittest

from world import HARDWARE, Device, World


class Factory(unittest.TestCase):
    def setUp(self):
        self.bed = World()
        self.addCleanup(self.bed.close)

    def tokens(self, count, *options):
        """Token files, made with a key that may provision and nothing else."""
        bed = self.bed
        line = bed.dir / "line.env"
        if not line.exists():
            bed.strata("api-keys", "create", "--scopes", "provision", "--env-out", line)
        key = dict(part.removeprefix("export ").split("=", 1) for part in line.read_text().splitlines())
        env = {**bed.env, **{name: value.strip("'") for name, value in key.items()}, "STRATA_CONFIG_DIR": str(bed.dir / "line")}
        out = bed.dir / "tokens"
        bed.strata("devices", "enrolment-tokens", "create", "--count", str(count), "--out", out, *options, env=env)
        return sorted(out.glob("ET*.token"))

    def station(self, token, name, check=True):
        """Provisions as somebody does who has a token and is signed in nowhere."""
        bed = self.bed
        signer = bed.dir / "signer.pub"
        if not signer.exists():
            bed.strata("keys", "generate", "signing", "--out", bed.dir / "signer")
        env = {**bed.env, "STRATA_CONFIG_DIR": str(bed.dir / "station")}
        return bed.strata("devices", "provision", "--out", bed.dir / name, "--unique-name", name, "--signer", signer,
                          "--enrolment-token-file", token, "--device-url", bed.device_url,
                          "--ca-cert", bed.dir / "tokens/ca.pem", env=env, check=check)

    def test_a_token_lets_one_device_in_and_it_runs(self):
        bed = self.bed
        first, second = self.tokens(2, "--tag", "line-1")
        self.assertEqual(first.stat().st_mode & 0o777, 0o600)
        self.station(first, "board-1")
        again = self.station(first, "board-2", check=False)
        self.assertEqual(again.returncode, 65)
        self.assertIn("65022", again.stderr)
        self.assertFalse((bed.dir / "board-2").exists())
        device = bed.strata_json("devices", "fetch", "--sid", "board-1")
        self.assertEqual(device["tags"], ["line-1"])
        board = Device(bed, bed.dir / "board-1", device["sid"])
        bed.devices.append(board)
        board.start()
        deadline = time.monotonic() + 30
        while not bed.strata_json("devices", "fetch", "--sid", "board-1")["dateLastSeen"]:
            self.assertLess(time.monotonic(), deadline, "it does not reach the cloud")
            time.sleep(0.1)
        bed.strata("devices", "enrolment-tokens", "revoke", "--sid", second.name.removesuffix(".token"))
        self.assertEqual(self.station(second, "board-3", check=False).returncode, 20)
        listed = bed.strata_list("devices", "enrolment-tokens", "list")
        self.assertEqual([token["deviceSid"] for token in listed], [device["sid"]])
        entries = bed.strata_list("audit", "list")
        made = next(e for e in entries if e["action"] == "device.provision" and e["resource"] == device["sid"])
        self.assertEqual(made["actor"], first.name.removesuffix(".token"))
        secret = first.read_text().strip().split(".")[1]
        self.assertNotIn(secret, "\n".join(bed.cloud.lines))
        self.assertNotIn(secret, (bed.cloud_dir / "strata.db").read_bytes().decode("latin-1"))

    def test_first_app_is_in_place_before_the_first_run(self):
        bed = self.bed
        app = bed.bundle("blink-v1", encrypted=True)
        other = bed.bundle("blink-v2")
        sid = bed.upload(app, "first")
        refused = bed.strata("devices", "provision", "--out", bed.dir / "none", "--hardware", HARDWARE,
                             "--layer-key", bed.layer_key, "--install", other, check=False)
        self.assertEqual(refused.returncode, 10)
        self.assertIn("apps create", refused.stderr)
        self.assertEqual(bed.strata_list("devices", "list"), [])
        # What can't be installed leaves neither a directory nor a device: here the key of its layers is missing.
        failed = bed.strata("devices", "provision", "--out", bed.dir / "none", "--hardware", HARDWARE, "--install", app, check=False)
        self.assertNotEqual(failed.returncode, 0)
        self.assertFalse((bed.dir / "none").exists())
        self.assertEqual(bed.strata_list("devices", "list"), [])
        board = bed.provision("board", HARDWARE, "--layer-key", bed.layer_key, "--install", app)
        self.assertEqual(board.status()["state"], "Confirming")
        self.assertFalse((board.dir / "first-app").exists())
        self.assertEqual(bed.device_app(board)["update_status"], "pending")
        log = len(bed.cloud.lines)
        board.start()
        board.wait_app_log(r"blink 1\b")
        deadline = time.monotonic() + 60
        while bed.device_app(board)["update_status"] != "up-to-date":
            self.assertLess(time.monotonic(), deadline, "no receipt came")
            time.sleep(0.1)
        self.assertEqual(bed.device_app(board)["reported_sid"], sid)
        lines = bed.cloud.lines[log:]
        self.assertEqual([line for line in lines if "/device/v1/layers" in line or "/device/v1/manifests" in line], [])
        self.assertEqual(sum("/device/v1/receipts" in line for line in lines), 1)
        # And it lives on as any other.
        bed.deploy(board, bed.upload(bed.bundle("blink-v2", encrypted=True), "second"))

    def test_a_file_of_requests_is_gone_on_with(self):
        bed = self.bed
        rows = bed.dir / "devices.csv"
        for name in ("a", "b", "c"):
            subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-keyout", bed.dir / f"{name}.key", "-subj", "/CN=x", "-out", bed.dir / f"{name}.csr"],
                           check=True, capture_output=True)
        rows.write_text("unique_name,csr,tags\na,a.csr,line-1;x\nb,missing.csr,\nc,c.csr,\n")
        out = bed.dir / "certificates"
        done = bed.strata("devices", "provision", "--csv", rows, "--out", out, check=False)
        self.assertEqual(done.returncode, 10, done.stderr)
        self.assertIn("devices.csv:3: b: ", done.stderr)
        before = {name: (out / f"{name}.crt").stat().st_mtime_ns for name in ("a", "c")}
        rows.write_text(rows.read_text().replace("missing.csr", "b.csr"))
        bed.strata("devices", "provision", "--csv", rows, "--out", out)
        self.assertEqual({name: (out / f"{name}.crt").stat().st_mtime_ns for name in ("a", "c")}, before)
        with open(out / "results.csv", newline="") as file:
            results = list(csv.DictReader(file))
        self.assertEqual([(r["line"], r["unique_name"], r["error"]) for r in results], [("2", "a", ""), ("3", "b", ""), ("4", "c", "")])
        self.assertEqual(bed.strata_json("devices", "fetch", "--sid", "a")["tags"], ["line-1", "x"])
        # What was certified is what the cloud lets in.
        answer = subprocess.run(["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", "--cacert", out / "ca.pem",
                                 "--cert", out / "b.crt", "--key", bed.dir / "b.key",
                                 results[1]["device_url"] + "/device/v1/desired"], capture_output=True, text=True)
        self.assertEqual(answer.stdout, "200", answer.stderr)


if __name__ == "__main__":
    unittest.main()
