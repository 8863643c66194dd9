# SPDX-License-Identifier: Apache-2.0
"""Runs one fuzzer: a fixed time and seed in make check, longer and by chance in the slow tier."""
import os
import random
import re
import struct
import zlib

from tests.fdt import Tree
from tests.runner.context import Failure, expect

PAGE = 4096
ENOUGH = 1000     # runs, below which nothing can be said


def build(ctx):
    """Compile every fuzzer in the unit tests' folder."""
    ctx.make("fuzz-tests", o=ctx.out / "unit")


def _calls(seeds):
    """For each hypercall its first operations on the caller's own domain, as tests/fuzz/hypercall_fuzz.c reads them."""
    for number in (12, 17, 18, 20, 21, 24, 29, 32, 34):
        calls = b""
        for operation in range(24):
            # A pointer, then a count of one; or a small number or a length, then a pointer.
            for kinds in (0x50, 0x04, 0x03):
                own = struct.pack("<HHIQQQQ", 0x7ff0, 0x7ff0, 1, 0, 0x20000, 0, 0)
                calls += struct.pack("<BBBBI", number, operation, kinds, 0, 16) + own
        (seeds / str(number)).write_bytes(calls)
    return seeds


def _firmware_calls(seeds):
    """Every number of PSCI and of the calls around it, each with likely arguments, as tests/fuzz/psci_fuzz.c reads them."""
    numbers = [base + n for base in (0x84000000, 0xc4000000) for n in range(32)]
    numbers += [base + n for base in (0x80000000, 0x8400ff00, 0x8600ff00) for n in range(4)]
    numbers += [0x80008000, 0x80007fff, 0x80003fff]
    for at in range(0, len(numbers), 8):
        (seeds / str(at)).write_bytes(b"".join(
            struct.pack("<IHHQQQ", fn, 0, odd, first, 0, 0)
            for fn in numbers[at:at + 8] for odd, first in ((0, 1), (1, 0x80008000))))
    return seeds


def _uart(seeds):
    """Both ways of writing: each register read and written, keys typed, the board's UART stalled, as vpl011_fuzz.c reads them."""
    for polite in (0, 1):
        steps = bytes([polite])
        for register in range(8):
            for what in range(8):
                for how in (2, 3, 6, 10, 0xb2):
                    steps += struct.pack("<BBHI", what, how, register if how & 4 == 0 else 0xfe0 + 4 * register,
                                         0x7ff if register == 3 else 37 * what + register)
        (seeds / str(polite)).write_bytes(steps)
    return seeds


def _rings(seeds):
    """Steps of an honest and of a lying guest by chance, the same each time, as tests/fuzz/pv_console_fuzz.c reads them."""
    for number in range(16):
        (seeds / str(number)).write_bytes(bytes([number]) + random.Random(number).randbytes(480))
    return seeds


def _interrupts(seeds):
    """Each kind of machine, then every kind of event some times, as tests/unit/vgic_stress.c reads them."""
    for machine in (0, 1, 3, 0x80, 0x83):
        events = bytes(b for n in range(240) for b in ((n * 37) % 256, (n * 101) % 256, (n * 59) % 256))
        (seeds / f"{machine:02x}").write_bytes(bytes([machine]) + events)
    return seeds


def _steps(seeds):
    """Steps by chance, the same each time, as tests/fuzz/xenstore_fuzz.c, net_fuzz.c and blkif_fuzz.c read them."""
    for number in range(32):
        (seeds / str(number)).write_bytes(random.Random(number).randbytes(480))
    return seeds


