# SPDX-License-Identifier: Apache-2.0
"""make demo KEEP=1: what it prints leads to the console of a cloud that runs, and Ctrl-C leaves nothing behind."""
import pathlib
import re
import signal
import ssl
import unittest
import urllib.parse
import urllib.request

from world import ROOT, Process


class Demo(unittest.TestCase):
    def test_kept_running_it_prints_the_consoles_url_and_who_may_sign_in(self):
        demo = Process([ROOT / "tools/demo/demo", "--keep"])
        self.addCleanup(demo.stop)
        url = demo.wait_for(r"console +(https://\S+/console/)$", timeout=300)[1]
        sid = demo.wait_for(r"account SID +(AC\w+)$")[1]
        token_file = pathlib.Path(demo.wait_for(r"token file +(\S+)")[1])
        bundles = pathlib.Path(demo.wait_for(r"bundles +(\S+)/blink-v1\.zip")[1])
        demo.wait_for(r"^Ctrl-C ends it")
        token = re.search(r"STRATA_AUTH_TOKEN=[\"']?(\w+)", token_file.read_text())[1]
        trust = ssl.create_default_context(cafile=re.search(r"STRATA_CA_FILE=[\"']?([^\"'\n]+)", token_file.read_text())[1])
        with urllib.request.urlopen(url, context=trust) as page:
            self.assertIn("<title>Strata", page.read().decode())
        session = urllib.request.Request(url + "session", headers={"Strata-Console": "1"},
                                         data=urllib.parse.urlencode({"Sid": sid, "Secret": token}).encode())
        with urllib.request.urlopen(session, context=trust) as answer:
            self.assertEqual(answer.status, 200)
        for version in (1, 2, 3):
            self.assertTrue((bundles / f"blink-v{version}.zip").is_file())
        self.assertEqual(demo.stop(signal.SIGINT), 0)
        self.assertFalse(bundles.exists())


if __name__ == "__main__":
    unittest.main()
