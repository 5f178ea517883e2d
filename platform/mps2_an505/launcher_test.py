#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the secure launcher in QEMU: with the example applications, and with small hostile ones made here.

Reads STRATA_LIB_DIR (the launcher) and STRATA_EXAMPLES_DIR; ends with 77 (skipped) where they or QEMU are missing.
docs/spec/app-link.md is the contract.
"""
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

QEMU = "qemu-system-arm"
LAUNCHER = pathlib.Path(os.environ.get("STRATA_LIB_DIR", "build/lib/strata")) / "mps2_an505_launcher.elf"
EXAMPLES = pathlib.Path(os.environ.get("STRATA_EXAMPLES_DIR", "build/examples"))

APP_FLASH = 0x00200000
APP_FLASH_BYTES = 2 * 1024 * 1024
CODE_OFFSET = 0x40
STACK = 0x28400000
LAYER_BYTES = 64 * 1024
PATIENCE_S = 20  # of a busy machine; everything here takes well under a second

# Thumb instructions
LDR_R0_LITERAL = [0x4803, 0x4904]  # r0 = first literal, r1 = second literal of hostile()
LOAD = 0x6802  # ldr r2, [r0]
STORE = 0x6001  # str r1, [r0]
JUMP = 0x4700  # bx r0
SET_STACK = 0x4685  # mov sp, r0
MASK_IRQ, MASK_FAULTS = 0xB672, 0xB671  # cpsid i, cpsid f
UNDEFINED = 0xDE00
SUPERVISOR_CALL = 0xDF00
SEMIHOSTING = 0xBEAB
BREAKPOINT = 0xBE00
RETURN = 0x4770
HANG = 0xE7FE
NOP = 0xBF00


def elf_image(path):
    """The loadable bytes of an ELF for the application's flash, gaps 0xff, as the bundle tool makes them."""
    data = path.read_bytes()
    offset, size, count = struct.unpack_from("<I", data, 28) + struct.unpack_from("<HH", data, 42)
    image = bytearray()
    for index in range(count):
        kind, start, _, address, stored = struct.unpack_from("<IIIII", data, offset + index * size)
        if kind != 1 or stored == 0:
            continue
        at = address - APP_FLASH
        image.extend(b"\xff" * (at + stored - len(image)))
        image[at:at + stored] = data[start:start + stored]
    return bytes(image)


def hostile(body, first=0, second=0, stack=STACK, reset=APP_FLASH + CODE_OFFSET + 1, handler=None):
    """An application that loads two words into r0 and r1, then does `body` (at most four instructions), then hangs."""
    vectors = [stack, reset] + [handler or APP_FLASH + CODE_OFFSET + 1] * 14
    code = LDR_R0_LITERAL + body + [HANG]
    code += [NOP] * (8 - len(code))
    return struct.pack("<16I8HII", *vectors, *code, first, second)


class Board:
    """One run of QEMU; UART0 and UART1 go to files, UART3 to a socket."""

    def __init__(self, image):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="strata-launcher-"))
        (self.directory / "internal.bin").write_bytes(image + b"\xff" * (APP_FLASH_BYTES - len(image)))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.directory / "uart3"))
        listener.listen(1)
        listener.settimeout(PATIENCE_S)
        self.errors = open(self.directory / "stderr", "wb")
        self.process = subprocess.Popen(
            [QEMU, "-M", "mps2-an505", "-nodefaults", "-display", "none", "-monitor", "none", "-no-reboot",
             "-kernel", str(LAUNCHER),
             "-device", f"loader,file={self.directory}/internal.bin,addr=0x10200000,force-raw=on",
             "-serial", f"file:{self.directory}/uart0", "-serial", f"file:{self.directory}/uart1",
             "-serial", "null", "-serial", f"unix:{self.directory}/uart3"],
            stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors)
        self.link, _ = listener.accept()
        listener.close()
        self.link.settimeout(PATIENCE_S)
        self.heard = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.link.close()
        self.errors.close()
        shutil.rmtree(self.directory)

    def launcher_lines(self):
        return (self.directory / "uart0").read_text(errors="replace").splitlines()

    def log_lines(self):
        return (self.directory / "uart1").read_text(errors="replace").splitlines()

    def wait_end(self):
        return self.process.wait(timeout=PATIENCE_S)

    def wait_log(self, line):
        deadline = time.monotonic() + PATIENCE_S
        while line not in self.log_lines():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"no '{line}' in {self.log_lines()}; launcher: {self.launcher_lines()}")
            time.sleep(0.02)

    def hear(self):
        """The next line on UART3."""
        while b"\n" not in self.heard:
            received = self.link.recv(256)
            if not received:
                raise AssertionError(f"link closed; launcher: {self.launcher_lines()}")
            self.heard += received
        line, self.heard = self.heard.split(b"\n", 1)
        return line.decode()

    def tell(self, line):
        self.link.sendall(line.encode() + b"\n")


