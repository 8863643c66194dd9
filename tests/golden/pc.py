# SPDX-License-Identifier: Apache-2.0
"""Plans of a PC: the same as plans.py, by the tool that a PC's build makes, in pc/; and kernels that are unpacked, or cannot be.

After a change that is meant, `-m tests.golden.pc build/<board>/host/ashlar` writes the .txt files again: read the difference.
"""
import ctypes
import gzip
import lzma
import random
import struct
import sys
import tempfile
from pathlib import Path

from tests.fdt import Tree
from tests.golden import plans
from tests.runner.context import expect

HERE = plans.HERE / "pc"
PHYS32_ENTRY = 18


def pvh_elf(base, size, has_note=True):
    """An ELF64 file of one segment, and what says that a PVH loader starts it there: all that the host tool reads of a kernel."""
    note = struct.pack("<III4sI", 4, 4, PHYS32_ENTRY if has_note else 5, b"Xen\0", base)
    data = bytes((i * 7 + (i >> 8)) & 0xFF for i in range(size))
    at = 64 + 2 * 56
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, base, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    segments = ((1, at + len(note), base, size, 4096), (4, at, 0, len(note), 4))
    table = b"".join(struct.pack("<IIQQQQQQ", kind, 7, where, 0, place, length, length, align)
                     for kind, where, place, length, align in segments)
    return head + table + note + data


def bzimage(packed, size):
    """A bzImage's header, behind one sector of setup, and what is packed in it."""
    image = bytearray(2 * 512)
    image[0x1F1] = 1
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", image, 0x248, 0, len(packed) + 4)
    return bytes(image) + packed + struct.pack("<I", size)


def make_images(folder):
    """As plans.make_images."""
    content = {"kernel": pvh_elf(0x1000000, 70000), "no-note": pvh_elf(0x1000000, 4096, has_note=False),
               "bzimage": bzimage(bytes(4096), 4096), "arm64": plans.arm64_image(4096, 8192)}
    for name, data in content.items():
        (folder / name).write_bytes(data)
    (folder / "partitions").write_text("data-a 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n", encoding="utf-8")
    (folder / "hypervisor").write_bytes(pvh_elf(0x2000000, 100000))
    return [f"--image=rule:{name}={folder / name}" for name in content]


def _pack(run, tool, source, folder):
    return plans.pack(run, tool, source, folder, make_images)


def _text(source):
    return source.with_suffix(".txt").read_text(encoding="utf-8")


def _refused(ctx, tool):
    for source in sorted((ctx.root / HERE / "refused").glob("*.dts")):
        said, status, outputs = _pack(plans.runner(ctx), tool, source.relative_to(ctx.root), ctx.work / source.stem)
        expect(status == 1, f"{source.stem}: status {status}")
        expect(plans.LICENCE + said == _text(source), f"{source.stem}: other words")
        expect(not any(o.exists() for o in outputs), f"{source.stem}: an output exists")


def _accepted(ctx, tool):
    run = plans.runner(ctx)
    for source in sorted((ctx.root / HERE / "accepted").glob("*.dts")):
        folder, again = ctx.work / source.stem, ctx.work / f"{source.stem}-again"
        said, status, outputs = _pack(run, tool, source.relative_to(ctx.root), folder)
        expect(status == 0, f"{source.stem}: status {status}")
        said += plans.show(run, tool, outputs, folder)
        expect(plans.LICENCE + said == _text(source), f"{source.stem}: other words or places")
        _first_fit(Tree(outputs[0].read_bytes()))
        _, _, twice = _pack(run, tool, source.relative_to(ctx.root), again)
        expect(all(a.read_bytes() == b.read_bytes() for a, b in zip(outputs, twice)), f"{source.stem}: not reproducible")


