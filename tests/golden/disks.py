# SPDX-License-Identifier: Apache-2.0
"""`ashlar inspect` of a disk's image: its partitions as the table has them, its files as they were put there."""
import re
import struct

from tests.runner.context import expect


def _table(path):
    """{name: (place, bytes)} of the partitions, read apart from the tool."""
    with open(path, "rb") as stream:
        head = stream.read(64 * 512)
    first, count, size = struct.unpack_from("<QII", head, 512 + 72)
    found = {}
    for at in range(first * 512, first * 512 + count * size, size):
        kind, _, begin, last, _, name = struct.unpack_from("<16s16sQQQ72s", head, at)
        if any(kind):
            found[name.decode("utf-16-le").rstrip("\0")] = (begin * 512, (last - begin + 1) * 512)
    return found


def shown(ctx):
    """Every partition, every file with its size, and the signed image in it as if it were inspected by itself."""
    folder, tool = ctx.out / "demo/images", ctx.out / "demo/host/ashlar"
    text = ctx.run(tool, "inspect", folder / "sdcard.img")
    partitions = {name: (int(at, 16), int(size)) for name, at, size in
                  re.findall(r"^  partition (\S+) +at 0x([0-9a-f]+) +(\d+) bytes$", text, re.MULTILINE)}
    table = _table(folder / "sdcard.img")
    expect(partitions == table and "boot" in table, f"{partitions} are not {table}")
    whole = (folder / "ashlar.itb").stat().st_size
    expect(re.search(rf"^    ashlar\.itb +{whole} bytes$", text, re.MULTILINE), "the signed image is not there whole")
    alone = [line.strip() for line in ctx.run(tool, "inspect", folder / "ashlar.itb").splitlines()[1:]]
    lines = [line.strip() for line in text.splitlines()]
    at = lines.index(alone[0])
    expect(lines[at:at + len(alone)] == alone, "the signed image is shown in other words than alone")
    for name, cut in (("half", 1 << 20), ("table", 1024)):
        (ctx.work / name).write_bytes((folder / "sdcard.img").read_bytes()[:cut])
        ctx.run(tool, "inspect", ctx.work / name, status=None)
        expect(ctx.status in (0, 1), f"{name}: status {ctx.status}")
    expect("outside the disk" in ctx.run(tool, "inspect", ctx.work / "half"), "a partition behind the end was not noticed")
