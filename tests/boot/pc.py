# SPDX-License-Identifier: Apache-2.0
"""The PC in the emulator: from the loader to a guest's end, and bundles that are not whole."""
from tests.boot.machine import Machine
from tests.runner.context import expect

BOARD = "qemu_x86_64"
TICKS = 30


def starts(ctx):
    """The bundle is verified, the small PVH guest is told the truth, woken up by its timer, and powered off."""
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=120, **ctx.args.get("machine", {})) as console:
        console.wait(r"^ashlar: bundle verified: ", 60)
        console.wait(r"^ashlar: PC: \d+ CPUs, 1 I/O APIC, counter at \d+ MHz, SVM$", 60)
        console.wait(r"^ticker: started, start info version 1, magic right$", 60)
        for ticks in range(10, TICKS + 1, 10):
            console.wait(rf"^ticker: ticks {ticks}, worst \d+ us late$", 60)
        console.wait(r"^ticker: done$", 60)
        console.wait(r"^ashlar: ticker: shut down \(poweroff\)$", 60)
        console.wait(r"^ashlar: all domains are down, powering off$", 60)
        console.wait_power_off(60)
        console.never(r"panic")


def _refused(ctx, bundle, why):
    machine = Machine(ctx, ctx.args["build"], BOARD)
    machine.bundle = bundle
    with machine.start(direct=True, timeout=90) as console:
        console.wait(rf"^ashlar: refused: {why}", 60)
        console.never(r"^ashlar: .*: started$")


def tampered(ctx):
    """A byte of the configuration, a byte of an image, no bundle at all: each ends the boot, with its reason."""
    whole = Machine(ctx, ctx.args["build"], BOARD).bundle.read_bytes()
    at = whole.index(b"ashlar,load\0")
    expect(at > 0, "the bundle has no strings")
    for name, place, why in (("name", at, "bundle: "), ("image", len(whole) - 64, "bundle: image .* does not match its digest")):
        hurt = bytearray(whole)
        hurt[place] ^= 1
        path = ctx.work / f"{name}.itb"
        path.write_bytes(hurt)
        _refused(ctx, path, why)
    _refused(ctx, None, "")
