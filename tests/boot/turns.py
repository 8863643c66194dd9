# SPDX-License-Identifier: Apache-2.0
"""Two guests on one CPU by a time table: each has its windows, and the time that one leaves is not the other's.

The emulator counts instructions, 1 ns each, so that its clock knows nothing of this machine's load. The hypervisor sends the console's
characters in whosever window it is, up to 256 in a piece: with slower instructions that would come near to SLACK.
"""
import re

from tests.boot.machine import BOARD, Machine
from tests.runner.context import expect

ICOUNT = ["-icount", "shift=0,sleep=off"]
FRAME = 10000
TURNS = 8       # of a look
WINDOWS = {"turns-a": ((0, 4000), (6000, 1000)), "turns-b": ((4000, 2000),)}     # of rootfs/domains
SLACK = 50      # a switch, the look at either end, and a piece of the console's


def _wanted(domain):
    """What each turn has, and what lies behind it."""
    windows = WINDOWS[domain]
    ends = [*windows[1:], (windows[0][0] + FRAME, 0)]
    return [(length, later[0] - start - length) for (start, length), later in zip(windows, ends)]


def _check(domain, turns):
    wanted = _wanted(domain)
    expect(len(turns) == TURNS, f"{domain}: {len(turns)} turns")
    first = min(range(len(wanted)), key=lambda n: abs(wanted[n][0] - turns[0][0]))
    for n, (had, lost) in enumerate(turns):
        length, behind = wanted[(first + n) % len(wanted)]
        expect(length - SLACK <= had <= length, f"{domain}: a turn of {had} us, its window has {length}")
        expect(behind <= lost <= behind + SLACK, f"{domain}: {lost} us without the CPU, {behind} are others'")


def keep(ctx):
    """turns-a looks twice: while turns-b takes its time, and when it sleeps. Which line comes first on the console says nothing of when."""
    with Machine(ctx, ctx.args["build"], ctx.args.get("board", BOARD)).start(direct=True, timeout=100, extra=ICOUNT) as console:
        sleeps = console.wait(r"^turns-b: seen 1: from \d+ to (\d+) us$", 90)
        again = console.wait(r"^turns-a: seen 2: from (\d+) to \d+ us$", 90)
        console.wait(r"^ashlar: turns-a: shut down \(poweroff\)", 90)
        said = re.compile(r"^(turns-.): had (\d+) us, lost (\d+) us$", re.M)
        turns = [(found[1], (int(found[2]), int(found[3]))) for found in said.finditer(console.text)]
    of = {domain: [turn for name, turn in turns if name == domain] for domain in WINDOWS}
    expect(int(sleeps[1]) + 2 * FRAME < int(again[1]), "turns-b did not sleep in time")     # both began within a frame
    _check("turns-a", of["turns-a"][:TURNS])
    _check("turns-a", of["turns-a"][TURNS:])
    _check("turns-b", of["turns-b"])
