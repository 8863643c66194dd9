# SPDX-License-Identifier: Apache-2.0
"""The PC in the emulator: from the loader to a guest's end, and bundles that are not whole."""
import re
import struct

from tests.boot.bell import CLOCK
from tests.boot.linux import check_rtos
from tests.boot.machine import Machine
from tests.runner.context import expect

BOARD = "qemu_x86_64"
TICKS = 30


def _runs_ticker(console, vendor, seconds=60):
    console.wait(r"^ashlar: bundle verified: ", seconds)
    console.wait(rf"^ashlar: PC: \d+ CPUs, 1 I/O APIC, counter at \d+ MHz, {vendor}$", seconds)
    console.wait(r"^ticker: started, start info version 1, magic right$", seconds)
    for ticks in range(10, TICKS + 1, 10):
        console.wait(rf"^ticker: ticks {ticks}, worst \d+ us late$", seconds)
    console.wait(r"^ticker: done$", seconds)
    console.wait(r"^ashlar: ticker: shut down \(poweroff\)$", seconds)
    console.wait(r"^ashlar: all domains are down, powering off$", seconds)
    console.wait_power_off(seconds)
    console.never(r"panic")


def starts(ctx):
    """The bundle is verified, the small PVH guest is told the truth, woken up by its timer, and powered off."""
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=120, **ctx.args.get("machine", {})) as console:
        _runs_ticker(console, "SVM")
        console.wait(r"^ashlar: PC: between domains: IBPB not offered, VERW not offered, L1D flush not offered; LFENCE ", 60)


def disc(ctx):
    """The CD of a build; made twice it is the same."""
    out = ctx.out / ctx.args["build"]
    iso = out / "ashlar.iso"
    ctx.make("iso", o=out)
    first = iso.read_bytes()
    iso.unlink()
    ctx.make("iso", o=out)
    expect(iso.read_bytes() == first, "two CDs of one build differ")


def from_grub(ctx):
    """The same by a PC's BIOS and GRUB; with a bundle that is not whole it is refused."""
    machine = Machine(ctx, ctx.args["build"], BOARD)
    with machine.start_cd(timeout=180) as console:
        _runs_ticker(console, "SVM")
    hurt = bytearray(machine.bundle.read_bytes())
    hurt[-64] ^= 1
    machine.bundle = ctx.work / "hurt.itb"
    machine.bundle.write_bytes(hurt)
    machine.disc = ctx.work / "hurt.iso"
    ctx.run(ctx.python, "scripts/image/grub_iso.py", "--kernel", machine.kernel, "--bundle", machine.bundle,
            "--output", machine.disc)
    with machine.start_cd(timeout=90) as console:
        console.wait(r"^ashlar: refused: bundle: image .* does not match its digest", 60)
        console.never(r"^ashlar: .*: started$")


def from_its_disk(ctx):
    """GRUB, a 32-bit PVH guest, reads a kernel from its PV disk; that kernel begins with the same disk and store anew, and again."""
    machine = Machine(ctx, ctx.args["build"], BOARD)
    machine.data = machine.folder / "images/disk.img"
    with machine.start(direct=True, timeout=1150) as console:
        mark = 0
        for life in (1, 2):
            console.wait(r"^linux-a: .*Reading \(xen/xvda\)/boot/grub/grub\.cfg", 200, mark)
            console.wait(r"^linux-a: shell ready: kernel 6\.12\..* hypervisor xen ", 500, mark)
            console.wait_shell("linux-a", 60)
            opened = len(re.findall(r"^io: disk 51712 of domain \d+: connected$", console.text, re.M))
            expect(opened == 2 * life, f"the disk was connected {opened} times, not by GRUB and by Linux in each of {life} lives")
            console.ask("linux-a", "mount -t vfat -o ro /dev/xvda /mnt 2>/dev/null; xenstore-read name; cat /sys/block/xvda/size", "131072")
            console.ask("linux-a", "grep -c ACPI /proc/iomem; dmesg | grep -c 'Xen PVH'", "1")
            mark = console.type("linux-a", "reboot -f" if life == 1 else "poweroff -f")
        console.wait(r"^ashlar: linux-a: shut down \(poweroff\)$", 60, mark)
        console.never(r"^ashlar: .*(panic|crashed|refused|dropped)")


