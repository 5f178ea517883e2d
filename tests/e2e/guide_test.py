# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of the guides as they stand, each guide in one shell in an empty directory."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from world import ROOT, Testbed


class Guides(unittest.TestCase):
    def run_guide(self, name, before=""):
        text = (ROOT / "docs/guides" / name).read_text()
        script = "set -em\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + before + "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S))
        bed = Testbed()
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / "build").mkdir()
            (pathlib.Path(directory) / "build/examples").symlink_to(bed.examples.resolve())
            env = {**bed.env, "PATH": f"{bed.bin.resolve()}:{os.environ['PATH']}", "STRATA_CONFIG_DIR": f"{directory}/config"}
            done = subprocess.run(["bash", "-c", script], cwd=directory, env=env, capture_output=True, text=True, timeout=180)
        bed.close()
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        return done.stdout

    def test_deploy_an_app_works_as_written(self):
        out = self.run_guide("deploy-an-app.md")
        self.assertRegex(out, r"blink 1\b.*heartbeat")
        self.assertIn('"update_status": "up-to-date"', out)

    def test_deploy_a_project_works_as_written(self):
        out = self.run_guide("deploy-a-project.md")
        self.assertEqual(out.count("up-to-date"), 3, out)
        self.assertRegex(out, r"KA[0-9a-f]{32} .* deployed +\[\"UV")

    def test_test_your_device_engine_works_as_written(self):
        out = self.run_guide("test-your-device-engine.md")
        self.assertRegex(out, r"redirect +redirect +PASS")
        self.assertRegex(out, r"torn-bodies +truncation +PASS")
        self.assertIn("exit code 90", out)

    def test_rotate_keys_works_as_written(self):
        out = self.run_guide("rotate-keys.md")
        self.assertRegex(out, r"rotation +offline")

    def test_back_up_works_as_written(self):
        out = self.run_guide("backup.md", before="strata-cloud init --data ./cloud\n")
        self.assertRegex(out, r"restored \S+/cloud-restored")
        self.assertRegex(out, r"restored \S+/cloud-opened")


if __name__ == "__main__":
    unittest.main()
