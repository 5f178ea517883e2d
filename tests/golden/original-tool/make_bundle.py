#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes an unsigned bundle as the original's public tool did.

Written from a description of the format (docs/spec/bundle.md, "Bundles of the original tool"), without its code;
standard library only, so that it shares nothing with the readers under test.

usage: make_bundle.py ROM OUT.zip
"""
import hashlib
import sys
import zipfile

FLASH_BYTES = 0x100000


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    """A scalar field; proto3 omits zero."""
    return varint(field << 3) + varint(value) if value else b""


def block(field, payload):
    """A bytes or message field that is present."""
    return varint(field << 3 | 2) + varint(len(payload)) + payload


def body(rom):
    padded = rom + b"\xff" * (FLASH_BYTES - len(rom))
    internal_flash = number(1, 0) + number(2, FLASH_BYTES)
    layer = (
        block(1, block(1, internal_flash))
        + block(3, hashlib.sha256(rom).digest())
        + block(4, hashlib.sha256(padded).digest())
    )
    # Zeros were assigned inside update and connectivity: present, but empty.
    return block(1, layer) + block(4, b"") + block(5, b"")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        rom = file.read()
    if len(rom) >= FLASH_BYTES:
        sys.exit("the ROM is too large")
    with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(hashlib.sha256(rom).hexdigest(), rom)
        bundle.writestr("manifest", block(2, body(rom)))
    print("Bundle written to file: " + sys.argv[2])


if __name__ == "__main__":
    main()