def _spcr(port, irq):
    """The body of an ACPI SPCR table: a 16550 at that port, its line on the ISA bus."""
    address = struct.pack("<BBBBQ", 1, 8, 0, 1, port)
    return (bytes(4) + address + struct.pack("<BBI", 1, irq, 0)).ljust(44, b"\0")


def told_where(ctx):
    """The firmware's SPCR names COM2, the board's description COM1: all is said there, and what is typed there arrives."""
    path = ctx.work / "spcr.bin"
    path.write_bytes(_spcr(0x2f8, 3))
    extra = ["-serial", "null", "-acpitable", f"sig=SPCR,rev=2,data={path}"]
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=120, extra=extra) as console:
        console.wait(r"^ashlar: PC: the console is at port 0x2f8, interrupt 3, as the firmware says \(SPCR\)$", 60)
        console.wait(r"^hostile: waits$", 60)
        mark = console.type("hostile", "x")
        console.wait(r"^ashlar: hostile: shut down \(crash\)", 60, mark)
        console.never(r"^ashlar: .*(panic|refused)")


def in_bochs(ctx):
    """The same on a CPU of Bochs's: with VMX, or with SVM and what QEMU's lacks. It waits for nobody on any port."""
    with Machine(ctx, ctx.args["build"], BOARD).start_cd(timeout=280, bochs=ctx.args["cpu"]) as console:
        console.wait(r"^ashlar: bundle verified: ", 240)
        expect(not console.emulator.listening(), f"Bochs listens at {console.emulator.listening()}")
        _runs_ticker(console, ctx.args["vendor"], 240)


def rtos_in_bochs(ctx):
    """The guest with a 1 kHz tick says how late it was, answers its console, and ends."""
    with Machine(ctx, ctx.args["build"], BOARD).start_cd(timeout=280, bochs=ctx.args["cpu"]) as console:
        console.wait(rf"^ashlar: PC: .*, {ctx.args['vendor']}$", 240)
        console.wait(r"^rtos: ready: bare metal on xen, timer 1000000000 Hz; ", 60)
        console.wait(r"^rtos: tick 1000 Hz, worst jitter \d+ ns, mean \d+ ns$", 120)
        check_rtos(console)
        console.type("rtos", "q")
        console.wait(r"^ashlar: rtos: shut down \(poweroff\)$", 60)
        console.wait_power_off(60)
        console.never(r"^ashlar: .*(panic|crashed)")


def probe_in_bochs(ctx):
    """The probe guest goes through all its measurements; the numbers are an emulator's and mean nothing."""
    with Machine(ctx, ctx.args["build"], BOARD).start_cd(timeout=280, bochs=ctx.args["cpu"]) as console:
        console.wait(rf"^ashlar: PC: .*, {ctx.args['vendor']}$", 240)
        for name in ("hc_xen_version", "xapic_timer_to_handler_hlt", "evtchn_loopback_to_handler", "singleshot_to_handler_hlt",
                     "evtchn_ipi_lapicvec_roundtrip", "x2apic_selfipi_msr_roundtrip", "x2apic_timer_to_handler_hlt"):
            console.wait(rf"^probe: BENCH {name} .* n=1000$", 240)
        console.wait(r"^probe: done$", 240)
        console.wait_power_off(60)
        console.never(r"^probe: .* does not work here|^ashlar: .*(panic|crashed)")


def linux_in_bochs(ctx):
    """An unmodified Linux domain to its shell under VMX, and off."""
    with Machine(ctx, ctx.args["build"], BOARD).start_cd(timeout=1700, bochs=ctx.args["cpu"]) as console:
        console.wait(r"^ashlar: PC: .* VMX$", 900)
        console.wait_shell("linux-b", 1500)
        console.ask("linux-b", "echo it is $(cat /sys/hypervisor/type)", "it is xen")
        console.ask("linux-b", "echo oops=$(dmesg | grep -ciE 'kernel BUG|Oops:|protection fault')", "oops=0")
        console.type("linux-b", "poweroff -f")
        console.wait_power_off(300)
        console.never(r"^ashlar: panic")


