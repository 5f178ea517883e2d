# SPDX-License-Identifier: Apache-2.0
"""What the three programs say of themselves: each example of each help is a command line that they take."""
import re
import shlex
import unittest

from world import Testbed

BED = Testbed()
PROGRAMS = ("strata", "strata-cloud", "strata-device")
ELSEWHERE = ("serve", "conformance")  # they would run for long; other tests start them as documented


def tearDownModule():
    BED.close()


def run(program, *words, check=False, **more):
    return BED.run([BED.bin / program, *words], check=check, **more)


def helps(*command):
    """Each command below `command` with its help."""
    text = run(*command, "--help", check=True).stdout
    yield command, text
    listed = re.search(r"^Subcommands:\n((?:  .*\n)*)", text, re.M)
    for line in re.findall(r"^  (\S.*)", listed[1], re.M) if listed else ():
        yield from helps(*command, line.split()[0].rstrip(","))


def examples(text):
    """The command lines behind the help's last heading, without what the shell takes."""
    text = re.sub(r"\$\(.*?\)", "x", re.split(r"^Examples?:\n", text, flags=re.M)[-1].replace("\\\n", " "))
    return [re.split(r" [>|&] ", line.strip())[0] for line in text.splitlines() if line.strip().startswith(PROGRAMS)]


class Help(unittest.TestCase):
    def test_each_example_is_a_command_line_that_is_taken(self):
        place = BED.dir / "examples"
        place.mkdir()
        away = {**BED.env, "HOME": str(place), "STRATA_CONFIG_DIR": str(place / "config"), "STRATA_URL": "https://127.0.0.1:1",
                "STRATA_ACCOUNT_SID": "AC" + "0" * 32, "STRATA_AUTH_TOKEN": "0" * 32}
        seen = set()
        for program in PROGRAMS:
            for command, text in helps(program):
                found = examples(text)
                self.assertTrue(found or "Subcommands:" in text, f"{' '.join(command)} has no example")
                for line in set(found) - seen:
                    seen.add(line)
                    words = shlex.split(line)
                    if words[1] in ELSEWHERE:
                        continue
                    # Nothing is there for it to work on: it fails, but not at its command line.
                    done = BED.run(["env", "-C", place, BED.bin / words[0], *words[1:]], check=False, env=away, stdin="")
                    wrong = done.returncode == 2 or "; usage: " in done.stderr
                    self.assertFalse(wrong, f"{' '.join(command)}: {line}: {done.stderr}")
        self.assertGreater(len(seen), 80)

    def test_a_word_that_is_nothing_is_named(self):
        for program, *words, unknown in (("strata-cloud", "acounts", "list", "acounts"), ("strata-cloud", "init", "--dta", "x", "--dta"),
                                         ("strata-cloud", "accounts", "lst", "lst"), ("strata-device", "stop", "stop"),
                                         ("strata-device", "run", "--drectory", "x", "--drectory"), ("strata", "app", "list", "app")):
            done = run(program, *words)
            self.assertIn(done.returncode, (1, 2))
            self.assertRegex(done.stderr, f"there is no command( or option)? '{unknown}'")


if __name__ == "__main__":
    unittest.main()
