#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seed corpora of the fuzz targets zip, image, manifest_host, new_keys and new_keys_host into tests/fuzz/corpus.

Good inputs from tests/golden, and hostile ones bent from them. Standard library only; same output every time.
"""
import io
import pathlib
import struct
import zipfile

GOLDEN = pathlib.Path(__file__).resolve().parent
CORPUS = GOLDEN.parent / "fuzz" / "corpus"


def write(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def zip_of(entries, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in entries:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = options.get("method", zipfile.ZIP_DEFLATED)
            bundle.writestr(info, data)
    return bytearray(out.getvalue())


def put(data, at, form, value):
    out = bytearray(data)
    struct.pack_into(form, out, at, value)
    return out


def zips():
    clear = (GOLDEN / "bundle-v1" / "clear.zip").read_bytes()
    legacy = (GOLDEN / "original-tool" / "worked-example.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(legacy)) as bundle:
        entries = [(info.filename, bundle.read(info)) for info in bundle.infolist()]
    layer, manifest = entries
    good = zip_of(entries)
    end = len(good) - 22
    directory = struct.unpack_from("<I", good, end + 16)[0]

    write("zip", "clear", clear)
    write("zip", "encrypted", (GOLDEN / "bundle-v1" / "encrypted.zip").read_bytes())
    write("zip", "legacy", legacy)
    write("zip", "stored", zip_of(entries, method=zipfile.ZIP_STORED))
    write("zip", "manifest_first", zip_of([manifest, layer]))
    write("zip", "comment", good[:end + 20] + b"\x02\x00hi")
    write("zip", "leading", b"MZ" + good)
    write("zip", "trailing", good + b"\0")
    write("zip", "path", zip_of([("../" + layer[0], layer[1]), manifest]))
    write("zip", "folder", zip_of([("a/", b""), layer, manifest]))
    write("zip", "no_manifest", zip_of([layer]))
    write("zip", "no_layer", zip_of([manifest]))
    write("zip", "wrong_content", zip_of([(layer[0], b"x" * 64), manifest]))
    write("zip", "twice", zip_of([manifest, ("manifesu", b"x")]).replace(b"manifesu", b"manifest"))
    bomb = zip_of([(layer[0], b"\0" * 1_000_000), manifest])
    bomb_directory = struct.unpack_from("<I", bomb, len(bomb) - 22 + 16)[0]
    write("zip", "bomb", bomb)
    write("zip", "bomb_lying", put(put(bomb, 22, "<I", 64), bomb_directory + 24, "<I", 64))
    write("zip", "overlap", put(good, directory + 46 + 64 + 42, "<I", 0))
    write("zip", "huge_sizes", put(put(good, 22, "<I", 0xFFFFFFFE), directory + 24, "<I", 0xFFFFFFFE))
    write("zip", "zip64", put(put(good, 22, "<I", 0xFFFFFFFF), directory + 24, "<I", 0xFFFFFFFF))
    write("zip", "encrypted_flag", put(put(good, 6, "<H", 1), directory + 8, "<H", 1))
    write("zip", "many_entries", put(put(good, end + 8, "<H", 0xFFFF), end + 10, "<H", 0xFFFF))
    write("zip", "huge_directory", put(good, end + 12, "<I", 0xFFFFFFFF))
    write("zip", "only_end", b"PK\5\6" + bytes(18))


def manifests():
    for name in ("clear", "encrypted"):
        with zipfile.ZipFile(GOLDEN / "bundle-v1" / (name + ".zip")) as bundle:
            write("manifest_host", name, bundle.read("manifest"))
    with zipfile.ZipFile(GOLDEN / "original-tool" / "worked-example.zip") as bundle:
        manifest = bundle.read("manifest")
    body = manifest[2:]
    layer = body[:78]
    write("manifest_host", "legacy", manifest)
    write("manifest_host", "body", body)
    write("manifest_host", "same_layer_twice", layer + layer)
    write("manifest_host", "thirty_three_layers", layer * 33)
    write("manifest_host", "no_target", bytes([0x0A, 70]) + layer[10:])
    write("manifest_host", "bad_utf8", body + b"\xa2\x06\x02\xff\xfe")
    write("manifest_host", "control_character", body + b"\xa2\x06\x01\x1b")
    write("manifest_host", "short_key", body + b"\x12\x03\x12\x01\x04")
    write("manifest_host", "short_signature", b"\x08\x01" + manifest + b"\x1a\x01\x00")
    write("manifest_host", "endless_varint", b"\x12" + b"\xff" * 12)
    write("manifest_host", "length_beyond_end", b"\x12\xff\xff\xff\xff\x07\x00")
    write("manifest_host", "nested_groups", b"\x0b" * 200)


def field(number, content):
    """A length-delimited field; `number` at most 15, or 100 to 103."""
    tag = bytes([number << 3 | 2]) if number < 16 else bytes([(number << 3 | 2) & 0x7F | 0x80, number >> 4])
    return tag + bytes([len(content) & 0x7F | 0x80, len(content) >> 7]) + content


def new_keys():
    for number in (1, 2):
        write("new_keys_host", f"message_{number}", (GOLDEN / "new-keys-v1" / f"message-{number}.bin").read_bytes())
    message = (GOLDEN / "new-keys-v1" / "message-1.bin").read_bytes()
    start = message.index(b"\x12\xf1\x01") + 3
    body = message[start:start + 241]
    fleet = field(102, bytes(16))
    write("new_keys_host", "body", body)
    write("new_keys_host", "manifest", (CORPUS / "manifest_host" / "clear").read_bytes())
    write("new_keys_host", "signer_twice", b"\x08\x01" + message)
    write("new_keys_host", "short_signature", message[:-66] + b"\x1a\x01\x00")
    write("new_keys_host", "sequence_twice", b"\xa0\x06\x01" + body)
    write("new_keys_host", "unpacked_deletes", fleet + b"\x08\x01\x08\x02")
    write("new_keys_host", "nine_deletes", fleet + field(1, b"\x01" * 9))
    write("new_keys_host", "no_point", fleet + field(3, b"\x04" + b"\1" * 64))
    write("new_keys_host", "empty_wrapped", fleet + field(4, b""))
    write("new_keys_host", "wrapped_twice_a_field", fleet + field(4, b"\x08\x01\x08\x01"))
    write("new_keys_host", "cloud_ca", fleet + field(103, b"\x30\x03\x02\x01\x00"))
    write("new_keys_host", "three_cas", fleet + field(103, b"0") * 3)
    write("new_keys_host", "der_length_beyond_end", b"\x30\x82\xff\xff" + bytes(64))
    write("new_keys_host", "large_sequence", fleet + b"\xa0\x06" + b"\xff" * 9 + b"\x01")
    write("new_keys_host", "groups", b"\x0b" * 200)


def elf(segments, **header):
    count = len(segments)
    out = b"\x7fELF\1\1\1" + bytes(9) + struct.pack(
        "<HHIIIIIHHHHHH", 2, header.get("machine", 40), 1, 0x08000001, header.get("offset", 52), 0, 0x05000400,
        52, 32, header.get("count", count), 40, 0, 0)
    data = 52 + 32 * count
    contents = b""
    for kind, address, content, claimed in segments:
        out += struct.pack("<IIIIIIII", kind, data + len(contents), 0x20000000, address, claimed, claimed, 5, 4)
        contents += content
    return out + contents


def hex_line(kind, address, data):
    record = struct.pack(">BHB", len(data), address, kind) + data
    return b":" + (record + bytes([-sum(record) & 0xFF])).hex().upper().encode() + b"\r\n"


def images():
    code = bytes(range(32))
    end = hex_line(1, 0, b"")
    base = hex_line(4, 0, b"\x08\x00")
    write("image", "raw", code)
    write("image", "archive", b"PK\3\4" + code)
    write("image", "elf", elf([(1, 0x08000000, code, 32), (1, 0x08000100, code, 32), (1, 0x20000000, b"", 0)]))
    write("image", "elf_an505", elf([(1, 0x00200000, code, 32)]))
    write("image", "elf_far_apart", elf([(1, 0, code, 32), (1, 0x000FFF00, code, 32)]))
    write("image", "elf_overlap", elf([(1, 0x08000000, code, 32), (1, 0x08000010, code, 32)]))
    write("image", "elf_lying_size", elf([(1, 0x08000000, code, 0xFFFFFFFF)]))
    write("image", "elf_many_segments", elf([(1, 0x08000000, code, 32)], count=0xFFFF))
    write("image", "elf_headers_outside", elf([(1, 0x08000000, code, 32)], offset=0xFFFFFFF0))
    write("image", "elf_other_machine", elf([(1, 0x08000000, code, 32)], machine=62))
    write("image", "elf_no_segments", elf([]))
    write("image", "elf_wraps", elf([(1, 0xFFFFFFF0, code, 32)]))
    write("image", "hex", base + hex_line(0, 0, code) + hex_line(0, 0x100, code) + hex_line(5, 0, bytes(4)) + end)
    write("image", "hex_segment", hex_line(2, 0, b"\x10\x00") + hex_line(0, 2, code) + hex_line(3, 0, bytes(4)) + end)
    write("image", "hex_overlap", base + hex_line(0, 0, code) + hex_line(0, 8, code) + end)
    write("image", "hex_no_end", base + hex_line(0, 0, code))
    write("image", "hex_after_end", base + end + hex_line(0, 0, code))
    write("image", "hex_checksum", base + hex_line(0, 0, code)[:-4] + b"00\r\n" + end)
    write("image", "hex_length", b":FF000000" + code.hex().encode() + b"\n" + end)
    write("image", "hex_wraps", hex_line(4, 0, b"\xff\xff") + hex_line(0, 0xFFF0, code) + end)


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def new_keys_device():
    # A point on P-256: the base point.
    point = bytes.fromhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
    place = number(100, 2) + text(101, bytes(range(32))) + text(102, bytes(range(16)))
    wrapped = number(1, 0x1122334455667788) + text(2, point) + text(3, bytes(48))
    body = (number(1, 5) + text(2, varint(6) + varint(2 ** 64 - 1)) + text(3, point) + text(4, wrapped) + place
            + text(103, b"\x30\x03\x02\x01\x00"))

    def message(content, signer=7):
        return number(1, signer) + text(2, content) + text(3, bytes(64))

    write("new_keys", "whole", message(body))
    write("new_keys", "first", message(number(100, 1) + text(102, bytes(16))))
    write("new_keys", "body", body)
    write("new_keys", "no_signer", message(body, 0))
    write("new_keys", "body_twice", message(body) + text(2, body))
    write("new_keys", "sequence_twice", message(body + number(100, 3)))
    write("new_keys", "sender_twice", message(place + text(4, wrapped + text(2, point))))
    write("new_keys", "nine_deletions", message(place + b"".join(number(1, n) for n in range(9))))
    write("new_keys", "packed_deletions", message(place + text(1, bytes(range(1, 10)))))
    write("new_keys", "packed_cut", message(place + text(1, b"\x80")))
    write("new_keys", "seventeen_keys", message(place + text(4, wrapped) * 17))
    write("new_keys", "off_curve", message(place + text(3, point[:-1] + b"\0")))
    write("new_keys", "compressed_point", message(place + text(3, b"\x02" + point[1:33])))
    write("new_keys", "large_ca", message(place + text(103, bytes(1025))))
    write("new_keys", "three_cas", message(place + text(103, b"\x30\0") * 3))
    write("new_keys", "group", message(place + b"\x0b\x10\x01\x0c"))
    write("new_keys", "short_signature", number(1, 7) + text(2, body) + text(3, bytes(63)))
    write("new_keys", "manifest", (CORPUS / "manifest" / "encrypted").read_bytes())


def main():
    new_keys_device()
    zips()
    manifests()
    new_keys()
    images()


if __name__ == "__main__":
    main()
