# SPDX-License-Identifier: Apache-2.0
"""The keys of a fleet change: the chain at the cloud, provisioning into it, and the renewal of certificates."""
import json
import subprocess
import time
import unittest

from world import HARDWARE, World

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
        return json.loads(done.stdout)["code"]

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

    def test_a_chain_of_another_rotation_key_is_not_believed_at_provisioning(self):
        self.fleet.rotate("--add-signer", f"{self.fleet.first}.pub")
        stranger = self.fleet.key("rotation", "stranger")
        done = self.fleet.strata("devices", "provision", "--out", self.fleet.dir / "fooled", "--signer", f"{self.fleet.first}.pub",
                                 "--rotation-key", f"{stranger}.pub", check=False)
        self.assertEqual(done.returncode, 44, done.stderr)
        self.assertIn("443 RotationKeyUnknown", done.stderr)
        self.assertFalse((self.fleet.dir / "fooled").exists())


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


if __name__ == "__main__":
    unittest.main()
