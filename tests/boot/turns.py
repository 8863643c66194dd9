# SPDX-License-Identifier: Apache-2.0
"""Two guests on one CPU by a time table: each has its windows, and the time that one leaves is not the other's.

The emulator counts instructions, so that its clock knows nothing of this machine's load.
"""
import re

from tests.boot.hostile import ICOUNT
from tests.boot.machine import Machine
from tests.runner.context import expect

FRAME = 10000
TURNS = 8       # of a look
WINDOWS = {"turns-a": ((0, 4000), (6000, 1000)), "turns-b": ((4000, 2000),)}     # of rootfs/domains
SLACK = 100     # a switch, and the look at either end


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
    """turns-a looks twice: while turns-b takes its time, and when it sleeps."""
    with Machine(ctx, "turns").start(direct=True, timeout=100, extra=ICOUNT) as console:
        console.wait(r"^turns-b: seen 1$", 90)
        asleep = console.mark()
        console.wait(r"^ashlar: turns-a: shut down \(poweroff\)", 90)
        said = re.compile(r"^(turns-.): had (\d+) us, lost (\d+) us$", re.M)
        turns = [(found[1], (int(found[2]), int(found[3]))) for found in said.finditer(console.text)]
        of = {domain: [turn for name, turn in turns if name == domain] for domain in WINDOWS}
        expect(len(re.findall(r"^turns-a: had", console.text[asleep:], re.M)) >= TURNS, "turns-b did not sleep in time")
    _check("turns-a", of["turns-a"][:TURNS])
    _check("turns-a", of["turns-a"][TURNS:])
    _check("turns-b", of["turns-b"])
