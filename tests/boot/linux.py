# SPDX-License-Identifier: Apache-2.0
"""The demo domain set, from the loader to the last domain's end."""
import re

from tests.boot.machine import BOARD, Machine
from tests.runner.context import expect

MIB = 1 << 20
BOOT_SECONDS = 240
DOMAINS = {"linux-a": (2, 384), "linux-b": (1, 256)}      # CPUs, MiB


def _ram_bytes(console, domain):
    """Memory as the guest's kernel found it: the top lines of /proc/iomem."""
    mark = console.type(domain, "grep -i 'system ram' /proc/iomem; echo end-$((3*3))")
    console.wait(rf"^{domain}: end-9$", 90, mark)
    spans = re.findall(rf"^{domain}: ([0-9a-f]+)-([0-9a-f]+) : System RAM$", console.text[mark:], re.M)
    return sum(int(end, 16) + 1 - int(start, 16) for start, end in spans)


def check_linux(console, domain, release):
    """One Linux: its shell, CPUs, memory, kernel and Xen."""
    cpus, mib = DOMAINS[domain]
    console.wait_shell(domain, BOOT_SECONDS)
    console.ask(domain, "echo cpus=$(nproc) all=$(grep -c ^processor /proc/cpuinfo)",
                f"cpus={cpus} all={cpus}")
    have = _ram_bytes(console, domain)
    expect(have == mib * MIB, f"{domain} has {have} bytes of memory, not {mib} MiB")
    console.ask(domain, "echo it is $(cat /sys/hypervisor/type)", "it is xen")
    major = console.ask(domain, "echo xen-$(cat /sys/hypervisor/version/major).", r"xen-(\d+)\.")
    expect(int(major[1]) >= 4, f"{domain}: Xen version {major[1]}")
    console.ask(domain, "echo kernel-$(uname -r)", rf"kernel-{release}\S*")
    console.ask(domain, "echo fifo=$(dmesg | grep -c 'Using FIFO-based ABI')", "fifo=1")
    # Not "soft lockup": on a busy host that is how long the host left the emulated CPU waiting.
    console.ask(domain, "echo oops=$(dmesg | grep -ciE 'kernel BUG|Oops|Internal error|Unable to handle')",
                "oops=0")


def check_rtos(console):
    """The bare-metal guest: it ticks, says how badly, and answers its console."""
    mark = console.mark()
    console.wait(r"^rtos: .*worst.*?\d+", 90, mark)
    mark = console.type("rtos", "s")
    console.wait(r"^rtos: .*\d+", 90, mark)


def shut_down(console, names):
    """Switch every domain off; the last one takes the board with it."""
    for name in names:
        mark = console.type(name, "q" if name == "rtos" else "poweroff -f")
        console.wait(rf"^ashlar: {name}: shut down \(poweroff\)", 60, mark)
        if name != names[-1]:
            console.focus_moves_on(mark)
    console.wait(r"^ashlar: all domains are down, powering off", 60)
    console.wait_power_off(60)


def whole(ctx):
    """Boot, look at everything a user sees, switch off."""
    machine = Machine(ctx, ctx.args["build"], ctx.args.get("board", BOARD))
    with machine.start(direct=ctx.args.get("direct", False), timeout=540,
                       extra=ctx.args.get("extra", [])) as console:
        console.wait(r"^ashlar: bundle verified: key [0-9a-f]{16}", 120)
        for name in (*DOMAINS, "rtos"):
            console.wait(rf"^ashlar: {name}: started", 60)
        for name in DOMAINS:
            check_linux(console, name, ctx.args["release"])
        check_rtos(console)
        shut_down(console, ctx.args.get("order", ["linux-a", "linux-b", "rtos"]))
        console.never(r"^ashlar: .*(panic|refused|crash)")


def device(ctx):
    """A Linux with a clock of the board, by a partial device tree: its own driver is woken by its interrupt."""
    with Machine(ctx, ctx.args["build"]).start(direct=True, timeout=300) as console:
        console.wait_shell("linux-a", BOOT_SECONDS)
        console.ask("linux-a", "echo clock=$(cat /sys/class/rtc/rtc0/name)", r"clock=rtc-pl031 28010000\.rtc")
        console.ask("linux-a", "echo year=$(cut -c1-2 /sys/class/rtc/rtc0/date)", "year=20")
        console.ask("linux-a", "echo before=$(sed -n 's/.*: *\\([0-9]*\\) .*rtc-pl031/\\1/p' /proc/interrupts)", "before=0")
        console.ask("linux-a", "echo +2 >/sys/class/rtc/rtc0/wakealarm; sleep 4; "
                    "echo after=$(sed -n 's/.*: *\\([0-9]*\\) .*rtc-pl031/\\1/p' /proc/interrupts)", "after=1")
        shut_down(console, ["linux-a"])
        console.never(r"^ashlar: .*(panic|refused|crash)")
