# SPDX-License-Identifier: Apache-2.0
"""The guest that tries what guests must not: it survives what it should, and its end is its own."""
from tests.boot.machine import Machine
from tests.runner.context import expect

# Key of rootfs/guests/poke, and how its domain ends.
CRASHES = {"hole": "h", "pair": "p", "fetch": "f", "beyond-ram": "e", "beyond-space": "a",
           "exclusive": "x"}
SHUT_DOWNS = {"reset": ("r", "reboot"), "off": ("q", "poweroff")}

PARTS = ("distributor", "redistributor", "system registers", "PSCI and SMCCC calls", "hypercalls",
         "instructions")


def _rtos_goes_on(console):
    console.wait(r"^rtos: .*worst.*\d", 60, console.mark())
    console.never(r"^ashlar: .*(panic|rtos: crashed)")


def _crash(console, key):
    mark = console.type("poke", key)
    console.wait(r"^ashlar: poke: crashed", 30, mark)
    console.wait(r"^ashlar: +ESR 0x[0-9a-f]+: .*abort", 60, mark)
    console.wait(r"^ashlar: poke: shut down \(crash\)", 60, mark)
    console.never(r"^poke: still here", mark)


def ends(ctx):
    """Poke at everything, then end the domain; the other one keeps its tick."""
    case = ctx.args["case"]
    with Machine(ctx, "poke").start(direct=True, timeout=150) as console:
        for part in PARTS:
            found = console.wait(rf"^poke: {part}: (\d+) tried", 60)
            expect(int(found[1]) > 10, f"{part}: only {found[1]} were tried")
        found = console.wait(r"^poke: (\d+) of (\d+) answers of the firmware$", 60)
        expect(found[1] == found[2], f"{found[0]}: not as specified")
        console.wait(r"^poke: 100 of 100 interrupts$", 60)
        console.wait(r"^poke: suspended and woken$", 60)
        console.wait(r"^poke: survived$", 60)
        console.never(r"^ashlar: .*crash")
        _rtos_goes_on(console)
        if case in CRASHES:
            _crash(console, CRASHES[case])
        else:
            key, reason = SHUT_DOWNS[case]
            mark = console.type("poke", key)
            console.wait(rf"^ashlar: poke: shut down \({reason}\)", 60, mark)
        _rtos_goes_on(console)
