# SPDX-License-Identifier: Apache-2.0
"""The board's hardware watchdog: U-Boot starts it, the hypervisor feeds it, and the board that nobody feeds is reset."""
from tests.boot.slots import OURS, Board
from tests.runner.context import expect

WAIT = 120                          # seconds for what takes the emulator a few
SPIN = (0x14000000).to_bytes(4, "little")       # b .
STARTED = r"^WDT: +Started watchdog@30280000 with servicing every \d+ms \((\d+)s timeout\)"
FED = r"^ashlar: hardware watchdog: i\.MX watchdog, resets the board when a CPU is stuck for (\d+) ms"
SECONDS = 10                        # of the watchdog, in the tests
REBOOTS = ["-action", "reboot=reset"]           # the emulator ends at a reset unless it is told so


class WatchedBoard(Board):
    """A board whose U-Boot gives the watchdog less time than on the desk."""

    def __init__(self, ctx):
        super().__init__(ctx)
        control = ctx.work / "control.dtb"
        control.write_bytes(self.machine.control.read_bytes())
        ctx.run("fdtput", "-t", "u", control, "/watchdog@30280000", "timeout-sec", str(SECONDS))
        u_boot = ctx.work / "u-boot.bin"
        u_boot.write_bytes((self.machine.folder / "u-boot-nodtb.bin").read_bytes() + control.read_bytes())
        self.machine.u_boot = u_boot

    def spinning(self):
        """The build's hypervisor, whose first instruction is a jump to itself, in a newer image; where that lies."""
        kernel = self.ctx.work / "spins.bin"
        kernel.write_bytes(SPIN + self.machine.kernel.read_bytes()[len(SPIN):])
        return self.newer(kernel)


def _spins(board):
    """An update that hangs at once: tried twice, reset by the watchdog each time, then the other slot."""
    board.slots.install(board.spinning())
    with board.machine.start(timeout=400, extra=REBOOTS) as console:
        mark = 0
        for _ in range(2):
            mark = console.wait(STARTED, WAIT, mark).end()
            mark = console.wait("^launcher: loading ashlar.itb of slot b", WAIT, mark).end()
            mark = console.wait("^Starting kernel", WAIT, mark).end()
        mark = console.wait(STARTED, WAIT, mark).end()
        mark = console.wait("^launcher: slot b was started twice and never confirmed: back to slot a", WAIT, mark).end()
        mark = console.wait(OURS, WAIT, mark).end()
        console.wait(FED, WAIT, mark)
    expect(board.slots.state()[:2] == ("a", False), f"the environment says {board.slots.state()}")


def _unvouched(board):
    """A domain that vouches ends: nobody feeds the watchdog any more, the board is reset, and starts again."""
    with board.machine.start(timeout=400, extra=REBOOTS) as console:
        mark = console.wait(STARTED, WAIT).end()
        said = console.wait(FED, WAIT, mark)
        expect(int(said[1]) == SECONDS * 1000, f"the time that U-Boot gave it is {SECONDS} s, the hypervisor says {said[1]} ms")
        console.wait("^bell-a: heard 1000 rings$", WAIT, said.end())
        mark = console.wait("^bell-b: heard 1000 rings$", WAIT, said.end()).end()
        console.quiet(3 * SECONDS // 2)
        console.never(STARTED, mark)            # it is fed
        mark = console.type("bell-a", "q")
        mark = console.wait("^ashlar: hardware watchdog: no longer fed, bell-a is down for good", WAIT, mark).end()
        mark = console.wait(STARTED, WAIT, mark).end()
        console.wait(FED, WAIT, mark)


CASES = {"spins": _spins, "unvouched": _unvouched}


def bites(ctx):
    """See the head of this file."""
    CASES[ctx.args["case"]](WatchedBoard(ctx))
