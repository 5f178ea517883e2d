# SPDX-License-Identifier: Apache-2.0
"""The audit log, from the change over the API to the proof without a cloud."""
import hashlib
import json
import os
import unittest

from world import Testbed


class Audit(unittest.TestCase):
    def setUp(self):
        self.bed = Testbed()
        self.addCleanup(self.bed.close)
        self.bed.start_cloud().login()
        self.log = self.bed.dir / "log.jsonl"
        self.key = self.bed.cloud_dir / "audit.pub"

    def entries(self, file):
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        return [line for line in lines if "checkpoint" not in line]

    @staticmethod
    def chained_anew(text):
        """The entries, each with the hash that it has now: what anybody can do who has no key."""
        previous = "0" * 64
        for line in text.splitlines():
            if line.startswith('{"checkpoint"'):
                continue
            covered = line[:line.rindex(',"previous_hash":')] + f',"previous_hash":"{previous}"'
            previous = hashlib.sha256(b"strata-audit-v1\0" + covered.encode()).hexdigest()
            yield f'{covered},"hash":"{previous}"}}\n'

    def verify(self, file, *more):
        return self.bed.strata("audit", "verify", file, *more, check=False)

    def test_export_is_whole_and_every_tampering_is_found(self):
        self.bed.strata("configs", "create", "--key", "a", "--value", "tab\there \"é\" \\")
        self.bed.strata("secrets", "create", "--key", "b", "--value", "hush-hush")
        self.bed.strata("configs", "remove", "--key", "a")
        self.bed.strata("audit", "export", self.log)
        self.bed.cloud.stop()
        text = self.log.read_text()
        self.assertNotIn("hush-hush", text)
        actions = [entry["action"] for entry in self.entries(self.log)]
        self.assertEqual(actions[0], "account.create")
        self.assertEqual(actions[-3:], ["config.create", "secret.create", "config.delete"])
        proved = self.verify(self.log, "--key", self.key, "-o", "json")
        self.assertEqual((proved.returncode, proved.stderr), (0, ""))
        self.assertEqual(json.loads(proved.stdout)[0]["signedUpTo"], len(actions))
        lines = text.splitlines(keepends=True)
        for what, tampered in (("changed", text.replace("config.delete", "config.update")), ("removed", "".join(lines[:1] + lines[2:])),
                               ("inserted", "".join(lines[:2] + lines[1:])), ("swapped", "".join([lines[1], lines[0], *lines[2:]]))):
            file = self.bed.dir / "tampered.jsonl"
            file.write_text(tampered)
            self.assertEqual(self.verify(file, "--key", self.key).returncode, 10, what)
        cut = self.bed.dir / "cut.jsonl"
        cut.write_text("".join(lines[:-2]))
        self.assertEqual(self.verify(cut, "--key", self.key).returncode, 20, "nothing in it is signed")
        self.assertEqual(self.verify(cut).returncode, 0)
        self.assertIn("whoever wrote this file could have made all of it", self.verify(cut).stderr)
        cut.write_text("".join(self.chained_anew(text.replace("config.delete", "config.update"))))
        self.assertEqual(self.verify(cut).returncode, 0, "a chain alone proves nothing")
        self.assertEqual(self.verify(cut, "--key", self.key).returncode, 20)
        cut.write_text(cut.read_text() + lines[-1])
        self.assertEqual(self.verify(cut, "--key", self.key).returncode, 10, "the checkpoint names another entry")
        cut.write_text("".join(lines[:-2]))
        self.assertIn("cut off", self.verify(cut, "--key", self.key, "--checkpoint", self.log).stderr)

    def test_local_commands_are_written_down_and_the_log_goes_on(self):
        account = self.bed.account()["STRATA_ACCOUNT_SID"]
        self.bed.strata("audit", "export", self.log)
        self.bed.run([self.bed.bin / "strata-cloud", "accounts", "reset-token", "--data", self.bed.cloud_dir, "--account", account])
        self.bed.run([self.bed.bin / "strata-cloud", "ca", "prepare", "--data", self.bed.cloud_dir])
        self.bed.login()
        later = self.bed.dir / "later.jsonl"
        self.bed.strata("audit", "export", later)
        entries = {entry["action"]: entry for entry in self.entries(later)}
        for action in ("account.reset-token", "ca.prepare"):
            self.assertEqual(entries[action]["actor"], f"local:{os.getuid()}")
        self.assertEqual(self.verify(later, "--key", self.key, "--checkpoint", self.log).returncode, 0)
        listed = self.bed.strata_list("audit", "list", "--action", "account.reset-token")
        self.assertEqual([entry["resource"] for entry in listed], [account])


if __name__ == "__main__":
    unittest.main()
