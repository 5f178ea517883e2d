# SPDX-License-Identifier: Apache-2.0
"""Every command of the product page as printed there, through the `twilio` link, in a shell."""
import json
import os
import subprocess
import unittest

from world import HARDWARE, World

W = None


def setUpModule():
    global W
    W = World()


def tearDownModule():
    W.close()


def shell(command, check=True):
    """Runs `command` as typed, with the compat directory first on PATH."""
    env = {**W.env, "PATH": f"{W.bin.parent / 'compat'}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=env, timeout=120)
    if check and done.returncode != 0:
        raise AssertionError(f"{command}\n{done.returncode}: {done.stdout}{done.stderr}")
    return done


class PageCommands(unittest.TestCase):
    def test_bundle_create_list_name_and_remove(self):
        build = W.dir / "Microvisor-Demo-CMSIS-Freertos/build/Demo"
        build.mkdir(parents=True)
        (build / "mv-freertos-cmsis-demo.bin").write_bytes(bytes(range(256)) * 64)
        path = "Microvisor-Demo-CMSIS-Freertos/build/Demo/mv-freertos-cmsis-demo"
        done = shell(f"cd {W.dir} && twilio microvisor:apps:bundle {path}.bin \\\n{path}.zip")
        self.assertIn(f"Bundle written to file: {path}.zip", done.stdout)
        created = json.loads(shell(f"cd {W.dir} && twilio microvisor:apps:create {path}.zip -o json").stdout)[0]
        self.assertRegex(created["sid"], r"^KA[0-9a-f]{32}$")
        listed = shell("twilio api:microvisor:v1:apps:list").stdout
        self.assertIn("SID", listed.splitlines()[0])
        self.assertIn(created["sid"], listed)
        named = json.loads(shell(f"cd {W.dir} && twilio microvisor:apps:create {path}.zip my-unique-name -o json").stdout)[0]
        self.assertEqual(named["uniqueName"], "my-unique-name")
        shell("twilio api:microvisor:v1:apps:remove --sid my-unique-name")
        shell(f"twilio api:microvisor:v1:apps:remove --sid {created['sid']}")
        self.assertNotIn(created["sid"], shell("twilio api:microvisor:v1:apps:list").stdout)

    def test_deploy_list_retarget_and_refused_deletion(self):
        old = W.upload(W.bundle("blink-v1"), "page-old")
        new = W.upload(W.bundle("blink-v2"), "page-new")
        device = W.board("page-device")
        shell(f"export MV_DEVICE_SID={device.sid}\ntwilio api:microvisor:v1\\:devices:update --sid $MV_DEVICE_SID \\\n--target-app page-new")
        self.assertIn(device.sid, shell("twilio api:microvisor:v1\\:devices:list").stdout)
        W.deploy(device, new)
        refused = shell(f"twilio api:microvisor:v1:apps:remove --sid {new}", check=False)
        self.assertEqual(refused.returncode, 65, refused.stderr)
        self.assertIn(device.sid, refused.stderr)
        # The page's own sample, which forgot ":update".
        shell(f"twilio api:microvisor:v1\\:devices \\\n--sid {device.sid} \\\n--target-app page-old")
        W.deploy(device, old)
        self.assertEqual(W.device_app(device)["reported_sid"], old)
        shell(f"twilio api:microvisor:v1:apps:remove --sid {new}")
        device.stop()

    def test_curl_uploads_as_the_originals_documents_said(self):
        zip_path = W.bundle("blink-v1")
        account = W.account()
        done = shell(f"curl -sS --cacert {account['STRATA_CA_FILE']} -X POST {W.url}/v1/Apps -H 'Content-Type: multipart/form-data' "
                     f"-F File=@{zip_path} -F 'UniqueName=by curl' -u {account['STRATA_ACCOUNT_SID']}:{account['STRATA_AUTH_TOKEN']}")
        app = json.loads(done.stdout)
        self.assertEqual(app["unique_name"], "by curl")
        self.assertRegex(app["date_created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(app["hash"][:7], "sha256:")


if __name__ == "__main__":
    unittest.main()
