# SPDX-License-Identifier: Apache-2.0
"""The card's image was tampered with: U-Boot must refuse it and nothing of ours may run."""
from tests.boot.machine import BOARD, Machine
from tests.runner.context import expect
from tests.trust import tamper
from tests.trust.card import Card
from tests.trust.resign import resign_outer

FIT = "ashlar.itb"
# What U-Boot says when it refuses (boot/image-fit.c, boot/image-fit-sig.c).
DIGEST = r"Bad hash value for 'hash-1' hash node in '{}' image node"
SIGNATURE = r"Failed to verify required signature"
# What each part is to the configuration.
PARTS = {"hypervisor": "kernel", "board": "fdt", "bundle": "ramdisk"}
OURS = r"^ashlar: |^(linux-a|linux-b|rtos): "


def _tampered(ctx, data, case):
    """The changed image, and what U-Boot is expected to say."""
    kind, _, part = case.partition("-")
    if kind in ("flip", "rehash"):
        name = tamper.image_of(data, PARTS[part])
        if kind == "flip":
            return tamper.flip_image(data, name), DIGEST.format(name)
        return tamper.rehash(data, name), SIGNATURE
    if case == "wrong-key":
        return resign_outer(ctx, data), SIGNATURE
    change = {"signature": tamper.flip_signature, "unsigned": tamper.no_signature,
              "edited-config": tamper.edit_config, "renamed": lambda fit: tamper.rename_property(fit, b"ramdisk")}[case]
    return change(data), SIGNATURE


def refused(ctx):
    """U-Boot says why, and the hypervisor never says a word."""
    machine = Machine(ctx, ctx.args.get("build", "demo"), ctx.args.get("board", BOARD))
    card = Card(ctx, machine.disk, ctx.args.get("slots", 1))
    data = card.read(FIT)
    expect(data == machine.outer.read_bytes(), "the card's image is not images/ashlar.itb")
    changed, why = _tampered(ctx, data, ctx.args["case"])
    expect(changed != data, "nothing was changed")
    card.write(FIT, changed)
    machine.disk = card.path
    with machine.start(timeout=120) as console:
        console.wait(why, 90)
        console.wait(rf"^launcher: stopped: U-Boot refused {FIT}", 60)
        console.wait_power_off(60)
        console.never(OURS)
        console.never(r"Starting kernel")


SCRIPT = """echo launcher: tampered
load virtio 0:1 0x60000000 {fit}
bootm 0x60000000#{config}
bootm 0x60000000
echo launcher: end
"""


def _boot_script(ctx, text):
    """The launcher's binary form."""
    source, script = ctx.work / "boot.txt", ctx.work / "boot.scr"
    source.write_text(text, encoding="utf-8")
    ctx.run("mkimage", "-q", "-T", "script", "-A", "arm64", "-d", source, script)
    return script.read_bytes()


def script(ctx):
    """Another boot script may load what it likes: bootm starts nothing unsigned.

    The same card starts on the same U-Boot once its control tree demands no key: so it is
    the key that refused it, not a slip of this test.
    """
    machine = Machine(ctx, "gicv2", "qemu_arm64_gicv2")        # its U-Boot is Debian's, which has scripts
    card = Card(ctx, machine.disk)
    data, config = card.read(FIT), "conf-1"
    if ctx.args["case"] == "other-config":
        data, config = tamper.other_config(data, ctx.work), "conf-2"
    else:
        data = tamper.no_signature(data)
    card.write(FIT, data)
    card.write("boot.scr", _boot_script(ctx, SCRIPT.format(fit=FIT, config=config)))
    machine.disk = card.path
    with machine.start(timeout=120) as console:
        console.wait(r"^launcher: tampered", 90)
        console.wait(r"^launcher: end", 60)
        expect(console.text.count(SIGNATURE) == 2, "not both bootm named the signature")
        console.never(OURS)
    machine.control = _control_without_key(ctx, machine.control)
    with machine.start(timeout=120) as console:
        console.wait(r"^ashlar: ", 90)


def _control_without_key(ctx, control):
    bare = ctx.work / "control.dtb"
    bare.write_bytes(control.read_bytes())
    ctx.run("fdtput", "-r", bare, "/signature")
    return bare
