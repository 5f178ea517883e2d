#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the documents to the tree: links lead somewhere, README's length, requirements name real code and tests."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^(```|~~~)")


def tracked(*patterns):
    out = subprocess.run(["git", "-C", str(ROOT), "ls-files", *patterns], check=True, capture_output=True, text=True)
    return [ROOT / name for name in out.stdout.splitlines() if (ROOT / name).exists()]


def check_links(problems):
    for page in tracked("*.md"):
        fenced = False
        for number, line in enumerate(page.read_text().splitlines(), 1):
            if FENCE.match(line):
                fenced = not fenced
            for link in [] if fenced else LINK.findall(line):
                if "://" not in link and not (page.parent / link).exists():
                    problems.append(f"{page.relative_to(ROOT)}:{number}: no such file: {link}")


def check_readme(problems):
    lines = (ROOT / "README.md").read_text().splitlines()
    if len(lines) > 150:
        problems.append(f"README.md has {len(lines)} lines; 150 are allowed")


def all_test_text():
    return "\n".join(p.read_text() for p in tracked("*_test.cpp", "*_test.py", "*_test.hpp", "*_fuzz.cpp", "*_suite.hpp"))


def check_requirements(problems):
    """Rows: | R12 | "sentence" | code, code | test, test | or `missing` in the last column, with the issue's name."""
    tests = all_test_text()
    rows = 0
    for number, line in enumerate((ROOT / "docs/requirements.md").read_text().splitlines(), 1):
        if not re.match(r"^\| R\d+ \|", line):
            continue
        rows += 1
        where = f"docs/requirements.md:{number}"
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) != 4:
            problems.append(f"{where}: {len(cells)} cells instead of 4")
            continue
        for code in re.findall(r"`([^`]+)`", cells[2]):
            if not (ROOT / code).exists():
                problems.append(f"{where}: no such code: {code}")
        named = re.findall(r"`([^`]+)`", cells[3])
        if not named and "missing" not in cells[3] and "not ours" not in cells[3]:
            problems.append(f"{where}: names no test and is not marked missing")
        for test in named:
            suite, _, name = test.partition(".")
            if (name or suite) not in tests:
                problems.append(f"{where}: no such test: {test}")
    if rows == 0:
        problems.append("docs/requirements.md: no rows")


def check_threat_model(problems):
    """Every `Suite.Name` of the table is a test, every case `name` one of the conformance kit."""
    tests = all_test_text()
    cases = set(re.findall(r"^\| `([a-z0-9-]+)` \|", (ROOT / "docs/spec/conformance.md").read_text(), re.M))
    for number, line in enumerate((ROOT / "docs/threat-model.md").read_text().splitlines(), 1):
        for suite, name in re.findall(r"`(\w+)\.(\w+_\w+)`", line):
            if not re.search(rf"\({suite},\s*{name}\)", tests):
                problems.append(f"docs/threat-model.md:{number}: no such test: {suite}.{name}")
        for listed in re.findall(r"cases? ((?:`[a-z0-9-]+`(?:, )?)+)", line):
            for case in re.findall(r"`([^`]+)`", listed):
                if case not in cases:
                    problems.append(f"docs/threat-model.md:{number}: no such conformance case: {case}")


def main():
    problems = []
    check_links(problems)
    check_readme(problems)
    check_requirements(problems)
    check_threat_model(problems)
    for problem in problems:
        print(problem)
    print(f"documents: {len(tracked('*.md'))} pages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
