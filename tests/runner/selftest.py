# SPDX-License-Identifier: Apache-2.0
"""The runner tried on a matrix of its own: every verdict, the order, the summary, JUnit."""
import shutil
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from tests.runner.context import expect

MATRIX = """
[[test]]
name = "try/pass"
tier = "fast"
cost = 1
command = ["true"]
[[test]]
name = "try/fail"
tier = "fast"
cost = 1
command = ["sh", "-c", "echo this is why; exit 3"]
[[test]]
name = "try/late"
tier = "check"
cost = 1
timeout = 1
command = ["sleep", "600.25"]
[[test]]
name = "try/skip"
tier = "check"
cost = 1
command = ["sh", "-c", "echo no such feature; exit 77"]
[[test]]
name = "try/lacks"
tier = "check"
cost = 1
needs = ["machine:toaster"]
command = ["true"]
[[test]]
name = "try/below-fail"
tier = "check"
cost = 1
after = ["try/fail"]
command = ["true"]
[[test]]
name = "try/pass-slow"
tier = "slow"
cost = 1
after = ["try/pass"]
command = ["true"]
"""

WRONG = {
    'name = "x"': "not of the form",
    'name = "a/b"\nafter = ["a/c"]': 'unknown test "a/c"',
    'name = "a/b"\nafter = ["a/b"]': "stands on itself",
    'name = "a/b"\ncolour = "red"': "colour",
    'name = "a/c"\ntier = "slow"\ncost = 1\ncommand = ["true"]\n[[test]]\nname = "a/b"\nafter = ["a/c"]': "is fast, but stands on",
}


def _tree(ctx, text):
    tests = ctx.work / "tree/tests"
    shutil.rmtree(tests, ignore_errors=True)
    shutil.copytree(ctx.root / "tests/runner", tests / "runner")
    shutil.copy(ctx.root / "tests/run.py", tests)
    (tests / "unit").mkdir()
    (tests / "unit/sources.mk").write_text("", encoding="utf-8")
    (tests / "matrix.toml").write_text(text, encoding="utf-8")
    return [ctx.python, tests / "run.py", "--out", ctx.work / "out"]


def verdicts(ctx):
    """Each kind of end is told apart and counted; dependencies and tiers are kept."""
    run = _tree(ctx, MATRIX)
    text = ctx.run(*run, status=1)
    expect(text.rstrip().splitlines()[-1] == "1 passed, 3 failed, 2 skipped", "wrong summary line")
    for line in ("FAIL try/fail", "this is why", "no end after 1 s", "no such feature",
                 "has no machine toaster", "not run: try/fail failed", "slowest 10:"):
        expect(line in text, f'"{line}" is not printed')
    cases = ET.parse(ctx.work / "out/junit.xml").getroot().iter("testcase")
    states = {c.get("name"): [e.tag for e in c] for c in cases}
    expect(states == {"pass": [], "fail": ["failure"], "late": ["failure"], "skip": ["skipped"],
                      "lacks": ["skipped"], "below-fail": ["failure"]}, f"JUnit says {states}")
    expect("sleep\x00600.25" not in _processes(), "a test outlived its time")
    text = ctx.run(*run, "--select", "try/pass-slow")
    expect(text.rstrip().splitlines()[-1] == "2 passed, 0 failed, 0 skipped",
           "T= did not run the test and what it stands on")
    expect("1 passed, 0 failed" in ctx.run(*run, "--select", "try/pass"), "T= with a whole name ran what is called alike")
    ctx.run(*run, "--select", "nothing-like-it", status=1)


def _processes():
    text = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text.append(entry.read_bytes().decode(errors="replace"))
        except OSError:
            pass
    return "\n".join(text)


def mistakes(ctx):
    """A wrong matrix is an error of the run."""
    for body, words in WRONG.items():
        run = _tree(ctx, f'[[test]]\n{body}\ntier = "fast"\ncost = 1\ncommand = ["true"]\n')
        expect(words in ctx.run(*run, status=1), f'no word of "{words}"')
