# SPDX-License-Identifier: Apache-2.0
"""The guest that tries what guests must not: it survives what it should, and its end is its own."""
from tests.boot.machine import Machine
from tests.runner.context import expect

# Key of rootfs/guests/poke, and how its domain ends.
CRASHES = {"hole": "h", "pair": "p", "fetch": "f", "beyond-ram": "e", "beyond-space": "a",
           "exclusive": "x"}
SHUT_DOWNS = {"reset": ("r", "reboot"), "off": ("q", "poweroff")}

# What the hypervisor must say of a CPU; QEMU's firmware has no workarounds.
CPUS = {
    "cortex-a53": ("MIDR 0x410fd034 .*v2 not affected, BHB not affected, v4 not affected$", "errata:.* 843419"),
    "cortex-a72": ("MIDR 0x410fd083 .*v2 vulnerable, BHB vulnerable, v4 vulnerable$", "errata:.* 1319367"),
    "neoverse-n1": ("MIDR .*v2 not affected, BHB mitigated, v4 mitigated, branches at each exit$", "errata: 1349291$"),
    "max": ("MIDR .*v2 not affected, BHB (not affected|mitigated)",),
}

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


def _survives(console):
    """All of the guest's pokes, and what they must find."""
    for part in PARTS:
        found = console.wait(rf"^poke: {part}: (\d+) tried", 60)
        expect(int(found[1]) > 10, f"{part}: only {found[1]} were tried")
    for what in ("answers of the firmware", "features are hidden"):
        found = console.wait(rf"^poke: (\d+) of (\d+) {what}$", 60)
        expect(found[1] == found[2], f"{found[0]}: not all")
    for line in ("breakpoint and watchpoint hit", "a step is one instruction", "AArch32 at EL1 is refused",
                 "100 of 100 interrupts", "suspended and woken", "survived"):
        console.wait(rf"^poke: {line}$", 60)
    console.never(r"^ashlar: .*crash")


def on_cpu(ctx):
    """The same on other CPUs, and what the hypervisor says of each."""
    cpu = ctx.args["case"]
    with Machine(ctx, "poke").start(direct=True, timeout=150, cpu=cpu) as console:
        for line in CPUS[cpu]:
            console.wait(rf"^ashlar: CPU 0: {line}", 60)
        _survives(console)
        _rtos_goes_on(console)


def ends(ctx):
    """Poke at everything, then end the domain; the other one keeps its tick."""
    case = ctx.args["case"]
    with Machine(ctx, "poke").start(direct=True, timeout=150) as console:
        _survives(console)
        _rtos_goes_on(console)
        if case in CRASHES:
            _crash(console, CRASHES[case])
        else:
            key, reason = SHUT_DOWNS[case]
            mark = console.type("poke", key)
            console.wait(rf"^ashlar: poke: shut down \({reason}\)", 60, mark)
        _rtos_goes_on(console)
