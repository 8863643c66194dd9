# SPDX-License-Identifier: Apache-2.0
"""Two bare-metal guests that ring each other through a static event channel."""
from tests.boot.linux import BOOT_SECONDS
from tests.boot.machine import Machine
from tests.runner.context import expect

def _rings(console, since):
    for name in PORTS:
        console.wait(rf"^{name}: shared memory: 0 of them without a message$", 60, since)
        console.wait(rf"^{name}: heard 1000 rings$", 60, since)


def linked(ctx):
    """One starts after the other is ready; each restarts and finds its port bound and its memory kept; they end in reverse."""
    with Machine(ctx, "bell").start(direct=True, timeout=280) as console:
        _rings(console, 0)
        lines = [console.wait(rf"^ashlar: {line}$", 20).start()
                 for line in ("bell-a: started", r"bell-a: ready \(console\)", "bell-b: started")]
        expect(lines == sorted(lines), "bell-b did not wait for bell-a to be ready")
        for name, (own, other, domain) in PORTS.items():
            mark = console.type(name, "r")
            console.wait(rf"^ashlar: {name}: restarted \(1 of 5 in 60 s\)$", 60, mark)
            console.wait(rf"^{name}: port {own} is bound to port {other} of domain {domain}$", 60, mark)
            console.wait(rf"^{name}: shared memory at {MEMORY[name]}: life 2 of mine$", 60, mark)
            if name == "bell-b":                        # the one that rings first is not the one that came back
                console.type("bell-a", "g")
                _rings(console, mark)
            else:
                console.wait(r"^bell-a: heard 1000 rings$", 60, mark)
        mark = console.type("bell-a", "c")
        lines = [console.wait(rf"^ashlar: {line}", 60, mark).start()
                 for line in (r"bell-a: shut down \(crash\)", "bell-a ended: the board goes down", "bell-b: asked to stop",
                              r"bell-b: shut down \(poweroff\)", "all domains are down, rebooting")]
        expect(lines == sorted(lines), "the board did not go down in order")
        console.wait_power_off(60)                      # the emulator takes the reset for its end


CLOCK = ["-rtc", "base=2031-05-06T07:08:09"]
CLOCK_SECONDS = 1935817689                                  # the same, since 1970
MEMORY = {"bell-a": "0x30000000", "bell-b": "0x31000000"}   # the same piece of the machine's
PORTS = {"bell-a": (10, 77, 2), "bell-b": (77, 10, 1)}      # own port, the peer's, its domain


def ring(ctx):
    """Both hear a thousand rings; when one ends, the other's end is unbound and kept for it."""
    with Machine(ctx, "bell").start(direct=True, timeout=150) as console:
        for name, (own, other, domain) in PORTS.items():
            console.wait(rf"^{name}: port {own} is bound to port {other} of domain {domain}$", 60)
        for name in PORTS:
            console.wait(rf"^{name}: heard \d+ rings$", 60)
        mark = console.type("bell-a", "s")
        console.wait(r"^bell-a: bound to domain 2, send gives 0$", 60, mark)
        mark = console.type("bell-b", "q")
        console.wait(r"^ashlar: bell-b: shut down \(poweroff\)", 60, mark)
        console.focus_moves_on(mark)
        mark = console.type("bell-a", "s")
        console.wait(r"^bell-a: unbound, kept for domain 2, send gives 0$", 60, mark)
        console.type("bell-a", "q")
        console.wait_power_off(20)


NO_SEED = "virt,virtualization=on,gic-version=3,dtb-randomness=off"     # and a CPU without a generator


def _seeds(ctx, **how):
    """What each guest was given in one boot: a seed, or None."""
    with Machine(ctx, "bell").start(direct=True, timeout=100, **how) as console:
        found = [console.wait(rf"^{name}: (?:no seed|seed of 64 bytes: (\w+))$", 60)[1] for name in PORTS]
        said = console.text.count("no source of randomness")
    expect(said == (0 if found[0] else 1), f"the lack of a source was said {said} times")
    return found


def seeds(ctx):
    """Every guest of every boot has a seed of its own, from the firmware or the CPU; without either none."""
    ways = [{}, {}, {"machine": NO_SEED, "extra": ["-cpu", "max"]}, {"machine": NO_SEED, "extra": ["-cpu", "max"]}]
    found = [seed for how in ways for seed in _seeds(ctx, **how)]
    expect(all(found) and len(set(found)) == len(found), f"seeds are missing or alike: {found}")
    found = _seeds(ctx, machine=NO_SEED)
    expect(found == [None, None], f"there is no source, and yet: {found}")


def date(ctx):
    """Guests start at the board's time, in Linux's words too."""
    with Machine(ctx, "bell").start(direct=True, timeout=100, extra=CLOCK) as console:
        for name in PORTS:
            start = int(console.wait(rf"^{name}: wallclock at start: (\d+)$", 60)[1])
            expect(0 <= start - CLOCK_SECONDS < 120, f"{name} starts at {start}, not at {CLOCK_SECONDS}")
    with Machine(ctx, "demo").start(direct=True, timeout=420, extra=CLOCK) as console:
        console.wait_shell("linux-b", BOOT_SECONDS)
        console.ask("linux-b", "date +%Y-%m-%d", "2031-05-06")
