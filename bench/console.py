# SPDX-License-Identifier: Apache-2.0
"""The console in Chromium with 10 000 devices: how soon it can be used, how much script it is, and frames while 1 000 devices change per second."""
import json
import os
import pathlib
import statistics
import subprocess

import fleet  # (tools/testbed, through world)
from world import World

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEVICES, SECONDS = 10_000, 20
LIMIT_KIB = 200


def post(world, path, **fields):
    account = world.account()
    pair = f'user = "{account["STRATA_ACCOUNT_SID"]}:{account["STRATA_AUTH_TOKEN"]}"'
    data = [word for name, value in fields.items() for word in ("--data-urlencode", f"{name}={value}")]
    world.run(["curl", "-sSf", "--cacert", account["STRATA_CA_FILE"], "-K", "-", *data, world.url + path], stdin=pair)


def measured(rounds, devices, seconds):
    subprocess.run([ROOT / "tools/build_console"], check=True)
    with World() as world:
        app = world.upload(world.bundle("blink-v1"), "blink-1")
        sids = [world.provision(name).sid for name in ("pending", "idle")]
        post(world, f"/v1/Devices/{sids[0]}", TargetApp=app)
        world.cloud.stop()
        fleet.copy_devices(world, sids, devices - len(sids))
        world.serve_options = ["--api-rate", "0"]
        world.start_cloud(init=False)
        account = world.account()
        told = {"url": world.url, "sid": account["STRATA_ACCOUNT_SID"], "token": account["STRATA_AUTH_TOKEN"], "rounds": rounds, "seconds": seconds}
        done = subprocess.run(["node", "bench.mjs"], cwd=ROOT / "console", env={**os.environ, "STRATA_CONSOLE_BENCH": json.dumps(told)},
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout)


def spread(values):
    return f"{statistics.median(values):.0f} [{min(values):.0f}–{max(values):.0f}] ms"


def bench(rounds, devices=DEVICES, seconds=SECONDS):
    found = measured(rounds, devices, seconds)
    print(f"\n## The console with {devices} devices\n")
    print("Debian's Chromium without a window and without a GPU, browser and `strata-cloud` on the same machine, TLS over loopback. First page: a signed-in browser with an empty cache; from the "
          "beginning of the navigation until the numbers (the rows) are drawn and no task longer than 50 ms is under way or begins within a second. Beside it, as the floor: the one answer that it waits for.\n")
    print("| page | interactive (goal ≤ 1 000 ms) | the answer it waits for | scripts, compressed |")
    print("|---|---|---|---|")
    for page, all_rounds in found["first"].items():
        scripts = f"{all_rounds[0]['scripts'] / 1024:.1f} KiB (goal ≤ {LIMIT_KIB})"
        print(f"| {page} | {spread([one['interactive'] for one in all_rounds])} | {spread([one['answer'] for one in all_rounds])} | {scripts} |")
    print(f"\nWhile 1 000 devices change per second, {seconds} s each, the page scrolling all the time. The changes come from a stand-in for the event stream in the page: half of them about the 50 "
          "devices of the list's first page, one of ten beginning or ending an update, so that lists and counts are read again from the real cloud; everything behind the stream is the console's own. Floor: "
          "the same page while nothing changes.\n")
    print("| page | changes/s | frames/s | p99 between frames | longest | tasks over 50 ms | longest task |")
    print("|---|---|---|---|---|---|---|")
    for page, both in found["live"].items():
        for one in (both["busy"], both["quiet"]):
            print(f"| {page} | {one['told']:.0f} | {one['frames']:.1f} | {one['p99']:.1f} ms | {one['longest']:.1f} ms | {one['tasks']} | {one['longestTask']:.0f} ms |", flush=True)
