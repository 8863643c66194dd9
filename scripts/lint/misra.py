# SPDX-License-Identifier: Apache-2.0
"""A report of the hypervisor against MISRA C:2012, by cppcheck's addon, and the register of deviations.

  misra.py [--out REPORT.csv]

Every rule that the code departs from stands in scripts/lint/misra.toml with the reason and what holds in its place. A rule that
is not there, or one that is there and nobody departs from any more, is an error. The texts of the rules are MISRA's, so only
their numbers are here; a rule that the addon does not look for is not judged.
"""

import argparse
import collections
import csv
import os
import re
import subprocess
import sys
import tempfile
import tomllib

REGISTER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "misra.toml")
# What is common is looked at once, as AArch64 compiles it.
SOURCES = {"aarch64": ("hypervisor/*/*.c", "arch/aarch64/*.c", "arch/aarch64/*/*.c"), "x86_64": ("arch/x86_64/*.c", "arch/x86_64/*/*.c")}
OPTIONS = ("--quiet", "--std=c11", "--platform=unix64", "--inline-suppr", "--addon=misra", "--suppress=missingInclude",
           "--suppress=unknownMacro", "-D__GNUC__=12", "-D__alignof__(x)=8", "-Ihypervisor/include", "-Ihypervisor/lib/include",
           "--template={file}:{line}: {id}")
FOUND = re.compile(r"^(.+):(\d+): misra-c2012-(\d+\.\d+)$")


def findings(text):
    """Return {rule: [(file, line)]} of cppcheck's output."""
    found = collections.defaultdict(list)
    for line in text.splitlines():
        match = FOUND.match(line)
        if match:
            found[match[3]].append((match[1], int(match[2])))
    return found


def departures(architecture, files):
    """Run cppcheck over an architecture's files."""
    # What the addon notes down would else lie beside the sources.
    with tempfile.TemporaryDirectory() as notes:
        done = subprocess.run(["cppcheck", f"--cppcheck-build-dir={notes}", "-j2", *OPTIONS, f"-D__{architecture}__",
                               f"-Iarch/{architecture}/include", *files], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
    return findings(done.stdout)


def order(rule):
    """Rules in the order of the guidelines."""
    return tuple(int(part) for part in rule.split("."))


def judge(found, register):
    """Yield what is wrong: departures without a reason, reasons without a departure."""
    for rule in sorted(set(found) - set(register), key=order):
        place, line = found[rule][0]
        yield f"{place}:{line}: rule {rule} is departed from, {len(found[rule])} times in all; scripts/lint/misra.toml has no reason for it"
    for rule in sorted(set(register) - set(found), key=order):
        yield f"scripts/lint/misra.toml: nothing departs from rule {rule}; remove it"


def write(path, found, register):
    """The report: a line for each departure, with its reason."""
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("rule", "file", "line", "deviation"))
        for rule in sorted(found, key=order):
            for place, line in sorted(found[rule]):
                writer.writerow((rule, place, line, register.get(rule, {}).get("reason", "NONE")))


def main():
    """Run cppcheck, write the report, hold it against the register."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="misra.csv")
    options = parser.parse_args()
    with open(REGISTER, "rb") as stream:
        register = tomllib.load(stream)
    found, files = collections.defaultdict(list), []
    for architecture, patterns in SOURCES.items():
        names = subprocess.run(["git", "ls-files", *patterns], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        said = departures(architecture, names)
        if not said:
            sys.exit(f"misra: error: cppcheck found nothing at all in {architecture}'s files")
        for rule, places in said.items():
            found[rule] += places
        files += names
    write(options.out, found, register)
    wrong = list(judge(found, register))
    for rule in sorted(found, key=order):
        print(f"{rule:>6}  {len(found[rule]):5}  {register.get(rule, {}).get('reason', 'NO REASON')}")
    print(f"{sum(len(places) for places in found.values())} departures from {len(found)} rules in {len(files)} files; {options.out}")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
