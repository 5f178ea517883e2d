# SPDX-License-Identifier: Apache-2.0
"""A cloud, a person's CLI and devices on one machine, from the real programs. Used by the demo and the e2e tests.

Everything listens on 127.0.0.1 with free ports, lies in one temporary directory and is stopped by pid.
"""
import atexit
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time

from relay import Relay
from storage import StorageFaults

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CONSOLE = ROOT / "build/share/strata/console"  # tools/build_console
CONSOLE_OPTIONS = ["--console-dir", CONSOLE] if CONSOLE.exists() else []


class Problem(Exception):
    """Something did not happen that had to."""


class Process:
    """A program in the background whose output lines are kept; stopped by its own pid."""

    def __init__(self, command, env=None):
        self.command = [str(part) for part in command]
        self.lines = []
        self._changed = threading.Condition()
        self._child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True, errors="replace", env=env)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._child.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child.poll() is None

    def wait_for(self, pattern, timeout=20.0, start=0):
        """The first match of `pattern` in a line from number `start` on."""
        deadline = time.monotonic() + timeout
        at = start
        with self._changed:
            while True:
                while at < len(self.lines):
                    match = re.search(pattern, self.lines[at])
                    if match:
                        return match
                    at += 1
                left = deadline - time.monotonic()
                if left <= 0 or (self._child.poll() is not None and not self._reader.is_alive()):
                    break
                self._changed.wait(min(left, 0.2))
        tail = "\n".join(self.lines[-15:])
        raise Problem(f"{pathlib.Path(self.command[0]).name} did not print /{pattern}/ within {timeout} s; its last lines:\n{tail}")

    def stop(self, how=signal.SIGTERM, timeout=15.0):
        """Ends it; returns its exit code (negative: the signal)."""
        if self.running():
            self._child.send_signal(how)
        try:
            code = self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            raise Problem(f"{self.command[0]} did not end within {timeout} s of signal {how}")
        self._reader.join(5)
        self._child.stdout.close()
        return code


