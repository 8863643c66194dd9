# SPDX-License-Identifier: Apache-2.0
"""Linux domains with a disk each: unmodified kernels, partitions of the image, a back end of ours."""
import re

from tests.boot.linux import BOOT_SECONDS
from tests.boot.machine import BOARD, Machine
from tests.runner.context import expect
from tests.trust.card import partition_start

BUILD = "disks"
SAYS = {"linux-a": "PARTLABEL=data-a, 65536 KiB, read and write", "linux-b": "PARTLABEL=data-b, 65536 KiB, read only"}


def _run(console, domain, command, seconds=120):
    """What a command prints, line by line; the kernel's own words are left out."""
    mark = console.type(domain, f"echo begin-$((6*7)); {command}; echo end-$((6*7))")
    console.wait(rf"^{domain}: end-42$", seconds, mark)
    said = re.findall(rf"^{domain}: (.*)$", console.text[mark:], re.M)
    said = said[said.index("begin-42") + 1:said.index("end-42")]
    return [line for line in said if not re.match(r"\[ *\d+\.\d+\]", line)]


def _does(console, domain, command, *lines, seconds=120):
    said = _run(console, domain, command, seconds)
    expect(said == list(lines), f"{domain}: {command}\n  printed {said}\n  not     {list(lines)}")


def _connected(console, domain, number, mark=0):
    console.wait(rf"^io: disk 51712 of domain {number}: connected$", BOOT_SECONDS, mark)
    console.wait(rf"^{domain}: shell ready", BOOT_SECONDS, mark)
    console.wait_shell(domain, BOOT_SECONDS)


def _start(ctx, disk=None, build=BUILD, **how):
    machine = Machine(ctx, ctx.args.get("build", build), ctx.args.get("board", BOARD))
    machine.data = disk or machine.folder / "images" / ctx.args.get("disk", machine.disk.name)
    return machine.start(direct=True, **how)


def _domids(console):
    """Domain numbers by name, as the hypervisor says them."""
    return {name: int(number) for name, number in re.findall(r"^ashlar: ([\w-]+): domain (\d+),", console.text, re.M)}


def _read_only(console):
    """Neither the kernel nor the back end lets it write."""
    _does(console, "linux-b", "cat /sys/block/xvda/ro /sys/block/xvda/size", "1", "131072")
    _does(console, "linux-b", "dd if=/dev/zero of=/dev/xvda count=1 2>/dev/null || echo refused", "refused")
    _does(console, "linux-b", "blockdev --setrw /dev/xvda; dd if=/dev/zero of=/dev/xvda count=1 conv=fsync 2>/dev/null || "
          "echo refused", "refused")


def files(ctx):
    """One writes files, is killed, comes back, finds them; the other may only read."""
    with _start(ctx, timeout=840, extra=ctx.args.get("extra", ())) as console:
        console.wait(r"^io: ready: 3 disks$", 180)
        domids = _domids(console)
        for name, words in SAYS.items():
            console.wait(rf"^io: disk 51712 of domain {domids[name]}: {words}$", 10)
            _connected(console, name, domids[name])
        size = len(_busybox(ctx))
        console.wait(rf"^linux-a: system: ready: {size} bytes of busybox, read through dm-verity$", 10)
        _read_only(console)
        _run(console, "linux-a", "mke2fs /dev/xvda && mkdir -p /mnt && mount -t ext4 /dev/xvda /mnt")
        _run(console, "linux-a", "dd if=/dev/urandom of=/mnt/file bs=64k count=160 && sync /mnt/file")
        digest = _run(console, "linux-a", "sha256sum /mnt/file")
        mark = console.type("linux-a", "reboot -f")         # nothing is unmounted
        _connected(console, "linux-a", domids["linux-a"], mark)
        _does(console, "linux-a", "mkdir -p /mnt && mount -t ext4 /dev/xvda /mnt && sha256sum /mnt/file", *digest)
        expect(re.fullmatch(r"[0-9a-f]{64}  /mnt/file", digest[-1]), f"no digest: {digest}")
        _does(console, "linux-a", "umount /mnt; blkdiscard /dev/xvda && echo discarded", "discarded")
        console.never(r"^ashlar: .*(panic|refused|crash)")
        console.never(r"^io: .*(exception|cut off|cannot|names no)")


def _busybox(ctx):
    """What stands on the read-only disk, as another reader of it says."""
    disk = ctx.out / ctx.args.get("build", BUILD) / "system.img"
    ctx.run("unsquashfs", "-q", "-n", "-d", ctx.work / "system", disk)
    return (ctx.work / "system/busybox").read_bytes()


class _Flipped:
    """A copy of the disk with one bit of a block of data changed, and one of a block of hashes."""

    def __init__(self, ctx):
        folder = ctx.out / ctx.args.get("build", BUILD)
        blocks = int((folder / "system.img.h").read_text(encoding="utf-8").split('"')[1].split()[0])
        self.path, self.leaf = ctx.work / "flipped.img", blocks + 3
        expect(200 < blocks <= 128 * 128, f"{blocks} blocks of data: another tree of hashes than this test looks at")
        ctx.run("cp", "--sparse=always", folder / "images" / ctx.args.get("disk", "sdcard.img"), self.path)
        # before the leaf: superblock, the root's block, the hashes of blocks 0 to 127; in it those of the next 128
        start = partition_start(self.path, 1)
        self.places = (start + 100 * 4096 + 77, start + self.leaf * 4096 + (200 - 128) * 32)
        self.flip()

    def flip(self):
        """Change the bits, or change them back."""
        with self.path.open("r+b") as f:
            for at in self.places:
                f.seek(at)
                byte = f.read(1)[0]
                f.seek(at)
                f.write(bytes([byte ^ 1]))


