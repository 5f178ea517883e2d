# SPDX-License-Identifier: Apache-2.0
"""The server runs out of file descriptors: it does not spin, who is connected is served, and it recovers."""
import base64
import http.client
import os
import pathlib
import resource
import socket
import ssl
import time
import unittest

from world import World, spinning_threads, wake_ups

CONNECTIONS = 150


class Descriptors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)
        image = cls.world.dir / "image.bin"
        image.write_bytes(os.urandom(300_000))
        cls.zip = cls.world.dir / "image.zip"
        cls.world.strata("bundle", "create", image, cls.zip)
        account = cls.world.account()
        pair = f'{account["STRATA_ACCOUNT_SID"]}:{account["STRATA_AUTH_TOKEN"]}'
        cls.headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        cls.tls = ssl.create_default_context(cafile=account["STRATA_CA_FILE"])

    def proc(self, name):
        return pathlib.Path(f"/proc/{self.world.cloud.pid}/{name}")

    def open_descriptors(self):
        return len(list(self.proc("fd").iterdir()))

    def address(self, url):
        host, port = url.split("//")[1].rsplit(":", 1)
        return host, int(port)

    def connect(self):
        connection = http.client.HTTPSConnection(*self.address(self.world.url), context=self.tls, timeout=60)
        connection.connect()
        return connection

    def ask(self, connection, method="GET", path="/v1/Apps", body=None, headers=()):
        connection.request(method, path, body, {**self.headers, **dict(headers)})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def upload(self, connection):
        body = b'--b\r\nContent-Disposition: form-data; name="File"; filename="a.zip"\r\n\r\n' + self.zip.read_bytes() + b"\r\n--b--\r\n"
        return self.ask(connection, "POST", "/v1/Apps", body, {"Content-Type": "multipart/form-data; boundary=b"})

    def test_exhaustion_does_not_spin_and_ends(self):
        connected = self.connect()
        self.assertEqual(self.ask(connected), 200)
        limits = resource.prlimit(self.world.cloud.pid, resource.RLIMIT_NOFILE)
        limit = self.open_descriptors() + 4
        resource.prlimit(self.world.cloud.pid, resource.RLIMIT_NOFILE, (limit, limits[1]))
        # They are connected by the kernel and wait for the server, which can take no more than four.
        crowd = [socket.create_connection(self.address(url), timeout=60)
                 for number in range(CONNECTIONS) for url in [(self.world.url, self.world.device_url)[number % 2]]]
        deadline = time.monotonic() + 30
        while self.open_descriptors() < limit and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertGreaterEqual(self.open_descriptors(), limit, "not exhausted: this test proves nothing")
        begin, slept = time.monotonic(), wake_ups(self.world.cloud.pid)
        self.assertEqual(spinning_threads(self.world.cloud.pid), [])
        took = time.monotonic() - begin
        # Two listeners on each loop look again every 50 ms: 40 wake-ups a second and core.
        self.assertLess(wake_ups(self.world.cloud.pid) - slept, 1000 + took * 100 * os.cpu_count(), "it spins")
        for _ in range(20):
            self.assertEqual(self.ask(connected), 200, "who is connected is served")
        self.assertIn(self.upload(connected), (201, 500, 503), "refused or done, and in words")
        for one in crowd:
            one.close()
        deadline = time.monotonic() + 60
        while self.open_descriptors() > limit - 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        fresh = self.connect()  # under the same small limit
        self.assertEqual(self.ask(fresh), 200)
        fresh.close()
        resource.prlimit(self.world.cloud.pid, resource.RLIMIT_NOFILE, limits)
        self.assertEqual(self.upload(connected), 201)
        self.assertEqual(self.ask(connected, path="/healthz"), 200)
        self.assertTrue(self.world.cloud.running())
        connected.close()


if __name__ == "__main__":
    unittest.main()
