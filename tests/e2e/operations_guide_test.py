# SPDX-License-Identifier: Apache-2.0
"""Runs every command of docs/operations.md as it stands, in one shell, against what `cmake --install` installs.

Paths, ports and the host name of the page are mapped into a scratch directory; sudo, systemctl and journalctl are played by
tools/testbed/systemd_stand_in.py, which does what the installed unit says. Blocks marked `package` need apt: try_deb runs those.
"""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import unittest

from world import ROOT, Testbed

PAGE = ROOT / "docs/operations.md"
STAND_IN = ROOT / "tools/testbed/systemd_stand_in.py"
# What only a machine with apt can do; anything else has to run here.
PACKAGE_COMMANDS = {"make deb", "sudo apt-get install -y ./build/strata_*.deb"}


def blocks():
    """(words behind the fence, text) of each fenced block."""
    return re.findall(r"^```([^\n]*)\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


def free_ports(count):
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


class OperationsGuide(unittest.TestCase):
    def test_every_block_is_run_here_or_by_try_deb(self):
        found = blocks()
        self.assertGreater(len(found), 15)
        for words, text in found:
            self.assertIn(words, ("sh", "sh package"), f"neither run nor marked:\n{text}")
            if words == "sh package":
                self.assertLessEqual(set(text.splitlines()), PACKAGE_COMMANDS, "this can run here")

    def test_commands_work_as_written(self):
        bed = Testbed()
        self.addCleanup(bed.close)
        build = bed.bin.resolve().parent
        build = build if (build / "cmake_install.cmake").exists() else build / "release"
        with tempfile.TemporaryDirectory(prefix="strata-operations-") as directory:
            scratch = pathlib.Path(directory)
            stage = scratch / "stage"
            prefix = installed_prefix(build)
            ports = {port: free for port, free in zip(("8443", "8444", "9464", "9443", "9444"), free_ports(5))}
            etc = f"{stage}/etc" if prefix == "/usr" else f"{stage}{prefix}/etc"
            here = {"build/release": build, "/etc/default": f"{etc}/default", "/etc/strata": f"{etc}/strata",
                    "/var/lib/strata": scratch / "lib/strata", "/var/backups/strata": scratch / "backups/strata",
                    "strata.example.com": "localhost"}
            play(scratch / "play", ports, stage, prefix, scratch / "lib/strata")
            page = "\n".join(text for words, text in blocks() if words == "sh")
            for said, meant in here.items():
                self.assertIn(said, page, "the page says this no more")
                page = page.replace(said, str(meant))
            for said, meant in ports.items():
                page = page.replace(f":{said}", f":{meant}")
            script = f"set -em\ntrap 'systemctl stop strata-cloud || true; kill $(jobs -p) 2>/dev/null || true' EXIT\n{page}\necho every command ran\n"
            env = {**bed.env, "DESTDIR": str(stage), "PATH": f"{scratch}/play:{stage}{prefix}/bin:{os.environ['PATH']}",
                   "STRATA_CONFIG_DIR": f"{directory}/config"}
            (scratch / "desk").mkdir()
            done = subprocess.run(["bash", "-x", "-c", script], cwd=scratch / "desk", env=env, capture_output=True, text=True, timeout=400)
            journal = scratch / "play/journal"
            told = journal.read_text()[-1500:] if journal.exists() else "the service never started"
        self.assertEqual(done.returncode, 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{told}")
        self.assertTrue(done.stdout.endswith("every command ran\n"))
        self.assertIn("DNS:localhost", done.stdout, "the name of /etc/default/strata-cloud is in the certificate")
        self.assertIn("cloud.restore", done.stdout)


def installed_prefix(build):
    cache = (build / "CMakeCache.txt").read_text()
    return re.search(r"^CMAKE_INSTALL_PREFIX:PATH=(.*)$", cache, re.M)[1]


def play(directory, ports, stage, prefix, state):
    """sudo, systemctl and journalctl for this machine."""
    directory.mkdir()
    (state.parent / "strata").mkdir(parents=True)
    (state.parent.parent / "backups").mkdir()
    (directory / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    for name in ("systemctl", "journalctl"):
        pairs = ",".join(f"{said}={meant}" for said, meant in ports.items())
        (directory / name).write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} {directory} {stage} {prefix} {state} {pairs} {name} "$@"\n')
    for program in directory.iterdir():
        program.chmod(0o755)


if __name__ == "__main__":
    unittest.main()
