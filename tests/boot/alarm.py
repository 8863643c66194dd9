# SPDX-License-Identifier: Apache-2.0
"""A guest with devices of the board takes their interrupts, dies in their handlers, and takes them again."""
from tests.boot.machine import Machine

DEATHS = 20         # in the clock's handler; then a few in the timer's
TIMER_DEATHS = 4


WHERE = {"alarm": ("0x9010000", "0x9030000"),               # the board's
         "alarm-tree": ("0x28010000", "0x28040000")}        # rootfs/domains/alarm/devices.dts


def _lives(console, mark, where):
    """A life up to its first alarm: the devices are as at reset, and the interrupt comes."""
    console.wait(rf"^alarm: clock at {where[0]}, interrupt 34, mask 0$", 60, mark)
    console.wait(rf"^alarm: port at {where[1]}, id 0x61, enabled 0x0$", 60, mark)
    console.wait(r"^alarm: alarm 1$", 60, mark)


def dies(ctx):
    """The clock's interrupt comes in every life, whatever handler the last one ended in; rtos does not notice."""
    build = ctx.args.get("build", "alarm")
    deaths = ctx.args.get("deaths", DEATHS)
    with Machine(ctx, build).start(direct=True, timeout=580) as console:
        _lives(console, 0, WHERE[build])
        for n in (2, 3):
            console.wait(rf"^alarm: alarm {n}$", 60, console.type("alarm", "a"))
        for n, key in enumerate("d" * deaths + "t" * TIMER_DEATHS, 1):
            mark = console.type("alarm", key)
            console.wait(r"^ashlar: alarm: crashed on vCPU 0: .*0x30000000", 60, mark)
            console.wait(rf"^ashlar: alarm: restarted \({n} of 25 in 3600 s\)", 60, mark)
            _lives(console, mark, WHERE[build])
        console.wait(r"^rtos: .*worst.*\d", 60, console.mark())
        mark = console.type("alarm", "q")
        console.wait(r"^ashlar: alarm: shut down \(poweroff\)", 60, mark)
        console.never(r"^ashlar: .*(panic|refused|rtos: crashed)")
