# SPDX-License-Identifier: Apache-2.0
"""The conformance kit, from both sides: our device passes every case, and a device that believes everything is caught in every attack."""
import json
import pathlib
import unittest

from world import Testbed

GULLIBLE = pathlib.Path(__file__).resolve().parent / "gullible_device.py"


class Conformance(unittest.TestCase):
    # What the device that believes everything survives (it polls for ever, and slowly), and what it never meets (it sends no reports).
    HARMLESS = {"freeze-attack"}
    NOT_MET = {"endless-error", "reports-refused"}

    def setUp(self):
        self.bed = Testbed()
        self.addCleanup(self.bed.close)

    def kit(self, device, *options, timeout=600):
        """Exit code and results by name."""
        done = self.bed.strata("conformance", "--device", device, "--work", self.bed.dir / "cases", "-o", "json", *options,
                               check=False, timeout=timeout)
        self.assertIn(done.returncode, (0, 90), done.stderr)
        return done.returncode, {case["name"]: case for case in json.loads(done.stdout)}

    def ours(self):
        return f"{self.bed.bin.resolve()}/strata-device run --dir {{dir}}"

    def test_our_device_passes_every_case(self):
        code, cases = self.kit(self.ours())
        self.assertEqual({name: case["reason"] for name, case in cases.items() if case["verdict"] != "PASS"}, {})
        self.assertEqual(code, 0)
        self.assertGreaterEqual(len(cases), 70)
        self.assertEqual(list((self.bed.dir / "cases").iterdir()), [], "directories of passed cases are removed")

    def test_device_that_believes_everything_is_caught_in_every_attack(self):
        code, cases = self.kit(f"python3 {GULLIBLE} {{dir}}", "--timeout", "30", "--jobs", "24")
        self.assertEqual(code, 90)
        verdicts = {name: case["verdict"] for name, case in cases.items()}
        # Good updates it installs, or says so: receipts are all that a black box shows.
        controls = {name for name, case in cases.items() if case["attack"] == "control"}
        self.assertEqual({name for name, verdict in verdicts.items() if verdict == "PASS"}, controls | self.HARMLESS)
        self.assertEqual({name for name, verdict in verdicts.items() if verdict == "SKIP"}, self.NOT_MET)
        self.assertIn("instead of a receipt that says 'failed' with error 203 ManifestUnsigned", cases["unsigned-manifest"]["reason"])
        self.assertTrue((self.bed.dir / "cases/unsigned-manifest/device.log").exists())


if __name__ == "__main__":
    unittest.main()
