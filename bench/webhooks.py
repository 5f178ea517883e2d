# SPDX-License-Identifier: Apache-2.0
"""From the change to the webhook's receiver, against posting the same body to it directly."""
import http.client
import http.server
import json
import threading
import time

import servers

EVENTS, BURST = 300, 100


class Receiver:
    """Notes when each event arrived."""

    def __init__(self):
        self.arrived = {}
        self.changed = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                now = time.monotonic()
                event = json.loads(body)
                with receiver.changed:
                    receiver.arrived[event["type"], event["device_sid"], event["app_sid"]] = now
                    receiver.changed.notify_all()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            request_queue_size = 256

            def handle_error(self, request, client_address):
                pass  # the cloud goes at the end, with its connections

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, key, timeout=120):
        with self.changed:
            if not self.changed.wait_for(lambda: key in self.arrived, timeout):
                raise SystemExit(f"no webhook told of {key}")
            return self.arrived.pop(key)


def direct(receiver, number):
    """Milliseconds until a body that a client posts itself has arrived."""
    key = ("deployment.pending", f"UV{number}", "KA")
    body = json.dumps({"type": key[0], "device_sid": key[1], "app_sid": key[2], "padding": "x" * 300})
    begin = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port)
    connection.request("POST", "/hook", body, {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()
    return (receiver.wait(key) - begin) * 1e3


def change(people, device, app):
    """When the change was answered."""
    people.ask("POST", f"/v1/Devices/{device}", f"TargetApp={app}")
    return time.monotonic()


def bench(rounds, events=EVENTS, burst=BURST):
    del rounds  # every event is one
    print("\n## From an event to its webhook\n")
    print(f"A webhook to a receiver (Python) on the same machine, plain HTTP. One by one: {events} times a device gets another target app; from the answer to that request until `deployment.pending` has "
          f"arrived. At once: {burst} devices get one as fast as one client can ask; from the answer to each. Floor: a client posts a body of that size to the receiver itself.\n")
    receiver = Receiver()
    with servers.Server("--allow-private-webhooks") as server:
        image, bundle = server.dir / "image.bin", server.dir / "bundle.zip"
        image.write_bytes(b"x" * 1000)
        server.strata("bundle", "create", image, bundle)
        apps = [server.strata_json("apps", "create", bundle, name)["sid"] for name in ("a", "b")]
        devices = [server.provision(f"d-{n}", "stm32u585").sid for n in range(burst)]
        server.strata("webhooks", "create", f"http://127.0.0.1:{receiver.port}/hook")
        people = servers.Client(server)
        single, floors = [], []
        for number in range(events):
            app = apps[number % 2]
            answered = change(people, devices[0], app)
            single.append(max(receiver.wait(("deployment.pending", devices[0], app)) - answered, 0) * 1e3)
            floors.append(direct(receiver, number))
        app = apps[events % 2]
        answered = {device: change(people, device, app) for device in devices}
        many = [max(receiver.wait(("deployment.pending", device, app)) - answered[device], 0) * 1e3 for device in devices]
    print("| milliseconds | p50 | p99 | most |")
    print("|---|---|---|---|")
    for words, values in ((f"one by one, {len(single)} events", single), (f"{burst} at once", many), ("floor: posted directly", floors)):
        print(f"| {words} | {servers.percentile(values, .5):.1f} | {servers.percentile(values, .99):.1f} | {max(values):.1f} |")
    print(f"\nRatio of the p99 one by one to the floor's: {servers.percentile(single, .99) / servers.percentile(floors, .99):.1f}.", flush=True)