class Examples(unittest.TestCase):
    def test_blink_starts_beats_and_is_ready_after_its_first_heartbeat(self):
        for version in "123":
            with self.subTest(version=version), Board(elf_image(EXAMPLES / f"blink-v{version}.elf")) as board:
                self.assertEqual(board.hear(), "ready")
                board.wait_log(f"blink {version} heartbeat 2")
                log = board.log_lines()
                self.assertEqual(log[0], f"blink {version} started")
                self.assertRegex(log[1], f"^blink {version} pattern ")
                self.assertEqual(log[2], f"blink {version} heartbeat 1")
                self.assertEqual(board.launcher_lines(), ["launcher ready"])

    def test_blink_hears_the_engine(self):
        with Board(elf_image(EXAMPLES / "blink-v1.elf")) as board:
            board.hear()
            board.tell("x" * 200)
            board.tell("no such line")
            board.tell("update-downloaded")
            board.wait_log("blink 1 update downloaded")

    def test_blink_with_a_damaged_table_is_never_ready(self):
        image = bytearray(elf_image(EXAMPLES / "blink-v1.elf"))
        image[LAYER_BYTES + 1000] ^= 1
        with Board(bytes(image)) as board:
            board.wait_log("blink 1 heartbeat 2")
            self.assertIn("blink 1 tables damaged", board.log_lines())
            board.link.settimeout(0.1)
            with self.assertRaises(TimeoutError):
                board.hear()

    def test_blink_versions_share_the_curve_and_have_layers_of_their_own(self):
        images = [elf_image(EXAMPLES / f"blink-v{version}.elf") for version in "123"]
        layers = [[image[at:at + LAYER_BYTES] for at in range(0, len(image), LAYER_BYTES)] for image in images]
        for own in layers:
            self.assertEqual(len(own), 4)
            self.assertEqual(own[1:3], layers[0][1:3])
        for index in (0, 3):
            self.assertEqual(len({own[index] for own in layers}), 3)

    def test_crash_ends_qemu_with_a_fault(self):
        with Board(elf_image(EXAMPLES / "crash.elf")) as board:
            self.assertEqual(board.wait_end(), 0)
            self.assertEqual(board.log_lines(), ["crash started", "crash reads secure memory"])
            self.assertRegex(board.launcher_lines()[1], r"^fault secure access pc=002\w{5} status=00000008$")

    def test_mute_beats_and_says_nothing(self):
        with Board(elf_image(EXAMPLES / "mute.elf")) as board:
            board.wait_log("mute heartbeat 2")
            board.link.settimeout(0.1)
            with self.assertRaises(TimeoutError):
                board.hear()

    def test_polite_defers_and_later_lets_the_update_in(self):
        with Board(elf_image(EXAMPLES / "polite.elf")) as board:
            self.assertEqual(board.hear(), "ready")
            board.tell("update-downloaded")
            self.assertEqual(board.hear(), "defer")
            asked = time.monotonic()
            self.assertEqual(board.hear(), "apply-now")
            self.assertGreater(time.monotonic() - asked, 2.5)


