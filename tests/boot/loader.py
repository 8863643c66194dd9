# SPDX-License-Identifier: Apache-2.0
"""What the loader says is a restriction at most: it never steers, and is never overruled.

Reserved memory is put into the tree that the emulator hands over (direct boot), and
into U-Boot's copy between two stages of its bootm: that of Debian, which has a prompt.
"""
import json
import re

from tests.boot.machine import Machine
from tests.fdt import Tree, domains
from tests.runner.context import expect

STARTED = r"^ashlar: {}: started"
PROMPT = r"^=> "
RESERVED = 0x10000
OPEN = ("gicv2", "qemu_arm64_gicv2")    # its U-Boot is Debian's
ONE_THREAD = ["-accel", "tcg,thread=single"]


def _waiting(ctx, machine):
    """The same machine, but its U-Boot can be stopped by a key; the board's own cannot."""
    control = ctx.work / "waiting.dtb"
    control.write_bytes(machine.control.read_bytes())
    ctx.run("fdtput", "-t", "i", control, "/config", "bootdelay", "3")
    machine.control = control
    return machine


def _prompt(console):
    """Stop U-Boot before it starts anything."""
    console.wait(r"Hit any key to stop autoboot", 60)
    console.emulator.send(" ")
    console.wait(PROMPT, 60)


def _u_boot(console, line, seconds=60):
    """One command of U-Boot's shell, until it prompts again."""
    mark = console.mark()
    console.emulator.send(line + "\n")
    console.wait(r"\n=> ", seconds, mark + len(line))
    return console.text[mark:]


def bootargs(ctx):
    """A command line set in the loader reaches nobody."""
    words = "ashlar.test=from-loader init=/nowhere console=none maxcpus=1"
    with _waiting(ctx, Machine(ctx, *OPEN)).start(timeout=300, extra=ONE_THREAD) as console:
        _prompt(console)
        _u_boot(console, f"setenv bootargs '{words}'")
        expect(words.split()[0] in _u_boot(console, "printenv bootargs"), "U-Boot did not keep it")
        mark = console.mark()
        console.emulator.send("boot\n")
        console.wait(STARTED.format("linux-a"), 120, mark)
        console.wait_shell("linux-a", 200)
        line = console.ask("linux-a", "cat /proc/cmdline", ".*console=ttyAMA0.*")
        expect("from-loader" not in line[0] and "nowhere" not in line[0], "it is in the command line")
        console.ask("linux-a", "echo cpus=$(nproc)", "cpus=2")
        console.never("ashlar: .*from-loader", mark)


def software_id(ctx):
    """CONFIG_SWID stands in the manifest and the signed plan, and the running guest says it."""
    folder = ctx.out / ctx.args["build"]
    name = re.search(r'^CONFIG_SWID="(.+)"$', (folder / ".config").read_text(encoding="utf-8"), re.MULTILINE)[1]
    manifest = json.loads((folder / "images/manifest.json").read_text(encoding="utf-8"))
    expect(manifest["software_identification"] == name, "the manifest does not say it")
    expect(f"software   {name}" in ctx.run(folder / "host/ashlar", "inspect", folder / "images/plan.dtb"), "the image does not")
    with Machine(ctx, ctx.args["build"]).start(timeout=250) as console:
        console.wait_shell("linux-a", 200)
        line = console.ask("linux-a", "cat /proc/cmdline", ".*console=ttyAMA0.*")
        expect(f"ashlar.swid={name} " in line[0], f"the guest says {line[0]}")


