# SPDX-License-Identifier: Apache-2.0
"""The ramdisk writer: read back by a reader of its own, twice the same, and what it refuses."""
import stat

from tests.runner.context import expect

LIST = """# a comment
dir  /dev 0755
node /dev/console 0600 c 5 1
file /init 0755 first   # and one behind an entry
link /sh init
"""
CONTENT = b"#!/bin/busybox sh\n"
WANT = [("dev", stat.S_IFDIR | 0o755, b"", (0, 0)), ("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)),
        ("init", stat.S_IFREG | 0o755, CONTENT, (0, 0)), ("sh", stat.S_IFLNK | 0o777, b"init", (0, 0))]
REFUSED = {
    "unknown-kind": ("sock /x 0600\n", ":1: neither dir"),
    "no-mode": ("dir /a 0755\n\ndir /x\n", ":3: neither dir"),
    "no-source": ("file /x 0600 second\n", "no source named 'second'"),
    "no-file": ("file /x 0600 missing\n", "No such file"),
    "bad-number": ("node /x 0600 c five 1\n", ":1: "),
}


def _write(ctx, text, name, status=0):
    listing, content, out = ctx.work / "list", ctx.work / "first", ctx.work / name
    listing.write_text(text, encoding="utf-8")
    content.write_bytes(CONTENT)
    said = ctx.run(ctx.python, "scripts/image/cpio.py", "--list", listing, "--output", out, f"first={content}",
                   "missing=/nowhere/at-all", env=ctx.env(SOURCE_DATE_EPOCH=1700000000), status=status)
    return out, said


def _entries(data):
    """(name, mode, content, device, owner, time) of a newc archive."""
    at, found = 0, []
    while True:
        expect(data[at:at + 6] == b"070701", f"no header at {at}")
        f = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        name = data[at + 110:at + 110 + f[11] - 1].decode()
        body = at + 110 + f[11] + -(at + 110 + f[11]) % 4
        if name == "TRAILER!!!":
            return found
        found.append((name, f[1], data[body:body + f[6]], (f[9], f[10]), (f[2], f[3]), f[5]))
        at = body + f[6] + -f[6] % 4


def whole(ctx):
    """Everything that was listed is there, owned by root, at the one clock of a build."""
    one = _write(ctx, LIST, "one")[0].read_bytes()
    (ctx.work / "first").touch()
    two = _write(ctx, LIST, "two")[0].read_bytes()
    expect(one == two, "two runs differ")
    entries = _entries(one)
    expect([e[:4] for e in entries] == WANT, f"in it: {entries}")
    expect({e[4:] for e in entries} == {((0, 0), 1700000000)}, "an owner or a time is off")


def refused(ctx):
    """A list with a mistake: the line is named and nothing is written."""
    text, words = REFUSED[ctx.args["case"]]
    out, said = _write(ctx, text, "out", status=1)
    expect(words in said, f'"{words}" was not said')
    expect(not out.exists(), "something was written")
