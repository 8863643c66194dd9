# SPDX-License-Identifier: Apache-2.0
"""Domains that end and come back: built again alone, while the others go on."""
from tests.boot.linux import BOOT_SECONDS, shut_down
from tests.boot.machine import Machine

LIMIT = 5           # the default: so often within a minute
RESTARTS = 3


POKE_LIMIT = 4


def _lives(console, mark):
    """A life of the poke guest, up to where it waits for a key: it has seen its interrupts."""
    console.wait(r"^poke: 100 of 100 interrupts$", 120, mark)
    console.wait(r"^poke: survived$", 60, mark)


def limit(ctx):
    """Poke ends inside its timer's handler twice, by its watchdog, by crashes; at the limit it stays down."""
    ends = [("t", "reboot"), ("t", "reboot"), ("w", "watchdog"), ("h", "crash"), ("h", "crash")]
    with Machine(ctx, "poke").start(direct=True, timeout=280) as console:
        _lives(console, 0)
        for n, (key, reason) in enumerate(ends, 1):
            mark = console.type("poke", key)
            console.wait(rf"^ashlar: poke: shut down \({reason}\)", 30, mark)
            if n > POKE_LIMIT:
                break
            console.wait(rf"^ashlar: poke: restarted \({n} of {POKE_LIMIT} in 3600 s\)", 60, mark)
            _lives(console, mark)
        console.wait(rf"^ashlar: poke: restarted {POKE_LIMIT} times within 3600 s, its limit: stopped", 60, mark)
        after = console.mark()
        console.wait(r"^rtos: .*worst.*\d", 60, after)
        console.never(r"^poke: ", after)
        console.never(r"^ashlar: .*(panic|rtos: crashed)")


def _others_go_on(console):
    mark = console.mark()
    console.wait(r"^rtos: .*worst.*\d", 60, mark)
    console.ask("linux-a", "echo still-$((20+3))", "still-23")


def linux(ctx):
    """linux-b reboots, a few times: a new kernel with nothing of the old one's; linux-a and rtos do not notice."""
    with Machine(ctx, "demo").start(direct=True, timeout=540) as console:
        for name in ("linux-a", "linux-b"):
            console.wait_shell(name, BOOT_SECONDS)
        console.ask("linux-a", "echo kept > /tmp/note; echo noted-$((1+1))", "noted-2")
        for n in range(1, RESTARTS + 1):
            console.ask("linux-b", "echo lost > /tmp/note; echo noted-$((1+1))", "noted-2")
            mark = console.type("linux-b", "reboot -f")
            console.wait(r"^ashlar: linux-b: shut down \(reboot\)", 60, mark)
            _others_go_on(console)
            console.wait(rf"^ashlar: linux-b: restarted \(\d of {LIMIT} in 60 s\)", 60, mark)
            console.wait(r"^linux-b: shell ready", BOOT_SECONDS, mark)
            console.ask("linux-b", "echo note=$(cat /tmp/note 2>/dev/null).", r"note=\.")
            console.ask("linux-b", "echo fifo=$(dmesg | grep -c 'Using FIFO-based ABI')", "fifo=1")
        console.ask("linux-a", "echo note=$(cat /tmp/note).", r"note=kept\.")
        shut_down(console, ["linux-b", "linux-a", "rtos"])
        console.never(r"^ashlar: .*(panic|refused|crash)")
