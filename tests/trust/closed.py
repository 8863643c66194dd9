# SPDX-License-Identifier: Apache-2.0
"""A U-Boot that we build: what starts unsigned code is not in it, nobody reaches its prompt, and no build has an open hole.

Debian's has it all, which shows that the words that are looked for are right; each hole is opened to see that it is found.
"""
import re

from tests.boot.machine import BOARD, Machine
from tests.runner.context import Failure, expect
from tests.trust.card import Card

# What each way in says of itself.
WORDS = {
    "go": b"start application at address",
    "booti": b"Linux kernel 'Image' format",
    "bootelf": b"ELF image in memory",
    "bootefi": b"EFI payload",
    "scripts": b"run script from memory",
    "bootflow": b"bootflow",
    "extlinux": b"extlinux",
    "network": b"TFTP protocol",
    "USB": b"USB sub-system",
    "a stored environment": b"save environment variables to persistent",
}
PROMPT = r"^(=>|ZynqMP>) "
CTRL_C = "\x03"
KEYS = 150      # how often: what is not read fills the emulator's line, and it waits
OURS = r"^ashlar: "


def _machine(ctx):
    return Machine(ctx, ctx.args.get("build", "demo"), ctx.args.get("board", BOARD))


def _without_environment(program):
    """Where U-Boot's own for the SoC has boot scripts in its built-in environment: nothing runs them, and what they begin is not there."""
    begin = program.index(b"\0bootcmd=echo launcher: ") + 1
    end = program.index(b"\0\0", begin)
    text, rest = program[begin:end], program[:begin] + program[end:]
    expect(all(b"=" in line for line in text.split(b"\0")), "this is no environment")
    for command in (b"sysboot ", b"source "):
        expect(command in text, f"no script says {command.decode()}any more: look at all of it")
    expect(b"sysboot" not in rest, "extlinux: this U-Boot has its command")
    return rest


def check(ctx):
    """No word of a way in is in the program."""
    open_one = Machine(ctx, "gicv2", "qemu_arm64_gicv2").u_boot.read_bytes()
    ours = _machine(ctx).u_boot.read_bytes()
    if ctx.args.get("has-scripts"):
        ours = _without_environment(ours)
    for name, words in WORDS.items():
        expect(words in open_one, f"{name}: Debian's U-Boot says something else")
        if name != "a stored environment" or not ctx.args.get("stores"):
            expect(words not in ours, f"{name}: this U-Boot has it")


def _opened(ctx, machine):
    """The same U-Boot, and a control tree that looks at keys: what this test would see if the hole were there."""
    tree = ctx.work / "open.dtb"
    tree.write_bytes(machine.control.read_bytes())
    ctx.run("fdtput", "-d", tree, "/config", "bootsecure")
    ctx.run("fdtput", "-t", "i", tree, "/config", "bootdelay", "5")
    machine.u_boot = ctx.work / "open.bin"
    machine.u_boot.write_bytes((machine.folder / "u-boot-nodtb.bin").read_bytes() + tree.read_bytes())


def _type_until(console, pattern, seconds):
    """Ctrl-C and other keys, again and again, until a line is seen."""
    for count in range(seconds * 20):
        if count < KEYS:
            console.emulator.send(CTRL_C + "\r \x1b")
        if not console.emulator.pump(0.05) or re.search(pattern, console.text, re.M):
            return
    raise Failure(f"not seen in {seconds} s: {pattern}")


def prompt(ctx):
    """Keys are pressed from the first character on: a good image starts, a bad one ends in power-off, and there is no prompt."""
    machine, case = _machine(ctx), ctx.args["case"]
    if case == "opened":
        _opened(ctx, machine)
    elif case == "refused":
        card = Card(ctx, machine.disk, ctx.args.get("slots", 1))
        card.write("ashlar.itb", b"no image")
        machine.disk = card.path
    with machine.start(timeout=150) as console:
        if case == "opened":
            _type_until(console, PROMPT, 60)
            expect(re.search(PROMPT, console.text, re.M), "the hole is open, and this test does not see it")
            return
        _type_until(console, OURS if case == "typed-at" else r"^launcher: stopped", 100)
        expect(re.search(r"^launcher: ", console.text, re.M), "U-Boot did not begin")
        if case == "typed-at":
            console.wait(OURS, 60)
        else:
            console.wait_power_off(60)
        console.never(PROMPT)


def _set(text, *names):
    for name in names:
        text = re.sub(rf"# CONFIG_{name} is not set\n", "", text) + f"CONFIG_{name}=y\n"
    return text