def _pvh_kernels(seeds):
    """Small kernels of both classes, with and without the relocation note, as tests/fuzz/pvh_fuzz.c reads them."""
    for wide in (False, True):
        for reloc in (b"", struct.pack("<III", 0x200000, 0x400000, 0x3fffffff)):
            notes = struct.pack("<III4sQ", 4, 8, 18, b"Xen", 0x1000000)
            notes += struct.pack("<III4s", 4, len(reloc), 19, b"Xen") + reloc if reloc else b""
            head = b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9)
            shape = ("<HHIQQQIHHHHHH", "<IIQQQQQQ", 56) if wide else ("<HHIIIIIHHHHHH", "<IIIIIIII", 32)
            head += struct.pack(shape[0], 2, 62, 1, 0x1000000, 64, 0, 0, 64, shape[2], 3, 0, 0, 0)
            image = head.ljust(64, b"\0")
            for kind, at, offset, size, room in ((1, 0x1000000, 256, 64, 4096), (1, 0x1200000, 320, 0, 8192),
                                                 (4, 0, 320, len(notes), len(notes))):
                image += (struct.pack(shape[1], kind, 5, offset, 0, at, size, room, 4096) if wide else
                          struct.pack(shape[1], kind, offset, 0, at, size, room, 5, 4096))
            image = image.ljust(320, b"\0") + notes
            for number, base in enumerate((0, 0x1400000)):
                words = struct.pack("<8I", base, 0x10000000, 0x20000000, 0x1000, 7, 0xfc000000, 0x03020010, 0x25)
                (seeds / f"{wide}-{len(reloc)}-{number}").write_bytes(words + image)
    return seeds


def _apics(seeds):
    """APICs enabled, one of them an x2APIC, then every kind of step by chance, as tests/fuzz/vlapic_fuzz.c reads them."""
    for number in range(16):
        chance = random.Random(number)
        steps = b"".join(struct.pack("<BBHI", 1, cpu, 0xf0, 0x1ff) for cpu in range(4))
        steps += struct.pack("<BBHI", 4, number & 3, 0, 2)
        for _ in range(200):
            steps += struct.pack("<BBHI", chance.randrange(13), chance.randrange(256),
                                 chance.choice((0x300, 0x320, 0x380, 0x3e0, 0x80, 0x30, 0x32, 0x38, 0x4000, 0x280)),
                                 chance.choice((0x200ec, 0x400ec, 0xec, 0x840f0, 0xc4031, 1000, 0x100000, 0x4c31)))
        (seeds / str(number)).write_bytes(steps)
    return seeds


def _features(seeds):
    """Hosts by chance, with everything or as an AMD, then leaves and MSRs, as tests/fuzz/vcpuid_fuzz.c reads them."""
    for number in range(12):
        chance = random.Random(number)
        host = bytearray(b"\xff" * 256 if number % 3 == 0 else chance.randbytes(256))
        if number % 3 == 1:
            host[4:16] = b"AuthcAMDenti"
        if number % 3 == 2:
            host[4:16] = b"GenuntelineI"
        steps = b"".join(struct.pack("<BBHI", chance.randrange(8), chance.randrange(16), chance.choice(
            (1, 4, 7, 11, 13, 0x200, 0x201, 0x250, 0x268, 0x2ff, 0x1a0, 0x17a, 0x8b, 0xfe, 0x103, 0x15, 0x29)),
            chance.choice((0, 1, 2, 1 << 26, 1 << 28, 0x06060606, 0xc06, 0x1800))) for _ in range(120))
        (seeds / str(number)).write_bytes(bytes(host) + steps)
    return seeds


def _instructions(seeds):
    """Each opcode that is decoded, with some operands, in both modes, as tests/fuzz/insn_fuzz.c reads them."""
    opcodes = [bytes([n]) for n in (8, 9, 10, 11, 0x20, 0x21, 0x22, 0x23, 0x63, 0x80, 0x81, 0x83, 0x86, 0x87, 0x88, 0x89, 0x8a,
                                    0x8b, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xaa, 0xab, 0xc6, 0xc7)]
    opcodes += [bytes([15, n]) for n in (0xb6, 0xb7, 0xbe, 0xbf)]
    for number, opcode in enumerate(opcodes):
        for mode, prefixes in ((0, b""), (1, b"\x48"), (1, b"\x66\x41"), (0, b"\x67")):
            code = (prefixes + opcode + b"\x4c\x93\x20" + bytes(15))[:15]
            (seeds / f"{number}-{mode}-{len(prefixes)}").write_bytes(
                bytes([mode]) + code + random.Random(number).randbytes(144))
    return seeds


