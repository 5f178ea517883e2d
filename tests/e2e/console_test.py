# SPDX-License-Identifier: Apache-2.0
"""The console in a real browser: Playwright drives Debian's Chromium against a real cloud and a running device.

The steps themselves are console/tests/*.spec.ts; pictures of every page are left in build/console/pictures.
"""
import base64
import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import sqlite3
import ssl
import subprocess
import threading
import unittest
import urllib.parse
import urllib.request
import zipfile

from world import ROOT, World

import fleet  # (tools/testbed, through world)

PACKAGES = ROOT / "build/console"
PICTURES = PACKAGES / "pictures"
MAX_BUNDLE_BYTES = 67_108_864
W = None
control = None
bed = {}


def post(path, **fields):
    account = W.account()
    request = urllib.request.Request(W.url + path, data=urllib.parse.urlencode(fields).encode())
    pair = f"{account['STRATA_ACCOUNT_SID']}:{account['STRATA_AUTH_TOKEN']}"
    request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=account["STRATA_CA_FILE"])) as answer:
        return json.load(answer)


def damaged(source, out):
    """The same zip with one byte of its first layer changed, otherwise well-formed."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for position, name in enumerate(before.namelist()):
            data = bytearray(before.read(name))
            if position == 0:
                data[len(data) // 2] ^= 1
            after.writestr(name, bytes(data))
    return out


def oversize(out):
    with open(out, "wb") as file:
        file.truncate(MAX_BUNDLE_BYTES + 1)
    return out


def large():
    """Long enough on its way for something to happen meanwhile."""
    image, out = W.dir / "image.bin", W.dir / "large.zip"
    image.write_bytes(os.urandom(32 << 20))
    W.strata("bundle", "create", image, out, "--hardware", "large")
    return out


def make_files():
    v1 = W.bundle("blink-v1")
    return {"v1": v1, "v2": W.bundle("blink-v2"), "unsigned": W.bundle("blink-v1", "--unsigned", name="unsigned"),
            "crash": W.bundle("crash"),
            "damaged": damaged(v1, W.dir / "damaged.zip"), "oversize": oversize(W.dir / "oversize.zip"), "large": large()}


def make_fleet(files):
    """Devices in every state: one that works, one that lacks a key, and four that are away."""
    W.upload(files["v1"], "kept-v1")
    W.upload(files["v2"], "kept-v2")
    W.upload(files["crash"], "crashes")
    sealed = W.upload(W.bundle("blink-v1", encrypted=True, name="sealed"), "sealed")
    broken = W.provision("broken-board", "mps2-an505")
    broken.start()
    W.deploy(broken, sealed, check=False)
    broken.stop()
    W.provision("spare-board", "mps2-an505")
    W.provision("doomed-board", "mps2-an505")
    for number in range(3):
        device = W.provision(f"fleet-{number}", "mps2-an505")
        post(f"/v1/Devices/{device.sid}", Tags="fleet")
    return W.board("story-board")


def change_rows(statement, *values):
    """In the database of a cloud that runs."""
    with contextlib.closing(sqlite3.connect(W.cloud_dir / "strata.db", timeout=10)) as database, database:
        database.execute(statement, values)


def bury(webhook, events):
    """Makes dead letters of them, as ten attempts in a day would."""
    for event in events:
        change_rows("INSERT OR REPLACE INTO webhook_deliveries SELECT account_sid, sid, ?, unixepoch() - 90000, unixepoch(), 10, 503, "
                    "'Service Unavailable', 1 FROM webhooks WHERE sid = ?", int(event), webhook)


class Control(http.server.BaseHTTPRequestHandler):
    """What the browsers' tests ask for behind the browser's back, one step after the other; and a receiver of webhooks."""

    received = []

    def take(self, what, *words):
        if what == "cloud":
            {"stop": W.cloud.stop, "kill": lambda: W.cloud.stop(signal.SIGKILL), "start": lambda: W.start_cloud(init=False)}[words[0]]()
        elif what == "device":
            device = next(each for each in W.devices if each.dir.name == f"device-{words[0]}")
            {"start": device.start, "stop": device.stop}[words[1]]()
        elif what == "sessions":
            change_rows("UPDATE sessions SET date_expires = unixepoch() - 1")
        elif words[0] == "bury":
            bury(words[1], words[2:])
        elif words[0] == "take":
            self.received.append(self.headers["Strata-Event"])
        return json.dumps(self.received)

    def do_POST(self):
        status = 200
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            text = self.take(*self.path.split("/")[1:])
        except Exception as problem:
            status, text = 500, repr(problem)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def setUpModule():
    global W, control
    W = World()
    W.cloud.stop()
    W.serve_options = ["--allow-private-webhooks"]
    W.start_cloud(init=False)
    files = make_files()
    device = make_fleet(files)
    pending = W.provision("away-board", "mps2-an505").sid
    post(f"/v1/Devices/{pending}", TargetApp="kept-v1")
    key = post("/v1/ApiKeys", Scopes="read", FriendlyName="wrong guesses")
    account = W.account()
    control = http.server.HTTPServer(("127.0.0.1", 0), Control)
    threading.Thread(target=control.serve_forever, daemon=True).start()
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    bed.update(sid=account["STRATA_ACCOUNT_SID"], token=account["STRATA_AUTH_TOKEN"], device=device.sid,
               pending=pending, away=W.devices[1].sid, control=f"http://127.0.0.1:{control.server_port}",
               hook=f"http://127.0.0.1:{control.server_port}/hook/take",
               readKey={"sid": key["sid"], "secret": key["secret"]},
               files={name: str(path) for name, path in files.items()}, pictures=str(PICTURES))


def tearDownModule():
    if control:
        control.shutdown()
        control.server_close()
    W.close()


PAGES = ("overview", "apps", "app", "devices", "device", "device-error", "logs", "audit", "configs", "secrets", "webhooks", "api-keys",
         "not-found", "sign-in", "upload-panel", "target-panel", "delete-panel", "edit-panel", "api-key-panel", "webhook-panel",
         "config-panel", "remove-panel", "plot-day", "plot-week-by-app", "apps-empty")


class Console(unittest.TestCase):
    def run_specs(self, spec):
        env = {**os.environ, "STRATA_CONSOLE_URL": W.url, "STRATA_CONSOLE_TEST": json.dumps(bed), "FORCE_COLOR": "0"}
        done = subprocess.run([PACKAGES / "node_modules/.bin/playwright", "test", f"{spec}.spec.ts"], cwd=ROOT / "console", env=env,
                              capture_output=True, text=True, timeout=1200, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"\d+ passed")

    def test_every_page_is_drawn_accessible_and_fits_a_phone(self):
        self.run_specs("pages")
        pictures = {path.stem for path in PICTURES.glob("*.png")}
        for page in PAGES:
            self.assertLessEqual({f"{page}-light", f"{page}-dark", f"{page}-phone"}, pictures)

    def test_ten_thousand_devices(self):
        W.cloud.stop()
        fleet.copy_devices(W, [bed["pending"], bed["away"]], 10_000)
        W.start_cloud(init=False)
        self.run_specs("fleet")

    def test_what_goes_wrong_while_somebody_looks(self):
        self.run_specs("faults")

    def test_what_happens_shows_at_once_in_every_browser(self):
        self.run_specs("live")

    def test_a_devices_log_history_and_end_and_what_the_account_did(self):
        self.run_specs("device")

    def test_lists_are_searched_sorted_paged_and_names_are_text(self):
        self.run_specs("lists")

    def test_the_pages_story_by_keyboard(self):
        self.run_specs("keyboard")

    def test_sessions_begin_end_and_are_for_no_other_origin(self):
        self.run_specs("session")

    def test_the_pages_story_by_mouse(self):
        self.run_specs("story")

    def test_files_are_served_compressed_with_a_strict_policy_and_nothing_of_others(self):
        page = W.run(["curl", "-sS", "--cacert", W.account()["STRATA_CA_FILE"], "-D", "-", "--compressed", f"{W.url}/console/"]).stdout
        self.assertIn("content-encoding: br", page.lower())
        self.assertIn("default-src 'none'", page)
        self.assertNotRegex(page, r'(?:src|href)="(?!/console/)')
        for name in re.findall(r'(?:src|href)="/console/([^"]+)"', page):
            self.assertTrue((ROOT / "build/share/strata/console" / name).exists(), name)


if __name__ == "__main__":
    unittest.main()
