# SPDX-License-Identifier: Apache-2.0
"""The keys of a fleet change: signers, layer keys, the cloud's CA; also for a device that slept for ten years."""
import json
import subprocess
import time
import unittest

from world import HARDWARE, Problem, World

YEAR = 365  # days


class Fleet(World):
    """A cloud whose devices have rotation keys, a receiver key and a place in the chain."""

    def __init__(self):
        super().__init__()
        self.rotation = self.key("rotation", "rotation")
        self.receiver = self.key("receiver", "receiver")
        self.strata("keys", "register", f"{self.rotation}.pub", "--type", "rotation")
        # The signer that the devices begin with; its public half also stands in the chain's first message.
        self.first = self.signer("first")

    def key(self, kind, name):
        path = self.dir / f"{name}.pem"
        self.strata("keys", "generate", kind, "--out", path)
        return path

    def signer(self, name):
        path = self.key("signing", name)
        self.strata("keys", "register", f"{path}.pub", "--friendly-name", name)
        return path

    def fleet_board(self, name):
        return self.provision(name, HARDWARE, "--signer", f"{self.first}.pub", "--rotation-key", f"{self.rotation}.pub",
                              "--receiver-key", self.receiver)

    def rotate(self, *options):
        return self.strata_json("keys", "rotate", "--rotation-key", self.rotation, *options)

    def revoke(self, key, *options):
        return self.strata_json("keys", "revoke", f"{key}.pub", "--rotation-key", self.rotation, *options)

    def app(self, example, signer, *options):
        return self.upload(self.bundle(example, "--sign", signer, *options))

    def fetch(self, device):
        return self.strata_json("devices", "fetch", "--sid", device.sid)

    def wait_keys(self, device, sequence, timeout=30):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.fetch(device)["keysSequence"] >= sequence:
                return
            time.sleep(0.1)
        raise Problem(f"the device does not stand at key change {sequence}: {self.fetch(device)}\n"
                      + "\n".join(device.process.lines[-10:]))

    def restart_cloud(self, days=None):
        self.cloud.stop()
        if days is not None:
            self.set_clock(days)
        self.start_cloud(init=False)


def certificate_end(device):
    """Seconds since 1970 of the end of the device's certificate."""
    done = subprocess.run(["openssl", "x509", "-in", device.dir / "identity.crt", "-noout", "-enddate", "-dateopt", "iso_8601"],
                          capture_output=True, text=True, check=True)
    text = done.stdout.strip().split("=", 1)[1]
    return time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%SZ"))