def _first_fit(tree):
    """The largest first, each domain lies where its memory fits first of what others left; in memory that is declared."""
    ram = sorted(r for path in tree.nodes if path.startswith("/memory@") for r in plans.ranges(tree, path, "reg"))
    taken = sorted(r for path in tree.nodes if path.startswith("/reserved-memory/") for r in plans.ranges(tree, path, "reg"))
    placed = {path: plans.ranges(tree, path, "xen,static-mem") for path, node in tree.nodes.items() if "xen,static-mem" in node.props}
    for path, ((begin, end),) in sorted(placed.items(), key=lambda item: item[1][0][0] - item[1][0][1]):
        expect(any(b <= begin and end <= e for b, e in ram), f"{path}: {begin:#x}-{end:#x} is not memory")
        fits = [at for at in range(ram[0][0], begin + 1, 2 * plans.MIB)
                if any(b <= at and at + end - begin <= e for b, e in ram)
                and not any(at < e and b < at + end - begin for b, e in taken)]
        expect(fits[0] == begin, f"{path}: at {begin:#x}, though {fits[0]:#x} is free")
        taken.append((begin, end))


def _kernels(ctx, _tool):
    """bzImages that cannot be unpacked: each refusal says what is wrong."""
    cases = {"lzo": (bzimage(b"\x89LZO\0\r\n\x1a\n" + bytes(64), 64), "it is packed in a way that is not known here; gzip, xz, zstd and lz4 are"),
             "cut": (bzimage(bytes(64), 64)[:-32], "its payload is cut short"), "none": (bytes(2048), "not a bzImage")}
    for name, (data, words) in cases.items():
        image = ctx.work / name
        image.write_bytes(data)
        said = ctx.run(ctx.python, "scripts/image/vmlinux.py", "--output", ctx.work / "out", image, status=1)
        expect(said == f"{image}: {words}\n", f"{name}: {said}")
        expect(not (ctx.work / "out").exists(), f"{name}: an output exists")


def _packed(elf):
    """@elf in each way that a kernel's build knows and we unpack; zstd and lz4 by their libraries."""
    zstd, lz4 = ctypes.CDLL("libzstd.so.1"), ctypes.CDLL("liblz4.so.1")
    zstd.ZSTD_compress.restype = ctypes.c_size_t
    zstd.ZSTD_compress.argtypes = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int
    room = ctypes.create_string_buffer(2 * len(elf) + 1024)
    yield "gzip", gzip.compress(elf)
    yield "xz", lzma.compress(elf, check=lzma.CHECK_CRC32)
    length = zstd.ZSTD_compress(room, len(room), elf, len(elf), 3)
    yield "zstd", room.raw[:length]
    frames = [b"\x02\x21\x4c\x18"]
    for at in range(0, len(elf), 8 << 20):          # blocks of 8 MiB, as `lz4 -l` makes them
        block = elf[at:at + (8 << 20)]
        length = lz4.LZ4_compress_default(block, room, len(block), len(room))
        frames += [struct.pack("<I", length), room.raw[:length]]
    yield "lz4", b"".join(frames)


def _unpacked(ctx, _tool):
    """bzImages packed in each way: what comes out is what went in; one of another size is refused."""
    elf = b"\x7fELF" + random.Random(5).randbytes(1 << 20) + bytes(9 << 20)
    for name, packed in _packed(elf):
        image, out = ctx.work / name, ctx.work / f"{name}.elf"
        image.write_bytes(bzimage(packed, len(elf)))
        ctx.run(ctx.python, "scripts/image/vmlinux.py", "--output", out, image)
        expect(out.read_bytes() == elf, f"{name}: another file")
        image.write_bytes(bzimage(packed, len(elf) - 1))
        said = ctx.run(ctx.python, "scripts/image/vmlinux.py", "--output", ctx.work / "none", image, status=1)
        expect(said.startswith(f"{image}: "), f"{name}: {said}")
        expect(not (ctx.work / "none").exists(), f"{name}: an output exists")


def run(ctx):
    """One of the groups."""
    {"refused": _refused, "accepted": _accepted, "kernels": _kernels, "unpacked": _unpacked}[ctx.args["case"]](ctx, ctx.out / "pc/host/ashlar")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        plans.update(sys.argv[1], temporary, HERE, make_images)
