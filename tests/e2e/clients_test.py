# SPDX-License-Identifier: Apache-2.0
"""The original's published clients, unmodified, against our cloud: the twilio library and twilio-cli from npm, curl and the
product page's bulk-delete program. Their host names are built in; a proxy leads these names to the cloud."""
import base64
import hashlib
import json
import os
import subprocess
import unittest

from world import ROOT, World
from name_proxy import NameProxy

HOSTS = ["microvisor.twilio.com", "microvisor-upload.twilio.com"]
MODULES = ROOT / "build/clients/node_modules"
DAY = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$"  # as JavaScript prints a date that had no fraction
W = None
proxy = None


class Clients(unittest.TestCase):
    """Each class has an account of its own."""

    @classmethod
    def setUpClass(cls):
        global W, proxy
        W = World(hostnames=HOSTS)
        host, port = W.url.split("//")[1].rsplit(":", 1)
        proxy = NameProxy(HOSTS, host, int(port))

    @classmethod
    def tearDownClass(cls):
        proxy.close()
        W.close()


def run(*command, check=True, **more):
    """A client that knows nothing of Strata: the account, a proxy and a certificate authority."""
    account = W.account()
    env = {**{k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")},
           "HOME": str(W.dir), "TZ": "UTC", "HTTP_PROXY": proxy.url, "HTTPS_PROXY": proxy.url,
           "TWILIO_ACCOUNT_SID": account["STRATA_ACCOUNT_SID"], "TWILIO_AUTH_TOKEN": account["STRATA_AUTH_TOKEN"],
           "NODE_EXTRA_CA_CERTS": account["STRATA_CA_FILE"], "REQUESTS_CA_BUNDLE": account["STRATA_CA_FILE"],
           "CURL_CA_BUNDLE": account["STRATA_CA_FILE"], **more}
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=env, timeout=120, stdin=subprocess.DEVNULL)
    if check and done.returncode != 0:
        raise AssertionError(f"{command}\n{done.returncode}: {done.stdout}{done.stderr}")
    return done


def upload(zip_path, name=None):
    """As the page does it, with curl."""
    account = W.account()
    config = W.dir / "curlrc"
    config.write_text(f'user = "{account["STRATA_ACCOUNT_SID"]}:{account["STRATA_AUTH_TOKEN"]}"\n')
    config.chmod(0o600)
    fields = ["-F", f"UniqueName={name}"] if name else []
    done = run("curl", "-sS", "--fail-with-body", "-K", config, "-H", "Content-Type: multipart/form-data", "-F", f"File=@{zip_path}", *fields,
               "https://microvisor-upload.twilio.com/v1/Apps")
    return json.loads(done.stdout)


def twilio(command, *options, check=True):
    return run(MODULES / ".bin/twilio", f"api:microvisor:v1:{command}", *options, check=check)


def twilio_json(command, *options):
    return json.loads(twilio(command, *options, "-o", "json").stdout)


