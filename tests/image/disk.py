# SPDX-License-Identifier: Apache-2.0
"""The disk: its files come back by another tool, two runs give the same bytes, the map covers every byte."""
import random
import time
import xml.etree.ElementTree as ET

from tests.runner import small_disk
from tests.runner.context import expect
from tests.trust.card import partition_start

BOARD = "boards/qemu_arm64"
BLOCK = 4096


def _make(ctx, folder, files):
    out = ctx.work / folder / "sdcard.img"
    out.parent.mkdir()
    ctx.run(ctx.python, "scripts/image/disk.py", "--board-dir", BOARD, "--output", out,
            *(f"{name}={path}" for name, path in files.items()), env=ctx.env(SOURCE_DATE_EPOCH=1700000000))
    return out


def whole(ctx):
    """See the head of this file."""
    files = {"ashlar.itb": ctx.work / "a", "boot.scr": ctx.work / "b"}
    data = {"ashlar.itb": random.Random(1).randbytes(3 << 20), "boot.scr": b"script"}
    for name, path in files.items():
        path.write_bytes(data[name])
    one = _make(ctx, "one", files)
    for path in files.values():
        path.touch()
    time.sleep(2.1)         # FAT counts time in steps of two seconds
    two = _make(ctx, "two", files)
    expect(one.read_bytes() == two.read_bytes(), "two disks of the same files differ")
    maps = [out.with_name("sdcard.img.bmap").read_bytes() for out in (one, two)]
    expect(maps[0] == maps[1], "two block maps differ")
    for name in files:
        ctx.run("mcopy", "-n", "-i", f"{one}@@{partition_start(one)}", f"::{name}", ctx.work / f"back.{name}")
        expect((ctx.work / f"back.{name}").read_bytes() == data[name], f"{name} came back changed")
    _check_map(one.read_bytes(), ET.fromstring(maps[0]))


def full(ctx):
    """Too small a disk for the card: one line that says how much is needed, and nothing left."""
    itb = ctx.work / "ashlar.itb"
    itb.write_bytes(bytes(3 << 20))
    out = ctx.work / "small/sdcard.img"
    text = small_disk.run(ctx, "12m", out.parent, ctx.python, "scripts/image/disk.py", "--board-dir", BOARD,
                          "--output", out, f"ashlar.itb={itb}", status=1)
    expect(text.count("\n") == 1 and "needs 18 MiB" in text and "make room" in text, "another refusal")


def _check_map(image, tree):
    """What the map leaves out is zero."""
    mapped = set()
    for span in tree.iter("Range"):
        first, _, last = span.text.strip().partition("-")
        mapped.update(range(int(first), int(last or first) + 1))
    for block in range(len(image) // BLOCK):
        if block not in mapped:
            expect(not any(image[block * BLOCK:(block + 1) * BLOCK]), f"block {block} is not in the map")
