# SPDX-License-Identifier: Apache-2.0
"""A slot on trial that its domain confirms, from the card: nothing else that the domain writes reaches U-Boot's environment."""
from tests.boot.disks import _does, _run
from tests.boot.linux import BOOT_SECONDS
from tests.boot.slots import Board, _slot
from tests.runner.context import expect

WRITE = "printf '{}' | dd of=/dev/xvdz bs=512 count=1 conv=sync oflag=direct 2>/dev/null"
WRONG = ("confirm slot a boot 1", "confirm slot b boot 2", "confirm slot b boot 1 x", "ashlar_min=0", "slot=a\\0upgrade_available=0\\0")
# noise over all that it has, and beyond
NOISE = ("dd if=/dev/urandom of=/dev/xvdz bs=512 count=1 oflag=direct 2>/dev/null",
         "dd if=/dev/urandom of=/dev/xvdz bs=512 seek=1 count=1 oflag=direct 2>/dev/null",
         "dd if=/dev/urandom of=/dev/xvda bs=4096 seek=16384 count=1 oflag=direct 2>/dev/null",
         "dd if=/dev/urandom of=/dev/xvdb bs=512 count=1 oflag=direct 2>/dev/null")
SAYS = "dd if=/dev/xvdz bs=512 count=1 iflag=direct 2>/dev/null | tr -d '\\000'"


def _environment(board):
    """The MiB before the first partition, byte for byte."""
    return board.slots.card.read(0, 1 << 20)


def _attack(board, console):
    before = _environment(board)
    for command in (*map(WRITE.format, WRONG), *NOISE):
        _run(console, "linux-a", command)
    _does(console, "linux-a", SAYS, "slot b boot 1")
    expect(_environment(board) == before, "what a domain wrote reached the card's first MiB")


def _confirmed(board, console):
    before = _environment(board)
    _does(console, "linux-a", "confirm-slot", "slot b confirmed")
    console.wait("^io: slot b is confirmed: all that have to say so are well$", 30)
    after = _environment(board)
    places = [(int(place, 0), int(size, 0)) for *both, size in [board.slots.disk["environment"].split()] for place in both]
    changed = [(at, size) for at, size in places if before[at:at + size] != after[at:at + size]]
    expect(len(changed) == 1, f"copies that changed: {changed}")
    at, size = changed[0]
    expect(before[:at] + before[at + size:] == after[:at] + after[at + size:], "something beside that copy changed")


def confirms(ctx):
    """See the head of this file."""
    board = Board(ctx)
    board.slots.environment.write({"ashlar_min": "0", "slot": "a"})
    board.slots.install(board.machine.outer, ctx.out / ctx.args["build"] / "system.img")
    with board.machine.start(timeout=900) as console:
        console.wait(_slot("b"), 100)
        console.wait(r"^linux-a: system: ready: \d+ bytes of busybox, read through dm-verity$", 400)
        console.wait_shell("linux-a", BOOT_SECONDS)
        written = board.slots.environment.read()        # U-Boot's, with all its variables
        expect(written["bootcount"] == "1", f"U-Boot counted {written['bootcount']} starts")
        _attack(board, console)
        _confirmed(board, console)
        console.never(r"^ashlar: .*(panic|refused|crash)")
    expect(board.slots.state() == ("b", False, 0, 0), f"the environment has {board.slots.environment.read()}")
    expect({**written, "upgrade_available": "0", "bootcount": "0"} == board.slots.environment.read(), "another variable changed")
    for _ in range(3):                  # more than it has tries
        board.start(_slot("b"))
