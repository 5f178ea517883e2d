# SPDX-License-Identifier: Apache-2.0
"""The server's wall clock jumps while it runs, forward and back: nothing spins, and once the clock is right everything works.

Only the cloud's clock moves (tools/testbed/clock_offset.cpp); devices and people keep the true time.
"""
import json
import sqlite3
import time
import unittest

from events_test import Receiver
from world import World, spinning_threads, wake_ups


class Jumping(World):
    """A cloud whose clock can be moved, and devices that start no program."""

    def start_cloud(self, init=True):
        if not self.cloud_env:
            self.moved = self.movable_clock()
        self.serve_options = ["--allow-private-webhooks"]
        return super().start_cloud(init)

    def app(self, seed):
        image = self.dir / f"{seed}.bin"
        image.write_bytes(bytes([seed]) * 100_000)
        out = self.dir / f"app-{seed}.zip"
        self.strata("bundle", "create", image, out, "--trial-window", "1")
        return self.upload(out, f"app-{seed}")

    def jump(self, days):
        """The number of the first line that the cloud writes afterwards."""
        start = len(self.cloud.lines)
        self.moved.jump_to(days)
        return start

    def rows(self, statement):
        database = sqlite3.connect(self.cloud_dir / "strata.db")
        try:
            return database.execute(statement).fetchall()
        finally:
            database.close()

    def eventually(self, what, condition, timeout=60):
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not happen within {timeout} s")
            time.sleep(0.1)


class ClockJumps(unittest.TestCase):
    def setUp(self):
        self.world = Jumping()
        self.addCleanup(self.world.close)

    def status(self, device):
        return self.world.device_app(device)["update_status"]

    def test_a_year_ahead_and_a_year_back_end_well(self):
        world = self.world
        first, second, third = (world.app(seed) for seed in (1, 2, 3))
        device = world.provision("steady", "stm32u585").start()
        world.deploy(device, first)
        for days, app in ((400, second), (-400, third)):
            start = world.jump(days)
            before, slept = time.monotonic(), wake_ups(world.cloud.pid)
            self.assertEqual(spinning_threads(world.cloud.pid), [], f"{days} days")
            # By its own clock the server's certificate is out of time: it makes another.
            world.cloud.wait_for('"job":"certificate"', timeout=60, start=start)
            took = time.monotonic() - before
            self.assertLess(wake_ups(world.cloud.pid) - slept, 2000 + 300 * took, f"{days} days: it spins")
            start = world.jump(0)
            world.cloud.wait_for('"job":"certificate"', timeout=60, start=start)
            world.deploy(device, app)
            self.assertEqual(self.status(device), "up-to-date")
        log = world.dir / "log.jsonl"
        world.strata("audit", "export", log)
        world.strata("audit", "verify", log, "--key", world.cloud_dir / "audit.pub")
        device.stop()

    def test_certificate_of_a_device_made_under_a_wrong_clock_heals(self):
        world = self.world
        app = world.app(1)
        world.jump(300)  # the server's own certificate is still good then
        device = world.provision("early", "stm32u585")
        world.jump(0)
        device.start()
        device.process.wait_for("certificate renewed", timeout=60)
        world.deploy(device, app)
        device.stop()

    def test_silence_webhooks_sessions_hours_and_rates_survive_a_jump_to_and_fro(self):
        world = self.world
        app, later = world.app(1), world.app(2)
        device = world.provision("silent", "stm32u585").start()
        world.deploy(device, app)
        device.stop()
        receiver = Receiver(refuse=1)
        self.addCleanup(receiver.close)
        world.strata("devices", "update", "--sid", device.sid, "--target-app", later)
        world.jump(2)
        world.eventually("the silence", lambda: self.status(device) == "error", timeout=90)
        world.strata("webhooks", "create", receiver.url)
        webhook = world.strata_list("webhooks", "list")[0]
        world.strata("webhooks", "test", webhook["sid"])
        world.eventually("the refused delivery", lambda: len(receiver.requests) == 1)
        world.eventually("the pause", lambda: world.rows("SELECT attempts FROM webhook_deliveries") == [(1,)])
        world.jump(0)
        world.eventually("the second delivery", lambda: len(receiver.requests) >= 2)
        for _ in range(30):  # a bucket that counts time by this clock has not run dry
            self.assertEqual(world.strata("apps", "list", check=False).returncode, 0)
        hour = int(time.time()) // 3600 * 3600
        world.eventually("the hour of now", lambda: (hour,) in world.rows("SELECT DISTINCT hour FROM device_hours")
                         or (hour + 3600,) in world.rows("SELECT DISTINCT hour FROM device_hours"), timeout=90)
        device.start()
        world.eventually("the late receipt", lambda: self.status(device) == "up-to-date", timeout=90)
        self.assertEqual(world.device_app(device)["reported_sid"], later)
        self.assertEqual(json.loads(receiver.requests[1][1])["type"], "webhook.test")
        device.stop()


if __name__ == "__main__":
    unittest.main()
