# SPDX-License-Identifier: Apache-2.0
"""What happens is told: to a webhook's receiver, in the history of a device, and when a device falls silent."""
import http.server
import json
import re
import threading
import time
import unittest

from world import ROOT, World

W = None


def setUpModule():
    global W
    W = Watched()


def tearDownModule():
    W.close()


class Watched(World):
    def start_cloud(self, init=True):
        self.serve_options = ["--allow-private-webhooks"]
        return super().start_cloud(init)


class Receiver:
    """Takes webhooks on a port of its own; refuses as many as it is told to first."""

    def __init__(self, refuse=0):
        self.requests = []
        self.refuse = refuse
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((dict(self.headers), body))
                receiver.refuse -= 1
                self.send_response(500 if receiver.refuse >= 0 else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, event_type, timeout=30):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for headers, body in list(self.requests):
                if json.loads(body)["type"] == event_type:
                    return headers, body
            time.sleep(0.05)
        raise AssertionError(f"no {event_type} among {[json.loads(body)['type'] for _, body in self.requests]}")

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def documented_check():
    """is_from_the_cloud of docs/spec/rest.md, as it stands there."""
    page = (ROOT / "docs/spec/rest.md").read_text()
    code = re.search(r"^```python\n(.*?)^```$", page, re.M | re.S)[1]
    names = {}
    exec(code, names)  # pylint: disable=exec-used
    return names["is_from_the_cloud"]


class WhatHappens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.v1 = W.upload(W.bundle("blink-v1"), "events-v1")
        cls.crash = W.upload(W.bundle("crash"), "events-crash")

    def test_a_receiver_is_told_of_each_transition_and_can_check_who_says_so(self):
        receiver = Receiver(refuse=1)
        self.addCleanup(receiver.close)
        webhook = W.strata_json("webhooks", "create", receiver.url)
        W.strata("webhooks", "test", webhook["sid"])
        receiver.wait_for("webhook.test")
        device = W.board("told")
        W.deploy(device, self.v1)
        for event_type in ("deployment.pending", "deployment.confirmed"):
            headers, body = receiver.wait_for(event_type)
            check, signature = documented_check(), headers["Strata-Signature"]
            self.assertTrue(check(webhook["secret"], signature, body))
            self.assertFalse(check(webhook["secret"], signature, body + b" "))
            self.assertFalse(check("0" * 32, signature, body))
            self.assertFalse(check(webhook["secret"], signature, body, time.time() + 400), "replayed")
            self.assertFalse(check(webhook["secret"], "", body))
            self.assertEqual(headers["Strata-Webhook"], webhook["sid"])
            self.assertEqual(json.loads(body)["device_sid"], device.sid)
            self.assertNotIn(webhook["secret"], json.dumps(headers))
        # The first one was refused: it comes again.
        end = time.monotonic() + 30
        while time.monotonic() < end and [json.loads(b)["type"] for _, b in receiver.requests].count("webhook.test") < 2:
            time.sleep(0.1)
        self.assertEqual([json.loads(b)["type"] for _, b in receiver.requests].count("webhook.test"), 2)
        W.strata("webhooks", "remove", webhook["sid"])
        device.stop()

    def test_history_says_what_became_of_each_update(self):
        device = W.board("history")
        W.deploy(device, self.v1)
        W.deploy(device, self.crash, check=False)
        updates = W.strata_list("devices", "updates", device.sid)
        self.assertEqual([(u["outcome"], u["appSid"]) for u in updates], [("reverted", self.crash), ("confirmed", self.v1)])
        self.assertEqual(updates[0]["errorCode"], 501)
        device.stop()

    def test_removed_device_is_gone(self):
        device = W.board("lost")
        device.process.wait_for("state ")
        W.strata("devices", "remove", "--sid", device.sid)
        device.process.wait_for("status 403")
        device.stop()

    def test_silence_ends_an_update_and_a_late_receipt_makes_it_good(self):
        device = W.board("silent")
        W.deploy(device, self.v1)
        v2 = W.upload(W.bundle("blink-v2"))
        device.stop()
        W.strata("devices", "update", "--sid", device.sid, "--target-app", v2)
        W.cloud.stop()
        W.set_clock(days=2)
        self.addCleanup(W.clock.clear)
        W.start_cloud(init=False)
        end = time.monotonic() + 20
        while time.monotonic() < end and W.device_app(device)["update_status"] == "pending":
            time.sleep(0.1)
        state = W.device_app(device)
        self.assertEqual((state["update_status"], state["update_error_code"]), ("error", 603), state)
        device.start()
        end = time.monotonic() + 40
        while time.monotonic() < end and W.device_app(device)["update_status"] != "up-to-date":
            time.sleep(0.2)
        state = W.device_app(device)
        self.assertEqual((state["update_status"], state["reported_sid"]), ("up-to-date", v2), state)
        device.stop()


if __name__ == "__main__":
    unittest.main()
