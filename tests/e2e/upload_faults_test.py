# SPDX-License-Identifier: Apache-2.0
"""Uploads are all or nothing: the cloud is killed, left alone or out of disk in the middle of one.

STRATA_FAULT_SEED chooses the moments; a failure names seed and moment. Nothing depends on time: a moment is a number of bytes
sent, or of calls that change what is stored.
"""
import base64
import hashlib
import http.client
import json
import os
import random
import signal
import socket
import ssl
import struct
import time
import unittest

from world import Problem, World, sha256, storage

SEED = int(os.environ.get("STRATA_FAULT_SEED", "1"))
BOUNDARY = "strata-e2e-boundary"


class Broken(Exception):
    """No answer came."""


class Site(World):
    """A cloud whose storage fails at will, spoken to without the CLI, which would try again by itself."""

    def __init__(self):
        super().__init__()
        self.random = random.Random(SEED)
        self.faults = self.set_storage_faults()
        config = self.dir / "cloud.conf"
        config.write_text("# the sweeps upload more often than people do\nupload-rate = 0\n")
        self.serve_options = ["--config", config]
        self.restart(signal.SIGTERM)
        self.tls = ssl.create_default_context(cafile=self.account()["STRATA_CA_FILE"])
        self.acknowledged = {}  # SID → bundle
        self.reader = self.provision("reader", "stm32u585")

    def restart(self, how=signal.SIGKILL):
        self.cloud.stop(how)
        self.start_cloud(init=False)

    def random_bundle(self, size):
        """One that shares no layer with others."""
        image = self.dir / "image.bin"
        image.write_bytes(self.random.randbytes(size))
        return self.bundle_of(image)

    def bundle_of(self, image):
        out = self.dir / f"random-{len(list(self.dir.glob('*.zip')))}.zip"
        self.strata("bundle", "create", image, out)
        return out

    # HTTP

    def _headers(self):
        account = self.account()
        pair = f'{account["STRATA_ACCOUNT_SID"]}:{account["STRATA_AUTH_TOKEN"]}'
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    def connect(self):
        host, port = self.url.split("//")[1].rsplit(":", 1)
        return http.client.HTTPSConnection(host, int(port), context=self.tls, timeout=60)

    def ask(self, method, path, body=None, headers=None):
        """Status and JSON (None without a body); Broken when the connection ended."""
        connection = self.connect()
        try:
            connection.request(method, path, body, {**self._headers(), **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        except (OSError, http.client.HTTPException) as error:
            raise Broken(str(error)) from error
        finally:
            connection.close()

    @staticmethod
    def body_of(zip_path):
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="File"; filename="a.zip"\r\n\r\n'
        return head.encode() + zip_path.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()

    def send(self, zip_path, key):
        """An upload; what was acknowledged is remembered."""
        status, answer = self.ask("POST", "/v1/Apps", self.body_of(zip_path), {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Idempotency-Key": key})
        if status == 201:
            self.acknowledged[answer["sid"]] = zip_path
        return status, answer

    def send_part(self, zip_path, count):
        """Begins an upload and sends `count` bytes of its body. Returns the connection, open."""
        body = self.body_of(zip_path)
        connection = self.connect()
        connection.putrequest("POST", "/v1/Apps")
        for name, value in {**self._headers(), "Content-Length": str(len(body)),
                            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[:count])
        return connection

    # What must hold

    def parts(self):
        return sorted(os.listdir(self.cloud_dir / "tmp"))

    def wait_parts(self, wanted, timeout=30):
        deadline = time.monotonic() + timeout
        while not wanted(self.parts()):
            if time.monotonic() > deadline:
                raise Problem(f"unfinished uploads are {self.parts()}")
            time.sleep(0.02)

    def visible(self):
        status, answer = self.ask("GET", "/v1/Apps?PageSize=1000")
        if status != 200:
            raise Problem(f"the list of apps: {status} {answer}")
        return {app["sid"] for app in answer["apps"]}

    def blobs(self):
        return [path for path in (self.cloud_dir / "blobs").rglob("*") if path.is_file()]

    def download(self, sid):
        """Every byte of an app as a device gets it, checked."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        status, answer = self.ask("POST", f"/v1/Devices/{self.reader.sid}", f"TargetApp={sid}", form)
        if status != 200:
            raise Problem(f"deploying {sid}: {status} {answer}")
        tls = ssl.create_default_context(cafile=self.reader.dir / "ca.pem")
        tls.load_cert_chain(self.reader.dir / "identity.crt", self.reader.dir / "identity.pem")
        host, port = self.device_url.split("//")[1].rsplit(":", 1)
        connection = http.client.HTTPSConnection(host, int(port), context=tls, timeout=60)
        digests = [answer["app"]["target_hash"].removeprefix("sha256:")]
        digests += [layer["fetchHash"] for layer in self.inspect(self.acknowledged[sid])["layers"]]
        for number, digest in enumerate(digests):
            connection.request("GET", f"/device/v1/{'layers' if number else 'manifests'}/{digest}")
            answer = connection.getresponse()
            got = answer.read()
            if answer.status != 200 or hashlib.sha256(got).hexdigest() != digest:
                raise Problem(f"{sid}: {digest} came as {answer.status} with {len(got)} bytes")
        connection.close()


class UploadFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.large = cls.site.random_bundle(960 * 1024)
        cls.first = cls.site.random_bundle(100 * 1024)

    def setUp(self):
        status, answer = self.site.send(self.first, f"first-{self._testMethodName}"[:64])
        self.assertEqual(status, 201, answer)

    def tearDown(self):
        self.site.faults.disarm()
        if not self.site.cloud.running():
            self.site.restart()

    def check_whole(self, moment, maybe=0):
        """What was acknowledged is visible; of what was not, at most `maybe` apps. Nothing unfinished lies about."""
        visible = self.site.visible()
        self.assertLessEqual(set(self.site.acknowledged), visible, moment)
        self.assertLessEqual(len(visible - set(self.site.acknowledged)), maybe, moment)
        self.assertEqual(self.site.parts(), [], moment)
        for path in self.site.blobs():
            self.assertEqual(sha256(path.read_bytes()), path.parent.name + path.name, moment)

    def check_downloads(self):
        for sid in self.site.acknowledged:
            self.site.download(sid)

    def test_killed_while_the_body_arrives(self):
        size = len(self.site.body_of(self.large))
        for count in sorted(self.site.random.randrange(300_000, size) for _ in range(3)):
            moment = f"seed {SEED}, killed after {count} of {size} bytes"
            connection = self.site.send_part(self.large, count)
            self.site.wait_parts(lambda parts: any(
                (self.site.cloud_dir / "tmp" / part).stat().st_size > 0 for part in parts))
            self.site.restart()
            connection.close()
            self.check_whole(moment)
        self.check_downloads()

    def test_client_goes_away(self):
        size = len(self.site.body_of(self.large))
        for count in (0, 1000, self.site.random.randrange(300_000, size), size - 1):
            for abrupt in (False, True):
                connection = self.site.send_part(self.large, count)
                if count > 300_000:
                    self.site.wait_parts(bool)
                if abrupt:
                    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
                self.site.wait_parts(lambda parts: not parts)
                self.check_whole(f"seed {SEED}, client left after {count} of {size} bytes, abrupt: {abrupt}")
        self.assertEqual(self.site.send(self.large, "after")[0], 201)
        self.check_downloads()

    def killed_at(self, deed, call):
        """One upload with kill -9 at a call. False: the upload makes fewer calls."""
        site = self.site
        bundle = site.random_bundle(100 * 1024)
        moment = f"seed {SEED}, {'inside' if deed == storage.KILL_INSIDE else 'before'} call {call}"
        key = f"{deed}-{call}"
        site.faults.arm(deed, call)
        try:
            status, _ = site.send(bundle, key)
        except Broken:
            status = None
        site.faults.disarm()
        if not site.faults.met:
            self.assertEqual(status, 201, moment)
            return False
        site.restart()
        # The metadata may have been stored and the answer not sent: that is what Idempotency-Key is for.
        self.check_whole(moment, maybe=0 if status == 201 else 1)
        self.assertEqual(site.send(bundle, key)[0], 201, moment)
        self.check_whole(moment)
        return True

    def test_killed_between_any_two_steps(self):
        call = self.site.random.randrange(1, 4)
        while self.killed_at(self.site.random.choice((storage.KILL_BEFORE, storage.KILL_INSIDE)), call):
            call += 3
        self.assertGreater(call, 20, "an upload makes more calls than that")
        self.check_downloads()

    def test_full_disk_at_any_step(self):
        site = self.site
        seen = set()
        for call in range(1, 1000):
            moment = f"seed {SEED}, full from call {call} on"
            bundle = site.random_bundle(100 * 1024)
            site.faults.arm(storage.FULL, call)
            status, answer = site.send(bundle, f"full-{call}")
            if not site.faults.met:
                break
            self.check_whole(moment)  # while the disk is still full
            site.faults.disarm()
            self.assertEqual(site.ask("GET", "/healthz")[0], 200, moment)
            if status == 201:
                continue  # what failed came after everything was stored
            seen.add(status)
            self.assertIn((status, answer["code"]), {(503, 20503), (500, 20500)}, moment)
            if status == 500:
                # Storing the metadata failed in its last step. Killed now, the database may come back with it: the same key tells.
                site.restart()
                self.check_whole(moment, maybe=1)
                self.assertEqual(site.send(bundle, f"full-{call}")[0], 201, moment)
                self.check_whole(moment)
        site.faults.disarm()
        self.assertEqual(status, 201)
        self.assertGreater(call, 20, "an upload makes more calls than that")
        self.assertIn(503, seen)
        site.restart()
        self.check_whole("after the sweep")
        self.check_downloads()

    def test_disk_that_is_nearly_full_takes_no_uploads(self):
        self.site.faults.arm(storage.NO_SPACE_LEFT)
        status, answer = self.site.send(self.large, "nearly")
        self.assertEqual((status, answer["code"]), (507, 65007))
        self.check_whole("nearly full")
        self.site.faults.disarm()
        self.assertEqual(self.site.send(self.large, "nearly")[0], 201)


if __name__ == "__main__":
    unittest.main()
