# SPDX-License-Identifier: Apache-2.0
"""Walks the product page's sections "What is a bundle?" and "How is the bundle processed?", statement by statement,
with the real programs: a cloud, a CLI and a device whose application runs in QEMU."""
import json
import subprocess
import time
import unittest
import zipfile

from world import HARDWARE, World, distinct_windows, sha256

W = None


def setUpModule():
    global W
    W = World()


def tearDownModule():
    W.close()


def flash(device, name):
    return (device.dir / "flash" / f"{name}.bin").read_bytes()


class WhatIsABundle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.zip = W.bundle("blink-v1", "--debug-auth-pubkey", cls.debug_key(), "--connection-grace-time", "7",
                           "--minimum-check-in-time", "60")
        cls.inspected = W.inspect(cls.zip)

    @classmethod
    def debug_key(cls):
        W.strata("keys", "generate", "debug", "--out", W.dir / "debug.pem")
        return W.dir / "debug.pem.pub"

    def test_bundles_are_zip_files(self):
        self.assertIsNone(zipfile.ZipFile(self.zip).testzip())

    def test_code_is_sliced_into_non_overlapping_layers(self):
        ranges = sorted((l["medium"], l["start"], l["start"] + l["size"]) for l in self.inspected["layers"])
        self.assertGreater(len(ranges), 1)
        for (medium_a, _, end), (medium_b, begin, _) in zip(ranges, ranges[1:]):
            self.assertTrue(medium_a != medium_b or end <= begin, ranges)

    def test_layer_files_are_generated_by_the_tool(self):
        names = zipfile.ZipFile(self.zip).namelist()
        self.assertEqual(sorted(set(names)), sorted(names))
        self.assertEqual({l["fetchHash"] for l in self.inspected["layers"]} | {"manifest"}, set(names))

    def test_manifest_is_signed_and_carries_debug_and_network_policy(self):
        self.assertEqual(W.strata("bundle", "verify", self.zip).returncode, 0)
        text = json.dumps(self.inspected)
        self.assertIn("debug", text.lower())
        self.assertEqual(self.inspected["connectionGraceTime"], 7)
        self.assertEqual(self.inspected["minimumCheckInTime"], 60)

    def test_each_entry_includes_the_layers_sha256(self):
        with zipfile.ZipFile(self.zip) as archive:
            for layer in self.inspected["layers"]:
                self.assertEqual(sha256(archive.read(layer["fetchHash"])), layer["fetchHash"])

    def test_layers_are_encrypted_or_not_as_the_developer_says_with_one_key(self):
        self.assertEqual({l["encryptedWithKeyId"] for l in self.inspected["layers"]}, {None})
        encrypted = W.inspect(W.bundle("blink-v1", encrypted=True))
        keys = {l["encryptedWithKeyId"] for l in encrypted["layers"]}
        self.assertEqual(len(keys), 1)
        self.assertNotIn(None, keys)

    def test_manifest_refers_to_a_public_key_and_holds_no_key(self):
        zip_path = W.bundle("blink-v1", encrypted=True)
        manifest = zipfile.ZipFile(zip_path).read("manifest")
        der = subprocess.run(["openssl", "pkey", "-in", str(W.layer_key), "-outform", "DER"], capture_output=True).stdout
        self.assertGreater(len(der), 60)
        scalar = der[der.index(b"\x04\x20") + 2:][:32]
        self.assertNotIn(scalar, manifest)
    def test_entry_specifies_medium_address_and_length(self):
        data = W.dir / "data.bin"
        data.write_bytes(bytes(range(256)) * 20)
        zip_path = W.bundle("blink-v1", "--layer", f"{data}@external:0x10000+0x4000", "--at", "0+0x100000")
        layers = W.inspect(zip_path)["layers"]
        external = [l for l in layers if l["medium"] == "external"]
        self.assertEqual([(l["start"], l["size"]) for l in external], [(0x10000, 0x4000)])
        internal_end = max(l["start"] + l["size"] for l in layers if l["medium"] == "internal")
        self.assertEqual(internal_end, 0x100000, "location set from the build, and by hand with --at")

    def test_bundle_files_over_64_mb_are_refused_by_the_cloud(self):
        big = W.dir / "big.zip"
        with open(big, "wb") as out:
            out.truncate(67_108_864 + 1)
        account = W.account()
        answer = subprocess.run(["curl", "-sS", "--cacert", account["STRATA_CA_FILE"], "-F", f"File=@{big}", "-u",
                                 f"{account['STRATA_ACCOUNT_SID']}:{account['STRATA_AUTH_TOKEN']}", f"{W.url}/v1/Apps"],
                                capture_output=True, text=True)
        self.assertEqual(json.loads(answer.stdout)["status"], 413, answer)
        big.unlink()


