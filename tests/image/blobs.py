# SPDX-License-Identifier: Apache-2.0
"""Files that no distribution may ship: asked for by name, origin and licence; put in their places once they are there."""
import random

from tests.runner.context import expect
from tests.trust.card import partition_start

BOARD = "boards/try"
CONFIG = """\
# SPDX-License-Identifier: Apache-2.0
[disk]
disk-uuid = 6173686c-6172-4171-8d75-747279000001
partition-uuid = 6173686c-6172-4270-8f74-747279000002
fat-serial = 41535452
label = ASHLAR
spare-mib = 2
first-mib = 16

[blob start.elf]
what = firmware of the maker's
from = the maker
licence = the maker's

[blob ddr.bin]
what = firmware of the memory
from = the maker of the memory
licence = unknown
offset-kib = 32

[raw loader]
offset-kib = 8192
"""


def _board(ctx, text=CONFIG):
    folder = ctx.work / "board"
    folder.mkdir(exist_ok=True)
    (folder / "image.cfg").write_text(text, encoding="utf-8")
    return folder


def _ask(ctx, board, what, blobs=""):
    return ctx.run(ctx.python, "scripts/image/blobs.py", "--board-dir", board, "--blobs-dir", blobs, what).strip()


def _disk(ctx, board, *files, status=0):
    return ctx.run(ctx.python, "scripts/image/disk.py", "--board-dir", board, "--output", ctx.work / "sdcard.img",
                   *files, env=ctx.env(SOURCE_DATE_EPOCH=1700000000), status=status)


def _file(path, size, seed):
    path.write_bytes(random.Random(seed).randbytes(size))
    return path.read_bytes()


def asked_for(ctx):
    """Missing ones are named, an empty file is none; one alone changes nothing."""
    board, blobs = _board(ctx), ctx.work / "blobs"
    blobs.mkdir()
    expect(_ask(ctx, board, "missing") == "start.elf, ddr.bin", "not both are missing")
    expect(_ask(ctx, board, "found") == "", "something was found nowhere")
    _file(blobs / "start.elf", 5000, 1)
    (blobs / "ddr.bin").write_bytes(b"")
    expect(_ask(ctx, board, "missing", blobs) == "ddr.bin" and _ask(ctx, board, "found", blobs) == "", "an empty file counts")
    said = _ask(ctx, board, "tell", blobs)
    expect(said == f"To boot the real board, {blobs} has not got:\n  ddr.bin: firmware of the memory\n"
           "    from the maker of the memory\n    licence: unknown", f"said was: {said}")
    _file(blobs / "ddr.bin", 3000, 2)
    expect(_ask(ctx, board, "missing", blobs) == "" and _ask(ctx, board, "tell", blobs) == "", "something is missing still")


def placed(ctx):
    """In the partition, or at their offsets before it; the bytes are the files'."""
    board, blobs = _board(ctx), ctx.work / "blobs"
    blobs.mkdir()
    start, ddr, loader = (_file(blobs / name, size, size) for name, size in
                          (("start.elf", 70000), ("ddr.bin", 200000), ("loader", 1 << 20)))
    _disk(ctx, board, *_ask(ctx, board, "found", blobs).split(), f"raw:loader={blobs / 'loader'}")
    image = (ctx.work / "sdcard.img").read_bytes()
    expect(partition_start(ctx.work / "sdcard.img") == 16 << 20, "the partition begins elsewhere")
    expect(image[32 << 10:][:len(ddr)] == ddr and image[8192 << 10:][:len(loader)] == loader, "not where they are to be")
    ctx.run("mcopy", "-n", "-i", f"{ctx.work / 'sdcard.img'}@@{16 << 20}", "::start.elf", ctx.work / "back")
    expect((ctx.work / "back").read_bytes() == start, "start.elf came back changed")
    expect(image[512:520] == b"EFI PART", "the partition table is gone")


def overlapping(ctx):
    """Two in one place, one over the table, one into the partition: refused, with numbers."""
    big = ctx.work / "big"
    _file(big, 9 << 20, 3)
    for old, new, wanted in (("offset-kib = 8192", "offset-kib = 100", "loader is to lie at 100 KiB, where ddr.bin is up to"),
                             ("offset-kib = 32", "offset-kib = 16", "ddr.bin is to lie at 16 KiB, where the partition table is up to 17 KiB"),
                             ("first-mib = 16", "first-mib = 16\nenvironment = 0x100000 0x120000 0x20000",
                              "U-Boot's environment is to lie at 1024 KiB, where ddr.bin is up to 9248 KiB"),
                             ("first-mib = 16", "first-mib = 8", "ends at 17408 KiB, and the first partition begins at 8192 KiB")):
        board = _board(ctx, CONFIG.replace(old, new))
        said = _disk(ctx, board, f"raw:ddr.bin={big}" if "8192" not in wanted else f"raw:loader={big}", f"raw:loader={big}", status=1)
        expect(wanted in said and said.count("\n") == 1, f"said was: {said}")


def build(ctx):
    """A board's build: not bootable and not flashed without them, both with them."""
    out, blobs, card = ctx.out / ctx.args["build"], ctx.work / "blobs", ctx.work / "card"
    blobs.mkdir()
    for name in ctx.args["blobs"]:
        _file(blobs / name, 40000, 4)
    with open(card, "wb") as stream:
        stream.truncate(1 << 28)
    said = ctx.make("flash", f"DEV={card}", "YES=1", o=out, status="error")
    expect(f"it needs {', '.join(ctx.args['blobs'])}" in said and not any(card.read_bytes()), "flashed all the same")
    said = ctx.make("flash", f"DEV={card}", "YES=1", f"BLOBS_DIR={blobs}", o=out)
    expect("not bootable" not in said and "read back and compared" in said, "not flashed with them")
    for name in ctx.args["blobs"]:
        ctx.run("mcopy", "-n", "-i", f"{card}@@{partition_start(card)}", f"::{name}", ctx.work / name)
        expect((ctx.work / name).read_bytes() == (blobs / name).read_bytes(), f"{name} came back changed")
    said = ctx.make(o=out)
    expect(f"sdcard.img (not bootable: needs {', '.join(ctx.args['blobs'])})" in said, "not said any more")
