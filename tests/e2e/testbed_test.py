# SPDX-License-Identifier: Apache-2.0
"""The testbed itself: it leaves nothing running, whatever fails."""
import pathlib
import tempfile
import unittest

from world import World


class TestbedItself(unittest.TestCase):
    def test_a_world_that_cannot_be_made_leaves_no_cloud_running(self):
        with tempfile.TemporaryDirectory() as name:
            good = World()
            self.addCleanup(good.close)
            (pathlib.Path(name) / "strata-cloud").symlink_to((good.bin / "strata-cloud").resolve())
            broken = World.__new__(World)
            with self.assertRaises(FileNotFoundError):
                broken.__init__(bin_dir=name)  # there is no strata to sign in with
            self.assertFalse(broken.cloud.running())
            self.assertFalse(broken.dir.exists())
            self.assertTrue(good.cloud.running())


if __name__ == "__main__":
    unittest.main()
