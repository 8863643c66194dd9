# SPDX-License-Identifier: Apache-2.0
"""A PC's hostile guest beside one that would notice: each attack is survived by both, each death is its own alone.

SEED=n, given to make, repeats a run with other numbers.
"""
import os
import re

from tests.boot.machine import Machine
from tests.runner.context import expect

BOARD = "qemu_x86_64"
BEAT = r"^beat: beat (\d+): damage (\d+)$"
SUBJECTS = ("APIC page", "x2APIC", "hypercalls", "CPUID leaves", "MSRs", "ports", "instructions", "control registers",
            "call flood", "IPI storm", "timer storm", "console flood")
# What must be refused by an exception, of what was tried.
REFUSED = {"x2APIC": 500, "MSRs": 20000, "instructions": 100}
# Key of the hostile guest, and how its domain ends.
DEATHS = {**dict.fromkeys("abcdefghijkstuvx", "crash"), "r": "reboot"}


def _beats_on(console, patience=60):
    """Two more lines of the neighbour's; none of them says that its memory was touched."""
    mark = console.mark()
    for _ in range(2):
        mark = console.wait(BEAT, patience, mark).end()
    for number, damage in re.findall(BEAT, console.text, re.M):
        expect(damage == "0", f"at beat {number}: {damage} words damaged")
    console.never(r"^ashlar: .*(panic|beat: (crashed|shut))")


def _start(ctx, timeout):
    """In QEMU, or in Bochs on the CPU that the matrix names."""
    machine = Machine(ctx, ctx.args["build"], BOARD)
    if "bochs" in ctx.args:
        return machine.start_cd(timeout=timeout, bochs=ctx.args["bochs"])
    return machine.start(direct=True, timeout=timeout)


def attacks(ctx):
    """Everything, one after the other; the guest lives, and so does its neighbour."""
    seed = int(os.environ.get("SEED") or 1)
    with _start(ctx, 350) as console:
        console.wait(r"^hostile: waits$", 60)
        console.type("hostile", f"attack {seed}")
        for subject in SUBJECTS:
            found = console.wait(rf"^hostile: {subject}: (\d+) tried, (\d+) exceptions", 120)
            expect(int(found[1]) > 100, f"{subject}: only {found[1]} were tried")
            expect(int(found[2]) >= REFUSED.get(subject, 0), f"{subject}: only {found[2]} were refused")
        console.wait(r"^hostile: 100 of 100 interrupts$", 60)
        console.wait(r"^hostile: survived$", 60)
        _beats_on(console)
        console.never(r"^ashlar: hostile: (crashed|shut)")


def deaths(ctx):
    """It dies in each way and comes back each time; its neighbour does not notice."""
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=250) as console:
        console.wait(r"^hostile: waits$", 60)
        console.give_focus("hostile")
        for lives, key in enumerate(DEATHS, 1):
            mark = console.mark()
            console.emulator.send(key + "\n")
            console.wait(rf"^ashlar: hostile: shut down \({DEATHS[key]}\)", 60, mark)
            console.wait(rf"^ashlar: hostile: restarted \({lives} of ", 60, mark)
            console.wait(r"^hostile: waits$", 60, mark)
            console.never(r"^hostile: still here", mark)
        _beats_on(console)
