# SPDX-License-Identifier: Apache-2.0
"""A firmware-like program for the Cortex-M33 in consecutive versions, made by the cross compiler.

Modules of functions with tables and texts, the C library behind them. Each version changes what a week's work changes:
one function's body, sometimes its size, sometimes a new function or a text. Deterministic: version n is always the same.
"""
import random
import re
import subprocess

MODULES = 24
FUNCTIONS = 12
FLAGS = ["-mcpu=cortex-m33+nofp", "-mthumb", "-mfloat-abi=soft", "-Os", "-ffunction-sections", "-fdata-sections"]

# Two ways to lay a program out. "linked": as the linker does, one object behind the other. "paged": each module begins on
# a page of its own, so that a function that grows shifts only its own module.
SCRIPT = """
ENTRY(main)
SECTIONS {{
  . = 0x00200000;
  .text : {{ {modules} *(.text .text.* .rodata .rodata.*) . = ALIGN(4); }}
  .ARM.exidx : {{ *(.ARM.exidx*) }}
  .data : {{ *(.data .data.*) }}
  .bss (NOLOAD) : {{ *(.bss .bss.* COMMON) . = ALIGN(8); end = .; }}
  /DISCARD/ : {{ *(.ARM.attributes .comment .note*) }}
}}
"""


def function(module, number, change):
    rng = random.Random(f"{module}/{number}")
    steps = []
    for step in range(rng.randint(6, 30)):
        a, b, c = rng.randint(3, 90), rng.randint(1, 13), rng.randint(1, 255)
        steps.append(f"  x = (x * {a}u) ^ (y >> {b}); if (x & {1 << rng.randint(0, 12)}u) y += table_{module}[(x + {c}u) % 256u];")
    for step in range(change.get("longer", 0)):
        steps.append(f"  y ^= x + {0x1000 + step * 77}u;")
    text = f"module {module} function {number} level %u{change.get('text', '')}\\n"
    steps.append(f"  if (y == {rng.randint(0, 9999) + change.get('constant', 0)}u) printf(\"{text}\", (unsigned)x);")
    body = "\n".join(steps)
    return f"unsigned m{module}_f{number}(unsigned x, unsigned y) {{\n{body}\n  return x + y;\n}}\n"


def changes_up_to(version):
    """What stands different from version 0: {(module, function): change}."""
    changes = {}
    rng = random.Random("changes")
    for number in range(1, version + 1):
        where = (rng.randrange(MODULES), rng.randrange(FUNCTIONS))
        change = changes.setdefault(where, {})
        kind = rng.choice(("constant", "longer", "longer", "new", "text"))
        if kind == "constant":
            change["constant"] = change.get("constant", 0) + number
        elif kind == "longer":
            change["longer"] = change.get("longer", 0) + rng.randint(1, 6)
        elif kind == "text":
            change["text"] = change.get("text", "") + f" v{number}"
        else:
            changes[(where[0], FUNCTIONS + number)] = {"new": True}
    return changes


def build(directory, version, paged):
    """The ELF file of a version."""
    changes = changes_up_to(version)
    objects = []
    calls = []
    for module in range(MODULES):
        numbers = list(range(FUNCTIONS)) + sorted(f for m, f in changes if m == module and f >= FUNCTIONS)
        rng = random.Random(f"table/{module}")
        table = ",".join(str(rng.getrandbits(32)) for _ in range(256))
        source = directory / f"m{module}.c"
        text = f"#include <stdio.h>\nstatic const unsigned table_{module}[256] = {{{table}}};\n"
        text += "".join(function(module, number, changes.get((module, number), {})) for number in numbers)
        calls += [f"m{module}_f{number}" for number in numbers]
        target = directory / f"m{module}.o"
        if not source.exists() or source.read_text() != text:
            source.write_text(text)
            subprocess.run(["arm-none-eabi-gcc", *FLAGS, "-c", source, "-o", target], check=True)
        objects.append(target)
    main = directory / "main.c"
    main.write_text("".join(f"unsigned {name}(unsigned, unsigned);\n" for name in calls) + "int main(void) {\n  unsigned x = 1;\n"
                    + "".join(f"  x = {name}(x, {i}u);\n" for i, name in enumerate(calls)) + "  return (int)x;\n}\n")
    align = ". = ALIGN(0x2000); *m{0}.o(.text .text.* .rodata .rodata.*)"
    script = directory / "link.ld"
    script.write_text(SCRIPT.format(modules=" ".join(align.format(n) for n in range(MODULES)) if paged else ""))
    elf = directory / f"firmware-{version}-{'paged' if paged else 'linked'}.elf"
    subprocess.run(["arm-none-eabi-gcc", *FLAGS, main, *objects, "-T", script, "-nostartfiles", "--specs=nano.specs",
                    "--specs=nosys.specs", "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments", "-o", elf],
                   check=True, stderr=subprocess.DEVNULL)
    return elf


def build_example(root, directory, name, edit=None):
    """examples/blink, version 1, with one function edited: (regular expression, replacement)."""
    source = (root / "examples/blink/main.cpp").read_text()
    if edit:
        changed = re.sub(edit[0], edit[1], source)
        if changed == source:
            raise SystemExit("the example's function to change is not there any more")
        source = changed
    main = directory / "main.cpp"
    main.write_text(source)
    elf = directory / f"{name}.elf"
    subprocess.run(["arm-none-eabi-g++", *FLAGS, "-std=c++20", "-fno-exceptions", "-fno-rtti", "-DBLINK_VERSION=1", "-DNDEBUG",
                    f"-I{root}/examples/blink", f"-I{root}/examples/common", main,
                    *(root / "examples" / part for part in ("blink/patterns.cpp", "blink/curve.cpp", "common/startup.cpp", "common/board.cpp")),
                    "-nostartfiles", "-T", root / "examples/common/mps2_an505.ld", "--specs=nano.specs", "--specs=nosys.specs",
                    "-Wl,--gc-sections", "-o", elf], check=True)
    return elf
