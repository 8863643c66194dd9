# SPDX-License-Identifier: Apache-2.0
"""Linux gives memory up and takes it back, by its own balloon driver; nothing that it keeps changes."""
from tests.boot.linux import BOOT_SECONDS
from tests.boot.machine import Machine
from tests.runner.context import expect

WHOLE_KIB, SMALL_KIB = 192 << 10, 128 << 10
SYSFS = "/sys/devices/system/xen_memory/xen_memory0"
ROUNDS = 2


def _memory(console):
    """What the kernel has to give to its programs, KiB."""
    return int(console.ask("linux-a", "echo total=$(sed -n 's/^MemTotal: *//p' /proc/meminfo)", r"total=(\d+) kB")[1])


def _target(console, kib):
    """Set it and wait until it is reached."""
    mark = console.type("linux-a", f"echo {kib} > {SYSFS}/target_kb; until [ $(cat {SYSFS}/info/current_kb) = {kib} ]; "
                                   "do sleep 1; done; echo reached-$((6*7))")
    console.wait(r"^linux-a: reached-42$", 120, mark)


def _sum(console):
    return console.ask("linux-a", "echo sum=$(md5sum < /tmp/kept).", r"sum=([0-9a-f]{32}) .*")[1]


def shrinks(ctx):
    """Down, filled, up again, and whole after a restart that finds it down."""
    with Machine(ctx, "balloon").start(direct=True, timeout=540) as console:
        console.wait_shell("linux-a", BOOT_SECONDS)
        console.ask("linux-a", "mkdir /tmp/m; mount -t tmpfs -o size=95% m /tmp/m; "
                               "head -c 4194304 /dev/urandom > /tmp/kept; echo made-$((6*7))", "made-42")
        before, whole = _sum(console), _memory(console)
        for _ in range(ROUNDS):
            _target(console, SMALL_KIB)
            small = _memory(console)
            expect(whole - small == WHOLE_KIB - SMALL_KIB, f"{whole} KiB shrank to {small}")
            # What it has is used; more than it had, once the rest is back.
            console.ask("linux-a", "head -c 33554432 /dev/zero > /tmp/m/x; rm /tmp/m/x; echo used-$((6*7))", "used-42")
            _target(console, WHOLE_KIB)
            expect(_memory(console) == whole, "not all of it came back")
            console.ask("linux-a", "head -c 104857600 /dev/zero > /tmp/m/x; rm /tmp/m/x; echo used-$((7*7))", "used-49")
        expect(_sum(console) == before, "what it kept has changed")
        _target(console, SMALL_KIB)
        console.ask("linux-a", "echo oops=$(dmesg | grep -ciE 'kernel BUG|Oops|Internal error|Unable to handle')",
                    "oops=0")
        mark = console.type("linux-a", "reboot -f")
        console.wait(r"^ashlar: linux-a: restarted", 60, mark)
        console.wait(r"^linux-a: shell ready", BOOT_SECONDS, mark)
        console.wait_shell("linux-a", BOOT_SECONDS)
        expect(abs(_memory(console) - whole) < 4096, "a restarted domain has not all of its memory")
        console.never(r"^ashlar: .*(panic|refused|crash)")