def _tries(ctx, console, seconds=100):
    for domain in ("trial-a", "trial-b"):
        found = console.wait(rf"^{domain}: verdicts (\d+), wrong (\d+)$", seconds)
        expect(found[2] == "0", f"{domain}: {found[2]} are wrong")
        expect(int(found[1]) >= ctx.args["verdicts"], f"{domain}: only {found[1]} verdicts")
    console.wait(r"^trial-a: sleeps$", 60)
    console.wait(r"^ashlar: trial-b: shut down \(poweroff\)$", 60)
    console.never(r"^ashlar: .*(panic|crashed)")
    console.quiet(2)
    console.never(r"^trial-a: woke")


def trial(ctx):
    """Everything is as the hardware has it; who sleeps with interrupts masked is not woken."""
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=150, **ctx.args.get("machine", {})) as console:
        _tries(ctx, console)


def trial_in_bochs(ctx):
    """The same under VMX."""
    with Machine(ctx, ctx.args["build"], BOARD).start_cd(timeout=280, bochs=ctx.args["cpu"]) as console:
        _tries(ctx, console, 240)


def trial_tsc_in_bochs(ctx):
    """The same on a CPU that multiplies: the second one's TSC is at its own rate, the first one's at the machine's."""
    with Machine(ctx, ctx.args["build"], BOARD).start_cd(timeout=280, bochs=ctx.args["cpu"]) as console:
        _tries(ctx, console, 240)
        console.wait(rf"^trial-b: TSC at {ctx.args['hz'] // 1000} kHz$", 1)
        console.never(rf"^trial-a: TSC at {ctx.args['hz'] // 1000} kHz$")


def no_tsc_rate(ctx):
    """A plan asks for a rate that this CPU cannot give: no domain starts, and it says why."""
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=100) as console:
        console.wait(r"^ashlar: trial-b: ashlar,tsc-frequency: its TSC cannot run at 1500000000 Hz: this CPU's is at \d+ Hz, "
                     r"and SVM has no other rate for guests; leave it out$", 60)
        console.wait(r"^ashlar: trial-b: cannot be built \(error ", 10)
        console.never(r"^ashlar: trial-[ab]: started")


SECONDS = 240


def _ask_linux(console, domain, cpus, release=r"6\.12\.", x2apic=1):
    console.wait_shell(domain, SECONDS)
    console.ask(domain, "echo cpus=$(nproc)", f"cpus={cpus}")
    console.ask(domain, "echo it is $(cat /sys/hypervisor/type)", "it is xen")
    console.ask(domain, "echo kernel-$(uname -r)", rf"kernel-{release}\S*")
    console.ask(domain, "echo fifo=$(dmesg | grep -c 'Using FIFO-based ABI')", "fifo=1")
    console.ask(domain, "echo x2apic=$(dmesg | grep -c 'x2apic enabled')", f"x2apic={x2apic}")
    console.ask(domain, "dmesg | grep -iE 'kernel BUG|Oops:|protection fault'; echo looked-$((40+2))", "looked-42")
    console.ask(domain, "echo oops=$(dmesg | grep -ciE 'kernel BUG|Oops:|protection fault')", "oops=0")
    console.ask(domain, "sleep 1; echo slept-$((40+2))", "slept-42")


def linux(ctx):
    """Two unmodified Linux domains to their shells, at the machine's time; one reboots, one crashes, the other goes on; the board goes off."""
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=560, extra=CLOCK) as console:
        for domain, cpus in (("linux-a", 2), ("linux-b", 1)):
            console.wait(rf"^{domain}: shell ready: kernel 6\.12\.\S*, cpus {cpus}, .* hypervisor xen", SECONDS)
        console.wait(r"^ashlar: ticker: shut down \(poweroff\)$", 60)
        for domain, cpus in (("linux-a", 2), ("linux-b", 1)):
            _ask_linux(console, domain, cpus)
        console.ask("linux-b", "date +%Y-%m-%d", "2031-05-06")
        mark = console.type("linux-b", "reboot -f")
        console.wait(r"^ashlar: linux-b: restarted \(1 of ", 60, mark)
        console.wait(r"^linux-b: shell ready: ", SECONDS, mark)
        mark = console.type("linux-a", "echo c > /proc/sysrq-trigger")
        console.wait(r"^ashlar: linux-a: shut down \(crash\)$", 60, mark)
        _ask_linux(console, "linux-b", 1)
        console.type("linux-b", "poweroff -f")
        console.wait(r"^ashlar: all domains are down, powering off$", 60)
        console.wait_power_off(60)
        console.never(r"^ashlar: panic")


