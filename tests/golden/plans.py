# SPDX-License-Identifier: Apache-2.0
"""Plans that the host tool refuses or accepts, and in which words.

refused/NAME.dts must be refused with exactly the lines of refused/NAME.txt. accepted/NAME.dts must be
packed; accepted/NAME.txt holds the warnings and what `ashlar inspect` shows. What such a file could
freeze wrongly is checked by itself: nothing overlaps, everything is aligned and inside memory.

After a change that is meant, `-m tests.golden.plans build/<board>/host/ashlar` writes the .txt files again:
read the difference.
"""
import gzip
import ipaddress
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from tests.fdt import Fit, Tree
from tests.runner.context import expect

HERE = Path("tests/golden")
MIB = 1 << 20
IMAGE_MEMORY = 16 * MIB
LICENCE = "# SPDX-License-Identifier: Apache-2.0\n"


def arm64_image(size, memory):
    """A file with the header of an arm64 Image, which is all that the host tool reads of it."""
    head = struct.pack("<IIQQQQQQII", 0, 0, 0, memory, 0xA, 0, 0, 0, 0x644D5241, 0)
    return head + bytes((i * 7 + (i >> 8)) & 0xFF for i in range(size - len(head)))


def special_kernels(kernel):
    """Kernels that carry their configuration, are cut short, or are another architecture's."""
    def carrying(lines, strategy, level=9):
        shape = zlib.compressobj(level, zlib.DEFLATED, 31, 9, strategy)
        config = "".join(f"CONFIG_N{n * 7919 % 997}=y\n" for n in range(2000)) + "\n".join([*lines, ""])
        packed = shape.compress(config.encode()) + shape.flush()
        return kernel + b"IKCFG_ST" + packed + b"IKCFG_ED" + bytes(8)

    no_xen = ["# CONFIG_XEN is not set"]
    whole = carrying(no_xen, zlib.Z_DEFAULT_STRATEGY)
    pe = bytearray(kernel)
    pe[:2], pe[0x3c:0x40], pe[0x40:0x44] = b"MZ", struct.pack("<I", 0x40), b"PE\0\0"
    pe[0x46:0x48], pe[0x54:0x56] = struct.pack("<H", 1), struct.pack("<H", 0)
    pe[0x58 + 16:0x58 + 24] = struct.pack("<II", len(kernel), 0x1000)
    bzimage = bytearray(8192)
    bzimage[0x202:0x206] = b"HdrS"
    return {"carries-dynamic": whole, "carries-fixed": carrying(no_xen, zlib.Z_FIXED),
            "carries-stored": carrying(no_xen, zlib.Z_DEFAULT_STRATEGY, 0), "carries-xen": carrying(["CONFIG_XEN=y"], zlib.Z_DEFAULT_STRATEGY),
            "carries-damaged": whole[:len(kernel) + 400], "short": bytes(pe), "whole": bytes(pe) + bytes(0x1000), "empty": b"",
            "elf-x86": b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, 62) + bytes(4076), "bzimage": bytes(bzimage)}


def make_images(folder):
    """The files behind the plans' images: options for `ashlar check` and `ashlar pack`."""
    kernel = arm64_image(70000, IMAGE_MEMORY)
    content = {"kernel": kernel, "kernel-again": kernel, "backend": kernel, "tiny": arm64_image(4096, 8192),
               "ramdisk": b"ramdisk!" * (3 * MIB // 8), "compressed": gzip.compress(kernel, mtime=0),
               "zimage": bytes(36) + struct.pack("<I", 0x016F2818) + bytes(4056),
               "elf32": b"\x7fELF\x01\x01\x01" + bytes(9) + struct.pack("<HH", 2, 40) + bytes(4076),
               "elf64": b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, 183) + bytes(4076)}
    options = []
    for name, data in content.items():
        (folder / name).write_bytes(data)
        options.append(f"--image=rule:{name}={folder / name}")
    for name, lines in (("plain", ["# CONFIG_XEN is not set", "CONFIG_XEN_NETDEV_FRONTEND=m"]),
                        ("guest", ["CONFIG_XEN=y", "CONFIG_XEN_BLKDEV_FRONTEND=m", "CONFIG_XEN_NETDEV_FRONTEND=y", "CONFIG_XEN_BALLOON=m"])):
        (folder / name).write_bytes(kernel)
        (folder / f"{name}.config").write_text("\n".join([*lines, "CONFIG_LAST=y", ""]), encoding="utf-8")
        options += [f"--image=rule:{name}={folder / name}", f"--kernel-config=rule:{name}={folder / name}.config"]
    for name, data in special_kernels(kernel).items():
        (folder / name).write_bytes(data)
        options.append(f"--image=rule:{name}={folder / name}")
    (folder / "partitions").write_text("boot 0f1e2d3c-4b5a-6978-8796-000000000000\n"
                                       "data-a 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n"
                                       "data-b 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1\n", encoding="utf-8")
    (folder / "hypervisor").write_bytes(arm64_image(100000, 5 * MIB))
    return options


