#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the tree to the dependency rule of docs/architecture.md.

Reads every #include of tracked C++ files. An include of another module that ALLOWED does not name is an error, and so
is a header that a module may not even use. Tests may include anything. Also: every source is in some CMakeLists.txt.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# from: modules it may include (a module may always include itself)
ALLOWED = {
    "core": [],
    "format/manifest": ["core"],
    "format/wire": ["core"],
    "format/bundle": ["core"],
    "engine/ports": ["core"],
    "engine": ["core", "format/manifest", "format/wire", "engine/ports"],
    "platform/psa": ["core", "engine/ports"],
    "manual": [],
    "platform/linux": ["core", "format/wire", "engine", "engine/ports", "platform/psa", "manual"],
    "platform/mps2_an505": ["core", "format/wire", "engine", "engine/ports", "platform/psa"],
    "sim": ["core", "format/manifest", "format/wire", "format/bundle", "engine", "engine/ports"],
    "cloud/domain": ["core", "format/wire", "format/bundle"],
    "cloud/store": ["core", "cloud/domain"],
    "cloud/blobs": ["core", "cloud/domain"],
    "cloud/pki": ["core", "cloud/domain"],
    "cloud/jobs": ["core", "cloud/domain"],
    "cloud/backup": ["core"],
    "cloud/http": ["core", "cloud/domain"],
    "cloud/main": ["core", "format/bundle", "cloud/domain", "cloud/store", "cloud/blobs", "cloud/pki",
                   "cloud/jobs", "cloud/backup", "cloud/http", "manual"],
    "conformance": ["core", "format/wire", "format/bundle", "cloud/pki"],
    "cli": ["core", "format/wire", "format/bundle", "sim", "conformance", "manual"],
    "bench": ["core", "format/wire", "format/bundle", "engine", "engine/ports", "sim", "platform/psa"],
}

NO_HOST = r"<(iostream|fstream|sstream|thread|mutex|filesystem|chrono|string|vector|map|set|functional|stdexcept|unistd\.h|sys/.*|time\.h|ctime)>"
BANNED = {
    "core": NO_HOST,
    "format/manifest": NO_HOST + r"|<(openssl|google|mbedtls|psa)/.*>",
    "format/wire": NO_HOST + r"|<(openssl|google|mbedtls|psa)/.*>",
    "engine/ports": NO_HOST,
    "engine": NO_HOST + r"|<(openssl|google|mbedtls|psa|curl)/.*>|<zip\.h>",
    "platform/psa": r"<(openssl|google)/.*>",
    "platform/linux": r"<(openssl|google|sqlite3)/.*>|<zip\.h>",
    "sim": r"<(thread|chrono)>|<sys/socket\.h>",
    "format/bundle": r"<(unistd\.h|fcntl\.h|sys/.*|fstream|filesystem|curl/.*|sqlite3\.h)>",
    "cloud/domain": r"<(boost|sqlite3|curl|openssl)/?.*>|<chrono>",
    "cloud/http": r"<sqlite3\.h>",
    "cloud/store": r"<boost/.*>",
    "cloud/blobs": r"<boost/.*>|<sqlite3\.h>",
    "conformance": r"<(boost|sqlite3|curl|google|mbedtls|psa)[/.].*>",
    "cli": r"<(boost/asio|boost/beast)/.*>|<sqlite3\.h>",
}

# Sources that no CMakeLists.txt of their own folders names: the fuzzers' runner (tools/cmake) and what the testbed compiles.
BUILT_ELSEWHERE = {"tests/fuzz/replay_main.cpp", "tools/testbed/clock_offset.cpp", "tools/testbed/storage_faults.cpp"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])')


def module_of(path):
    """The longest module that is a prefix of the path."""
    text = path.as_posix()
    found = [m for m in ALLOWED if text.startswith(m + "/")]
    return max(found, key=len) if found else None


def module_of_include(target):
    if not target.startswith('"strata/'):
        return None
    inner = target[len('"strata/'):-1]
    return module_of(pathlib.Path(inner))


def is_test(path):
    return path.stem.endswith(("_test", "_fuzz")) or "device_test" in path.parts


def check_includes(files):
    problems = []
    for path in files:
        module = module_of(path)
        if module is None or is_test(path):
            continue
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1)
            other = module_of_include(target)
            if other and other != module and other not in ALLOWED[module]:
                problems.append(f"{path}:{number}: {module} may not include {other}")
            if module in BANNED and re.fullmatch(BANNED[module], target):
                problems.append(f"{path}:{number}: {module} may not use {target}")
    return problems


def check_in_build(files):
    """Every source file is named in the CMakeLists.txt of its folder or of one above it."""
    problems = []
    for path in files:
        if path.suffix != ".cpp":
            continue
        named = False
        for folder in [path.parent, *path.parent.parents]:
            lists = ROOT / folder / "CMakeLists.txt"
            if lists.exists() and path.name in lists.read_text():
                named = True
                break
        if not named and path.as_posix() not in BUILT_ELSEWHERE:
            problems.append(f"{path}: is in no CMakeLists.txt")
    return problems


def main():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*.cpp", "*.hpp", "*.h", "*.c"],
                            check=True, capture_output=True, text=True).stdout.split()
    files = [pathlib.Path(name) for name in listed if (ROOT / name).exists()]
    problems = check_includes(files) + check_in_build(files)
    for problem in problems:
        print(problem)
    print(f"dependencies: {len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
