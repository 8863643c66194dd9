# SPDX-License-Identifier: Apache-2.0
"""A/B slots on a card's image: power fails at each write of updates, and within them; what is left starts a good slot.

The card is made by the tool that makes a board's; what U-Boot would start is worked out here from the bytes that are left.
"""
import configparser
import hashlib
import importlib.util
import shutil
import struct

from tests.runner.context import expect

BOARD = "boards/zcu102"
CUTS = 200
TRIES = 2           # of u-boot.cmd


def module(ctx):
    """scripts/image/slots.py."""
    spec = importlib.util.spec_from_file_location("slots", ctx.root / "scripts/image/slots.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def config(ctx):
    """The board's image.cfg: that of a test that has one, else zcu102's."""
    parser = configparser.ConfigParser()
    board = f"boards/{ctx.args['board']}" if "board" in ctx.args else BOARD
    parser.read_string((ctx.root / board / "image.cfg").read_text(encoding="utf-8"))
    return parser


def _noise(version):
    """Text that cannot be made much shorter, other for each version."""
    return "".join(hashlib.sha512(f"{version} {n}".encode()).hexdigest() for n in range(320))


def _itb(ctx, version):
    """What stands for a signed image: as much of a FIT as names its version, and some bytes of its own."""
    path = ctx.work / f"v{version}.itb"
    path.with_suffix(".dts").write_text(
        f'/dts-v1/; / {{ configurations {{ default = "conf-1"; conf-1 {{ ashlar,rollback = <{version}>; own = "{_noise(version)}"; }}; }}; }};',
        encoding="utf-8")
    ctx.run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path, path.with_suffix(".dts"))
    return path


def _system(ctx, version):
    """What stands for the read-only disk that goes with a version."""
    path = ctx.work / f"system{version}.img"
    path.write_bytes(_noise(f"system {version}").encode())
    return path


def _card(ctx, itb):
    """A new card with the image and its read-only disk in both slots."""
    card = ctx.work / "card.img"
    ctx.run(ctx.python, "scripts/image/disk.py", "--board-dir", BOARD, "--output", card, "--system", _system(ctx, 1), f"ashlar.itb={itb}",
            env=ctx.env(SOURCE_DATE_EPOCH=1700000000))
    return card


def _has_system(slots, version):
    """Is the read-only disk of that version whole, in either slot? Its domain looks in both."""
    want = _noise(f"system {version}").encode()
    return any(slots.card.read(slots.card.partition(name)[0], len(want)) == want for name in ("system", "system-b"))


def _starts(slots, good):
    """The version that U-Boot starts; the slot's volume must be one that was written whole, and its read-only disk be there."""
    first, on_trial, starts, lowest = slots.state()
    order = [first, "b" if first == "a" else "a"]
    if on_trial and starts > TRIES:
        order.reverse()
    for name in order:
        start, size = slots.card.partition("boot" if name == "a" else "boot-b")
        version = good.get(slots.card.read(start, size))
        if version is not None and version >= lowest:
            expect(_has_system(slots, version), f"version {version} starts without its read-only disk")
            return version
    return None


def _sequence(slots, card, images):
    """Two updates, as they go well: installed, started once (U-Boot counts), confirmed, committed; yields after each step."""
    for itb, system in images:
        slots.install(itb, system)
        yield
        slots.environment.write({**slots.environment.read(), "bootcount": "1"})
        yield
        slots.confirm()
        yield
        slots.commit()
        yield


def _volumes(slots, images):
    """{bytes of a slot: version} of all that may be started."""
    _, size = slots.card.partition("boot")
    return {slots.volume(name, itb, size): version for version, itb in images.items() for name in "ab"}


def _log(tool, ctx, card, images):
    """The writes of the whole sequence, in order: (place, bytes)."""
    log = []
    work = ctx.work / "run.img"
    shutil.copyfile(card, work)
    slots = tool.Slots(tool.Card(work, lambda at, data: log.append((at, bytes(data)))), config(ctx))
    for _ in _sequence(slots, work, images):
        pass
    expect(slots.state() == ("a", False, 0, 2), f"in the end: {slots.state()}")
    return log