class HostileApps(unittest.TestCase):
    def assert_ends(self, image, expected):
        with Board(image) as board:
            self.assertEqual(board.wait_end(), 0, board.launcher_lines())
            self.assertRegex("\n".join(board.launcher_lines()), expected)

    def test_bad_vector_tables_are_refused(self):
        bad = {
            "erased flash": b"",
            "stack below ram": hostile([], stack=0x28200000),
            "stack above ram": hostile([], stack=STACK + 8),
            "stack in secure memory": hostile([], stack=0x38001000),
            "stack not on 8 bytes": hostile([], stack=STACK - 4),
            "reset without thumb bit": hostile([], reset=APP_FLASH + CODE_OFFSET),
            "reset in secure code": hostile([], reset=0x10000041),
            "reset behind flash": hostile([], reset=APP_FLASH + APP_FLASH_BYTES + 1),
            "reset in the vector table": hostile([], reset=APP_FLASH + 1),
        }
        for name, image in bad.items():
            with self.subTest(name):
                self.assert_ends(image, "^fault bad vector table$")

    def test_access_to_anything_secure_ends_the_app(self):
        addresses = {
            "secure code": 0x10000000, "its non-secure alias": 0x00000000, "secure ram": 0x38000000,
            "its alias": 0x28000000, "below ram": 0x281FFFFC, "behind ram": 0x28400000, "behind flash": 0x00400000,
            "flash by its secure alias": 0x10200000, "on-board sram": 0x20000000, "psram": 0x80000000,
            "uart 0": 0x40200008, "uart 2": 0x40202000, "uart 4": 0x40204000, "ethernet": 0x42000000,
            "secure uart 1": 0x50201000, "secure control": 0x50080000, "mpc": 0x58007000,
        }
        for name, address in addresses.items():
            with self.subTest(name):
                self.assert_ends(hostile([LOAD], address), r"^launcher ready\nfault (secure access|bus) pc=00200044 ")

    def test_faults_end_the_app(self):
        faults = {
            "undefined instruction": ([UNDEFINED], 0, "fault usage pc=00200044 "),
            "breakpoint": ([BREAKPOINT], 0, "fault breakpoint pc=00200044 "),
            "semihosting call": ([SEMIHOSTING], 0x18, "fault breakpoint pc=00200044 "),
            "undefined while all is masked": ([MASK_IRQ, MASK_FAULTS, UNDEFINED], 0, "fault usage pc=00200048 "),
            "bad stack": ([SET_STACK, UNDEFINED], 0x10001000, "fault .* pc=00000000 "),
            "stack at the end of memory": ([SET_STACK, UNDEFINED], 0xFFFFFFF0, "fault .* pc=00000000 "),
            "jump into secure code": ([JUMP], 0x10000041, "fault secure access pc="),
            "jump nowhere": ([JUMP], 0x28200001, "fault "),
            "return": ([RETURN], 0, "fault app returned"),
            "forged function return": ([JUMP], 0xFEFFFFFF, "fault app returned"),
            "forged exception return": ([JUMP], 0xFFFFFFF9, "fault "),
        }
        for name, (body, value, expected) in faults.items():
            with self.subTest(name):
                self.assert_ends(hostile(body, value), "^launcher ready\n" + expected)

    def test_forged_secure_exception_return_from_a_handler_ends_the_app(self):
        for value in (0xFFFFFFF9, 0xFFFFFFF1, 0xFFFFFFFD, 0xFFFFFFB8):
            with self.subTest(hex(value)):
                body = [SUPERVISOR_CALL, JUMP]
                handler = APP_FLASH + CODE_OFFSET + 4 + 2 + 1
                self.assert_ends(hostile(body, value, handler=handler), "^launcher ready\nfault ")

    def test_app_can_end_itself_by_a_reset_request(self):
        self.assert_ends(hostile([STORE], 0xE000ED0C, 0x05FA0004), "^launcher ready$")

    def test_an_app_may_handle_its_own_usage_fault(self):
        hang = APP_FLASH + CODE_OFFSET + 2 * 4 + 1
        image = hostile([STORE, UNDEFINED], 0xE000ED24, 1 << 18, handler=hang)  # SHCSR: usage fault on
        with Board(image) as board:
            with self.assertRaises(subprocess.TimeoutExpired):
                board.process.wait(timeout=1)
            self.assertEqual(board.launcher_lines(), ["launcher ready"])

    def test_switching_the_attribution_off_changes_nothing(self):
        # SAU_CTRL = 2 would make everything non-secure. The registers are for the secure state only.
        image = hostile([STORE, 0x2000, LOAD], 0xE000EDD0, 2)
        self.assert_ends(image, r"^launcher ready\nfault secure access pc=00200048 ")

    def test_an_app_that_hangs_with_everything_masked_runs_until_it_is_killed(self):
        with Board(hostile([MASK_IRQ, MASK_FAULTS])) as board:
            with self.assertRaises(subprocess.TimeoutExpired):
                board.process.wait(timeout=1)
            self.assertEqual(board.launcher_lines(), ["launcher ready"])


if __name__ == "__main__":
    if shutil.which(QEMU) is None or not LAUNCHER.exists() or not (EXAMPLES / "blink-v3.elf").exists():
        print(f"skipped: needs {QEMU}, {LAUNCHER} and the examples in {EXAMPLES} (make build)")
        sys.exit(77)
    unittest.main()
