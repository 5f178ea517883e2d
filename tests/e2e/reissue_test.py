# SPDX-License-Identifier: Apache-2.0
"""The server's certificate is issued again while people and devices are connected. (CA rotation: keys_test.py.)"""
import http.client
import ssl
import subprocess
import unittest

from world import World


class Reissue(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def app(self, seed):
        image = self.world.dir / f"{seed}.bin"
        image.write_bytes(bytes([seed]) * 100_000)
        out = self.world.dir / f"{seed}.zip"
        self.world.strata("bundle", "create", image, out, "--trial-window", "1")
        return self.world.upload(out)

    def reissue(self, *options, check=True):
        return self.world.run([self.world.bin / "strata-cloud", "ca", "reissue", "--data", self.world.cloud_dir, *options], check=check)

    def shown(self, url):
        """The certificate of a new handshake, which the CA must have issued: its key and its names."""
        host, port = url.split("//")[1].rsplit(":", 1)
        pem = ssl.get_server_certificate((host, int(port)), ca_certs=self.world.account()["STRATA_CA_FILE"])
        told = subprocess.run(["openssl", "x509", "-noout", "-pubkey", "-ext", "subjectAltName"], input=pem, capture_output=True, text=True, check=True)
        return told.stdout

    def test_devices_and_people_notice_nothing(self):
        world = self.world
        first, second, third = (self.app(seed) for seed in (1, 2, 3))
        device = world.provision("board", "stm32u585").start()
        world.deploy(device, first)
        before = [self.shown(url) for url in (world.url, world.device_url)]
        host, port = world.url.split("//")[1].rsplit(":", 1)
        standing = http.client.HTTPSConnection(host, int(port), timeout=60,
                                               context=ssl.create_default_context(cafile=world.account()["STRATA_CA_FILE"]))
        standing.request("GET", "/healthz")
        self.assertEqual(standing.getresponse().read(), b'{"status":"ok"}')
        said = len(device.process.lines)
        self.reissue("--hostname", "other.example")
        world.cloud.wait_for('"job":"certificate"', timeout=60)
        for old, url in zip(before, (world.url, world.device_url)):
            self.assertNotIn("other.example", old)
            self.assertIn("DNS:other.example", self.shown(url))
            self.assertNotEqual(self.shown(url).split("X509v3")[0], old.split("X509v3")[0], "another key")
        standing.request("GET", "/healthz")
        self.assertEqual(standing.getresponse().read(), b'{"status":"ok"}', "the connection stands")
        standing.close()
        world.deploy(device, second)
        self.assertEqual([line for line in device.process.lines[said:] if "cannot" in line], [], "nor did the device lose its connection")
        device.stop()
        device.start()
        world.deploy(device, third)
        device.stop()
        self.assertEqual(len(world.strata_list("audit", "list", "--action", "ca.reissue")), 1)

    def test_a_name_that_is_none_changes_nothing(self):
        before = self.shown(self.world.url)
        self.assertEqual(self.reissue("--hostname", "two words", check=False).returncode, 1)
        self.assertEqual([path.name for path in (self.world.cloud_dir / "pki").glob("*reissue*")], [])
        self.world.cloud.stop()
        self.world.start_cloud(init=False)
        self.assertEqual(self.shown(self.world.url), before)


if __name__ == "__main__":
    unittest.main()
