# SPDX-License-Identifier: Apache-2.0
"""`make flash`: what it writes reads back, what it refuses stays as it was, and how it tells a card from the system's disk."""
import importlib.util
import os
import subprocess

from tests.runner.context import expect, skip

SIZE = 4 << 20


def _image(ctx):
    """An image with a hole, and its block map."""
    image = ctx.work / "sdcard.img"
    with open(image, "wb") as out:
        out.write(os.urandom(1 << 20))
        out.seek(3 << 20)
        out.write(os.urandom(1 << 18))
        out.truncate(SIZE)
    ctx.run("bmaptool", "create", "-o", f"{image}.bmap", image)
    return image


def _flash(ctx, image, device, *more, status=0, **env):
    return ctx.run(ctx.python, "scripts/run/flash.py", "--image", image, *more, device, status=status, env=ctx.env(**env))


def whole(ctx):
    """Onto a file, and onto a loop device where there is one."""
    image = _image(ctx)
    card = ctx.work / "card"
    card.write_bytes(b"\xee" * (6 << 20))
    before = card.read_bytes()
    said = _flash(ctx, image, card, status=1)
    expect("YES=1" in said and card.read_bytes() == before, "it was written without a yes")
    said = _flash(ctx, image, card, "--needs", "BOOT.BIN", status=1, YES="1")
    expect("it needs BOOT.BIN" in said and "FORCE=1" in said and card.read_bytes() == before, "an image that cannot boot")
    said = _flash(ctx, image, ctx.work / "nothing", status=1, YES="1")
    expect("No such file" in said, "a device that is not there")
    said = _flash(ctx, image, card, YES="1")
    expect("read back and compared" in said, "it does not say that it compared")
    data = card.read_bytes()
    expect(data[:1 << 20] == image.read_bytes()[:1 << 20] and data[3 << 20:][:1 << 18] == image.read_bytes()[3 << 20:][:1 << 18],
           "the card has something else")
    small = ctx.work / "small"
    small.write_bytes(bytes(1 << 20))
    expect("and the image is 4 MiB" in _flash(ctx, image, small, status=1, YES="1", FORCE="1"), "too small a card is taken")


def loop(ctx):
    """A real block device: its kernel says what it is; a bit that changes on it is noticed."""
    image, file = _image(ctx), ctx.work / "card"
    file.write_bytes(bytes(8 << 20))
    made = subprocess.run(["losetup", "--show", "-f", file], capture_output=True, text=True, check=False)
    if made.returncode:
        skip("this machine gives no loop device: " + made.stderr.strip())
    device = made.stdout.strip()
    try:
        said = _flash(ctx, image, device, YES="1")
        expect("8 MiB" in said and "card" in said and "read back and compared" in said, f"it says: {said}")
        expect(file.read_bytes()[:1 << 20] == image.read_bytes()[:1 << 20], "the device has something else")
    finally:
        ctx.run("losetup", "-d", device)


def _module(ctx):
    spec = importlib.util.spec_from_file_location("flash", ctx.root / "scripts/run/flash.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bad_card(ctx):
    """A card that keeps something else than it was given is found out."""
    flash, image = _module(ctx), _image(ctx)
    card = ctx.work / "card"
    data = bytearray(image.read_bytes())
    expect(flash.read_back(card_of(card, data), f"{image}.bmap", SIZE) >= (1 << 20), "a good card is refused")
    data[(3 << 20) + 7] ^= 1
    try:
        flash.read_back(card_of(card, data), f"{image}.bmap", SIZE)
    except flash.Refusal as problem:
        expect("at 0x300000" in str(problem), f"it says: {problem}")
        return
    expect(False, "a changed bit is not seen")


def card_of(path, data):
    """A file of these bytes."""
    path.write_bytes(data)
    return path


def _disk(root, number, where, facts):
    folder = root / "sys/devices" / where
    for name, text in {"dev": number, "size": "16384", **facts}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    link = root / "sys/dev/block" / number
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(folder)


def judged(ctx):
    """A stick is taken; the system's disk, a mounted one, one that cannot be taken out and one in use are not."""
    flash, root = _module(ctx), ctx.work / "root"
    _disk(root, "8:0", "pci/ata1/block/sda", {"removable": "0", "device/model": "INTERNAL"})
    _disk(root, "8:1", "pci/ata1/block/sda/sda1", {"partition": "1"})
    _disk(root, "8:16", "pci/usb1/block/sdb", {"removable": "1", "device/vendor": "Acme", "device/model": "Stick"})
    _disk(root, "8:17", "pci/usb1/block/sdb/sdb1", {"partition": "1"})
    _disk(root, "179:0", "soc/mmc_host/mmc0/block/mmcblk0", {"removable": "0", "device/name": "SD32G"})
    _disk(root, "7:0", "virtual/block/sdc", {"removable": "1"})
    (root / "sys/devices/virtual/block/sdc/holders/dm-0").mkdir(parents=True)
    mounts = root / "proc/self/mountinfo"
    mounts.parent.mkdir(parents=True)

    def said(number, text=""):
        mounts.write_text(text, encoding="utf-8")
        return "; ".join(flash.objections(flash.Disk(number, str(root)), "it"))

    expect(said("8:16") == "" and said("179:0") == "", "a stick or a card is refused")
    expect(flash.Disk("8:16", str(root)).model == "Acme Stick" and flash.Disk("8:16", str(root)).size == 8 << 20, "its label")
    expect("cannot be taken out" in said("8:0"), "an internal disk is taken")
    expect("is mounted (/mnt)" in said("8:16", "30 1 8:17 / /mnt rw - ext4 /dev/sdb1 rw\n"), "a mounted one is taken")
    expect("running system (/)" in said("8:0", "30 1 8:1 / / rw - ext4 /dev/sda1 rw\n"), "the system's disk is taken")
    expect("in use (dm-0)" in said("7:0"), "one below a volume is taken")
    expect(flash.Disk("8:17", str(root)).parent == "sdb", "a partition is no disk")
