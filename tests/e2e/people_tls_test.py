# SPDX-License-Identifier: Apache-2.0
"""serve --tls-cert and --tls-key: a certificate from elsewhere for people, read again on SIGHUP; devices keep the cloud's own."""
import signal
import ssl
import subprocess
import unittest
import urllib.request

from world import Testbed


class PeopleTls(unittest.TestCase):
    def setUp(self):
        self.world = Testbed()
        self.addCleanup(self.world.close)
        self.cert, self.key = self.world.dir / "people.pem", self.world.dir / "people.key"

    def issue(self, name):
        """A self-signed certificate in the files; a copy of it to trust."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90",
                        "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.cert],
                       check=True, capture_output=True)
        copy = self.world.dir / f"{name}.pem"
        copy.write_bytes(self.cert.read_bytes())
        return copy

    def healthy(self, ca):
        try:
            with urllib.request.urlopen(f"{self.world.url}/healthz", timeout=10, context=ssl.create_default_context(cafile=ca)) as answer:
                return answer.status == 200
        except urllib.error.URLError as error:
            self.assertIsInstance(error.reason, ssl.SSLCertVerificationError)
            return False

    def test_people_see_it_devices_do_not_and_a_hangup_reads_it_again(self):
        first = self.issue("first")
        self.world.serve_options = ["--tls-cert", self.cert, "--tls-key", self.key]
        self.world.start_cloud()
        cloud = self.world.cloud
        self.assertTrue(self.healthy(first))
        self.assertFalse(self.healthy(self.world.cloud_dir / "ca.pem"))
        env = self.world.cloud_dir / "account.env"
        env.write_text(env.read_text().replace(str(self.world.cloud_dir / "ca.pem"), str(first)))
        self.world.login()
        device = self.world.provision("kitchen").start()
        device.process.wait_for("state ")

        second = self.issue("second")
        cloud._child.send_signal(signal.SIGHUP)
        cloud.wait_for(r'"job":"certificate","expires":')
        self.assertTrue(self.healthy(second))
        self.assertFalse(self.healthy(first))

        self.key.write_text("no key")
        cloud._child.send_signal(signal.SIGHUP)
        cloud.wait_for(r'"failure":".*people.key is not the key of .*people.pem"')
        self.assertTrue(self.healthy(second), "the one before stays")

        self.key.unlink()
        self.key.mkdir()
        seen = len(cloud.lines)
        cloud._child.send_signal(signal.SIGHUP)
        cloud.wait_for(r'"failure":"', start=seen)
        self.assertTrue(self.healthy(second), "the one before stays")
        self.assertTrue(cloud.running())

    def test_files_that_cannot_be_used_are_named(self):
        self.world.start_cloud()
        self.world.cloud.stop()
        serve = [self.world.bin / "strata-cloud", "serve", "--data", self.world.cloud_dir, "--listen", "127.0.0.1:0", "--device-listen",
                 "127.0.0.1:0"]
        alone = self.world.run([*serve, "--tls-cert", self.cert], check=False)
        self.assertNotEqual(alone.returncode, 0)
        self.assertIn("--tls-key", alone.stderr)
        missing = self.world.run([*serve, "--tls-cert", self.cert, "--tls-key", self.key], check=False)
        self.assertEqual(missing.returncode, 2)
        self.assertIn(f"{self.cert} can't be read", missing.stderr)
        self.issue("good")
        other = self.key.read_text()
        self.issue("other")
        self.key.write_text(other)
        unfit = self.world.run([*serve, "--tls-cert", self.cert, "--tls-key", self.key], check=False)
        self.assertEqual(unfit.returncode, 2)
        self.assertIn("the certificate for people can't be used", unfit.stderr)


if __name__ == "__main__":
    unittest.main()