def _firmware(seeds):
    """A PC's tables, behind an XSDT and behind an RSDT, as tests/fuzz/acpi_fuzz.c reads them."""
    def table(name, body):
        return name + struct.pack("<IBB", 36 + len(body), 1, 0) + bytes(26) + body

    def gas(space, bits, address):
        return struct.pack("<BBBBQ", space, bits, 0, 0, address)

    madt = struct.pack("<II", 0xfee00000, 1)
    madt += b"".join(struct.pack("<BBBBI", 0, 8, n, n, 1) for n in range(4))
    madt += struct.pack("<BBHIII", 9, 16, 0, 300, 1, 4) + struct.pack("<BBBBII", 1, 12, 7, 0, 0xfec00000, 0)
    madt += struct.pack("<BBBBIH", 2, 10, 0, 9, 9, 13) + struct.pack("<BBHQ", 5, 12, 0, 0xfee00000)
    fadt = bytearray(232)
    fadt[4:8] = struct.pack("<I", 0x1600)
    fadt[28:44] = struct.pack("<IIII", 0x604, 0, 0, 0x608)
    fadt[76:80] = struct.pack("<I", 0x500)
    fadt[80:93] = gas(1, 8, 0xcf9) + b"\x0f"
    tables = [table(b"APIC", madt), table(b"FACP", bytes(fadt)),
              table(b"MCFG", bytes(8) + struct.pack("<QHBBI", 0xb0000000, 0, 0, 255, 0)),
              table(b"SPCR", bytes(4) + gas(1, 8, 0x3f8) + bytes(28)),
              table(b"HPET", bytes(4) + gas(0, 64, 0xfed00000) + b"\0d\0\0"), table(b"DMAR", bytes(12))]
    for width in (4, 8):
        memory = bytearray(0x1000)
        places = [0x1200 + 0x200 * n for n in range(len(tables))]
        root = table(b"RSDT" if width == 4 else b"XSDT",
                     b"".join(place.to_bytes(width, "little") for place in places))
        memory[:36] = b"RSD PTR " + struct.pack("<B6sBIIQI", 0, b"", 2 if width == 8 else 0, 0x1100, 36,
                                                0x1100 if width == 8 else 0, 0)
        memory[0x100:0x100 + len(root)] = root
        for place, content in zip(places, tables):
            memory[place - 0x1000:place - 0x1000 + len(content)] = content
        aml = table(b"DSDT", b"\x08_S5_\x12\x06\x04\x0a\x05\x0a\x05\0\0")
        memory[0xe00:0xe00 + len(aml)] = aml
        memory[0x600 - 0x200 + 40:0x600 - 0x200 + 44] = struct.pack("<I", 0x1e00)
        memory[0xe09] = -sum(aml) & 255
        (seeds / str(width)).write_bytes(memory)
    return seeds


def _uart_on_pin(seeds):
    """A driver's way by edges and by levels, then steps by chance, as tests/fuzz/v16550_fuzz.c reads them."""
    for number in range(16):
        chance = random.Random(number)
        steps = [(4, 2, 0), (5, 0, 0x44 | (number & 1) << 15), (1, 2, 0x81), (1, 1, 3)]
        steps += [(chance.randrange(9), chance.randrange(256), chance.choice((0, 1, 3, 0x10, 0x41, 0x8044, 0x83)))
                  for _ in range(240)]
        (seeds / str(number)).write_bytes(b"".join(struct.pack("<BBH", *step) for step in steps))
    return seeds


def _loader_tags(seeds):
    """What GRUB says: a command line, the bundle, a map of memory, both of ACPI's roots, the end."""
    memory = b"".join(struct.pack("<QQII", base, size, kind, 0)
                      for base, size, kind in ((0, 0x9fc00, 1), (0xf0000, 0x10000, 2), (0x100000, 0x7fef0000, 1)))
    bodies = ((1, b"console\0"), (3, struct.pack("<II", 0x800000, 0x900000) + b"bundle\0"),
              (6, struct.pack("<II", 24, 0) + memory), (14, bytes(20)), (15, bytes(36)), (0, b""))
    tags = b""
    for kind, body in bodies:
        tags += struct.pack("<II", kind, 8 + len(body)) + body
        tags += bytes(-len(tags) % 8)
    (seeds / "grub").write_bytes(struct.pack("<II", 8 + len(tags), 0) + tags)
    return seeds


