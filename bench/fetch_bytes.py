# SPDX-License-Identifier: Apache-2.0
"""Bytes a device fetches for the next version of an app, against the whole image: what stays the same layer is not fetched."""
import json
import pathlib
import subprocess
import tempfile

import firmware

ROOT = pathlib.Path(__file__).resolve().parent.parent
STRATA = ROOT / "build/bin/strata"
VERSIONS = 20


class Packer:
    def __init__(self, directory):
        self.directory = directory
        self.sign, self.layer = directory / "sign.pem", directory / "layer.pem"
        for kind, path in (("signing", self.sign), ("layer", self.layer)):
            subprocess.run([STRATA, "keys", "generate", kind, "--out", path], check=True, stdout=subprocess.DEVNULL)

    def layers(self, elf, layer_size, encrypted):
        """{fetch digest: bytes to fetch} and the manifest's size."""
        out = self.directory / "out.zip"
        key = ["--encrypt-with", self.layer] if encrypted else []
        subprocess.run([STRATA, "bundle", "create", elf, out, "--hardware", "mps2-an505", "--sign", self.sign, "--layer-size", layer_size,
                        "--silent", *key], check=True, stdout=subprocess.DEVNULL)
        told = json.loads(subprocess.run([STRATA, "bundle", "inspect", out, "-o", "json"], check=True, capture_output=True).stdout)[0]
        return {layer["fetchHash"]: layer["fetchSize"] for layer in told["layers"]}


def fetched(before, after):
    return sum(size for digest, size in after.items() if digest not in before)


def row(words, layer_size, encrypted, pairs):
    new = [fetched(before, after) for before, after in pairs]
    whole = [sum(after.values()) for _, after in pairs]
    counts = [len(after) for _, after in pairs]
    mean, full = sum(new) / len(new), sum(whole) / len(whole)
    spread = f" [{min(new) / 1024:.0f}–{max(new) / 1024:.0f}]" if len(new) > 1 else ""
    print(f"| {words} | {layer_size} ({counts[0]}) | {'encrypted' if encrypted else 'in clear'} | {full / 1024:.0f} KiB | {mean / 1024:.0f} KiB{spread} | {mean / full:.0%} |",
          flush=True)


def bench():
    print("\n## Bytes fetched for the next version\n")
    print(f"Layers that the device holds are not fetched. The peer is the whole image. blink: one function of `examples/blink` changed. Firmware: {VERSIONS} consecutive "
          f"versions of {firmware.MODULES} modules and the C library by the cross compiler, each with one small change (`bench/firmware.py`); *linked*: object behind object; "
          "*paged*: each module begins on an 8 KiB page of its own. Mean over the versions [least–most].\n")
    print("| change | layer size (layers) | layers are | whole image | fetched | of the whole |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        packer = Packer(directory)
        edit = (r'board::Log\(" heartbeat "\);', 'board::Log(beat % 2 == 0 ? " heartbeat " : " beat ");')
        blink = [firmware.build_example(ROOT, directory, "blink"), firmware.build_example(ROOT, directory, "blink-changed", edit)]
        for encrypted in (False, True):
            before, after = (packer.layers(elf, "64K", encrypted) for elf in blink)
            row("blink, one function", "64K", encrypted, [(before, after)])
        for paged in (False, True):
            elves = [firmware.build(directory, version, paged) for version in range(VERSIONS + 1)]
            for layer_size in ("64K", "16K"):
                for encrypted in (False, True):
                    packed = [packer.layers(elf, layer_size, encrypted) for elf in elves]
                    row(f"firmware, {'paged' if paged else 'linked'}", layer_size, encrypted, list(zip(packed, packed[1:])))


if __name__ == "__main__":
    bench()