def _mended(ctx, console, disk):
    """As soon as the bits are again what was signed, all of the disk can be read."""
    disk.flip()
    size, mark = len(_busybox(ctx)), console.type("linux-a", "reboot -f")
    console.wait(rf"^linux-a: system: ready: {size} bytes of busybox, read through dm-verity$", 300, mark)


def verity(ctx):
    """One bit of the read-only disk's data changed, and one of its hashes: what they are for cannot be read; the rest can."""
    read = "dd if=/dev/{} bs=4096 skip={} count=1 2>/dev/null | wc -c"
    disk = _Flipped(ctx)
    with _start(ctx, disk.path, timeout=540) as console:
        console.wait(r"^linux-a: system: refused: the read-only disk is not what was signed", 300)
        console.wait_shell("linux-a", BOOT_SECONDS)
        for block, whole in ((5, "4096"), (100, "0"), (200, "0")):
            _does(console, "linux-a", read.format("xvdb", block), "4096")
            _does(console, "linux-a", read.format("dm-0", block), whole)
        console.wait(r"^linux-a: .*device-mapper: verity: 202:16: data block 100 is corrupted", 10)
        console.wait(rf"^linux-a: .*device-mapper: verity: 202:16: metadata block {disk.leaf} is corrupted", 10)
        console.never(r"^linux-a: system: ready")
        if ctx.args.get("mends"):
            _mended(ctx, console, disk)


def card(ctx):
    """A partition of the card that the board boots from: written, flushed, and there after io and its user have died."""
    machine = Machine(ctx, ctx.args["build"], ctx.args["board"])
    with machine.start(timeout=540) as console:
        size = machine.disk.stat().st_size // 1024
        console.wait(rf"^io: block device: {size} KiB, read and write$", 240)
        domids = _domids(console)
        console.wait(rf"^io: disk 51712 of domain {domids['linux-a']}: PARTLABEL=data-a, 65536 KiB, read and write$", 10)
        _connected(console, "linux-a", domids["linux-a"])
        _run(console, "linux-a", "mke2fs /dev/xvda && mkdir -p /mnt && mount -t ext4 /dev/xvda /mnt")
        _run(console, "linux-a", "dd if=/dev/urandom of=/mnt/file bs=64k count=64 && sync /mnt/file")
        digest = _run(console, "linux-a", "sha256sum /mnt/file")
        expect(re.fullmatch(r"[0-9a-f]{64}  /mnt/file", digest[-1]), f"no digest: {digest}")
        mark = console.type("linux-a", "reboot -f")
        _connected(console, "linux-a", domids["linux-a"], mark)
        _does(console, "linux-a", "mkdir -p /mnt && mount -t ext4 /dev/xvda /mnt && sha256sum /mnt/file", *digest)
        console.never(r"^ashlar: .*(panic|refused|crash)")
        console.never(r"^io: .*(exception|cut off|cannot|names no)")


def _large_disk(ctx, mib, build=BUILD):
    """The board's disk with a larger data-a, made by the tool that makes the image."""
    folder, disk, system = ctx.work / "board", ctx.work / "large.img", ctx.out / build / "system.img"
    folder.mkdir()
    layout = (ctx.root / "boards" / BOARD / "image.cfg").read_text(encoding="utf-8")
    (folder / "image.cfg").write_text(layout.replace("size-mib = 64", f"size-mib = {mib}", 1), encoding="utf-8")
    ctx.run("/usr/bin/python3", "scripts/image/disk.py", "--board-dir", folder, "--output", disk,
            *(["--system", system] if system.exists() else []), f"plan.dtb={ctx.out / build / 'images/plan.dtb'}")
    return disk


LARGE = "i=0; while [ $i -lt 256 ]; do i=$((i+1)); printf %08d $i; cat /tmp/rest; done"


def large(ctx):
    """256 MiB written and read back with a checksum, each MiB of its own content; nothing of it is left in memory."""
    with _start(ctx, _large_disk(ctx, 272), timeout=2800) as console:
        console.wait_shell("linux-a", BOOT_SECONDS)
        _run(console, "linux-a", "dd if=/dev/urandom of=/tmp/rest bs=1048568 count=1 iflag=fullblock 2>/dev/null")
        sums = [_run(console, "linux-a", command, 1300)[-1]
                for command in (f"{{ {LARGE}; }} | tee /dev/xvda | md5sum && sync && echo 3 > /proc/sys/vm/drop_caches",
                                "head -c 268435456 /dev/xvda | md5sum")]
        expect(re.fullmatch(r"[0-9a-f]{32}  -", sums[0]) and sums[1] == sums[0], f"written and read: {sums}")
        read = int(_run(console, "linux-a", "awk '{ print $3 }' /sys/block/xvda/stat")[-1])
        expect(read >= 524288, f"only {read} sectors were read from the disk")
        console.never(r"^ashlar: .*(panic|refused|crash)")
        console.never(r"^io: .*(exception|cut off|cannot)")
