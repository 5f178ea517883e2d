# SPDX-License-Identifier: Apache-2.0
"""What is installed: the files, the first start, and what systemd says of the unit."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from world import ROOT, Process, Testbed


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = pathlib.Path(tempfile.mkdtemp(prefix="strata-stage-"))
        programs = Testbed().bin
        build = programs.parent if (programs.parent / "cmake_install.cmake").exists() else programs.parent / "release"
        done = subprocess.run(["cmake", "--install", build], env={**os.environ, "DESTDIR": str(cls.stage)}, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        cls.prefix = next(cls.stage.rglob("bin/strata-cloud")).parent.parent
        cls.unit = cls.prefix / "lib/systemd/system/strata-cloud.service"

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.stage, ignore_errors=True)

    def test_everything_is_there(self):
        for name in ("bin/strata", "bin/strata-device", "lib/strata/cloud-first-start", "lib/strata/compat/twilio", "share/man/man1/strata.1.gz",
                     "share/man/man1/strata-cloud-serve.1.gz", "share/man/man1/strata-device-run.1.gz",
                     "share/doc/strata/copyright", "share/doc/strata/operations.md"):
            self.assertTrue((self.prefix / name).exists(), name)
        self.assertEqual(len(list(self.stage.rglob("etc/strata/cloud.conf"))), 1)
        subprocess.run([self.prefix / "lib/strata/compat/twilio", "--version"], check=True, capture_output=True)

    def test_first_start_makes_a_cloud_and_the_next_leaves_it(self):
        with tempfile.TemporaryDirectory() as state:
            env = {**os.environ, "STATE_DIRECTORY": state, "STRATA_HOSTNAMES": "strata.example 192.0.2.1"}
            first = [self.prefix / "lib/strata/cloud-first-start"]
            subprocess.run(first, env=env, check=True, capture_output=True)
            data = pathlib.Path(state) / "cloud"
            self.assertIn("strata.example", (data / "pki/server.names").read_text())
            before = (data / "account.env").read_bytes()
            subprocess.run(first, env=env, check=True, capture_output=True)
            self.assertEqual((data / "account.env").read_bytes(), before)
            config = next(self.stage.rglob("etc/strata/cloud.conf"))
            cloud = Process([self.prefix / "bin/strata-cloud", "serve", "--data", data, "--config", config, "--listen", "127.0.0.1:0",
                             "--device-listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"])
            cloud.wait_for("^ready ")
            self.assertEqual(cloud.stop(), 0)

    @unittest.skipUnless(os.geteuid() == 0, "only root can leave files that others can't read")
    def test_commands_of_root_leave_the_services_files_to_the_service(self):
        service = 61184  # the first that systemd gives to a DynamicUser
        with tempfile.TemporaryDirectory() as directory:
            data = pathlib.Path(directory) / "cloud"
            cloud = self.prefix / "bin/strata-cloud"
            subprocess.run([cloud, "init", "--data", data], check=True, capture_output=True)
            for path in [data, *data.rglob("*")]:
                os.lchown(path, service, service)
            for command in (["accounts", "create"], ["ca", "reissue", "--hostname", "strata.example"], ["ca", "prepare"],
                            ["backup", "--out", f"{directory}/cloud.backup"]):
                subprocess.run([cloud, *command, "--data", data], check=True, capture_output=True)
            self.assertEqual([str(path) for path in data.rglob("*") if path.lstat().st_uid != service], [])

    def test_unit_is_well_formed_and_gives_little_away(self):
        copy = self.stage / self.unit.name  # whose programs are where they were staged
        installed = "/" + str(self.prefix.relative_to(self.stage))
        copy.write_text(self.unit.read_text().replace(f"={installed}/", f"={self.prefix}/"))
        verified = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
        complaints = [line for line in verified.stderr.splitlines() if "strata" in line]
        self.assertEqual(complaints, [])
        secure = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=12", f"--root={self.stage}", self.unit.name],
                                capture_output=True, text=True)
        self.assertEqual(secure.returncode, 0, secure.stdout + secure.stderr)

    def test_option_names_of_the_configuration_are_known(self):
        options = subprocess.run([self.prefix / "bin/strata-cloud", "serve", "--help"], capture_output=True, text=True, check=True).stdout
        for line in (ROOT / "tools/package/cloud.conf").read_text().splitlines():
            if "=" in line:
                self.assertIn("--" + line.lstrip("# ").split("=")[0], options)


if __name__ == "__main__":
    unittest.main()