def older(ctx):
    """An older kernel on two vCPUs and on one: to the shell, a look around, off."""
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=400) as console:
        for domain, cpus in (("linux-a", 2), ("linux-b", 1)):
            _ask_linux(console, domain, cpus, ctx.args["release"])
        for domain in ("linux-a", "linux-b"):
            mark = console.type(domain, "poweroff -f")
            console.wait(rf"^ashlar: {domain}: shut down \(poweroff\)$", 60, mark)
            if domain == "linux-a":
                console.focus_moves_on(mark)
        console.wait_power_off(60)
        console.never(r"^ashlar: panic")


def apics(ctx):
    """Kernels of both kinds that are told something about their APICs or ACPI: to their shells, a look around, off."""
    linux = {"linux-a": (ctx.args["cpus"], r"6\.12\."), "linux-b": (1, r"6\.1\.")}
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=760) as console:
        for domain, (cpus, release) in linux.items():
            console.wait(rf"^{domain}: shell ready: ", 2 * SECONDS)
            _ask_linux(console, domain, cpus, release, ctx.args["x2apic"])
            console.ask(domain, "echo console=$(cat /sys/class/tty/console/active)", "console=hvc0")
            console.ask(domain, f"echo told=$(dmesg | grep -c '{ctx.args['told']}')", "told=1")
        for domain in linux:
            mark = console.type(domain, "poweroff -f")
            if not ctx.args["is_off"]:      # by ACPI alone Linux knows how
                console.wait(rf"^{domain}: .*reboot: (Power off not available: )?System halted( instead)?$", 60, mark)
                continue
            console.wait(rf"^ashlar: {domain}: shut down \(poweroff\)$", 60, mark)
            if domain == "linux-a":
                console.focus_moves_on(mark)
        if ctx.args["is_off"]:
            console.wait_power_off(60)
        console.never(r"^ashlar: .*(panic|crashed)")


def uart(ctx):
    """A Linux to its shell on ttyS0, by interrupts; much output, then off."""
    with Machine(ctx, ctx.args["build"], BOARD).start(direct=True, timeout=250) as console:
        console.wait_shell("linux-a", SECONDS)
        console.ask("linux-a", "echo console=$(cat /sys/class/tty/console/active)", "console=ttyS0")
        console.ask("linux-a", "dmesg | grep ttyS; grep -E 'ttyS|IO-APIC' /proc/interrupts; echo shown-$((40+2))", "shown-42")
        console.ask("linux-a", "echo fourth=$(grep -c 'IO-APIC.*ttyS0' /proc/interrupts)", "fourth=1")
        console.ask("linux-a", "seq 1 2000 | tail -n 1 | sed s/^/last-/", "last-2000")
        console.ask("linux-a", "test $(awk '/ttyS0/ {print $2}' /proc/interrupts) -gt 20 && echo many-$((40+2))", "many-42")
        mark = console.type("linux-a", "poweroff -f")
        console.wait(r"^ashlar: linux-a: shut down \(poweroff\)$", 60, mark)
        console.never(r"^ashlar: panic")


def _refused(ctx, bundle, why):
    machine = Machine(ctx, ctx.args["build"], BOARD)
    machine.bundle = bundle
    with machine.start(direct=True, timeout=90) as console:
        console.wait(rf"^ashlar: refused: {why}", 60)
        console.never(r"^ashlar: .*: started$")


def tampered(ctx):
    """A byte of the configuration, a byte of an image, no bundle at all: each ends the boot, with its reason."""
    whole = Machine(ctx, ctx.args["build"], BOARD).bundle.read_bytes()
    at = whole.index(b"ashlar,load\0")
    expect(at > 0, "the bundle has no strings")
    for name, place, why in (("name", at, "bundle: "), ("image", len(whole) - 64, "bundle: image .* does not match its digest")):
        hurt = bytearray(whole)
        hurt[place] ^= 1
        path = ctx.work / f"{name}.itb"
        path.write_bytes(hurt)
        _refused(ctx, path, why)
    _refused(ctx, None, "")
