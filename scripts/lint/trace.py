# SPDX-License-Identifier: Apache-2.0
"""Requirement, code, test: trace.csv, made of annotations.

  trace.py [--out TRACE.csv]

tests/requirements.toml has the requirements; a source file says "Requirement: NAME" in a comment, a test in a comment of the
lines right above its [[test]], or above its row of tests/unit/sources.mk. A requirement without code or without test, and a name that is none, are errors.
"""

import argparse
import collections
import csv
import os
import re
import subprocess
import sys
import tomllib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CODE = ("hypervisor/*.c", "arch/*.c", "rootfs/*.c", "scripts/*.c", "scripts/*.py", "scripts/*.sh", "scripts/build/*")
NAMED = re.compile(r"Requirement: ([a-z-]+)\b")


def tracked(*patterns):
    """Return the project's files of some patterns."""
    done = subprocess.run(["git", "-c", f"safe.directory={os.path.realpath(ROOT)}", "ls-files", "-co", "--exclude-standard", "--",
                           *patterns], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return sorted(set(done.stdout.split()))


def in_code():
    """Return {requirement: [file]}."""
    found = collections.defaultdict(list)
    for path in tracked(*CODE):
        if path == "scripts/lint/trace.py":
            continue
        with open(os.path.join(ROOT, path), encoding="utf-8") as stream:
            for name in NAMED.findall(stream.read()):
                found[name].append(path)
    return found


def in_tests():
    """Return {requirement: [test]}."""
    found = collections.defaultdict(list)
    for path in tracked("tests/matrix.toml", "tests/*/matrix.toml", "tests/unit/sources.mk"):
        waiting = []
        with open(os.path.join(ROOT, path), encoding="utf-8") as stream:
            for line in stream:
                if line.startswith("#"):
                    waiting += NAMED.findall(line)
                elif line.startswith("name = "):
                    for name in waiting:
                        found[name].append(line.split('"')[1])
                    waiting = []
                elif line.startswith("unit-"):
                    for name in waiting:
                        found[name].append("unit/" + line.split()[0].removeprefix("unit-"))
                    waiting = []
    return found


def trace():
    """Return (rows, what is wrong)."""
    with open(os.path.join(ROOT, "tests/requirements.toml"), "rb") as stream:
        wanted = tomllib.load(stream)
    code, tests = in_code(), in_tests()
    wrong = [f"{place}: there is no requirement {name}" for found in (code, tests) for name in sorted(set(found) - set(wanted))
             for place in found[name]]
    rows = []
    for name, text in wanted.items():
        wrong += [f"tests/requirements.toml: no {what} says \"Requirement: {name}\""
                  for what, found in (("code", code), ("test", tests)) if not found[name]]
        rows += [(name, text, place, test) for place in code[name] for test in tests[name]]
    return rows, wrong


def main():
    """Write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="trace.csv")
    options = parser.parse_args()
    rows, wrong = trace()
    with open(options.out, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("requirement", "text", "code", "test"))
        writer.writerows(rows)
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len({row[0] for row in rows})} requirements, {len({row[2] for row in rows})} files, {len({row[3] for row in rows})} tests: "
          f"{options.out}")


if __name__ == "__main__":
    main()
