# SPDX-License-Identifier: Apache-2.0
"""Completion scripts and man pages in the real shells and with the real formatter."""
import pathlib
import re
import subprocess
import tempfile
import unittest

from world import Testbed

BED = Testbed()


def tearDownModule():
    BED.close()


class Completion(unittest.TestCase):
    def bash(self, *words):
        """What <Tab> offers behind `words`, the last of which is unfinished."""
        script = BED.dir / "strata.bash"
        script.write_text(BED.strata("completion", "bash").stdout)
        typed = " ".join(f"'{word}'" for word in words)
        done = subprocess.run(["bash", "--norc", "-c", f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _strata; "
                               'printf "%s\\n" "${COMPREPLY[@]}"'], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def fish(self, line):
        script = BED.dir / "strata.fish"
        script.write_text(BED.strata("completion", "fish").stdout)
        done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"], capture_output=True, text=True,
                              env={**BED.env, "HOME": str(BED.dir), "TERM": "dumb"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [offer.split("\t")[0] for offer in done.stdout.splitlines()]

    def zsh(self, *words):
        """The function with a stand-in for compadd, since zsh completes on a terminal only."""
        script = BED.dir / "strata.zsh"
        script.write_text("compdef() { : }\n" + BED.strata("completion", "zsh").stdout)
        typed = " ".join(f"'{word}'" for word in words)
        done = subprocess.run(["zsh", "-f", "-c", f"source {script}; compadd() {{ shift; print -l -- $@ }}; _files() {{ print FILES }}; "
                               f"words=({typed}); CURRENT={len(words)}; _strata"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_bash_offers_nouns_verbs_options_and_values(self):
        self.assertIn("apps", self.bash("strata", ""))
        self.assertEqual(self.bash("strata", "bund"), ["bundle"])
        self.assertIn("create", self.bash("strata", "apps", ""))
        self.assertIn("list", self.bash("strata", "devices", "configs", ""))
        self.assertIn("--page-token", self.bash("strata", "apps", "list", "--page"))
        self.assertEqual(self.bash("strata", "apps", "list", "-o", "j"), ["json"])
        self.assertEqual(self.bash("strata", "apps", "create", "fil"), [])

    def test_arguments_do_not_hide_the_verb(self):
        self.assertIn("--sid", self.bash("strata", "apps", "fetch", "my-app", "--"))

    def test_fish_offers_the_same(self):
        self.assertIn("apps", self.fish("strata "))
        self.assertIn("create", self.fish("strata apps "))
        self.assertIn("--page-token", self.fish("strata apps list --page"))
        self.assertIn("json", self.fish("strata apps list -o "))

    def test_zsh_offers_the_same(self):
        self.assertIn("apps", self.zsh("strata", ""))
        self.assertIn("create", self.zsh("strata", "apps", ""))
        self.assertIn("--page-token", self.zsh("strata", "apps", "list", "--"))
        self.assertIn("json", self.zsh("strata", "apps", "list", "-o", ""))
        self.assertEqual(self.zsh("strata", "apps", "create", "fil"), ["FILES"])


class ManPages(unittest.TestCase):
    def test_the_formatter_has_nothing_to_say(self):
        for program, fewest in (("strata", 40), ("strata-cloud", 15), ("strata-device", 5)):
            with self.subTest(program), tempfile.TemporaryDirectory() as directory:
                subprocess.run([BED.bin / program, "man", "--out", directory], check=True)
                pages = sorted(pathlib.Path(directory).iterdir())
                self.assertGreaterEqual(len(pages), fewest)
                for page in pages:
                    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", str(page)], capture_output=True, text=True)
                    self.assertEqual((done.returncode, done.stderr), (0, ""), page.name)
                    text = re.sub(".\x08", "", done.stdout)
                    self.assertIn("EXIT STATUS", text, page.name)
                    self.assertTrue("EXAMPLES" in text or "VERBS" in text or page.name == "strata-help.1", page.name)

    def test_a_wrong_command_line_has_a_code_and_names_the_help(self):
        for program, words, help_words in (("strata-cloud", ["serve"], "strata-cloud serve --help"), ("strata-cloud", ["ca", "prepare", "--x"], "ca prepare --help"),
                                           ("strata-cloud", [], "strata-cloud --help"), ("strata-device", ["run"], "strata-device run --help"),
                                           ("strata-device", ["walk"], "strata-device --help")):
            with self.subTest(program=program, words=words):
                done = subprocess.run([BED.bin / program, *words], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertTrue(done.stderr.startswith(f"{program}: error 100 InvalidArgument: "), done.stderr)
                self.assertIn(help_words, done.stderr)

    def test_what_is_not_there_has_a_code(self):
        for program, words, code in (("strata-cloud", ["serve", "--data", "/none"], "103 NotFound"), ("strata-cloud", ["accounts", "list", "--data", "/none"], "103 NotFound"),
                                     ("strata-cloud", ["init", "--data", "/proc/none"], "108 Io"), ("strata-device", ["status", "--dir", "/none"], "10")):
            with self.subTest(program=program, words=words):
                done = subprocess.run([BED.bin / program, *words], capture_output=True, text=True)
                self.assertEqual(done.returncode, 1)
                self.assertTrue(done.stderr.startswith(f"{program}: error {code}"), done.stderr)


if __name__ == "__main__":
    unittest.main()
