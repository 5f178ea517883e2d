# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the testbed and short ways to say common things."""
import collections
import hashlib
import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools/testbed"))
import storage  # noqa: E402,F401
from testbed import Device, Problem, Process, Testbed  # noqa: E402,F401

HARDWARE = "mps2-an505"


class World(Testbed):
    """A running cloud, a signed-in person with a layer key, and bundles of the examples."""

    def __init__(self, **more):
        super().__init__(**more)
        try:
            self.start_cloud()
            self.login()
            self.layer_key = self.dir / "layer.pem"
            self.strata("keys", "generate", "layer", "--out", self.layer_key)
        except BaseException:
            self.close()  # nobody else can: the caller never gets this World
            raise

    def bundle(self, example, *options, encrypted=False, name=None, trial=("--trial-ready", "--trial-window", "2")):
        out = self.dir / f"{name or example}-{len(list(self.dir.glob('*.zip')))}.zip"
        source = pathlib.Path(example)
        if not source.is_absolute():
            source = self.examples / f"{example}.elf"
        key = ("--encrypt-with", self.layer_key) if encrypted else ()
        self.strata("bundle", "create", source, out, "--hardware", HARDWARE, *trial, *key, *options)
        return out

    def upload(self, zip_path, *name):
        return self.strata_json("apps", "create", zip_path, *name)["sid"]

    def inspect(self, zip_path):
        return self.strata_json("bundle", "inspect", zip_path)

    def board(self, name, *options):
        """A provisioned and running device that holds the layer key."""
        return self.provision(name, HARDWARE, "--layer-key", self.layer_key, *options).start()

    def layer_requests(self, start=0):
        """Digests of layers that devices asked for, oldest first, from the cloud's access log."""
        found = []
        for line in self.cloud.lines[start:]:
            match = re.search(r"/device/v1/layers/([0-9a-f]{64})", line)
            if match:
                found.append(match.group(1))
        return found


def wake_ups(pid):
    """Times that a thread of a process went to sleep."""
    threads = pathlib.Path(f"/proc/{pid}/task").glob("*/status")
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", each.read_text(), re.M)[1]) for each in threads)


def spinning_threads(pid, samples=100):
    """Threads that never rest: found runnable nearly each time, however fast or busy the machine is."""
    runnable = collections.Counter()
    for _ in range(samples):
        for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"):
            runnable[stat.parent.name] += stat.read_text().rsplit(")", 1)[1].split()[0] == "R"
        time.sleep(0.02)
    return [thread for thread, count in runnable.items() if count > 0.9 * samples]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def distinct_windows(data, size=16, step=64):
    """Windows of the image that are no mere filling, to look for in staging memory."""
    for at in range(0, len(data) - size, step):
        window = data[at:at + size]
        if len(set(window)) >= 8:
            yield window
