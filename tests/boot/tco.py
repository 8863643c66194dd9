# SPDX-License-Identifier: Apache-2.0
"""A PC's hardware watchdog: selector and ashlar.efi start it, or else the hypervisor, which feeds it; the PC that nobody feeds is reset."""
import struct

from tests.boot.machine import Machine
from tests.boot.uefi_slots import NEWER, OURS, Board
from tests.runner.context import expect

WAIT = 250                          # seconds for what takes the emulator a few
SPIN = b"\xeb\xfe"                  # jmp .
ENTRY = struct.pack("<III", 4, 8, 18) + b"Xen\0"        # the head of the ELF note that says the entry (XEN_ELFNOTE_PHYS32_ENTRY)
STARTED = r"^launcher: watchdog: a start that hangs is reset after 30 s$"
AGAIN = r"^ashlar\.efi: watchdog: a start that hangs is reset after 30 s$"
FED = r"^ashlar: hardware watchdog: Intel TCO, resets the board when a CPU is stuck for (\d+) ms$"
UNFED = "^ashlar: hardware watchdog: no longer fed, ticker is down for good$"
MISSING = "^ashlar: hardware watchdog: no Intel TCO found, the board goes without$"
MS = 9600                           # of the build's 10 s, in the ticks that the watchdog has
LIVES = 6                           # of ticker, three seconds each: more than that
REBOOTS = ["-action", "reboot=reset"]           # the emulator ends at a reset unless it is told so


def spinning(image):
    """A hypervisor, an ELF file with a PVH note, whose first instruction is a jump to itself."""
    data = bytearray(image)
    entry, = struct.unpack_from("<I", data, data.index(ENTRY) + len(ENTRY))
    table, = struct.unpack_from("<Q", data, 32)
    size, number = struct.unpack_from("<HH", data, 54)
    for at in range(table, table + size * number, size):
        kind, _, offset, _, place, length = struct.unpack_from("<IIQQQQ", data, at)
        if kind == 1 and place <= entry < place + length:
            where = offset + entry - place
            data[where:where + len(SPIN)] = SPIN
            return bytes(data)
    raise ValueError("the entry is nowhere")


def _spins(board):
    """An update that hangs at once: tried twice, reset by the watchdog each time, then the other slot."""
    whole = board.kernel
    board.kernel = board.ctx.work / "spins.bin"
    board.kernel.write_bytes(spinning(whole.read_bytes()))
    board.tried(0)
    with board.start(timeout=900, extra=REBOOTS) as console:
        mark = 0
        for _ in range(2):
            for line in (STARTED, "^launcher: slot b: loading ashlar.efi", AGAIN, OURS):
                mark = console.wait(line, WAIT, mark).end()
        mark = console.wait("^launcher: slot b was started twice and never confirmed", WAIT, mark).end()
        console.never("^ashlar: ")
        for line in (STARTED, "^launcher: slot a: loading ashlar.efi", OURS):
            mark = console.wait(line, WAIT, mark).end()
        console.wait(FED, WAIT, mark)
    board.state("a", False, 0, f"version {NEWER} hung twice")


def _ends(console, mark):
    """ticker has its lives, longer than the watchdog of 10 s waits, and is down for good then."""
    since = mark
    for _ in range(LIVES):
        mark = console.wait("^ticker: done$", WAIT, mark).end()
    said = console.wait(UNFED, WAIT, since)
    expect(said.start() > mark, "it was not fed while ticker was restarted")
    console.never("^launcher: ", since)
    return said.end()


def _unvouched(board):
    """A domain that vouches is down for good: nobody feeds the watchdog any more, the board is reset, and starts again."""
    with board.start(timeout=900, extra=REBOOTS) as console:
        mark = console.wait(STARTED, WAIT).end()
        said = console.wait(FED, WAIT, mark)
        expect(int(said[1]) == MS, f"the hypervisor says {said[1]} ms, not {MS}")
        console.never(STARTED, said.end())      # it is fed
        mark = _ends(console, said.end())
        console.never("powering off|resetting", said.end())
        mark = console.wait(STARTED, WAIT, mark).end()
        console.wait(FED, WAIT, mark)


CASES = {"spins": _spins, "unvouched": _unvouched}


def bites(ctx):
    """See the head of this file."""
    CASES[ctx.args["case"]](Board(ctx))


def without_firmware(ctx):
    """Started by the emulator itself: the hypervisor starts the watchdog; where the chipset has none, it says so and goes on."""
    is_missing = ctx.args["case"] == "missing"
    machine = {"machine": "pc"} if is_missing else {}
    with Machine(ctx, ctx.args["build"], ctx.args["board"]).start(direct=True, timeout=400, **machine) as console:
        mark = console.wait(MISSING if is_missing else FED, WAIT).end()
        if is_missing:
            console.never(FED)
            console.wait("^ticker: done$", WAIT, mark)
            return
        console.never(MISSING)
        _ends(console, mark)
        console.wait_power_off(120)             # it ends at a reset
        console.never("powering off|resetting")