def _unset(text, name):
    changed = re.sub(rf"^CONFIG_{name}=.*\n", "", text, flags=re.M)
    expect(changed != text, f"CONFIG_{name} was not set")
    return changed


# What opens a hole, in the configuration; and the words of the build that does not have it.
CONFIG = {
    "unsigned-fit": (lambda t: _unset(t, "FIT_SIGNATURE"), "unsigned FITs"),
    "no-rsa": (lambda t: _unset(t, "RSA_VERIFY"), "unsigned FITs"),
    "best-match": (lambda t: _set(t, "FIT_BEST_MATCH"), "other configurations"),
    "legacy": (lambda t: _set(t, "LEGACY_IMAGE_FORMAT"), "legacy images"),
    "booti": (lambda t: _set(t, "CMD_BOOTI"), "booti"),
    "go": (lambda t: _set(t, "CMD_GO"), "go: CONFIG_CMD_GO"),
    "elf": (lambda t: _set(t, "CMD_ELF"), "go: CONFIG_CMD_ELF"),
    "efi": (lambda t: _set(t, "EFI_LOADER"), "unsigned EFI"),
    "script": (lambda t: _set(t, "CMD_SOURCE"), "boot scripts"),
    "bootstd": (lambda t: _set(t, "BOOTSTD"), "extlinux"),
    "extlinux": (lambda t: _set(t, "BOOTMETH_EXTLINUX"), "extlinux"),
    "usb": (lambda t: _set(t, "USB"), "USB"),
    "network": (lambda t: _unset(t, "NO_NET"), "network"),
    "serial": (lambda t: _set(t, "CMD_LOADB"), "serial loads"),
    "memory": (lambda t: _set(t, "CMD_MEMORY"), "memory commands"),
    "key": (lambda t: t.replace("CONFIG_BOOTDELAY=-2", "CONFIG_BOOTDELAY=2"), "keys"),
    "keyed": (lambda t: _set(t, "AUTOBOOT_KEYED"), "keys"),
    "preboot": (lambda t: _set(t, "USE_PREBOOT"), "preboot"),
    "environment": (lambda t: _set(t.replace("CONFIG_ENV_WRITEABLE_LIST=y", ""), "ENV_IS_IN_MMC"), "a stored environment"),
    "returns": (lambda t: t.replace('poweroff; reset"', '"'), "the boot command's end"),
    "leaves": (lambda t: t.replace("bootm ", "go ", 1), "the boot command"),
}
# The same in the control tree: what fdtput is told.
TREE = {
    "no-key": (["-r", "/signature"], "no key"),
    "not-required": (["-d", "{key}", "required"], "no key"),
    "any-key": (["-t", "s", "/signature", "required-mode", "any"], "any one of several"),
    "no-bootsecure": (["-d", "/config", "bootsecure"], "the prompt"),
    "other-command": (["-t", "s", "/config", "bootcmd", "reset"], "the prompt"),
}


def _holes(ctx, config, tree, status):
    (ctx.work / "config").write_text(config, encoding="utf-8")
    return ctx.run(ctx.python, "scripts/image/u_boot_holes.py", "--config", ctx.work / "config", "--control", tree,
                   "--board", "acme", status=status)


def hole(ctx):
    """The build that is tested has none; with one opened there is no build, and it says which."""
    machine, case = _machine(ctx), ctx.args["case"]
    config = (machine.folder / "u-boot.made-config").read_text(encoding="utf-8")
    expect(_holes(ctx, config, machine.control, 0) == "", "a hole in what was built")
    tree = machine.control
    if case in CONFIG:
        change, words = CONFIG[case]
        changed = change(config)
        expect(changed != config, "nothing was opened")
        config = changed
    else:
        args, words = TREE[case]
        tree = ctx.work / "tree.dtb"
        tree.write_bytes(machine.control.read_bytes())
        key = "/signature/" + ctx.run("fdtget", "-l", tree, "/signature").strip()
        if case == "any-key":
            ctx.run("fdtput", "-t", "s", "-p", tree, "/signature/key-other", "required", "conf")
            ctx.run("fdtput", "-t", "bx", tree, "/signature/key-other", "rsa,modulus", "1")
        where = next(i for i, a in enumerate(args) if a[0] in "/{")
        ctx.run("fdtput", *args[:where], tree, *(a.format(key=key) for a in args[where:]))
    said = _holes(ctx, config, tree, 1)
    expect("acme: hardened = yes, but " in said and words in said, f"it says: {said}")
