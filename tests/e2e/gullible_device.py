# SPDX-License-Identifier: Apache-2.0
"""A device engine that believes everything: what a hurried developer would write, and what the conformance kit must catch.

It reads the same directory as strata-device, asks for the desired state, fetches the manifest and its layers and "installs" them, all without
checking anything: no CA, no signature, no hash, no limit; it follows redirects, waits for ever, ends on any surprise and forgets all when restarted.
"""
import os
import pathlib
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request


def fields(data):
    """(number, value) of each field of a protobuf message; bytes or int."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        else:
            size = varint()
            yield key >> 3, data[at:at + size]
            at += size


def one(data, number, default=b""):
    return next((value for found, value in fields(data) if found == number), default)


def encode(number, value):
    def varint(rest):
        out = b""
        while rest > 0x7F:
            out += bytes([rest & 0x7F | 0x80])
            rest >>= 7
        return out + bytes([rest])

    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


class Device:
    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        conf = dict(line.split("=", 1) for line in (self.dir / "device.conf").read_text().splitlines())
        self.sid, self.url = conf["sid"], conf["device_url"]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.load_cert_chain(self.dir / "identity.crt", self.dir / "identity.pem")
        self.http = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        self.counter = 0

    def ask(self, path, headers=None, body=None):
        with self.http.open(urllib.request.Request(self.url + path, body, headers or {})) as answer:
            return answer.headers.get("ETag"), answer.read()

    def sign(self, message):
        """r ‖ s from openssl's DER."""
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.dir / "identity.pem"], input=message,
                             stdout=subprocess.PIPE, check=True).stdout
        size = der[3]
        r, s = der[4:4 + size], der[6 + size:]
        return r[-32:].rjust(32, b"\0") + s[-32:].rjust(32, b"\0")

    def install(self, deployment_id, manifest_hash):
        _, manifest = self.ask(f"/device/v1/manifests/{manifest_hash.hex()}")
        app = one(manifest, 2)
        measurements = []
        for number, layer in fields(app):
            if number == 1:
                self.ask(f"/device/v1/layers/{one(layer, 3).hex()}", {"Range": "bytes=0-"})
                measurements.append(one(layer, 4))
        self.counter += 1
        body_hash = subprocess.run(["openssl", "dgst", "-sha256", "-binary"], input=app, stdout=subprocess.PIPE, check=True).stdout
        body = encode(1, self.sid.encode()) + encode(2, deployment_id) + encode(3, manifest_hash) + encode(4, body_hash)
        body += b"".join(encode(5, value) for value in measurements) + encode(6, self.counter) + encode(7, 1) + encode(8, 1)
        receipt = encode(1, body) + encode(2, self.sign(b"strata-receipt-v1\0" + body))
        self.ask("/device/v1/receipts", {"Content-Type": "application/x-protobuf"}, receipt)

    def run(self):
        etag, installed = None, None
        while True:
            try:
                etag, desired = self.ask("/device/v1/desired", {"Prefer": "wait=50", **({"If-None-Match": etag} if etag else {})})
            except urllib.error.HTTPError as answer:
                if answer.code != 304:
                    raise
                time.sleep(0.1)
                continue
            wanted = (one(desired, 3), one(desired, 2))
            if wanted[0] and wanted != installed:
                self.install(*wanted)
                installed = wanted


if __name__ == "__main__":
    os.nice(1)
    Device(sys.argv[1]).run()
