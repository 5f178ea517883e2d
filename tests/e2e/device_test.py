# SPDX-License-Identifier: Apache-2.0
"""The Linux device as a program: end it any way, start it again, and it runs exactly the old or exactly the new app."""
import json
import os
import random
import signal
import stat
import subprocess
import time
import unittest

from world import HARDWARE, World

W = None
KILLS = int(os.environ.get("STRATA_E2E_KILLS", "12"))
SEED = int(os.environ.get("STRATA_E2E_SEED", "1"))


def setUpModule():
    global W
    W = World()


def tearDownModule():
    W.close()


class DeviceProgram(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.v1 = W.upload(W.bundle("blink-v1", encrypted=True), "device-v1")
        cls.v2 = W.upload(W.bundle("blink-v2", encrypted=True), "device-v2")

    def test_provisioned_directory_is_private(self):
        device = W.provision("private", HARDWARE, "--layer-key", W.layer_key)
        self.assertEqual(stat.S_IMODE(device.dir.stat().st_mode), 0o700)
        for path in device.dir.rglob("*"):
            mode = stat.S_IMODE(path.stat().st_mode)
            self.assertEqual(mode, 0o700 if path.is_dir() else 0o600, path)

    def test_status_works_without_cloud_and_before_the_first_run(self):
        device = W.provision("asleep", HARDWARE)
        done = subprocess.run([W.bin / "strata-device", "status", "--dir", device.dir, "-o", "json"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIsNone(json.loads(done.stdout)["currentApp"])

    def test_sigterm_ends_it_cleanly_and_qemu_with_it(self):
        device = W.board("term")
        W.deploy(device, self.v1)
        children = subprocess.run(["pgrep", "-P", str(device.process.pid)], capture_output=True, text=True).stdout.split()
        self.assertTrue(children, "QEMU runs")
        self.assertEqual(device.stop(), 0)
        for child in children:
            self.assertFalse(os.path.exists(f"/proc/{child}"), "QEMU was left behind")

    def test_second_run_on_the_same_directory_is_refused(self):
        device = W.board("locked")
        device.process.wait_for("state ")
        second = subprocess.run([W.bin / "strata-device", "run", "--dir", device.dir], capture_output=True, text=True, timeout=30)
        self.assertNotEqual(second.returncode, 0)
        self.assertEqual(len(second.stderr.strip().splitlines()), 1, second.stderr)
        device.stop()

    def test_app_that_crashes_is_reverted_and_reported(self):
        device = W.board("crash")
        W.deploy(device, self.v1)
        bad = W.upload(W.bundle("crash"))
        self.assertNotEqual(W.deploy(device, bad, check=False).returncode, 0)
        state = W.device_app(device)
        self.assertEqual((state["update_status"], state["update_error_code"]), ("error", 501), state)
        self.assertEqual((state["reported_sid"], device.status()["currentApp"]), (self.v1, self.v1))
        mark = len(device.app_log())
        device.wait_app_log(r"blink 1\b.*heartbeat", start=mark)
        device.stop()

    def test_app_that_never_says_ready_is_reverted_and_reported(self):
        device = W.board("mute")
        W.deploy(device, self.v1)
        bad = W.upload(W.bundle("mute"))
        self.assertNotEqual(W.deploy(device, bad, check=False).returncode, 0)
        state = W.device_app(device)
        self.assertEqual((state["update_status"], state["update_error_code"]), ("error", 502), state)
        self.assertEqual(device.status()["currentApp"], self.v1)
        device.stop()

    def test_polite_app_lets_the_update_wait_and_then_asks_for_it(self):
        device = W.board("polite")
        polite = W.upload(W.bundle("polite", "--maximum-politeness-time", "60"))
        W.deploy(device, polite)
        begin = time.monotonic()
        W.deploy(device, self.v1)
        self.assertGreater(time.monotonic() - begin, 2.5, "the update did not wait for the app")
        device.stop()

    def test_killed_at_random_moments_it_always_comes_back_with_one_of_the_two_apps(self):
        chance = random.Random(SEED)
        device = W.board("killed")
        W.deploy(device, self.v1)
        apps = [self.v1, self.v2]
        for round_number in range(KILLS):
            wanted = apps[(round_number + 1) % 2]
            W.strata("devices", "update", "--sid", device.sid, "--target-app", wanted)
            time.sleep(chance.uniform(0.0, 2.5))
            device.kill()
            self.assertIn(device.status()["currentApp"], apps, f"seed {SEED}, round {round_number}")
            device.start()
            if chance.random() < 0.5:
                time.sleep(chance.uniform(0.0, 1.5))
                device.kill()
                device.start()
            W.deploy(device, wanted)
            self.assertEqual(device.status()["currentApp"], wanted)
            self.assertEqual(W.device_app(device)["reported_sid"], wanted)
        device.stop()

    def test_killed_at_random_moments_of_its_first_run_it_formats_in_the_end(self):
        chance = random.Random(SEED)
        for round_number in range(4):
            device = W.board(f"format-{round_number}")
            time.sleep(chance.uniform(0.0, 0.2))
            device.process.stop(signal.SIGKILL)
            device.start()
            W.deploy(device, self.v1)
            device.stop()


if __name__ == "__main__":
    unittest.main()