def _spot(plan, case):
    """A reserved region for a case: base, and whom it hurts ('' for nobody)."""
    mem = domains(plan)
    own = {"hypervisor": "ashlar,hypervisor-memory", "bundle": "ashlar,bundle"}
    if case in own:
        cells = plan.compatible(own[case])[0].cells("reg")
        return (cells[0] << 32 | cells[1]) + 0x100000, case
    if case == "apart":
        taken = [span for spans in mem.values() for span in spans]
        for what in own.values():
            cells = plan.compatible(what)[0].cells("reg")
            taken.append((cells[0] << 32 | cells[1], cells[2] << 32 | cells[3]))
        base = 0x80000000 + (2 << 30) // 2 - (64 << 20)
        while any(b < base + RESERVED and base < b + s for b, s in taken):
            base -= 0x200000
        return base, ""
    name = {"memreserve": "linux-b", "node": "linux-a", "last-page": "rtos", "u-boot": "linux-b"}[case]
    base, size = mem[name][0]
    return (base + size - RESERVED if case == "last-page" else base + size // 2 & ~0xFFFF), name


def _tree_with(ctx, machine, base, as_node):
    """The emulator's own tree and one more reserved region."""
    dump, text, out = ctx.work / "virt.dtb", ctx.work / "virt.dts", ctx.work / "reserved.dtb"
    argv = machine.command(direct=True)
    where = argv.index("-machine") + 1
    argv[where] += f",dumpdtb={dump}"
    ctx.run(*argv)
    ctx.run("dtc", "-q", "-I", "dtb", "-O", "dts", "-o", text, dump)
    source = text.read_text(encoding="utf-8")
    if as_node:
        source += (f"/ {{ reserved-memory {{ #address-cells = <2>; #size-cells = <2>; ranges;\n"
                   f"firmware@{base:x} {{ reg = <{base >> 32:#x} {base & 0xffffffff:#x} 0 {RESERVED:#x}>;"
                   f" no-map; }}; }}; }};\n")
    else:
        source = re.sub(r"^/dts-v1/;", f"/dts-v1/;\n/memreserve/ {base:#x} {RESERVED:#x};", source, count=1)
    text.write_text(source, encoding="utf-8")
    ctx.run("dtc", "-q", "-I", "dts", "-O", "dtb", "-p", "8192", "-o", out, text)
    return out


def reserved(ctx):
    """One more reserved region: refused when it lies where the plan wants to place something."""
    case = ctx.args["case"]
    machine = Machine(ctx, "demo")
    base, whom = _spot(Tree(machine.plan.read_bytes()), case)
    tree = _tree_with(ctx, machine, base, case in ("node", "apart", "bundle"))
    with machine.start(direct=True, timeout=200, extra=["-dtb", tree]) as console:
        if not whom:
            for name in ("linux-a", "linux-b", "rtos"):
                console.wait(STARTED.format(name), 120)
            return
        refused(console, whom)


def starts(ctx):
    """The least that the tests with tampered input need: an untampered one gets its domains started."""
    with Machine(ctx, "demo").start(direct=True, timeout=120) as console:
        for name in ("linux-a", "linux-b", "rtos"):
            console.wait(STARTED.format(name), 100)


def refused(console, whom, seconds=120):
    """The refusal names who would have been hurt; nobody runs, then or later."""
    why = console.wait(r"^ashlar: refused: .*$", seconds)[0]
    expect(not whom or whom in why, f'"{why}" does not name {whom}')
    console.quiet(5)
    console.never(STARTED.format(r"\S+"))
    console.never(r"^(linux-a|linux-b|rtos): ")


def small(ctx):
    """Less memory than the plan counts on."""
    with Machine(ctx, "demo").start(direct=True, timeout=200, memory="512M") as console:
        refused(console, "")


def u_boot_reserves(ctx):
    """The same region, reserved by U-Boot after it has checked its image."""
    machine = Machine(ctx, *OPEN)
    base, whom = _spot(Tree(machine.plan.read_bytes()), "u-boot")
    with _waiting(ctx, machine).start(timeout=300, extra=ONE_THREAD) as console:
        _prompt(console)
        _u_boot(console, "load virtio 0:1 0x60000000 ashlar.itb")
        for stage in ("start 0x60000000#conf-1", "loados", "ramdisk", "fdt"):
            _u_boot(console, f"bootm {stage}", 120)
        _u_boot(console, f"fdt rsvmem add {base:#x} {RESERVED:#x}")
        _u_boot(console, "bootm prep", 120)
        console.emulator.send("bootm go\n")
        refused(console, whom)