def _configurations(ctx, seeds):
    """What the tests import and are refused, trees compiled, and cut within a header of version 2, which libfdt reads on."""
    for source in sorted((ctx.root / "tests/golden/import").glob("*/*")):
        if source.suffix == ".dts":
            tree = seeds / f"{source.parent.name}-{source.stem}"
            ctx.run("dtc", "-q", "-q", "-I", "dts", "-O", "dtb", "-o", tree, source)
            whole = tree.read_bytes()
            tree.with_suffix(".cut").write_bytes(whole[:20] + bytes((0, 0, 0, 2, 0, 0, 0, 2)) + whole[28:35])
        elif source.suffix != ".txt":
            (seeds / f"{source.parent.name}-{source.name}").write_bytes(source.read_bytes())
    return seeds


def _align_tree(data):
    """A partial tree inside the plan's goes where the reader looks for it, as `ashlar pack` puts it."""
    at = data.index(data[:4], 4)
    size = int.from_bytes(data[at + 4:at + 8], "big")
    data[at + at % 8:at + at % 8 + size] = data[at:at + size]
    return data


def _json(seeds):
    """Each kind of value."""
    (seeds / "one").write_bytes(rb'{"a": [1, -2.5e+3, true, null, "x\u00e9\ud83d\ude00\n"], "b": {"c": []}}')
    return seeds


def _kernels(seeds):
    """An Image with a PE header and one without, and gzip members of each kind of block, as tests/fuzz/image_fuzz.c reads them."""
    image = bytearray(struct.pack("<IIQQQQQQII", 0, 0, 0, 1 << 20, 0xA, 0, 0, 0, 0x644D5241, 0).ljust(512, b"\0"))
    (seeds / "image").write_bytes(image)
    image[:2], image[0x3c:0x44], image[0x46] = b"MZ", struct.pack("<I4s", 0x40, b"PE\0\0"), 2
    image[0x68:0x70] = struct.pack("<II", 256, 64)
    (seeds / "image-pe").write_bytes(image)
    text = b"".join(b"CONFIG_N%d=%c\n" % (n * 7919 % 997, b"ymn"[n % 3]) for n in range(300))
    for name, level, strategy in (("dynamic", 9, zlib.Z_DEFAULT_STRATEGY), ("fixed", 9, zlib.Z_FIXED), ("stored", 0, zlib.Z_FIXED)):
        shape = zlib.compressobj(level, zlib.DEFLATED, 31, 9, strategy)
        (seeds / name).write_bytes(shape.compress(text) + shape.flush())
    return seeds


def _partitions(seeds):
    """A disk with two partitions, by the first table and by the second, checksums to be mended, as tests/fuzz/gpt_fuzz.c reads them."""
    def header(here):
        return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, here, 0, 6, 30, bytes(16), 2, 8, 128, 0).ljust(512, b"\0")

    uuid = bytes.fromhex("3c2d1e0f5a4b78698796a5b4c3d2e1f0")
    entries = b"".join(struct.pack("<16s16sQQQ72s", b"\1" * 16, number, first, first + 3, 0, name.encode("utf-16-le"))
                       for number, first, name in ((bytes(16), 8, "data-a"), (uuid, 12, "data-b"))).ljust(1024, b"\0")
    for name, first in (("first", header(1)), ("second", bytes(512))):
        disk = (bytes(512) + first + entries).ljust(31 * 512, b"\0") + header(31)
        (seeds / name).write_bytes(b"\1" + disk)
    return seeds


