# SPDX-License-Identifier: Apache-2.0
"""How much of the hypervisor's common part its unit tests run: lines, counted by gcov.

`make coverage` prints the table; the test holds the total, and each folder, to their floors. Everything in hypervisor/
counts, what no test links too; only what cannot be compiled for the build host is left out, by name. Of an architecture the
parts that need no machine count, which are those that a unit test links; how many files need one is said.
"""
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from tests.runner.context import Context, Failure, expect
from tests.runner.matrix import unit_tests

# Instructions that the host has not; and a PC's, for the fake machine's guests and their Xen headers are AArch64's.
LEFT_OUT = {"hypervisor/verify/digest_insn.c", "hypervisor/hypercall/upcall_vector.c",
            "hypervisor/console/arch_uart.c"}
ALL, ARCH = "all", "all of arch that needs no machine"
FLOOR = 80                        # percent of all lines; no folder may have less either


def sources(root):
    """The files that count."""
    found = sorted(p.relative_to(root).as_posix() for p in root.glob("hypervisor/*/*.c"))
    return [name for name in found if name not in LEFT_OUT]


def arch_sources(ctx, out):
    """Files of the architectures that unit tests link; and, by architecture, how many they do not."""
    found, left = [], defaultdict(int)
    for path in sorted(ctx.root.glob("arch/*/**/*.c")):
        name = path.relative_to(ctx.root).as_posix()
        arch = name.split("/")[1]
        if (out / "unit/obj" / (name[:-2] + ".gcno")).exists():
            found.append(name)
        elif arch not in ("host", "efi"):
            left[arch] += 1
    return [name for name in found if not name.startswith("arch/host/")], left


def _build(ctx, out):
    """The unit tests, and what they leave out, with counters in."""
    if not (out / ".config").exists():
        ctx.make("qemu_arm64_defconfig", o=out)
    ctx.make("COVERAGE=1", "unit-tests", *(f"{out}/unit/obj/{name[:-2]}.o" for name in sources(ctx.root)), o=out)


def _run_all(ctx, out):
    """Each unit test once; what earlier runs counted is forgotten."""
    for old in out.rglob("*.gcda"):
        old.unlink()
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
    for test in unit_tests(ctx.root):
        ctx.run(out / "unit" / test.args["unit"], env=env)


def _lines(ctx, out, name):
    """Line numbers of one file, and how often each ran, over all that was compiled from it."""
    notes = out / "unit/obj" / (name[:-2] + ".gcno")
    expect(notes.exists(), f"{name} was not compiled")
    text = subprocess.run(["gcov", "--json-format", "--stdout", notes], cwd=ctx.root, capture_output=True,
                          check=True, text=True).stdout
    counts = defaultdict(int)
    for document in text.splitlines():
        for file in json.loads(document)["files"]:
            if file["file"] == name:
                for line in file["lines"]:
                    counts[line["line_number"]] += line["count"]
    return counts


def measure(ctx):
    """For each source file: lines that ran, lines there are, numbers of the ones that never did."""
    out = ctx.out / "coverage"
    _build(ctx, out)
    _run_all(ctx, out)
    found = {}
    archs, left = arch_sources(ctx, out)
    for name in (*sources(ctx.root), *archs):
        counts = _lines(ctx, out, name)
        missed = sorted(line for line, count in counts.items() if count == 0)
        found[name] = (len(counts) - len(missed), len(counts), missed)
    need = [f"arch/{arch}: {count} files need a machine, and are the boot tests'" for arch, count in sorted(left.items())]
    (out / "coverage.txt").write_text("\n".join([*table(found, missed=True), *need]) + "\n", encoding="utf-8")
    return found, need


def _folders(found):
    sums = defaultdict(lambda: [0, 0])
    for name, (ran, there, _) in found.items():
        for key in (name.rsplit("/", 1)[0], ARCH if name.startswith("arch/") else ALL):
            sums[key][0] += ran
            sums[key][1] += there
    return sums


def _percent(ran, there):
    return 100 * ran / there if there else 100


def table(found, missed=False):
    """A line for each folder and the whole; and for each file, with what was missed in it."""
    shape = "{:34} {:>6} of {:>6} lines  {:5.1f} %".format
    if missed:
        for name, (ran, there, lines) in found.items():
            yield f"{name}: {_percent(ran, there):.1f} %" + (f", not {', '.join(map(str, lines))}" if lines else "")
    sums = _folders(found)
    for key in sorted(sums, key=lambda k: (k in (ALL, ARCH), k)):
        ran, there = sums[key]
        yield shape(key, ran, there, _percent(ran, there))


def check(ctx):
    """No folder, and not the whole, below the floor."""
    found, need = measure(ctx)
    print(*table(found), *need, sep="\n")
    low = [f"{key}: {_percent(*both):.1f} %" for key, both in _folders(found).items()
           if _percent(*both) < FLOOR]
    expect(not low, f"below its floor: {', '.join(low)}; the lines are in coverage/coverage.txt of the tests' folder")


def main():
    """`make coverage`: the one argument is the folder that tests write to."""
    out = Path(sys.argv[1]).resolve()
    log = out / "coverage.log"
    out.mkdir(parents=True, exist_ok=True)
    stdout = sys.stdout
    try:
        with open(log, "w", encoding="utf-8") as sys.stdout:
            found, need = measure(Context(Path.cwd(), out, "coverage", {}))
    except (Failure, subprocess.CalledProcessError) as why:
        print(f"coverage: {why}; everything is in {log}", file=sys.stderr)
        return 1
    finally:
        sys.stdout = stdout
    print(*table(found), *need, sep="\n")
    print(f"What was missed, line by line: {out / 'coverage/coverage.txt'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
