#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays systemctl and journalctl where no systemd runs: starts and stops strata-cloud as its installed unit says.

systemd_stand_in.py WORK STAGE PREFIX STATE PORT=FREE,... systemctl|journalctl ARGUMENTS...
WORK holds the journal and the pid; the unit's paths below PREFIX and /etc are taken from STAGE, its state directory is STATE, and
the ports of the configuration are replaced. What it does not know it refuses: a test of documented commands must not pass by luck.
"""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time

WORK, STAGE, PREFIX, STATE = (pathlib.Path(word) for word in sys.argv[1:5])
PORTS = dict(pair.split("=") for pair in sys.argv[5].split(","))
UNIT = "strata-cloud"


def setting(unit, name):
    """The values of a unit's setting, in their order."""
    return re.findall(rf"^{name}=(.*)$", unit, re.M)


def staged(text):
    return text.replace(f"{PREFIX}/", f"{STAGE}{PREFIX}/") if str(PREFIX) != "/usr" else \
        re.sub(r"(?<![\w/])/(usr|etc)/", rf"{STAGE}/\1/", text)


def environment(unit):
    env = {**os.environ, "STATE_DIRECTORY": str(STATE)}
    for file in setting(unit, "EnvironmentFile"):
        path = pathlib.Path(staged(file.removeprefix("-")))
        for line in path.read_text().splitlines() if path.exists() or not file.startswith("-") else []:
            for word in shlex.split(line, comments=True):
                name, _, value = word.partition("=")
                env[name] = value
    return env


def running():
    """The service's pid; None when it is not there."""
    try:
        pid = int((WORK / "pid").read_text())
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return None if state == "Z" else pid  # nobody may wait for it here
    except (OSError, ValueError):
        return None


def start():
    if running():
        return
    unit = (STAGE / str(PREFIX).lstrip("/") / f"lib/systemd/system/{UNIT}.service").read_text()
    env = environment(unit)
    for config in STAGE.rglob("etc/strata/cloud.conf"):
        text = config.read_text()
        for said, meant in PORTS.items():
            text = text.replace(f":{said}", f":{meant}")
        config.write_text(text)

    def words(command):
        return [word.replace("${STATE_DIRECTORY}", str(STATE)) for word in shlex.split(staged(command))]

    with open(WORK / "journal", "ab") as journal:
        for command in setting(unit, "ExecStartPre"):
            subprocess.run(words(command), env=env, check=True, stdout=journal, stderr=journal)
        child = subprocess.Popen(words(setting(unit, "ExecStart")[0]), env=env, stdin=subprocess.DEVNULL, stdout=journal, stderr=journal,
                                 start_new_session=True)
    (WORK / "pid").write_text(str(child.pid))


def stop():
    pid = running()
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    while running():
        time.sleep(0.05)
    (WORK / "pid").unlink()


def systemctl(arguments):
    verb, *rest = arguments
    now = "--now" in rest
    if [word for word in rest if word != "--now"] != [UNIT] or verb not in ("enable", "start", "stop", "restart") or (now and verb != "enable"):
        sys.exit(f"systemctl {' '.join(arguments)}: the stand-in does not know this")
    if verb in ("stop", "restart"):
        stop()
    if verb in ("start", "restart") or now:
        start()


def journalctl(arguments):
    if arguments[:2] != ["-u", UNIT] or arguments[2:-1] != ["-n"]:
        sys.exit(f"journalctl {' '.join(arguments)}: the stand-in does not know this")
    print("\n".join((WORK / "journal").read_text().splitlines()[-int(arguments[-1]):]))


{"systemctl": systemctl, "journalctl": journalctl}[sys.argv[6]](sys.argv[7:])
