# SPDX-License-Identifier: Apache-2.0
"""The verbs of the CLI beyond apps and devices, against a real cloud: configs, secrets, API keys, accounts."""
import os
import stat
import unittest

from world import World

W = None


def setUpModule():
    global W
    W = World()


def tearDownModule():
    W.close()


class Settings(unittest.TestCase):
    """The same story for the four nouns, each verb once in each spelling."""

    def setUp(self):
        self.board = W.provision(f"settings-{self.id().rsplit('.', 1)[-1]}")

    def verb(self, noun, verb, *more, theirs=False, **how):
        nouns = noun.split()
        device = ["--device-sid", self.board.sid] if nouns[0] == "devices" else []
        command = [":".join(["api", "microvisor", "v1", *nouns, verb])] if theirs else [*nouns, verb]
        return W.strata(*command, *device, *more, **how)

    def story(self, noun):
        secret = noun.endswith("secrets")
        for theirs in (False, True):
            key = f"wifi/{noun.replace(' ', '-')}.json"
            self.verb(noun, "create", "--key", key, "--value", "hush-hush 1", theirs=theirs)
            twice = self.verb(noun, "create", "--key", key, "--value", "x", theirs=theirs, check=False)
            self.assertEqual(twice.returncode, 20, twice.stderr)
            self.assertIn("20409", twice.stderr)
            self.assertIn(key, self.verb(noun, "list", theirs=theirs).stdout)
            updated = self.verb(noun, "update", "--key", key, "--value-file", "-", theirs=theirs, stdin="hush-hush 2\n")
            fetched = self.verb(noun, "fetch", "--key", key, "-o", "json", theirs=theirs)
            shown = updated.stdout + updated.stderr + fetched.stdout + fetched.stderr
            self.assertEqual("hush-hush 2" in shown, not secret, shown)
            self.assertRegex(fetched.stdout, r'"date(Updated|Rotated)": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z"')
            removed = self.verb(noun, "remove", "--key", key, theirs=theirs)
            self.assertEqual((removed.stdout, removed.stderr), ("", "The resource was deleted successfully\n"))
            self.assertEqual(self.verb(noun, "remove", "--key", key, theirs=theirs, check=False).returncode, 20)
            empty = self.verb(noun, "list", theirs=theirs)
            self.assertEqual((empty.stdout, empty.stderr), ("", "No results\n"))

    def test_configs_of_the_account(self):
        self.story("configs")

    def test_secrets_of_the_account(self):
        self.story("secrets")

    def test_configs_of_a_device(self):
        self.story("devices configs")

    def test_secrets_of_a_device(self):
        self.story("devices secrets")

    def test_logging_and_restart_are_switched_through_the_cli(self):
        W.strata("devices", "update", "--sid", self.board.sid, "--logging-enabled")
        self.assertTrue(W.strata_json("devices", "fetch", "--sid", self.board.sid)["logging"]["enabled"])
        W.strata("api:microvisor:v1:devices:update", "--sid", self.board.sid, "--no-logging-enabled", "--restart-app")
        self.assertFalse(W.strata_json("devices", "fetch", "--sid", self.board.sid)["logging"]["enabled"])


class Filters(unittest.TestCase):
    def test_tags_and_filters_narrow_the_list(self):
        first, second = W.provision("filter-1"), W.provision("filter-2")
        W.strata("devices", "update", "--sid", first.sid, "--tag", "workshop", "--tag", "left wall")
        W.strata("devices", "update", "--sid", second.sid, "--tag", "workshop")
        sid = W.upload(W.bundle("blink-v1"), "filter-app")
        W.strata("devices", "update", "--sid", second.sid, "--target-app", sid)

        def listed(*filters):
            return {device["sid"] for device in W.strata_list("devices", "list", *filters)}

        self.assertEqual(listed("--tag", "workshop"), {first.sid, second.sid})
        self.assertEqual(listed("--tag", "left wall"), {first.sid})
        self.assertEqual(listed("--name", "filter-", "--state", "pending"), {second.sid})
        self.assertEqual(listed("--app", "filter-app"), {second.sid})
        self.assertEqual(listed("--tag", "workshop", "--silent-since", "0s", "--page-size", "1", "--no-limit"), {first.sid, second.sid})
        self.assertEqual(W.strata_json("devices", "fetch", "--sid", first.sid)["tags"], ["left wall", "workshop"])
        W.strata("devices", "update", "--sid", first.sid, "--no-tags")
        self.assertEqual(listed("--tag", "workshop"), {second.sid})


class ApiKeys(unittest.TestCase):
    def test_a_key_does_what_its_scopes_allow_until_it_is_revoked(self):
        env_file = W.dir / "reader.env"
        made = W.strata("api-keys", "create", "--scopes", "read", "--friendly-name", "dashboard", "--env-out", env_file)
        self.assertEqual(stat.S_IMODE(env_file.stat().st_mode), 0o600)
        values = dict(line.removeprefix("export ").split("=", 1) for line in env_file.read_text().splitlines())
        values = {name: value.strip("'") for name, value in values.items()}
        self.assertNotIn(values["STRATA_API_SECRET"], made.stdout + made.stderr)
        env = {**os.environ, **values, "STRATA_CONFIG_DIR": str(W.dir / "nobody")}
        W.strata("apps", "list", env=env)
        refused = W.strata("configs", "create", "--key", "k", "--value", "v", env=env, check=False)
        self.assertEqual(refused.returncode, 20)
        self.assertIn("20006", refused.stderr)
        listed = {key["sid"]: key for key in W.strata_list("api-keys", "list")}
        self.assertEqual(listed[values["STRATA_API_KEY"]]["scopes"], ["read"])
        W.strata("api-keys", "revoke", "--sid", values["STRATA_API_KEY"])
        gone = W.strata("apps", "list", env=env, check=False)
        self.assertEqual(gone.returncode, 20)
        self.assertIn("20003", gone.stderr)


class Accounts(unittest.TestCase):
    def test_the_account_shows_what_it_uses(self):
        account = W.strata_json("accounts", "fetch")
        self.assertEqual(account["sid"], W.account()["STRATA_ACCOUNT_SID"])
        self.assertIn("apps_limit", account["usage"])

    def test_development_signing_signs_unsigned_uploads_while_it_is_on(self):
        raw = W.bundle("blink-v1", "--unsigned")
        refused = W.strata("apps", "create", raw, check=False)
        self.assertEqual(refused.returncode, 65, refused.stderr)
        account = W.strata_json("accounts", "update", "--development-signing", "on")
        self.assertTrue(account["developmentSigning"])
        board = W.board("for-development", "--development")
        signed = W.dir / "signed-by-the-cloud.zip"
        app = W.strata_json("apps", "create", raw, "--bundle-out", signed)
        key = W.dir / "development.pub"
        key.write_text(account["developmentSigner"]["public_key"])
        W.strata("bundle", "verify", signed, "--key", key)
        W.deploy(board, app["sid"])
        W.strata("accounts", "update", "--development-signing", "off")
        self.assertEqual(W.strata("apps", "create", raw, check=False).returncode, 65)
        board.stop()


if __name__ == "__main__":
    unittest.main()
