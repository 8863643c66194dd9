# SPDX-License-Identifier: Apache-2.0
"""What a board's start costs, in instructions: verifying the bundle, and all from the hand-over to the first domain.

The emulator counts them: one is a nanosecond of its clock, which is the one that the hypervisor reads. What is counted is held against
boards/<board>/figures.toml, which images/manifest.json has: of the defconfig with these domains, and so about that of another.

Where a firmware runs first (`firmware`: that of a PC, UEFI's, or the board's own from its disk), the emulator's plugin counts them: from
the hypervisor's first instruction, at the address where the plan has it. An instruction is 2 to the power of `shift` ns there, if not
one: the emulator changes from one CPU to the other by its clock, and one that waits for another spins until then: OVMF's, often, and the
hypervisor's for those that Trusted Firmware starts. `emulator` is the version that it takes at least: QEMU 7.2, when it counts, gives a
CPU that spins all the time there is, and one that Trusted Firmware starts comes too late. `options` are the emulator's: a PC's
watchdog, for which verifying then takes too long, may not reset it.
"""
import re
import tomllib

from tests.bench.figures import RTC, VERIFIED
from tests.bench.icount import Counter
from tests.boot.machine import Machine
from tests.boot.uefi import UefiMachine
from tests.runner.context import expect

STARTED = re.compile(r"^ashlar: \d+ domains? on \d+ CPUs?, .*, (\d+) ms since the counter started$", re.M)
NEAR = 0.10
READY = r"^ashlar: \d+ domains? on .* since the counter started$"


def _icount(shift=0):
    return ["-icount", f"shift={shift},sleep=off"]


def _after_firmware(ctx):
    firmware, prefix = ctx.args["firmware"], ctx.args["prefix"]
    machine = UefiMachine(ctx) if firmware == "uefi" else Machine(ctx, ctx.args["build"], ctx.args["board"])
    if "emulator" in ctx.args:
        machine.board.config["emulator"]["version"] = ctx.args["emulator"]
    counter, shift = Counter(ctx, machine, prefix=prefix, to="domains_start"), ctx.args.get("shift", 0)
    options = [*_icount(shift), *RTC, "-seed", "1", *counter.options, *ctx.args.get("options", [])]
    with machine.start(direct=firmware == "bios", timeout=900, extra=options) as console:
        console.wait(READY, 800)
        console.wait(r"^ashlar: .*: started$", 100)
        verified = VERIFIED.search(console.text.replace("\r", ""))
    expect(verified, "the hypervisor did not say how long it took")
    return {"verification": int(verified[1]) * 1000 >> shift, "first-domain": counter.until()}


def _counted(ctx):
    if "firmware" in ctx.args:
        return _after_firmware(ctx)
    machine = Machine(ctx, ctx.args["build"], ctx.args["board"])
    with machine.start(direct=True, timeout=500, extra=_icount()) as console:
        console.wait(READY, 400)
        text = console.text.replace("\r", "")
    verified, started = VERIFIED.search(text), STARTED.search(text)
    expect(verified and started, "the hypervisor did not say how long it took")
    return {"verification": int(verified[1]) * 1000, "first-domain": int(started[1]) * 1000000}


def figures(ctx):
    """Near what is stored: a kernel of Debian's that is a little larger is no finding."""
    counted = _counted(ctx)
    with open(ctx.root / "boards" / ctx.args["board"] / "figures.toml", "rb") as f:
        stored = tomllib.load(f)["instructions"]
    print(f"counted {counted}, stored {stored}")
    expect(set(stored) == set(counted), f"figures.toml has {sorted(stored)}")
    for name, value in counted.items():
        expect(abs(value - stored[name]) <= NEAR * stored[name], f"{name}: {value} instructions, figures.toml has {stored[name]}")
