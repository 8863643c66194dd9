# SPDX-License-Identifier: Apache-2.0
"""An eMMC: what the boot ROM starts in its boot partition, the card's image in the rest, by the script that a build leaves. Files stand in
for the devices, and a program that keeps its arguments for mmc."""
import os
import random
import shutil

from tests.runner.context import expect

SCRIPT = "scripts/image/flash_emmc.sh"
CARD, FIRST = 3 << 20, 700_001          # bytes of the two images; the second is no whole block


class Emmc:
    """The images with their script, and an eMMC of two files."""

    def __init__(self, ctx, boot_bytes=1 << 20):
        self.ctx, self.images, self.device = ctx, ctx.work / "images", ctx.work / "mmcblk9"
        self.calls, tools = ctx.work / "calls", ctx.work / "tools"
        shutil.rmtree(self.images, ignore_errors=True)
        self.images.mkdir()
        tools.mkdir(exist_ok=True)
        shutil.copy(ctx.root / SCRIPT, self.images / "flash-emmc.sh")
        for seed, (name, size) in enumerate((("sdcard.img", CARD), ("emmc-boot0.img", FIRST))):
            (self.images / name).write_bytes(random.Random(seed).randbytes(size))
        self.boot = self.device.with_name("mmcblk9boot0")
        self.blank = {self.device: bytes(4 << 20), self.boot: bytes(boot_bytes)}
        for path, content in self.blank.items():
            path.write_bytes(content)
        self.calls.write_text("", encoding="ascii")
        (tools / "mmc").write_text(f'#!/bin/sh\necho "$*" >>{self.calls}\n[ ! -e {ctx.work}/deaf ]\n', encoding="ascii")
        (tools / "mmc").chmod(0o755)
        self.path = f"{tools}:{os.environ['PATH']}"

    def write(self, status=0, **env):
        """Run the script; what it says."""
        return self.ctx.run(self.images / "flash-emmc.sh", self.device, status=status, env=self.ctx.env(PATH=self.path, **env))

    def refuses(self, wanted, **env):
        """It says why, and nothing is written or told."""
        said = self.write(status=1, **env)
        expect(wanted in said, f"said was: {said}")
        expect(all(path.read_bytes() == content for path, content in self.blank.items() if path.exists()), "something was written")
        expect(self.calls.read_text(encoding="ascii") == "", "the boot ROM was told")


def written(ctx):
    """Both images are where they belong, what lies behind them is untouched, and the boot ROM is told, last."""
    emmc = Emmc(ctx)
    said = emmc.write(FORCE=1, YES=1)
    for path, name in ((emmc.device, "sdcard.img"), (emmc.boot, "emmc-boot0.img")):
        wanted = (emmc.images / name).read_bytes()
        expect(path.read_bytes() == wanted + emmc.blank[path][len(wanted):], f"{path} has something else than {name}")
    expect(emmc.calls.read_text(encoding="ascii") == f"bootpart enable 1 1 {emmc.device}\n", "the boot ROM was told something else")
    expect(said.rstrip().endswith(f"done; the board starts from {emmc.boot}"), f"said was: {said}")
    (ctx.work / "deaf").touch()
    expect("the boot ROM was not told" in emmc.write(status=1, FORCE=1, YES=1), "a refusal of mmc was not told")


def refused(ctx):
    """No disk, no eMMC, too small a one, no yes."""
    Emmc(ctx).refuses("is no disk; FORCE=1", YES=1)
    Emmc(ctx).refuses("nothing was written", FORCE=1)
    Emmc(ctx, boot_bytes=FIRST - 1).refuses("has 700000 bytes, and emmc-boot0.img more", FORCE=1, YES=1)
    emmc = Emmc(ctx)
    emmc.boot.unlink()
    emmc.refuses("it is no eMMC", FORCE=1, YES=1)


def built(ctx):
    """With the vendor's file a board's card has it at its place, and beside the card's image is what an eMMC wants; without, neither."""
    out, blobs = ctx.out / ctx.args["build"], ctx.work / "blobs"
    blobs.mkdir()
    first = random.Random(7).randbytes(FIRST)
    (blobs / "flash.bin").write_bytes(first)
    try:
        said = ctx.make(f"BLOBS_DIR={blobs}", o=out)
        expect("not bootable" not in said, f"said was: {said}")
        with open(out / "images/sdcard.img", "rb") as card:
            card.seek(32 << 10)
            expect(card.read(len(first)) == first, "the card has it elsewhere")
        expect((out / "images/emmc-boot0.img").read_bytes() == first, "the boot partition has something else")
        expect(os.access(out / "images/flash-emmc.sh", os.X_OK), "the script cannot be run")
        expect("emmc-boot0.img" in (out / "images/SHA256SUMS").read_text(encoding="ascii"), "it is not among the sums")
        (blobs / "flash.bin").write_bytes(bytes(5 << 20))
        said = ctx.make(f"BLOBS_DIR={blobs}", o=out, status="error")
        expect("U-Boot's environment is to lie at 4096 KiB, where flash.bin is up to 5152 KiB" in said, f"said was: {said}")
    finally:
        said = ctx.make(o=out)
    expect("sdcard.img (not bootable: needs flash.bin)" in said, f"said was: {said}")
    expect("emmc" not in (out / "images/SHA256SUMS").read_text(encoding="ascii"), "the sums have it still")