def compile_plan(run, source, folder):
    """As scripts/ashlar/tool.mk does it. Returns the plan's tree and its map."""
    text, plan, where = (folder / n for n in ("plan.dts", "plan.src.dtb", "plan.map.dts"))
    run("gcc", "-E", "-nostdinc", "-undef", "-x", "assembler-with-cpp", "-I", HERE, "-o", text, "-",
        stdin=f'#include "{source}"\n')
    flags = ["-q", "-q", "-I", "dts"]
    run("dtc", *flags, "-O", "dtb", "-o", plan, text)
    run("dtc", *flags, "-O", "dts", "-T", "-o", where, text)
    return plan, where


def pack(run, tool, source, folder, images=make_images):
    """check, then pack: what both say, their verdict, and the outputs."""
    folder.mkdir(parents=True, exist_ok=True)
    options = images(folder)
    known = [f"--known={o.split('=')[1]}" for o in options if o.startswith("--image")] + ["--known=debian:linux-6.12"]
    plan, where = compile_plan(run, source, folder)
    outputs = folder / "plan.dtb", folder / "bundle"
    is_xen = source.stem.startswith("xen")
    built = [flag for start, flag in (("xen", "--xen"), ("imx", "--imx-watchdog"), ("efi", "--efi-watchdog")) if source.stem.startswith(start)]
    built += ["--tco-watchdog"] if source.parts[-3:-2] == ("pc",) else []
    said, status = run(tool, "check", "--map", where, "--partitions", folder / "partitions", *known, *options,
                       *built, plan, status=None)
    if status == 0:
        more, status = run(tool, "pack", "--map", where, *options, "--hypervisor", folder / "hypervisor",
                           "--rollback", "7", *(["--xen-tree", folder / "xen.dtb"] if is_xen else []),
                           "--plan", outputs[0], "--bundle", outputs[1], plan, status=None)
        said += more
    return said, status, outputs


def show(run, tool, outputs, folder):
    """What `ashlar inspect` says of the bundle, without folder and digests (`ashlar verify` is for those)."""
    text, _ = run(tool, "inspect", outputs[1])
    return re.sub(r"\n +sha256 [0-9a-f]{64}(?=\n)", "", text.replace(f"{folder}/", ""))


def runner(ctx):
    """ctx.run, with the status beside the text."""
    def run(*argv, status=0, stdin=None):
        text = ctx.run(*argv, status=status, stdin=stdin)
        return text, ctx.status if status is None else status
    return run


def _cells(tree, path, prop):
    data = tree.nodes[path].props[prop][1]
    return struct.unpack(f">{len(data) // 8}Q", data)


def ranges(tree, path, prop):
    """A property of addresses and sizes as (begin, end)."""
    cells = _cells(tree, path, prop)
    return [(cells[i], cells[i] + cells[i + 1]) for i in range(0, len(cells), 2)]


def _check_memory(tree):
    """Properties that no stored text can get wrong: inside memory, apart from each other, aligned."""
    ram, used = [], []
    for path, node in tree.nodes.items():
        if path.startswith("/memory@"):
            ram += ranges(tree, path, "reg")
        if path.startswith("/reserved-memory/"):
            used += ranges(tree, path, "reg")
        if "xen,static-mem" in node.props:
            pieces = ranges(tree, path, "xen,static-mem")
            expect(sum(e - b for b, e in pieces) == _cells(tree, path, "memory")[0] * 1024, f"{path}: other size")
            expect(all(b % (2 * MIB) == 0 for b, _ in pieces), f"{path}: not on 2 MiB")
            used += pieces
    used.sort()
    for (_, end), (begin, _) in zip(used, used[1:]):
        expect(end <= begin, f"{end:#x} and {begin:#x} overlap")
    for begin, end in used:
        expect(any(b <= begin and end <= e for b, e in ram), f"{begin:#x}-{end:#x} is not memory")