def cuts(ctx):
    """See the head of this file."""
    tool = module(ctx)
    images = {version: _itb(ctx, version) for version in (1, 2, 3)}
    card = _card(ctx, images[1])
    first = tool.Slots(tool.Card(card), config(ctx))
    good = _volumes(first, images)
    for name in "ab":                   # the factory's volumes have another time in them
        start, size = first.card.partition("boot" if name == "a" else "boot-b")
        good[first.card.read(start, size)] = 1
    log = _log(tool, ctx, card, [(images[n], _system(ctx, n)) for n in (2, 3)])
    work = ctx.work / "cut.img"
    pieces = max(1, -(-CUTS // len(log)))
    done, lowest, seen = 0, 0, set()
    for index, (at, data) in enumerate(log):
        shutil.copyfile(card, work)
        with open(work, "r+b") as disk:
            for place, written in log[:index]:
                disk.seek(place)
                disk.write(written)
        for piece in range(pieces):     # and so much of this one: whole sectors, as a card writes
            part = len(data) * piece // pieces // 512 * 512
            with open(work, "r+b") as disk:
                disk.seek(at)
                disk.write(data[:part])
            slots = tool.Slots(tool.Card(work), config(ctx))
            version = _starts(slots, good)
            expect(version is not None, f"write {index}, {part} bytes: nothing starts")
            expect(slots.state()[3] >= lowest, f"write {index}, {part} bytes: the lowest version went down")
            lowest, done = slots.state()[3], done + 1
            seen.add(version)
    expect(done >= CUTS and seen == {1, 2, 3}, f"{done} cuts, versions {seen}")
    _forgets(tool, ctx, card, good, log)


def _forgets(tool, ctx, card, good, log):
    """This test can fail: a slot that is in use and half written is seen, and so is an environment written first."""
    work = ctx.work / "bad.img"
    shutil.copyfile(card, work)
    broken = [(place, data) for place, data in log if len(data) == 0x20000][:1]
    with open(work, "r+b") as disk:
        for place, data in broken:      # the environment names slot b ...
            disk.seek(place)
            disk.write(data)
    slots = tool.Slots(tool.Card(work), config(ctx))
    expect(slots.state()[0] == "b", "the first write of an environment does not name slot b")
    start, _ = slots.card.partition("boot-b")
    slots.card.write(start + 4096, b"half")         # ... which is not whole; and slot a is damaged too
    start, _ = slots.card.partition("boot")
    slots.card.write(start + 4096, b"half")
    expect(_starts(slots, good) is None, "two damaged slots are not seen")


def refused(ctx):
    """What is not done: an older image, two on trial, a confirmation of nothing; both copies of the environment are used in turn."""
    tool = module(ctx)
    images = {version: _itb(ctx, version) for version in (1, 2, 3)}
    card = _card(ctx, images[2])
    run = lambda *argv, status=0: ctx.run(ctx.python, "scripts/image/slots.py", "--board-dir", BOARD, card, *argv,  # noqa: E731
                                          status=status)
    expect("nothing" in run("confirm", status=1) or "no slot is on trial" in run("confirm", status=1), "nothing was confirmed")
    expect("lowest version is 2 now" in run("commit"), "the lowest version is not that of the slots")
    expect("the lowest that this card starts is 2" in run("install", images[1], status=1), "an older one was installed")
    expect("slot b has version 3" in run("install", images[3]), "slot b was not written")
    expect("on trial" in run("install", images[3], status=1) and "on trial" in run("commit", status=1), "two on trial")
    said = run("status")
    expect("slot a: version 2\n" in said and "slot b: version 3, on trial, 0 starts" in said, f"status: {said}")
    expect("slot b is confirmed" in run("confirm"), "it was not confirmed")
    expect("stays 2" in run("commit"), "the lowest version is above that of slot a")
    flags = [struct.unpack_from("<IB", card.read_bytes(), place)[1] for place in (0x40000, 0x60000)]
    expect(sorted(flags) == [2, 3], f"the copies' counters are {flags}")
    expect("no slots" in ctx.run(ctx.python, "scripts/image/slots.py", "--board-dir", "boards/qemu_arm64", card, "status", status=1),
           "a board without slots has some")


def updates(ctx):
    """`ashlar update` makes a bundle that rauc accepts; the slot gets what is in it if the update key signed it for this board."""
    tool, keys = ctx.out / "demo/host/ashlar", ctx.work / "keys"
    ctx.run(tool, "keys", "--output", keys, "update", "board")
    images = {version: _itb(ctx, version) for version in (1, 2, 3)}
    card = _card(ctx, images[2])
    run = lambda *argv, status=0: ctx.run(ctx.python, "scripts/image/slots.py", "--board-dir", BOARD, card, *argv,  # noqa: E731
                                          status=status)
    run("commit")
    before = card.read_bytes()
    for name, role, board, version, why in (("other-role", "board", "zcu102", 3, "signature verification failed"),
                                            ("other-board", "update", "acme", 3, "is for ashlar-acme, and this is ashlar-zcu102"),
                                            ("older", "update", "zcu102", 1, "has version 1, and the lowest that this card starts is 2")):
        update = _update(ctx, tool, keys / f"{role}.key", board, images[version], name)
        expect(why in run("install", update, "--keyring", keys / "update.crt", status=1), f"{name}: another refusal")
    good = _update(ctx, tool, keys / "update.key", "zcu102", images[3], "good", _system(ctx, 3))
    again = _update(ctx, tool, keys / "update.key", "zcu102", images[3], "again", _system(ctx, 3))
    expect(again.read_bytes() == good.read_bytes(), "two updates of one image differ")
    said = ctx.run("rauc", "info", f"--keyring={keys / 'update.crt'}", good)
    expect("ashlar-zcu102" in said and "'3'" in said, "rauc reads something else")
    expect("say by --keyring" in run("install", good, status=1), "nobody's word was taken")
    flipped = ctx.work / "flipped.raucb"
    for at in (100, good.stat().st_size // 3, good.stat().st_size - 300):
        data = bytearray(good.read_bytes())
        data[at] ^= 1
        flipped.write_bytes(data)
        run("install", flipped, "--keyring", keys / "update.crt", status=1)
    expect(card.read_bytes() == before, "a refused update changed the card")
    expect("slot b has version 3" in run("install", good, "--keyring", keys / "update.crt"), "the good one was not written")
    expect(_has_system(module(ctx).Slots(module(ctx).Card(card), config(ctx)), 3), "its read-only disk was not written")


def _update(ctx, tool, key, board, itb, name, system=None):
    out = ctx.work / f"{name}.raucb"
    ctx.run(tool, "update", "--key", key, "--board", board, "--output", out, *(["--system", system] if system else []), itb)
    expect(sorted(p.name for p in ctx.work.glob(f"{name}*")) == [out.name], "something is left")
    return out