class Library(Clients):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.zip = W.bundle("blink-v1")
        cls.old = upload(cls.zip, "library old")
        cls.new = upload(W.bundle("blink-v2"))
        cls.device = W.provision("library", "mps2-an505")
        done = run("node", ROOT / "tests/clients/every_call.js", MODULES, "library old", cls.device.sid)
        cls.seen = json.loads(done.stdout)

    def test_apps_are_listed_newest_first_and_paged_both_ways(self):
        sids = [app["sid"] for app in self.seen["apps"]]
        self.assertEqual(sids, [self.new["sid"], self.old["sid"]])
        self.assertEqual([app["sid"] for app in self.seen["limited"]], sids[:1])
        self.assertEqual(self.seen["each"], sids)
        self.assertEqual(self.seen["pages"], [sids[:1], sids[1:], sids[:1]])
        self.assertEqual(self.seen["pageByUrl"], sids[1:])

    def test_an_app_is_found_by_sid_and_by_name_with_every_field(self):
        app = self.seen["appByName"]
        self.assertEqual(self.seen["appBySid"]["sid"], self.new["sid"])
        self.assertEqual((app["sid"], app["uniqueName"]), (self.old["sid"], "library old"))
        self.assertRegex(app["hash"], r"^sha256:[0-9a-f]{64}$")
        for date in ("dateCreated", "dateUpdated"):
            self.assertRegex(app[date], DAY)
        self.assertEqual(app["url"], f"https://microvisor.twilio.com/v1/Apps/{app['sid']}")
        self.assertEqual(app["links"]["app_manifests"], app["url"] + "/Manifest")

    def test_the_manifest_is_the_bundles(self):
        manifest = self.seen["manifest"]
        encoded = base64.b64decode(manifest["encodedBytes"])
        self.assertEqual(manifest["hash"], "sha256:" + hashlib.sha256(encoded).hexdigest())
        self.assertEqual(manifest["appSid"], self.old["sid"])

    def test_device_is_renamed_targeted_logged_and_restarted(self):
        self.assertEqual([device["sid"] for device in self.seen["devices"]], [self.device.sid])
        self.assertEqual(self.seen["device"]["app"]["update_status"], "up-to-date")
        self.assertEqual(self.seen["byName"]["sid"], self.device.sid)
        app = self.seen["targeted"]["app"]
        self.assertEqual((app["target_sid"], app["update_status"], app["update_error_code"]), (self.old["sid"], "pending", 0))
        self.assertTrue(self.seen["logging"]["logging"]["enabled"])
        self.assertRegex(self.seen["logging"]["logging"]["date_expires"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(self.seen["noLogging"]["logging"], {"enabled": False, "date_expires": None})
        self.assertEqual(self.seen["restarted"]["app"]["target_sid"], self.old["sid"])
        self.assertEqual(self.seen["wrongTarget"]["status"], 400)

    def test_configs_are_created_read_changed_and_removed(self):
        for kind in ("accountConfigs", "deviceConfigs"):
            found = self.seen[kind]
            self.assertEqual((found["created"]["key"], found["created"]["value"]), ("a key/with a slash", "first"))
            self.assertEqual(found["twice"]["status"], 409, found)
            self.assertEqual({item["key"] for item in found["list"]}, {"a key/with a slash", "other"})
            self.assertEqual(found["fetched"]["value"], "x" * 4096)
            self.assertEqual(found["fetchedAgain"]["value"], "second")
            self.assertRegex(found["updated"]["dateUpdated"], DAY)
            self.assertIs(found["removed"], True)
            self.assertEqual(found["gone"]["status"], 404)
            self.assertEqual(found["tooLong"]["status"], 400)
        self.assertEqual(self.seen["deviceConfigs"]["created"]["deviceSid"], self.device.sid)

    def test_secrets_are_never_told(self):
        for kind in ("accountSecrets", "deviceSecrets"):
            found = self.seen[kind]
            self.assertNotIn("first", json.dumps(found))
            self.assertRegex(found["created"]["dateRotated"], DAY)
            self.assertEqual({item["key"] for item in found["list"]}, {"a key/with a slash", "other"})
            self.assertIs(found["removed"], True)
            self.assertEqual((found["twice"]["status"], found["gone"]["status"]), (409, 404))

    def test_errors_have_status_code_message_and_more(self):
        unknown = self.seen["unknownApp"]
        self.assertEqual((unknown["status"], unknown["code"]), (404, 20404))
        self.assertIn("/v1/Apps/KA0000", unknown["message"])
        self.assertTrue(unknown["moreInfo"])
        self.assertEqual((self.seen["wrongToken"]["status"], self.seen["wrongToken"]["code"]), (401, 20003))

    def test_an_app_is_removed_unless_a_device_has_it(self):
        self.assertEqual(self.seen["removeDeployed"]["status"], 400)
        self.assertIs(self.seen["removed"], True)


class CommandLine(Clients):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.apps = [upload(W.bundle("blink-v1"), f"cli-{n}")["sid"] for n in range(3)]
        cls.device = W.provision("cli", "mps2-an505")

    def test_lists_are_followed_from_page_to_page(self):
        listed = twilio_json("apps:list", "--page-size", "1")
        self.assertEqual([app["sid"] for app in listed if app["uniqueName"] != "cli spare"], self.apps[::-1])
        self.assertIn("cli-0", twilio("apps:list").stdout)
        self.assertEqual(len(twilio_json("apps:list", "--limit", "2")), 2)

    def test_app_and_manifest_are_fetched_and_removed(self):
        spare = upload(W.bundle("blink-v1"), "cli spare")
        app = twilio_json("apps:fetch", "--sid", "cli spare")[0]
        self.assertEqual(app["sid"], spare["sid"])
        self.assertRegex(app["dateCreated"], DAY)
        manifest = twilio_json("apps:manifest:fetch", "--app-sid", spare["sid"])[0]
        self.assertEqual(manifest["hash"], app["hash"])
        self.assertIn("deleted successfully", twilio("apps:remove", "--sid", spare["sid"]).stderr)
        gone = twilio("apps:fetch", "--sid", spare["sid"], check=False)
        self.assertEqual(gone.returncode, 20, gone.stderr)

    def test_device_is_updated(self):
        self.assertIn(self.device.sid, [device["sid"] for device in twilio_json("devices:list")])
        updated = twilio_json("devices:update", "--sid", self.device.sid, "--target-app", "cli-0", "--unique-name", "cli device",
                              "--logging-enabled")[0]
        self.assertEqual((updated["app"]["target_sid"], updated["uniqueName"]), (self.apps[0], "cli device"))
        self.assertTrue(updated["logging"]["enabled"])
        self.assertFalse(twilio_json("devices:update", "--sid", self.device.sid, "--no-logging-enabled")[0]["logging"]["enabled"])
        twilio("devices:update", "--sid", self.device.sid, "--restart-app")
        self.assertEqual(twilio_json("devices:fetch", "--sid", "cli device")[0]["sid"], self.device.sid)
        refused = twilio("apps:remove", "--sid", "cli-0", check=False)
        self.assertEqual(refused.returncode, 65)
        self.assertIn("Error code 65004", refused.stderr)

    def test_configs_and_secrets_of_account_and_device(self):
        for noun, scope in (("configs", []), ("secrets", []), ("devices:configs", ["--device-sid", self.device.sid]),
                            ("devices:secrets", ["--device-sid", self.device.sid])):
            key = [*scope, "--key", "cli key/1"]
            created = twilio_json(f"{noun}:create", *key, "--value", "hidden-or-not")[0]
            self.assertEqual(created["key"], "cli key/1")
            self.assertEqual([item["key"] for item in twilio_json(f"{noun}:list", *scope, "--properties", "key")], ["cli key/1"])
            twilio(f"{noun}:update", *key, "--value", "changed")
            fetched = twilio_json(f"{noun}:fetch", *key)[0]
            self.assertEqual(fetched.get("value"), "changed" if noun.endswith("configs") else None)
            self.assertIn("deleted successfully", twilio(f"{noun}:remove", *key).stderr)
            self.assertEqual(twilio(f"{noun}:fetch", *key, check=False).returncode, 20)


class BulkDelete(Clients):
    """The page's program; the apps are two days old for it."""

    def program(self, *options):
        W.set_clock(days=2)
        try:
            return run("python3", ROOT / "tests/clients/bulk_delete.py", *options, **W.clock).stdout
        finally:
            W.clock = {}

    def test_stale_apps_go_and_deployed_ones_stay(self):
        stale = upload(W.bundle("blink-v1"), "stale")
        kept = upload(W.bundle("blink-v2"), "deployed")
        device = W.provision("bulk", "mps2-an505")
        W.strata("devices", "update", "--sid", device.sid, "--target-app", kept["sid"])
        listed = self.program("--list")
        self.assertIn("stale STALE", listed)
        self.assertNotIn("DELETED", listed)
        deleted = self.program("--delete")
        self.assertIn(f"{stale['sid']} DELETED", deleted)
        self.assertIn(f"{kept['sid']} NOT DELETED (DEPLOYED TO DEVICE {kept['sid']})", deleted)
        left = [app["sid"] for app in W.strata_list("apps", "list")]
        self.assertIn(kept["sid"], left)
        self.assertNotIn(stale["sid"], left)


if __name__ == "__main__":
    unittest.main()
