# SPDX-License-Identifier: Apache-2.0
"""A guest that does what it must not ends alone."""
import re

from tests.boot.linux import BOOT_SECONDS, shut_down
from tests.boot.machine import Machine
from tests.runner.context import expect

# Guest-physical addresses at which the plan gives nobody anything.
HOLES = {"hole": 0x10000000, "board-uart": 0x09000000, "above-ram": 0xF00000000}


def outside(ctx):
    """linux-a touches what is not its own: its registers once, its end, and the others go on."""
    with Machine(ctx, "demo").start(direct=True, timeout=420) as console:
        for name in ("linux-a", "linux-b"):
            console.wait_shell(name, BOOT_SECONDS)
        mark = console.type("linux-a", f"devmem {HOLES[ctx.args['case']]:#x} 32")
        console.wait(r"^ashlar: linux-a: crashed", 30, mark)
        console.wait(r"^ashlar: +ESR 0x[0-9a-f]+: .*abort", 60, mark)
        console.wait(r"^ashlar: linux-a: shut down \(crash\)", 60, mark)
        console.focus_moves_on(mark)
        after = console.mark()
        console.wait(r"^rtos: .*worst.*\d", 60, after)
        console.ask("linux-b", "echo still-$((20+3))", "still-23")
        shut_down(console, ["linux-b", "rtos"])
        dumps = re.findall(r"^ashlar: .*\bx0\b", console.text[mark:], re.M | re.I)
        expect(len(dumps) == 1, f"registers were printed {len(dumps)} times")
        console.never(r"^linux-a: ", after)
