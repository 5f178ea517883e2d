# SPDX-License-Identifier: Apache-2.0
"""A device's log from the application's UART to the terminal of whoever follows it."""
import re
import time
import unittest

from world import World

W = None
LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (?:\[app_logging\]|\[ota_update\] |\[connection\] |\[dropped\]    ) .*$")


def setUpModule():
    global W
    W = World()


def tearDownModule():
    W.close()


class Logs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.v1 = W.upload(W.bundle("blink-v1"), "logs-v1")
        cls.v2 = W.upload(W.bundle("blink-v2"), "logs-v2")
        cls.device = W.board("logger")
        W.deploy(cls.device, cls.v1)

    @classmethod
    def tearDownClass(cls):
        cls.device.stop()

    def stream(self, lines, *options):
        done = W.strata("logs", "stream", self.device.sid, "--lines", str(lines), *options, timeout=90)
        return done.stdout.splitlines()

    def test_1_nothing_leaves_the_device_before_logging_is_enabled(self):
        self.assertEqual(self.listed(), [])

    def listed(self):
        done = W.strata("logs", "stream", self.device.sid, "--past", timeout=30)
        return done.stdout.splitlines()

    def test_2_stream_shows_the_apps_lines_in_the_originals_format(self):
        lines = self.stream(4)
        self.assertEqual(len(lines), 4)
        for line in lines:
            self.assertRegex(line, LINE)
        self.assertIn(f"Connection established for device {self.device.sid}", lines[0])
        self.assertTrue(any("[app_logging] blink 1" in line for line in lines), lines)

    def test_3_an_update_is_seen_step_by_step(self):
        W.deploy(self.device, self.v2)
        end = time.monotonic() + 20
        text = ""
        while "COMPLETE" not in text and time.monotonic() < end:
            text = "\n".join(self.listed())
            time.sleep(0.2)
        steps = re.findall(r"\[ota_update\]  (\w+)", text)
        wanted = ["FETCHING_LAYERS", "STAGED", "INSTALLING_APP", "STARTING_NEW_APP", "COMPLETE"]
        self.assertEqual([step for step in steps if step in wanted], wanted, text)

    def test_4_logging_off_ends_it(self):
        W.strata("devices", "update", "--sid", self.device.sid, "--no-logging-enabled")
        self.device.wait_app_log(r"blink 2", start=len(self.device.app_log()))
        time.sleep(1.5)  # what was on its way arrives
        before = self.listed()
        self.device.wait_app_log(r"blink 2", start=len(self.device.app_log()))
        time.sleep(1.5)
        self.assertEqual(self.listed(), before)


if __name__ == "__main__":
    unittest.main()
