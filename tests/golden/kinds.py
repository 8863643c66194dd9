# SPDX-License-Identifier: Apache-2.0
"""The kinds of error that a plan can have: each message of the sources, and the refused plan that shows it.

A kind is a message that the reader or the host tool has for something wrong in a plan. Each must stand in
refused/*.txt, but for those below, and beside each refused plan stands an accepted one (mended.py).
`-m tests.golden.kinds` lists them.
"""
import re
import sys
from pathlib import Path

from tests.runner.context import expect

HERE = Path("tests/golden")
ENOUGH = 60
SOURCES = ("hypervisor/domain/plan*.c", "hypervisor/domain/board_gic.c", "scripts/ashlar/*.c")
CALL = re.compile(r"\b(?:plan_error|finding)\(")
TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[(),]|[^\"(),]+")
FORMAT = 3                              # plan_error(reader, node, property, format, ...), and finding() likewise
STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
CONVERSION = re.compile(r"%[-0-9.*]*[lzh]*[a-zA-Z]")
# Why no plan of these tests shows it.
UNSHOWN = {
    "are not inside the bundle": "a packed plan, which the tool writes itself",
    "pack it with `ashlar pack`": "a packed plan, read on the target",
    "pack the plan with `ashlar pack`": "a packed plan, read on the target",
    "CONFIG_EVTCHN_PORTS is": "the configuration: no plan has enough domains for the usual one",
    "is built without; choose it": "the configuration: kconfig's tests",
    "assigned-addresses must give": "a function of a PC, whose reader this build has not",
    "reg must say a function within": "a function of a PC",
    "with the software identification before it": "a word of the command line: tests/golden/swid.py",
    "the hypervisor is made for": "a PC's hypervisor, which stands at one address",
    "no file was given for image": "no plan: a word left out of the command line",
}


def _text(literals):
    """The string that literals make, with the macros between them left open."""
    found, at = "", 0
    for string in STRING.finditer(literals):
        found += ("%s" if literals[at:string.start()].strip() else "") + string[1]
        at = string.end()
    found += "%s" if literals[at:].strip() else ""
    return found.replace('\\"', '"').replace("\\\\", "\\").replace("\\n", "\n")


def _arguments(source, at):
    """The arguments of a call whose bracket was opened just before @at."""
    found, depth = [""], 1
    while depth > 0:
        token = TOKEN.match(source, at)[0]
        at += len(token)
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "," and depth == 1:
            found.append("")
        else:
            found[-1] += token
    return found


def messages(root):
    """Every message for an error, as (file:line, format)."""
    found = []
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            source = path.read_text(encoding="utf-8")
            for call in CALL.finditer(source):
                given = _arguments(source, call.end())
                if len(given) > FORMAT and given[FORMAT].lstrip().startswith('"'):
                    line = source.count("\n", 0, call.start()) + 1
                    found.append((f"{path.relative_to(root)}:{line}", _text(given[FORMAT])))
    return found


def _is_said(parts, line):
    """Do all parts of a message stand in a line, in their order?"""
    at = 0
    for part in parts:
        at = line.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _refused(root):
    lines = {}
    for path in sorted((root / HERE / "refused").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            if ": warning: " not in line and not line.startswith("ashlar: "):
                lines.setdefault(line, path.stem)
    return lines


def kinds(root):
    """Each kind: where it is said, its words, and the refused plans that show it."""
    lines = _refused(root)
    for place, text in messages(root):
        parts = [part.replace("\0", "%") for part in CONVERSION.split(text.replace("%%", "\0"))]
        yield place, text, sorted({plan for line, plan in lines.items() if _is_said(parts, line)})


def _reason(text):
    return next((reason for words, reason in UNSHOWN.items() if words in text), None)


def counted(ctx):
    """Enough kinds are shown, and what is not shown has its reason."""
    shown, unshown = 0, []
    for place, text, plans in kinds(ctx.root):
        shown += bool(plans)
        if not plans and not _reason(text):
            unshown.append(f"{place}: {text}")
        print(f"{place}: {text}\n    {', '.join(plans) or _reason(text)}")
    print(f"{shown} kinds of error are shown")
    expect(shown >= ENOUGH, f"{shown} kinds of error, {ENOUGH} are wanted")
    expect(not unshown, "no plan in tests/golden/refused shows:\n" + "\n".join(unshown))


if __name__ == "__main__":
    for where, said, by in kinds(Path(".")):
        sys.stdout.write(f"{where}: {said}\n    {', '.join(by) or _reason(said) or 'NOT SHOWN'}\n")
