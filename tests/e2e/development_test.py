# SPDX-License-Identifier: Apache-2.0
"""Development signing with real devices: one for development installs what the cloud signed, a production device never does."""
import sqlite3
import unittest

from world import HARDWARE, World

W = None


def setUpModule():
    global W
    W = World()


def tearDownModule():
    W.close()


def installed(device):
    return device.status()["manifestHash"]


class DevelopmentSigning(unittest.TestCase):
    def test_only_a_development_device_installs_what_the_cloud_signed(self):
        mine = W.upload(W.bundle("blink-v1", encrypted=True))
        W.strata("accounts", "update", "--development-signing", "on")
        cloud_signed = W.upload(W.bundle("blink-v2", "--unsigned", encrypted=True))
        development, production = W.board("development", "--development"), W.board("production")
        self.assertEqual(len(list((development.dir / "seed/signers").iterdir())), 2)
        self.assertEqual(len(list((production.dir / "seed/signers").iterdir())), 1)

        for device in (development, production):
            W.deploy(device, mine)
        W.deploy(development, cloud_signed)
        development.wait_app_log(r"blink 2\b")

        # The cloud refuses it for a production device …
        before = installed(production)
        refused = W.strata("devices", "update", "--sid", production.sid, "--target-app", cloud_signed, check=False)
        self.assertEqual(refused.returncode, 65, refused.stderr)
        self.assertIn("65009", refused.stderr)

        # … and so does the device when its cloud has been taken over and offers it.
        W.cloud.stop()
        database = sqlite3.connect(W.cloud_dir / "strata.db")
        with database:
            changed = database.execute("UPDATE devices SET development = 1 WHERE sid = ?", (production.sid,)).rowcount
        database.execute("VACUUM")  # pages that this SQLite wrote have wrong sums, new ones have none
        database.close()
        self.assertEqual(changed, 1, "the row of the production device")
        W.start_cloud(init=False)
        logged = len(production.app_log())
        failed = W.deploy(production, cloud_signed, check=False)
        self.assertEqual(failed.returncode, 20, failed.stderr)
        self.assertIn("204 SignerUnknown", failed.stderr)
        self.assertEqual(installed(production), before)
        self.assertEqual(W.device_app(production)["reported_sid"], mine)
        self.assertFalse([line for line in production.app_log()[logged:] if "blink 2 " in line])
        self.assertEqual(W.layer_requests(), [], "refused by its manifest")

        # Its own signer's apps it still installs.
        W.deploy(production, W.upload(W.bundle("blink-v2", encrypted=True)))
        production.wait_app_log(r"blink 2\b")
        for device in (development, production):
            device.stop()

    def test_a_device_that_was_made_before_the_key_learns_it_only_by_provisioning(self):
        with World() as world:
            early = world.provision("early", HARDWARE, "--development")
            world.strata("accounts", "update", "--development-signing", "on")
            self.assertEqual(len(list((early.dir / "seed/signers").iterdir())), 1)
            app = world.upload(world.bundle("blink-v1", "--unsigned"))
            early.start()
            self.assertEqual(world.deploy(early, app, check=False).returncode, 20)
            early.stop()


if __name__ == "__main__":
    unittest.main()