class Device:
    def __init__(self, bed, directory, sid):
        self.bed = bed
        self.dir = pathlib.Path(directory)
        self.sid = sid
        self.process = None

    def start(self, *options):
        self.process = Process([self.bed.bin / "strata-device", "run", "--dir", self.dir, *options], env=self.bed.program_env)
        return self

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.stop(signal.SIGKILL)

    def status(self):
        done = subprocess.run([self.bed.bin / "strata-device", "status", "--dir", self.dir, "-o", "json"],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def app_log(self):
        path = self.dir / "app.log"
        return path.read_text(errors="replace").splitlines() if path.exists() else []

    def wait_app_log(self, pattern, start=0, timeout=20.0):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            for line in self.app_log()[start:]:
                if re.search(pattern, line):
                    return line
            time.sleep(0.05)
        raise Problem(f"the app did not print /{pattern}/ within {timeout} s; its last lines: {self.app_log()[-5:]}")


class MovableClock:
    """The wall clock of a program that runs: clock_offset.cpp reads the file."""

    def __init__(self, path):
        self.path = path
        self.jump_to(0)

    def jump_to(self, days):
        """So many days off the true time; negative is the past."""
        with open(self.path, "r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("<q", round(days * 86400)))


class Testbed:
    """bin_dir holds strata, strata-cloud and strata-device; examples_dir the ELF files."""

    def __init__(self, bin_dir=None, examples_dir=None, work_dir=None, hostnames=()):
        self.hostnames = hostnames  # more names in the cloud's certificate
        self.bin = pathlib.Path(bin_dir or os.environ.get("STRATA_BIN_DIR") or ROOT / "build/bin")
        self.examples = pathlib.Path(examples_dir or os.environ.get("STRATA_EXAMPLES_DIR") or ROOT / "build/examples")
        self.dir = pathlib.Path(work_dir or tempfile.mkdtemp(prefix="strata-"))
        self.cloud_dir = self.dir / "cloud"
        self.cloud = None
        self.devices = []
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("STRATA_", "TWILIO_"))}
        self.env["STRATA_CONFIG_DIR"] = str(self.dir / "config")
        self.env["NO_COLOR"] = "1"
        self.clock = {}  # what programs get in addition, so that their clock is another: set_clock()
        self.serve_options = []  # of strata-cloud, from the next start on
        self.cloud_env = {}  # what the cloud alone gets in addition, from its next start on: movable_clock()
        self.storage = None  # faults of the cloud's storage: set_storage_faults()
        atexit.register(self.close)  # unittest tears nothing down whose setting up failed

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self, keep_files=False):
        atexit.unregister(self.close)
        for device in self.devices:
            if device.process and device.process.running():
                device.process.stop(signal.SIGKILL)
        if self.cloud and self.cloud.running():
            self.cloud.stop(signal.SIGKILL)
        if self.storage:
            self.storage.close()
        if not keep_files:
            shutil.rmtree(self.dir, ignore_errors=True)

    # Time

    @property
    def program_env(self):
        return {**os.environ, **self.clock}

    def set_clock(self, days):
        """Programs started from now on live that many days in the future; their waiting times stay as they are."""
        library = self._preloaded("clock_offset")
        self.clock = {"LD_PRELOAD": str(library), "STRATA_CLOCK_OFFSET": str(days * 86400), "ASAN_OPTIONS": self._asan_options()}

    def movable_clock(self):
        """The cloud, from its next start on, has the wall clock of the MovableClock. Not together with storage faults."""
        clock = MovableClock(self.dir / "clock.control")
        self.cloud_env = {"LD_PRELOAD": str(self._preloaded("clock_offset")), "STRATA_CLOCK_CONTROL": str(clock.path),
                          "ASAN_OPTIONS": self._asan_options()}
        return clock

    def _preloaded(self, name):
        library = self.dir / f"{name}.so"
        if not library.exists():
            self.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O1", "-shared", "-fPIC", "-o", library,
                      ROOT / f"tools/testbed/{name}.cpp"])
        return library

    @staticmethod
    def _asan_options():
        # The address sanitizer wants to be the first library; it works as the second one too.
        return ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))

    def set_storage_faults(self):
        """The cloud, from its next start on, has the storage that the StorageFaults decides about. Not together with set_clock()."""
        self.storage = StorageFaults(self._preloaded("storage_faults"), self.cloud_dir, self.dir / "storage_faults.control")
        self.storage.env["ASAN_OPTIONS"] = self._asan_options()
        return self.storage

    # The cloud

    def start_cloud(self, init=True):
        """With init=False the one that was stopped, at the same addresses."""
        addresses = ["127.0.0.1:0", "127.0.0.1:0"]
        if init:
            names = [word for name in self.hostnames for word in ("--hostname", name)]
            self.run([self.bin / "strata-cloud", "init", "--data", self.cloud_dir, *names])
        elif self.cloud:
            addresses = [url.split("//")[1] for url in (self.url, self.device_url)]
        env = {**self.program_env, **self.cloud_env, **(self.storage.env if self.storage else {})}
        self.cloud = Process([self.bin / "strata-cloud", "serve", "--data", self.cloud_dir, "--listen", addresses[0],
                              "--device-listen", addresses[1], *CONSOLE_OPTIONS, *self.serve_options], env=env)
        match = self.cloud.wait_for(r"^ready (\S+) (\S+)$")
        self.url, self.device_url = match.group(1), match.group(2)
        return self

    def account(self):
        pairs = (line.split("=", 1) for line in (self.cloud_dir / "account.env").read_text().splitlines() if "=" in line)
        return {key: value.strip('"\'') for key, value in pairs}

    def blob_path(self, hexdigest):
        return self.cloud_dir / "blobs" / hexdigest[:2] / hexdigest[2:]

    # The CLI

    def run(self, command, check=True, env=None, timeout=120, stdin=None):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env={**(env or self.env), **self.clock},
                              timeout=timeout, input=stdin if stdin is not None else "")
        if check and done.returncode != 0:
            raise Problem(f"{' '.join(str(p) for p in command)}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def strata(self, *arguments, check=True, **more):
        return self.run([self.bin / "strata", *arguments], check=check, **more)

    def strata_json(self, *arguments):
        """The first (usually only) object that the verb prints with -o json."""
        return self.strata_list(*arguments)[0]

    def strata_list(self, *arguments):
        out = self.strata(*arguments, "-o", "json").stdout
        return json.loads(out) if out.strip() else []

    def login(self):
        self.strata("login", "--env", self.cloud_dir / "account.env")
        return self

    # Devices

    def provision(self, name, hardware="mps2-an505", *options):
        directory = self.dir / f"device-{name}"
        answer = self.strata_json("devices", "provision", "--out", directory, "--unique-name", name,
                                  "--hardware", hardware, *options)
        device = Device(self, directory, answer["sid"])
        self.devices.append(device)
        return device

    def relay_before(self, device):
        """A relay through which `device`, not started yet, reaches the cloud."""
        host, port = self.device_url.split("//")[1].rsplit(":", 1)
        relay = Relay(host, int(port))
        config = device.dir / "device.conf"
        config.write_text(config.read_text().replace(self.device_url, self.device_url.replace(f":{port}", f":{relay.port}")))
        return relay

    def device_app(self, device):
        return self.strata_json("devices", "fetch", "--sid", device.sid)["app"]

    def deploy(self, device, app, check=True, timeout=60):
        return self.strata("devices", "update", "--sid", device.sid, "--target-app", app, "--wait",
                           "--timeout", str(timeout), check=check, timeout=timeout + 30)