def _check_bundle(tree, data):
    """Each module is where the plan says, and its bytes are there once."""
    fit = Fit(data)
    load = ranges(tree, "/reserved-memory/bundle", "reg")[0]
    contents = []
    for path, node in tree.nodes.items():
        if "ashlar,image" in node.props:
            begin, end = ranges(tree, path, "reg")[0]
            expect(load[0] <= begin and end <= load[1] and begin % 4096 == 0, f"{path}: not in the bundle")
            name = node.strings("ashlar,image")[0]
            position = struct.unpack(">I", fit.nodes[f"/images/{name}"].props["data-position"][1])[0]
            expect(position == begin - load[0], f"{path}: the plan and the bundle differ")
            contents.append((name, data[position:position + end - begin]))
    names = {content: name for name, content in contents}
    expect(all(names[content] == name for name, content in contents), "a content is stored twice")
    expect(b"tests/golden" not in data[:struct.unpack(">I", data[4:8])[0]], "a path is in the bundle's tree")


def _check_cpus(tree):
    cpus = [c for n in tree.nodes.values() if "ashlar,cpus" in n.props
            for c in struct.unpack(f">{len(n.props['ashlar,cpus'][1]) // 4}I", n.props["ashlar,cpus"][1])]
    may_share = "ashlar,scheduler" in tree.nodes["/chosen"].props
    expect(may_share or len(cpus) == len(set(cpus)), "two vCPUs on one CPU")


def _rate(text):
    """Bytes and microseconds of xl's words, worked out apart from the tool."""
    amount, _, interval = text.partition("@")
    number, scale, bits = re.fullmatch(r"(\d+)([KMG]?)([bB])/s", amount).groups()
    count, unit = re.fullmatch(r"(\d+)(us|ms|s|)", interval or "50ms").groups()
    us = int(count) * {"us": 1, "ms": 1000, "s": 10**6, "": 10**6}[unit]
    second = int(number) * 1000 ** ("KMG".index(scale) + 1 if scale else 0) // (8 if bits == "b" else 1)
    return second * us // 10**6, us


def _check_networks(tree):
    """What pack wrote for the target says the same as the words beside it."""
    for path, node in tree.nodes.items():
        if "/ashlar,net" not in path:
            continue
        props = {name: value for name, (_, value) in node.props.items()}
        high, low, *rate, us, vlan, any_mac = struct.unpack(">7I", props["ashlar,port"])
        mac = (high << 32 | low).to_bytes(6, "big").hex(":")
        expect(props["mac"] == mac.encode() + b"\0", f"{path}: mac {props['mac']} is not {mac}")
        said = struct.unpack(">I", props.get("ashlar,vlan", b"\0\0\0\1"))[0]
        expect(vlan == said and any_mac == ("ashlar,any-mac" in props), f"{path}: VLAN or addresses")
        if "rate" in props:
            words = props["rate"].decode().rstrip("\0")
            expect((rate[0] << 32 | rate[1], us) == _rate(words), f"{path}: rate {words} is {rate}, {us}")
        ips = [ipaddress.ip_address(ip.decode()).packed for ip in props.get("ip", b"").split(b"\0")[:-1]]
        packed = b"".join(bytes([len(ip)]) + ip.ljust(16, b"\0") for ip in ips)
        expect(props.get("ashlar,addresses", b"") == packed, f"{path}: addresses")


def check_packed(tree, bundle):
    """What must hold of every packed plan and its bundle."""
    _check_memory(tree)
    _check_cpus(tree)
    _check_networks(tree)
    _check_bundle(tree, bundle)


def _check_xen(packed, tree, data):
    """Upstream Xen's tree: the same domains and places of their images, nothing of Ashlar's own; the bundle behind the hypervisor."""
    modules = {path: ranges(tree, path, "reg") for path, node in tree.nodes.items()
               if "multiboot,module" in (node.strings("compatible") if "compatible" in node.props else [])}
    expect(len(modules) == 3, f"modules: {sorted(modules)}")
    for path, place in modules.items():
        expect(place == ranges(packed, path, "reg"), f"{path} is elsewhere for Xen")
    left = [f"{path}: {name}" for path, node in tree.nodes.items() for name in node.props
            if name == "xen,static-mem" or (name.startswith("ashlar,") and path.startswith("/chosen"))]
    expect(not left, f"left for Xen: {left}")
    expect("xen,xen-bootargs" in tree.nodes["/chosen"].props, "no command line for Xen")
    expect(not any(p in tree.nodes for p in ("/reserved-memory/bundle", "/reserved-memory/hypervisor")), "still reserved")
    low, high = (ranges(packed, f"/reserved-memory/{name}", "reg")[0] for name in ("hypervisor", "bundle"))
    expect(0 <= high[0] - low[1] < 2 * MIB and high[1] - high[0] >= len(data), "the bundle is not behind the hypervisor")