def _disks(seeds):
    """A FAT volume with a folder and two files, by itself and in a disk's only partition, as tests/fuzz/disk_fuzz.c reads it."""
    def entry(name, kind, cluster, size):
        return struct.pack("<11sB14xHI", name, kind, cluster, size)

    boot = bytearray(512)
    boot[11:36] = struct.pack("<HBHBHHBHHHII", 512, 1, 1, 1, 16, 24, 0xf8, 1, 0, 0, 0, 0)
    boot[510:] = b"\x55\xaa"
    table = b"".join(((a | b << 12).to_bytes(3, "little") for a, b in ((0xff8, 0xfff), (0xfff, 4), (0xfff, 0xfff)))).ljust(512, b"\0")
    root = (entry(b"ONE     TXT", 0x20, 3, 700) + entry(b"FOLDER     ", 0x10, 2, 0)).ljust(512, b"\0")
    volume = (bytes(boot) + table + root + entry(b"TWO        ", 0x20, 5, 9).ljust(512, b"\0") + b"text" * 512).ljust(24 * 512, b"\0")
    (seeds / "volume").write_bytes(volume)
    header = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, 1, 0, 3, 26, bytes(16), 2, 4, 128, 0).ljust(512, b"\0")
    line = struct.pack("<16s16sQQQ72s", b"\1" * 16, bytes(16), 3, 26, 0, "boot".encode("utf-16-le")).ljust(512, b"\0")
    (seeds / "disk").write_bytes(bytes(512) + header + line + volume)
    return seeds


# What each fuzzer begins with, where it is no tree.
SEEDS = {
    "acpi": _firmware, "blkif": _steps, "disk": _disks, "gpt": _partitions, "hypercall": _calls, "image": _kernels, "insn": _instructions, "json": _json,
    "multiboot2": _loader_tags, "net": _steps, "psci": _firmware_calls, "pv_console": _rings, "pvh": _pvh_kernels,
    "v16550": _uart_on_pin, "vcpuid": _features, "vgic": _interrupts, "vlapic": _apics, "vpl011": _uart, "xenstore": _steps,
}


def _seed(ctx, name):
    """What it begins with: its own seeds, or the seed tree, and behind it, aligned, the pages that a FIT speaks of."""
    seeds = ctx.work / "seeds"
    seeds.mkdir()
    tree = seeds / name
    if name in SEEDS:
        return SEEDS[name](seeds)
    if name == "import":
        return _configurations(ctx, seeds)
    for source, output in (("tree", ctx.work / "tree.dtb"), (name, tree)):
        ctx.run("dtc", "-q", "-I", "dts", "-O", "dtb", "-i", ctx.work, "-o", output,
                ctx.root / f"tests/fuzz/seeds/{source}.dts")
    if name == "plan":
        tree.write_bytes(_align_tree(bytearray(tree.read_bytes())))
    if name == "fit":
        data = bytearray(tree.read_bytes())
        data += bytes(-len(data) % PAGE)
        data[4:8] = len(data).to_bytes(4, "big")
        at, _ = Tree(data).nodes["/configurations/conf-1/signature-1"].props["hashed-strings"]
        data[at + 4:at + 8] = data[32:36]        # all of the strings block is signed
        tree.write_bytes(bytes(data) + bytes(2 * PAGE))
    return seeds


def run(ctx):
    """No input may crash it, hang it or make it accept what it must not."""
    name, seconds = ctx.args["case"], ctx.args["seconds"]
    seeds = _seed(ctx, name)
    found = ctx.out / "corpus" / name
    found.mkdir(parents=True, exist_ok=True)
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0", UBSAN_OPTIONS="print_stacktrace=1")
    corpus, chance = found, []
    if ctx.args.get("repeatable"):
        corpus, chance = ctx.work / "new", ["-seed=1"]
        corpus.mkdir()
    for limit in (f"-max_total_time={seconds}", f"-runs={ENOUGH}"):
        text = ctx.run(ctx.out / "unit/fuzz" / name, limit, "-timeout=10", "-max_len=20480",
                       "-use_value_profile=1", "-print_final_stats=1", f"-artifact_prefix={ctx.out}/crash-{name}-",
                       *chance, corpus, seeds, env=env, status=None)
        if ctx.status != 0:
            raise Failure(f"the input that shows it was kept as {ctx.out}/crash-{name}-*")
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
        if runs and int(runs[1]) >= ENOUGH:
            break                       # else the machine is busy: count, whatever time it takes
    expect(runs and int(runs[1]) >= ENOUGH, "hardly anything was tried")
    cover = [int(n) for n in re.findall(r"\bcov: (\d+)", text)]
    expect(cover and max(cover) > ctx.args["cover"][name],
           f"only {max(cover, default=0)} edges were reached: the seed is not accepted any more")
