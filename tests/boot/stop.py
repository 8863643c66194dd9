# SPDX-License-Identifier: Apache-2.0
"""The board goes down by its policy, and an unmodified Linux is asked to by its xenstore."""
from tests.boot.linux import BOOT_SECONDS
from tests.boot.machine import Machine
from tests.runner.context import expect


def by_store(ctx):
    """bell-a takes the board with it: linux-a shuts itself down because of control/shutdown, and its store goes after it."""
    with Machine(ctx, "stop").start(direct=True, timeout=540) as console:
        console.wait(r"^store: linux-a is introduced$", BOOT_SECONDS)
        console.wait_shell("linux-a", BOOT_SECONDS)
        console.ask("linux-a", "echo asked=$(xenstore-read control/shutdown).", r"asked=\.")
        console.wait(r"^bell-a: heard 1000 rings$", 60)
        mark = console.type("bell-a", "c")
        lines = [console.wait(line, 90, mark).start()
                 for line in (r"^ashlar: bell-a ended: the board goes down", r"^ashlar: linux-a: asked to stop, by its xenstore$",
                              r"^ashlar: linux-a: shut down \(poweroff\)", r"^ashlar: store: stopped, the board goes down",
                              r"^ashlar: all domains are down, rebooting")]
        expect(lines == sorted(lines), "the board did not go down in order")
        # Lines of others than the hypervisor may come before or after what they belong to.
        console.wait(r"^linux-a: .*asked to poweroff$", 1, mark)
        console.wait(r"^store: linux-a is asked to stop$", 1, mark)
        console.never(r"^ashlar: linux-a: stopped")
        console.wait_power_off(60)
