# SPDX-License-Identifier: Apache-2.0
"""A board with two slots, started from its card again and again: what its U-Boot chooses after updates good and bad."""
from tests.boot.machine import Machine
from tests.fdt import Fit
from tests.image import slots as host
from tests.runner.context import expect
from tests.trust import tamper

OURS = r"^ashlar: Ashlar "
NEWER = 2
TOLD = rf"^ashlar: version {NEWER}, the lowest that may start is {NEWER} \(kept by env, against accidents only\)"


class Board:
    """A card that keeps what is written to it, and the tool that writes its slots."""

    def __init__(self, ctx):
        self.ctx = ctx
        self.machine = Machine(ctx, ctx.args["build"], ctx.args["board"])
        self.card = ctx.work / "card.img"
        ctx.run("cp", "--sparse=always", self.machine.disk, self.card)
        self.machine.disk, self.machine.keeps = self.card, True
        self.tool = host.module(ctx)
        self.slots = self.tool.Slots(self.tool.Card(self.card), host.config(ctx))

    def start(self, *lines, starts=True, told=None):
        """One start: these lines in this order, then the hypervisor, which says @told; or power-off."""
        with self.machine.start(timeout=150) as console:
            mark = 0
            for line in lines:
                mark = console.wait(line, 100, mark).end()
            if starts:
                mark = console.wait(OURS, 60, mark).end()
            else:
                console.wait_power_off(60)
                console.never(OURS)
            if told:
                console.wait(told, 60, mark)

    def damage(self, slot):
        """One bit in the middle of a slot's hypervisor."""
        self.put(slot, tamper.flip_image(self.image(), tamper.image_of(self.image(), "kernel")))

    def image(self):
        """The build's own."""
        return self.machine.outer.read_bytes()

    def put(self, slot, data):
        """An image into a slot, past the tool's checks."""
        path = self.ctx.work / "ashlar.itb"
        path.write_bytes(data)
        start, size = self.slots.card.partition("boot" if slot == "a" else "boot-b")
        self.slots.card.write(start, self.slots.volume(slot, path, size))

    def newer(self, kernel=None):
        """The same image, or one with another hypervisor, with a higher counter, signed again by the project's own tool; where it lies."""
        ctx, tool, key = self.ctx, self.machine.folder / "host/ashlar", self.ctx.out / "data/ashlar/dev.key"
        data = bytearray((self.machine.folder / "bundle.unsigned").read_bytes())
        fit = Fit(bytes(data))
        default = fit.nodes["/configurations"].strings("default")[0]
        at, value = fit.nodes[f"/configurations/{default}"].props["ashlar,rollback"]
        data[at:at + len(value)] = NEWER.to_bytes(len(value), "big")
        unsigned, bundle, outer = (ctx.work / name for name in ("unsigned", "bundle", "newer.itb"))
        unsigned.write_bytes(data)
        ctx.run(tool, "sign", "--key", key, "--output", bundle, unsigned)
        ctx.run(tool, "sign", "--key", key, "--output", outer, "--plan", self.machine.plan, "--hypervisor", kernel or self.machine.kernel,
                "--fdt", self.machine.tree, "--bundle", bundle)
        return outer


def _slot(name):
    return f"^launcher: loading ashlar.itb of slot {name}"


def _exhausted(board):
    """Installed, started twice, never confirmed: back to the old slot, which stays."""
    board.slots.install(board.newer())
    board.start(_slot("b"))
    board.start(_slot("b"))
    expect(board.slots.state()[:3] == ("b", True, 2), f"after two starts: {board.slots.state()}")
    board.start("^launcher: slot b was started twice and never confirmed: back to slot a", _slot("a"))
    expect(board.slots.state()[:2] == ("a", False), f"U-Boot keeps trying: {board.slots.state()}")
    board.start(_slot("a"))


def _confirmed(board):
    """Confirmed and committed: it stays, and an older image is refused in either slot, whoever put it there."""
    old = board.image()
    board.slots.install(board.newer())
    board.start(_slot("b"))
    board.slots.confirm()
    board.put("a", b"nothing")
    board.slots.commit()
    expect(board.slots.state() == ("b", False, 0, NEWER), f"committed: {board.slots.state()}")
    board.start(_slot("b"), told=TOLD)
    board.put("a", old)
    board.slots.environment.write({**board.slots.environment.read(), "slot": "a"})
    board.start(_slot("a"), "^launcher: slot a: refused: version 0x00000000, the lowest that may start is 2", _slot("b"))


def _both_damaged(board):
    """One slot damaged: the other starts at once. Both: power-off."""
    board.damage("a")
    board.start(_slot("a"), "^launcher: slot a: U-Boot refused", _slot("b"))
    board.put("b", b"no image at all")
    board.start("^launcher: slot a: U-Boot refused", "^launcher: slot b: refused: no version", "^launcher: stopped", starts=False)


