# SPDX-License-Identifier: Apache-2.0
"""The arch contract where the hardware is: the same list of assertions that tests/unit holds the fake machine against."""
from tests.boot.machine import Machine
from tests.runner.context import expect


def _start(ctx):
    """In QEMU, or in Bochs on the CPU that the matrix names."""
    machine = Machine(ctx, ctx.args["build"], ctx.args["board"])
    if "bochs" in ctx.args:
        return machine.start_cd(timeout=280, bochs=ctx.args["bochs"])
    return machine.start(direct=True, timeout=120)


def kept(ctx):
    """All of it is tried while the board starts, nothing is broken, and the domains run behind it."""
    with _start(ctx) as console:
        found = console.wait(r"^ashlar: contract: (\d+) assertions, (\d+) broken$", 250)
        expect(int(found[1]) >= 100, f"only {found[1]} assertions were tried")
        expect(found[2] == "0", f"{found[2]} promises of the contract are broken")
        console.wait(r"^ashlar: \S+: started$", 60)
        console.never(r"^ashlar: .*(panic|refused|contract: broken)")