class KeyChanges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet()

    @classmethod
    def tearDownClass(cls):
        cls.fleet.close()

    def newest(self):
        changes = self.fleet.strata_list("keys", "changes")
        return changes[0]["sequence"] if changes else 0

    def refused(self, *arguments):
        """The REST code of a refusal."""
        done = self.fleet.strata(*arguments, "-o", "json", check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return json.loads(done.stdout)[0]["code"]

    def test_a_new_signer_signs_the_next_app(self):
        device = self.fleet.fleet_board("rotated").start()
        self.fleet.deploy(device, self.fleet.app("blink-v1", self.fleet.first))
        second = self.fleet.key("signing", "second")
        change = self.fleet.rotate("--add-signer", f"{second}.pub", "--add-signer", f"{self.fleet.first}.pub")
        self.fleet.wait_keys(device, change["sequence"])
        app = self.fleet.app("blink-v2", second)
        self.fleet.deploy(device, app)
        self.assertEqual(device.status()["currentApp"], app)
        device.stop()

    def test_a_revoked_signer_is_refused_by_cloud_and_device(self):
        device = self.fleet.fleet_board("revoked").start()
        running = self.fleet.app("blink-v1", self.fleet.first)
        self.fleet.deploy(device, running)
        lost = self.fleet.key("signing", "lost")
        change = self.fleet.rotate("--add-signer", f"{lost}.pub", "--add-signer", f"{self.fleet.first}.pub")
        self.fleet.wait_keys(device, change["sequence"])
        waiting = self.fleet.app("blink-v2", lost)
        device.stop()
        # It is still the signer's app that is desired when the device wakes: only the device can refuse it now.
        self.fleet.strata("devices", "update", "--sid", device.sid, "--target-app", waiting)
        change = self.fleet.revoke(lost)
        device.start()
        self.fleet.wait_keys(device, change["sequence"])
        deadline = time.monotonic() + 30
        while self.fleet.device_app(device)["update_status"] == "pending" and time.monotonic() < deadline:
            time.sleep(0.1)
        state = self.fleet.device_app(device)
        self.assertEqual((state["update_status"], state["update_error_code"]), ("error", 204), state)
        self.assertEqual(device.status()["currentApp"], running)
        # The cloud refuses what the key signs and what it signed.
        other = self.fleet.bundle("blink-v3", "--sign", lost)
        self.assertEqual(self.refused("apps", "create", other), 65003)
        self.assertEqual(self.refused("devices", "update", "--sid", device.sid, "--target-app", waiting), 65008)
        self.assertEqual(self.fleet.device_app(device)["reported_sid"], running)
        device.stop()

    def test_a_new_layer_key_opens_what_is_encrypted_with_it(self):
        device = self.fleet.fleet_board("layer").start()
        layer = self.fleet.key("layer", "new-layer")
        app = self.fleet.app("blink-v1", self.fleet.first, "--encrypt-with", layer)
        self.assertNotEqual(self.fleet.deploy(device, app, check=False).returncode, 0)
        self.assertEqual(self.fleet.device_app(device)["update_error_code"], 206)
        change = self.fleet.rotate("--add-layer-key", layer, "--receiver", f"{self.fleet.receiver}.pub")
        self.fleet.wait_keys(device, change["sequence"])
        self.fleet.deploy(device, app)
        self.assertEqual(device.status()["currentApp"], app)
        # And it is forgotten again; what runs, stays.
        change = self.fleet.rotate("--delete-layer-key", f"{layer}.pub")
        self.fleet.wait_keys(device, change["sequence"])
        other = self.fleet.app("blink-v2", self.fleet.first, "--encrypt-with", layer)
        self.assertNotEqual(self.fleet.deploy(device, other, check=False).returncode, 0)
        self.assertEqual(self.fleet.device_app(device)["update_error_code"], 206)
        self.assertEqual(device.status()["currentApp"], app)
        device.stop()

    def test_offline_messages_are_applied_in_their_order_only(self):
        before = self.newest()
        previous = self.fleet.strata_list("keys", "changes")
        sid = self.fleet.account()["STRATA_ACCOUNT_SID"]
        extra = self.fleet.key("signing", "offline")
        env = {k: v for k, v in self.fleet.env.items() if k != "STRATA_CONFIG_DIR"}
        env["STRATA_CONFIG_DIR"] = str(self.fleet.dir / "no-config")

        def make(sequence, hash_before, *options):
            out = self.fleet.dir / f"offline-{sequence}.bin"
            where = ["--previous-hash", hash_before] if hash_before else []
            done = self.fleet.run([self.fleet.bin / "strata", "keys", "rotate", "--rotation-key", self.fleet.rotation, "--out", out,
                                   "--sequence", sequence, *where, "--fleet", sid, *options, "-o", "json"], env=env)
            return out, json.loads(done.stdout)[0]["hash"]

        one, hash_one = make(before + 1, previous[0]["hash"] if previous else None, "--add-signer", f"{extra}.pub")
        two, _ = make(before + 2, hash_one, "--delete-signer", f"{extra}.pub", "--add-signer", f"{self.fleet.first}.pub")
        self.assertEqual(self.refused("keys", "apply", two), 65006)
        self.fleet.strata("keys", "apply", one)
        self.fleet.strata("keys", "apply", one)  # again: it is the newest already
        self.fleet.strata("keys", "apply", two)
        self.assertEqual(self.refused("keys", "apply", one), 65006)
        self.assertEqual(self.newest(), before + 2)

    def test_a_device_provisioned_later_begins_at_the_newest_message(self):
        self.fleet.rotate("--add-signer", f"{self.fleet.first}.pub")
        newest = self.newest()
        device = self.fleet.fleet_board("late")
        self.assertIn(f"sequence={newest}\n", (device.dir / "seed/fleet.conf").read_text())
        device.start()
        self.fleet.deploy(device, self.fleet.app("blink-v1", self.fleet.first))
        change = self.fleet.rotate("--add-signer", f"{self.fleet.first}.pub")
        self.fleet.wait_keys(device, change["sequence"])
        device.stop()

    def test_a_chain_of_another_rotation_key_is_not_believed_at_provisioning(self):
        self.fleet.rotate("--add-signer", f"{self.fleet.first}.pub")
        stranger = self.fleet.key("rotation", "stranger")
        done = self.fleet.strata("devices", "provision", "--out", self.fleet.dir / "fooled", "--signer", f"{self.fleet.first}.pub",
                                 "--rotation-key", f"{stranger}.pub", check=False)
        self.assertEqual(done.returncode, 44, done.stderr)
        self.assertIn("443 RotationKeyUnknown", done.stderr)
        self.assertFalse((self.fleet.dir / "fooled").exists())


class CaReplacement(unittest.TestCase):
    def test_three_steps_and_nobody_who_listened_is_lost(self):
        with Fleet() as fleet:
            device = fleet.fleet_board("listening").start()
            deaf = fleet.fleet_board("deaf")
            first = fleet.app("blink-v1", fleet.first)
            fleet.deploy(device, first)
            old = fleet.dir / "old-ca.pem"
            old.write_text((fleet.cloud_dir / "ca.pem").read_text())
            fleet.run([fleet.bin / "strata-cloud", "ca", "prepare", "--data", fleet.cloud_dir])
            fleet.login()  # the person pins both from now on
            new = fleet.dir / "new-ca.pem"
            new.write_text((fleet.cloud_dir / "ca-next.pem").read_text())
            fleet.wait_keys(device, fleet.rotate("--cloud-ca", old, "--cloud-ca", new)["sequence"])
            fleet.cloud.stop()
            fleet.run([fleet.bin / "strata-cloud", "ca", "switch", "--data", fleet.cloud_dir])
            fleet.start_cloud(init=False)
            second = fleet.app("blink-v2", fleet.first)
            fleet.deploy(device, second)
            fleet.wait_keys(device, fleet.rotate("--cloud-ca", new)["sequence"])
            # A restart on both sides: what is pinned now is what the device holds, not what it was provisioned with.
            device.stop()
            fleet.restart_cloud()
            device.start()
            fleet.deploy(device, first)
            deaf.start()
            deaf.process.wait_for("cannot ask the cloud")
            self.assertIsNone(fleet.fetch(deaf)["dateLastSeen"])
            deaf.stop()
            device.stop()


class Renewal(unittest.TestCase):
    def test_a_certificate_is_renewed_at_two_thirds_of_its_time(self):
        with Fleet() as fleet:
            device = fleet.fleet_board("year")
            before = certificate_end(device)
            device.start()
            fleet.deploy(device, fleet.app("blink-v1", fleet.first))
            device.stop()
            self.assertEqual(certificate_end(device), before, "too early")
            fleet.restart_cloud(days=YEAR * 2 // 3 + 1)
            device.start()
            device.process.wait_for("certificate renewed")
            self.assertGreater(certificate_end(device), before + 200 * 86400)
            fleet.deploy(device, fleet.app("blink-v2", fleet.first))
            device.stop()


class TenYears(unittest.TestCase):
    def test_a_device_sleeps_ten_years_through_five_rotations_and_two_revocations_and_updates(self):
        with Fleet() as fleet:
            device = fleet.fleet_board("shelf").start()
            old = fleet.app("blink-v1", fleet.first)
            fleet.deploy(device, old)
            device.stop()
            before = certificate_end(device)

            fleet.restart_cloud(days=1 * YEAR)
            signers = [fleet.key("signing", f"signer-{number}") for number in range(4)]
            layer = fleet.key("layer", "late-layer")
            fleet.rotate("--add-signer", f"{signers[0]}.pub")
            fleet.restart_cloud(days=2 * YEAR)
            fleet.revoke(fleet.first)
            fleet.restart_cloud(days=4 * YEAR)
            fleet.rotate("--add-signer", f"{signers[1]}.pub")
            fleet.rotate("--add-layer-key", layer, "--receiver", f"{fleet.receiver}.pub")
            fleet.restart_cloud(days=6 * YEAR)
            fleet.rotate("--add-signer", f"{signers[2]}.pub")
            fleet.revoke(signers[0])
            fleet.restart_cloud(days=8 * YEAR)
            fleet.rotate("--add-signer", f"{signers[3]}.pub", "--delete-layer-key", "0123456789abcdef")
            fleet.restart_cloud(days=10 * YEAR)
            app = fleet.app("blink-v2", signers[3], "--encrypt-with", layer)

            device.start()
            fleet.deploy(device, app)
            self.assertEqual(device.status()["currentApp"], app)
            self.assertEqual(fleet.fetch(device)["keysSequence"], 7)
            self.assertGreater(certificate_end(device), before + 9 * YEAR * 86400)
            self.assertIn("certificate renewed", "\n".join(device.process.lines))
            device.wait_app_log(r"blink 2\b.*heartbeat")
            device.stop()


if __name__ == "__main__":
    unittest.main()
