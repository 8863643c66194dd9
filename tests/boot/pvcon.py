# SPDX-License-Identifier: Apache-2.0
"""Two Linux domains with no UART: Debian's kernels and a shell on hvc0, Xen's PV console."""
import re

from tests.boot.linux import BOOT_SECONDS, shut_down
from tests.boot.machine import Machine
from tests.runner.context import expect

RELEASES = {"linux-a": r"6\.12\.", "linux-b": r"6\.1\."}
LINES = 400
LOG_KEYS = "\x01\x01l"


def _shell(console, name):
    """The shell is on hvc0 and there is no other console."""
    console.wait_shell(name, BOOT_SECONDS)
    console.ask(name, "echo kernel-$(uname -r)", rf"kernel-{RELEASES[name]}\S*")
    console.ask(name, "echo on $(tty), $(cat /sys/class/tty/console/active).", r"on /dev/hvc0, hvc0\.")
    console.ask(name, "echo uart=$(ls /sys/class/tty | grep -c ttyAMA)", "uart=0")


def _long_output(console, name):
    """Many times the ring's size; each line whole and in its place. One that others cut in on is shown again whole."""
    mark = console.type(name, f"for i in $(seq 1 {LINES}); do echo line $i of a long text that fills the ring; done; echo end-$((6*7))")
    console.wait(rf"^{name}: end-42$", 120, mark)
    lines = [int(n) for n in re.findall(rf"^{name}: line (\d+) of a long text that fills the ring$", console.text[mark:], re.M)]
    expect(lines == list(range(1, LINES + 1)), f"{len(lines)} lines of {LINES}, or not in their order")


def hvc0(ctx):
    """Boot, type, print much, restart, switch off."""
    with Machine(ctx, "pvcon").start(direct=True, timeout=840) as console:
        for name in RELEASES:
            _shell(console, name)
        _long_output(console, "linux-a")
        mark = console.mark()
        console.emulator.send(LOG_KEYS)
        console.wait(r"^ashlar: linux-a\| end-42$", 60, mark)
        mark = console.type("linux-b", "reboot -f")
        console.wait(r"^ashlar: linux-b: restarted \(1 of", 120, mark)
        console.wait(r"^linux-b: shell ready", BOOT_SECONDS, mark)
        _shell(console, "linux-b")
        shut_down(console, ["linux-a", "linux-b", "rtos"])
        console.never(r"^ashlar: .*(panic|refused|crash|dropped|cut off)")
