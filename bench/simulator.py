# SPDX-License-Identifier: Apache-2.0
"""What one good update costs in flash operations and journal records (counts, the same on every machine), and how many updates
the simulator plays in a second."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/release/sim/strata-sim"
CASES = 20_000


def bench():
    swept = subprocess.run([ROOT / "tools/sim", "--cases", str(CASES)], check=True, capture_output=True, text=True).stdout
    cases, took, cores, rate = re.search(r"(\d+) simulated updates in (\d+) s on (\d+) cores: (\d+) per second", swept).groups()
    print("\n## Flash operations and journal records of a good update\n")
    print("Goals: journal records ≤ 8; flash operations within 5 % of the fewest that leave the same bytes. `strata-sim --numbers`; `make check` holds both.\n")
    print(subprocess.run([PROGRAM, "--numbers"], check=True, capture_output=True, text=True).stdout, end="")
    print("\n## Simulated updates per second\n")
    print("Whole updates by the real engine, with a cut or a failing call, from power-on to the receipt that the cloud accepts (`make sim`).\n")
    print("| cases | cores | time | updates per second | per core |")
    print("|---|---|---|---|---|")
    print(f"| {cases} | {cores} | {took} s | {rate} | {int(rate) // int(cores)} |", flush=True)
