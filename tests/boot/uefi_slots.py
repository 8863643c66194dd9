# SPDX-License-Identifier: Apache-2.0
"""A board with two slots and UEFI firmware, started again and again: what its selector chooses after updates good and bad."""
import configparser

from tests.boot.disks import _does
from tests.boot.linux import BOOT_SECONDS
from tests.boot.uefi import FILE, LowestMachine
from tests.image import slots as host
from tests.runner.context import expect
from tests.trust.uefi import SIGNATURE, section

OURS = "^ashlar.efi: starting the hypervisor"
NEWER = 7


class Board(LowestMachine):
    """With the tool that writes its slots, which have the build's version, and then NEWER in slot b."""

    def __init__(self, ctx):
        super().__init__(ctx)
        config = configparser.ConfigParser()
        config.read_string((ctx.root / "boards" / ctx.args["board"] / "image.cfg").read_text(encoding="utf-8"))
        tool = host.module(ctx)
        self.slots = tool.Slots(tool.Card(self.disk), config)

    def tried(self, starts):
        """Slot b has a newer version, signed, and is on trial; so many starts of it were counted."""
        said = self.slots.install(self.version(NEWER))
        expect(f"slot b has version {NEWER}" in said, f"installed: {said}")
        self.slots.environment.write({**self.slots.environment.read(), "bootcount": str(starts), "other": "kept"})

    def flip(self, slot):
        """One bit of what is in a slot, amid its hypervisor."""
        data = bytearray(self.card.read(FILE))
        data[section(data, ".hyp") + 100] ^= 1
        self.card.write(FILE, bytes(data), only="ab".index(slot))

    def state(self, slot, on_trial, starts, why):
        """What the record says now; whatever else was in it stays."""
        expect(self.slots.state()[:3] == (slot, on_trial, starts), f"{why}: {self.slots.state()}")
        expect(self.slots.environment.read().get("other") == "kept", f"{why}: another variable is lost")


def _slot(name):
    return f"^launcher: slot {name}: loading ashlar.efi"


def _refused(name):
    return f"^launcher: slot {name}: {SIGNATURE}"


def _exhausted(board):
    """Its second start is counted; the third is that of the old slot, which stays."""
    board.tried(1)
    board.says(_slot("b"), OURS, rf"^ashlar: version {NEWER}, ")
    board.state("b", True, 2, "after two starts")
    board.says("^launcher: slot b was started twice and never confirmed", _slot("a"), OURS)
    board.state("a", False, 0, "after three starts")


def _flipped(board):
    """One on trial that the firmware refuses is left at once, and for good."""
    board.tried(0)
    board.flip("b")
    board.says(_slot("b"), _refused("b"), "^launcher: slot b is no longer on trial", _slot("a"), OURS)
    board.state("a", False, 0, "refused")


def _confirmed(board):
    """It stays the first, and is no longer counted; should it be damaged one day, the other starts."""
    board.tried(1)
    board.slots.confirm()
    before = board.slots.card.read(0, 1 << 20)
    board.says(_slot("b"), OURS)
    expect(board.slots.card.read(0, 1 << 20) == before, "the record of a confirmed slot was written")
    board.flip("b")
    board.says(_slot("b"), _refused("b"), _slot("a"), OURS)
    expect(board.slots.card.read(0, 1 << 20) == before, "the record of a confirmed slot was written")


def _by_domain(board):
    """io reads the record that the selector has written, and a domain's word ends the trial there. The domain's read-only disk, if it has
    one, is that of the slot: the other's is damaged."""
    system = board.folder / "system.img"
    board.slots.install(board.image, system if system.exists() else None)
    if system.exists():
        board.slots.card.write(board.slots.card.partition("system")[0], bytes(system.stat().st_size))
    with board.start(timeout=900, extra=board.ctx.args.get("extra", ())) as console:
        console.wait(_slot("b"), 200)
        if system.exists():
            console.wait(r"^linux-a: system: ready: \d+ bytes of busybox, read through dm-verity$", BOOT_SECONDS)
        console.wait_shell("linux-a", BOOT_SECONDS)
        expect(board.slots.state()[:3] == ("b", True, 1), f"the selector counted {board.slots.state()}")
        _does(console, "linux-a", "confirm-slot", "slot b confirmed")
        console.wait("^io: slot b is confirmed: all that have to say so are well$", 30)
    expect(board.slots.state()[:3] == ("b", False, 0), f"confirmed: {board.slots.state()}")


CASES = {"exhausted": _exhausted, "flipped": _flipped, "confirmed": _confirmed, "by-domain": _by_domain}


def started(ctx):
    """See the head of this file."""
    CASES[ctx.args["case"]](Board(ctx))