class HowIsTheBundleProcessed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.apps = {n: W.upload(W.bundle(f"blink-v{n}", encrypted=True), f"page-v{n}") for n in (1, 2)}
        cls.device = W.board("page-board")
        cls.cloud_mark = len(W.cloud.lines)
        W.deploy(cls.device, cls.apps[1])

    def order(self, lines, *patterns):
        """Each pattern occurs after the one before it."""
        at = 0
        for pattern in patterns:
            while at < len(lines) and pattern not in lines[at]:
                at += 1
            self.assertLess(at, len(lines), f"{pattern} in this order {patterns} in:\n" + "\n".join(lines[-60:]))

    def test_manifest_is_fetched_first_then_each_layer_by_its_hash(self):
        lines = W.cloud.lines[self.cloud_mark:]
        self.order(lines, "/device/v1/desired", "/device/v1/manifests/", "/device/v1/layers/", "/device/v1/receipts")
        wanted = {l["fetchHash"] for l in W.inspect(W.bundle("blink-v1", encrypted=True))["layers"]}
        self.assertEqual(set(W.layer_requests(self.cloud_mark)) & wanted, wanted)

    def test_steps_happen_in_the_pages_order(self):
        lines = self.device.process.lines
        self.order(lines, "-> FetchingManifest", "-> CheckingManifest", "-> FetchingLayers", "-> Staged",
                   "-> VerifyingStaged", "-> Applying", "-> Starting", "-> Confirming", "-> Confirmed")

    def test_updated_application_is_started(self):
        self.device.wait_app_log(r"blink 1\b.*heartbeat")

    def test_staged_layers_are_encrypted_with_fresh_keys(self):
        staging = flash(self.device, "external")
        image = flash(self.device, "internal").rstrip(b"\xff")
        self.assertGreater(len(image), 100_000)
        for window in distinct_windows(image):
            self.assertNotIn(window, staging)
        # The positive control: the same search finds what is really there.
        control = next(distinct_windows(image))
        self.assertIn(control, image)
        other = W.board("fresh-keys")
        W.deploy(other, self.apps[1])
        slot = slice(2 * 1024 * 1024, 5 * 1024 * 1024)
        mine, theirs = staging[slot], flash(other, "external")[slot]
        self.assertNotEqual(mine[8192:8192 + 65536], theirs[8192:8192 + 65536], "two devices seal alike")
        other.stop()

    def test_cloud_is_told_by_receipt_and_lists_the_app(self):
        state = W.device_app(self.device)
        self.assertEqual((state["update_status"], state["reported_sid"]), ("up-to-date", self.apps[1]))

    def test_missing_decryption_key_fails_the_whole_installation(self):
        stranger = W.provision("no-layer-key", HARDWARE).start()
        self.assertNotEqual(W.deploy(stranger, self.apps[1], check=False).returncode, 0)
        state = W.device_app(stranger)
        self.assertEqual((state["update_status"], state["update_error_code"]), ("error", 206))
        self.assertEqual(set(flash(stranger, "internal")), {0xFF}, "something was written")
        self.assertIsNone(state["reported_sid"])
        stranger.stop()

    def test_manifest_by_an_unknown_signer_fails_the_whole_installation(self):
        W.strata("keys", "generate", "signing", "--out", W.dir / "other.pem")
        W.strata("keys", "register", W.dir / "other.pem.pub")
        app = W.upload(W.bundle("blink-v2", "--sign", W.dir / "other.pem"))
        before = flash(self.device, "internal")
        self.assertNotEqual(W.deploy(self.device, app, check=False).returncode, 0)
        self.assertEqual(W.device_app(self.device)["update_error_code"], 204)
        self.assertEqual(flash(self.device, "internal"), before)
        W.deploy(self.device, self.apps[1])

    def test_metadata_is_checked_before_layers(self):
        app = W.upload(W.bundle("blink-v2", "--minimum-kernel-version", "4000000000"))
        mark = len(W.cloud.lines)
        self.assertNotEqual(W.deploy(self.device, app, check=False).returncode, 0)
        self.assertEqual(W.device_app(self.device)["update_error_code"], 212)
        self.assertEqual(W.layer_requests(mark), [])
        W.deploy(self.device, self.apps[1])

    def test_layer_tampered_with_in_the_store_is_never_installed(self):
        zip_path = W.bundle("blink-v3")
        app = W.upload(zip_path)
        mine = {l["fetchHash"] for l in W.inspect(zip_path)["layers"]}
        path = W.blob_path(sorted(mine)[0])
        path.chmod(0o600)
        data = bytearray(path.read_bytes())
        data[100] ^= 0x40
        path.write_bytes(bytes(data))
        before = flash(self.device, "internal")
        mark = len(W.cloud.lines)
        self.assertNotEqual(W.deploy(self.device, app, check=False).returncode, 0)
        self.assertEqual(W.device_app(self.device)["update_error_code"], 300)
        self.assertLessEqual(W.layer_requests(mark).count(sorted(mine)[0]), 3, "tries are bounded")
        self.assertEqual(flash(self.device, "internal"), before)
        W.deploy(self.device, self.apps[1])

    def test_interrupted_download_reacquires_only_the_current_layer(self):
        zip_path = W.bundle("blink-v3", encrypted=True)
        app = W.upload(zip_path)
        device = W.provision("interrupted", HARDWARE, "--layer-key", W.layer_key)
        relay = W.relay_before(device)
        mark = len(W.cloud.lines)
        relay.stall_after(zip_path.stat().st_size * 2 // 3)
        device.start("--max-range", "2048")
        W.strata("devices", "update", "--sid", device.sid, "--target-app", app)
        self.assertTrue(relay.wait_stalled(), "the download ended before it could be interrupted")
        device.kill()
        before = list(dict.fromkeys(W.layer_requests(mark)))
        self.assertGreaterEqual(len(before), 2)
        relay.resume()
        again = len(W.cloud.lines)
        device.start()
        W.deploy(device, app)
        asked = W.layer_requests(again)
        for whole in before[:-1]:
            self.assertNotIn(whole, asked, "a layer that was there already was fetched again")
        self.assertTrue(asked, "nothing was left to fetch: the interruption came too late")
        device.stop()
        relay.close()

    def test_deploying_changes_the_app_and_an_earlier_one_can_come_back(self):
        W.deploy(self.device, self.apps[2])
        mark = len(self.device.app_log())
        self.device.wait_app_log(r"blink 2\b.*heartbeat", start=max(0, mark - 1))
        W.deploy(self.device, self.apps[1])
        mark = len(self.device.app_log())
        self.device.wait_app_log(r"blink 1\b.*heartbeat", start=max(0, mark - 1))
        self.assertEqual(self.device.status()["currentApp"], self.apps[1])


if __name__ == "__main__":
    unittest.main()
