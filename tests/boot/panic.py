# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own end: what it says, what it does with the board, what the next boot says of it."""
import re
import tempfile
from pathlib import Path

from tests.boot import gdb
from tests.boot.machine import Machine
from tests.runner.context import expect

VIRTUAL = 0xFF8000000000                # where the hypervisor is linked
BRK = bytes.fromhex("000020d4")         # an exception that EL2 never takes of itself
# The emulator would otherwise take a reset for its end.
GOES_ON = ["-action", "reboot=reset"]


def _symbol(ctx, elf, name):
    found = re.search(rf"^([0-9a-f]+) [tT] {name}$", ctx.run("aarch64-linux-gnu-nm", elf), re.M)
    expect(found, f"{elf.name} has no {name}")
    return int(found[1], 16)


def _break(ctx, console, machine, socket):
    """The first instruction of the interrupt handler becomes a BRK: within a millisecond a CPU runs into it."""
    base = int(console.wait(r"^ashlar: Ashlar .*, image (0x[0-9a-f]+)-", 60)[1], 16)
    address = _symbol(ctx, machine.folder / "ashlar.elf", "trap_irq")
    gdb.write(socket, base + address - VIRTUAL, BRK)
    return address


def _callers(ctx, machine, text):
    """Functions that the addresses of a stack belong to, by the tool that the README names."""
    found = re.findall(r"0x[0-9a-f]{12}\b", text)
    named = ctx.run("aarch64-linux-gnu-addr2line", "-if", "-e", machine.folder / "ashlar.elf", *found)
    return named.splitlines()


def record(ctx):
    """A domain crashes, then the hypervisor does: the board resets, and the next boot says both again, once."""
    machine = Machine(ctx, "poke")
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "gdb"
        with machine.start(direct=ctx.args["case"] == "direct", timeout=380, extra=[*GOES_ON, *gdb.options(socket)]) as console:
            console.wait(r"^poke: survived$", 120)
            mark = console.type("poke", "h")
            console.wait(r"^ashlar: poke: restarted", 60, mark)
            console.wait(r"^poke: survived$", 120, mark)
            mark = console.mark()
            address = _break(ctx, console, machine, socket)
            console.wait(rf"^ashlar: synchronous exception in the hypervisor at {address:#x},", 60, mark)
            console.wait(r"^ashlar: panic: CPU \d: synchronous exception in the hypervisor: BRK$", 60, mark)
            console.wait(r"^ashlar: +Ashlar .*, build id [0-9a-f]{16}", 20, mark)
            console.wait(r"^ashlar: panic: resetting in \d+ s$", 60, mark)
            said = console.text[mark:]
            stack = said[said.index("return addresses"):]
            expect("cpu_main" in _callers(ctx, machine, stack), "cpu_main is not among the callers")
            again = console.wait(r"^ashlar: Ashlar ", 120, mark).start()
            first = console.wait(r"^ashlar: crash record 1 of the boot before: a domain,", 60, again).start()
            second = console.wait(r"^ashlar: crash record 2 of the boot before: the hypervisor,", 60, first).start()
            console.wait(r"^ashlar: poke: started$", 60, second)
            told = console.text[second:]
            expect("| poke: crashed on vCPU 0" in console.text[first:second], "poke's crash was not kept")
            own = said[:said.index("panic: resetting")]
            for line in re.findall(r"^ashlar: (.*(?:exception|panic|build id|0x[0-9a-f]{12}).*)$", own, re.M):
                expect(f"ashlar: | {line}" in told, f"not kept: {line}")
            console.wait(r"^poke: survived$", 120, second)
            console.never(r"crash record", console.mark())