def _cut(board):
    """Power fails within an update: half a slot, then half an environment. The old slot starts."""
    log = []
    recording = board.tool.Card(board.card, lambda at, data: log.append((at, bytes(data))))
    before = board.card.read_bytes()
    board.tool.Slots(recording, host.config(board.ctx)).install(board.newer())
    for writes, part in ((len(log) // 2, 4096), (len(log) - 1, 512)):
        board.card.write_bytes(before)
        for at, data in log[:writes]:
            board.slots.card.write(at, data)
        at, data = log[writes]
        board.slots.card.write(at, data[:part] + bytes(1) + data[part + 1:part + 512])
        if writes == len(log) - 1:      # what stood there before was not zero
            board.slots.card.write(at + 512, b"\xee" * 512)
        board.start(_slot("a"))


def _ten_cuts(board):
    """Ten cuts of one whole update, from the first block to the commit: within a write, in each of the environment's too. Some slot
    starts each time, and nothing below what was committed before."""
    start, size = board.slots.card.partition("boot-b")
    board.slots.card.write(start, bytes(size))      # so that all of it is written
    before, log = board.card.read_bytes(), []
    recording = board.tool.Slots(board.tool.Card(board.card, lambda at, data: log.append((at, bytes(data)))), host.config(board.ctx))
    recording.install(board.newer())
    recording.environment.write({**recording.environment.read(), "bootcount": "1"})
    recording.confirm()
    board.put("a", board.newer().read_bytes())      # not in the log: the factory's slot has the new version too
    recording.commit()
    last = [n for n, (_, data) in enumerate(log) if len(data) == 0x20000][-4:]
    expect(len(last) == 4 and last[-1] == len(log) - 1, f"the environment was written at {last} of {len(log)}")
    points = sorted({*last, *(len(log) * n // 7 for n in range(6))})[:10]
    expect(len(points) == 10, f"cuts at {points} of {len(log)}")
    for point in points:
        board.card.write_bytes(before)
        for at, data in log[:point]:
            board.slots.card.write(at, data)
        at, data = log[point]
        board.slots.card.write(at, data[:len(data) // 2 // 512 * 512])
        lowest = board.slots.state()[3]
        board.start("^launcher: loading ashlar.itb of slot [ab]")
        expect(board.slots.state()[3] == lowest, f"cut {point}: the lowest version changed")


def _checked_twice(board):
    """The hypervisor compares again, with what it is told: started without U-Boot, with a tree that says the lowest is 1."""
    with board.machine.start(direct=True, timeout=150) as console:
        console.wait(r"^ashlar: version 0, the lowest that may start is 0 \(nobody said so: any starts\)", 60)
    tree = board.ctx.work / "tree.dtb"
    tree.write_bytes(board.machine.tree.read_bytes())
    board.ctx.run("fdtput", "-t", "u", tree, "/chosen", "ashlar,lowest", "1")
    board.machine.tree = tree
    with board.machine.start(direct=True, timeout=150) as console:
        console.wait("^ashlar: refused: bundle: version 0, the lowest that may start is 1", 60)
        console.never("domain 1")


def _variables(board):
    """A stored environment may name the slot, and nothing else: no command, no delay, no preboot."""
    evil = {"bootcmd": "echo launcher: evil; reset", "preboot": "echo launcher: evil", "bootdelay": "5", "altbootcmd": "evil",
            "stdin": "nulldev", "bootargs": "evil", "slot": "b", "ashlar_min": "x", "counter": "99"}
    board.slots.environment.write(evil)
    expect(board.slots.environment.read()["slot"] == "b", "it was not written")
    with board.machine.start(timeout=150) as console:
        console.wait(_slot("b"), 100)
        console.wait(OURS, 60)
        console.never("evil|Hit any key")


def _store_damaged(board):
    """A release's U-Boot starts nothing when the lowest version cannot be read; one good copy is enough."""
    control, folder = board.ctx.work / "control.dtb", board.machine.folder
    control.write_bytes(board.machine.control.read_bytes())
    board.ctx.run("fdtput", "-t", "u", control, "/config", "ashlar,rollback-required", "1")
    board.machine.u_boot = board.ctx.work / "u-boot.bin"
    board.machine.u_boot.write_bytes((folder / "u-boot-nodtb.bin").read_bytes() + control.read_bytes())
    environment = board.slots.environment
    for _ in environment.places:
        environment.write({"ashlar_min": "0"})
    board.slots.card.write(environment.places[0] + 9, b"damaged")
    board.start(_slot("a"))
    board.slots.card.write(environment.places[1] + 9, b"damaged")
    board.start("^launcher: stopped: the environment on the card is missing or damaged", starts=False)


CASES = {"exhausted": _exhausted, "confirmed": _confirmed, "both-damaged": _both_damaged, "cut": _cut, "variables": _variables,
         "checked-twice": _checked_twice, "ten-cuts": _ten_cuts,
         "store-damaged": _store_damaged}


def started(ctx):
    """See the head of this file."""
    CASES[ctx.args["case"]](Board(ctx))
