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
SUBJECTS = ("APIC page", "x2APIC", "hypercalls", "32-bit hypercalls", "CPUID leaves", "MSRs", "ports", "instructions", "control registers",
            "call flood", "IPI storm", "timer storm", "console flood")
# What must be refused by an exception, of what was tried.
REFUSED = {"x2APIC": 500, "MSRs": 20000, "instructions": 100}
# Key of the hostile guest, and how its domain ends.
DEATHS = {**dict.fromkeys("abcdefghijkstuvx", "crash"), "r": "reboot"}
# What the hypervisor says of it: the bytes of an instruction that nobody decodes, and why the others end.
CODES = {"a": "01 02", "b": "ff 32", "c": "0f 28 02", "d": "f0 0f b1 0a", "e": "0f c7 0a", "f": "dd 02", "g": "ff 22"}
REASONS = {**{key: f"access to 0xfee000[78][0-9a-f] by {code} .*, which nothing takes" for key, code in CODES.items()},
           "h": "access to 0x10000000 by .*, which nothing takes", "i": "access to 0x1000000 by .*, which nothing takes",
           "s": "INS or OUTS at port 0x60", "t": "triple fault", "v": "interrupt table or stack at 0xfee00.*, where nothing is"}


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


def _attack(console, seed):
    """All of it with one seed, and the neighbour's verdict."""
    mark = console.type("hostile", f"attack {seed}")
    for subject in SUBJECTS:
        found = console.wait(rf"^hostile: {subject}: (\d+) tried, (\d+) exceptions", 120, mark)
        expect(int(found[1]) > 100, f"{subject}: only {found[1]} were tried")
        expect(int(found[2]) >= REFUSED.get(subject, 0), f"{subject}: only {found[2]} were refused")
    console.wait(r"^hostile: 100 of 100 interrupts$", 60, mark)
    console.wait(r"^hostile: survived$", 60, mark)
    _beats_on(console)
    console.never(r"^ashlar: hostile: (crashed|shut)", mark)


def attacks(ctx):
    """Everything, one after the other; the guest lives, and so does its neighbour."""
    with _start(ctx, 350) as console:
        console.wait(r"^hostile: waits$", 60)
        _attack(console, int(os.environ.get("SEED") or 1))


def long(ctx):
    """The same with many seeds, each in a life of its own: the APIC's page is there until a life's x2APIC."""
    first = int(os.environ.get("SEED") or 100)
    with _start(ctx, 1700) as console:
        console.wait(r"^hostile: waits$", 200)
        for seed in range(first, first + ctx.args["seeds"]):
            _attack(console, seed)
            mark = console.type("hostile", "r")
            console.wait(r"^hostile: waits$", 60, mark)


def deaths(ctx):
    """It dies in each way and comes back each time; its neighbour does not notice."""
    with _start(ctx, 350) as console:
        console.wait(r"^hostile: waits$", 200)
        console.give_focus("hostile")
        for lives, key in enumerate((key for key in DEATHS if key not in ctx.args.get("without", "")), 1):
            mark = console.mark()
            console.emulator.send(key + "\n")
            if key in REASONS:
                console.wait(rf"^ashlar: hostile: crashed .*: {REASONS[key]}$", 60, mark)
            console.wait(rf"^ashlar: hostile: shut down \({DEATHS[key]}\)", 60, mark)
            console.wait(rf"^ashlar: hostile: restarted \({lives} of ", 60, mark)
            console.wait(r"^hostile: waits$", 60, mark)
            console.never(r"^hostile: still here", mark)
        _beats_on(console)