def _tool(ctx):
    return ctx.out / "demo/host/ashlar"


def refused(ctx):
    """Every refused plan, its exact words; and nothing may be left behind."""
    for source in sorted((ctx.root / HERE / "refused").glob("*.dts")):
        folder = ctx.work / source.stem
        said, status, outputs = pack(runner(ctx), _tool(ctx), source.relative_to(ctx.root), folder)
        expect(status == 1, f"{source.stem}: status {status}")
        expect(LICENCE + said == source.with_suffix(".txt").read_text(encoding="utf-8"), f"{source.stem}: other words")
        left = [p.name for p in folder.iterdir() if p.name.startswith(("plan.dtb", "bundle"))]
        expect(not left, f"{source.stem}: {left} left behind")
        expect(not any(o.exists() for o in outputs), f"{source.stem}: an output exists")


def accepted(ctx):
    """Every accepted plan: as stored, sound, and the same bytes from another folder."""
    for source in sorted((ctx.root / HERE / "accepted").glob("*.dts")):
        folder, again = ctx.work / source.stem, ctx.work / f"{source.stem}-again"
        said, status, outputs = pack(runner(ctx), _tool(ctx), source.relative_to(ctx.root), folder)
        expect(status == 0, f"{source.stem}: status {status}")
        said += show(runner(ctx), _tool(ctx), outputs, folder)
        expect(LICENCE + said == source.with_suffix(".txt").read_text(encoding="utf-8"), f"{source.stem}: other words or places")
        tree = Tree(outputs[0].read_bytes())
        check_packed(tree, outputs[1].read_bytes())
        if source.stem == "xen":
            _check_xen(tree, Tree((folder / "xen.dtb").read_bytes()), outputs[1].read_bytes())
        _, _, twice = pack(runner(ctx), _tool(ctx), source.relative_to(ctx.root), again)
        expect(all(a.read_bytes() == b.read_bytes() for a, b in zip(outputs, twice)), f"{source.stem}: not reproducible")


def binary(ctx):
    """A partial device tree compiled beforehand: the same plan as by its source, findings by node."""
    source, tree = ctx.root / HERE / "accepted/partial-tree-doubtful.dts", ctx.work / "doubtful.dtb"
    ctx.run("dtc", "-q", "-q", "-I", "dts", "-O", "dtb", "-S", "8192", "-o", tree,
            ctx.root / HERE / "trees/accepted/doubtful.dts")
    text = source.read_text(encoding="utf-8")
    name = "tests/golden/trees/accepted/doubtful.dts"
    expect(text.count(name) == 1, "another file is named")
    other = ctx.work / "other.dts"
    other.write_text(text.replace(name, str(tree)), encoding="utf-8")
    _, _, expected = pack(runner(ctx), _tool(ctx), source.relative_to(ctx.root), ctx.work / "source")
    said, status, outputs = pack(runner(ctx), _tool(ctx), other, ctx.work / "binary")
    expect(status == 0, f"status {status}")
    expect(f"{tree}: /passthrough/clock@28010000 reg: warning: domain" in said, "the node is not named")
    expect(all(a.read_bytes() == b.read_bytes() for a, b in zip(expected, outputs)), "another plan")


def update(tool, work, here=HERE, images=make_images):
    """Write the .txt files as the tool speaks now."""
    def run(*argv, status=0, stdin=None):
        done = subprocess.run([str(a) for a in argv], input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=status is not None, encoding="utf-8")
        return done.stdout, done.returncode

    for source in sorted(here.glob("*/*.dts")):
        folder = Path(work) / source.stem
        said, status, outputs = pack(run, tool, source, folder, images)
        if (status == 0) != (source.parent.name == "accepted"):
            print(f"{source}: status {status}\n{said}")
        if status == 0:
            said += show(run, tool, outputs, folder)
        source.with_suffix(".txt").write_text(LICENCE + said, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        update(sys.argv[1], temporary)
