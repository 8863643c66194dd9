# SPDX-License-Identifier: Apache-2.0
"""A hostile guest beside one that would notice: no beat lost, nothing of it touched, whatever the other one does.

The heartbeat guest (rootfs/guests/heartbeat) beats at 1 kHz and counts: only counts are asserted, never a time.
SEED=n, given to make, repeats a run: the seed is in the log, and "make check SEED=n T=boot/attacks" takes it.
"""
import os
import re

from tests.bench.icount import Counter
from tests.boot.machine import Machine
from tests.runner.context import expect

BEAT = r"^heartbeat: beat (\d+): lost (\d+), early (\d+), damage (\d+);"

# Line typed at the poke guest, and the subject that it says when it is through.
ATTACKS = {
    "hypercalls": ("hypercalls 100000", "hypercalls"),
    "pointers": ("pointers", "pointers"),
    "registers": ("sysregs", "system registers"),
    "interface": ("icc", "interrupt interface"),
    "gic": ("gic {gic_step}", "redistributor"),
    "calls": ("calls {calls}", "call flood"),
    "instructions": ("instructions", "instructions"),
    "maintenance": ("maintenance", "cache and TLB instructions"),
    "sgis": ("sgis {storm}", "SGI storm"),
    "timer": ("timer {storm}", "timer storm"),
    "level": ("level {storm}", "level storm"),
    "console": ("console {console}", "console flood"),
    "events": ("events {calls}", "event flood"),
    "watchdog": ("watchdog {calls}", "watchdog abuse"),
}
CHEAP = {"gic_step": 4, "calls": 20000, "storm": 10000, "console": 32768}
WHOLE = {"gic_step": 1, "calls": 1000000, "storm": 1000000, "console": 4 << 20}

# Key of the poke guest, and how its domain ends. All come back but the last, which the log calls something else.
DEATHS = {"h": "crash", "p": "crash", "f": "crash", "e": "crash", "a": "crash", "x": "crash", "u": "crash",
          "s": "crash", "m": "crash", "i": "crash", "d": "crash", "z": "crash", "c": "crash",
          "t": "reboot", "v": "reboot", "r": "reboot", "w": "watchdog"}


def _seed(is_slow):
    """Given by make, else always the same in make check and any in the slow tier."""
    given = os.environ.get("SEED")
    return int(given) if given else int.from_bytes(os.urandom(4), "big") if is_slow else 1


def _beats_on(console, patience=60):
    """Two more lines of the neighbour's; all of them say that nothing is wrong."""
    mark = console.mark()
    for _ in range(2):
        mark = console.wait(BEAT, patience, mark).end()
    for number, *wrong in re.findall(BEAT, console.text, re.M):
        expect(wrong == ["0", "0", "0"], f"at beat {number}: lost, early, damage: {', '.join(wrong)}")
    console.never(r"^heartbeat: unexpected")
    console.never(r"^ashlar: .*(panic|heartbeat: (crashed|shut))")
    console.never(r"^ashlar: spoofed")


def attacks(ctx):
    """One attack after the other; the guest that makes them and its neighbour live on."""
    is_slow = ctx.args.get("whole", False)
    size, patience = (WHOLE, 900) if is_slow else (CHEAP, 120)
    names = ctx.args.get("only", list(ATTACKS))
    with Machine(ctx, "hostile").start(direct=True, timeout=3000 if is_slow else 400) as console:
        console.wait(r"^poke: waits$", 120)
        console.wait(BEAT, 120)
        mark = console.type("poke", f"seed {_seed(is_slow)}")
        console.wait(r"^poke: seed \d+$", 60, mark)
        for name in names:
            line, says = ATTACKS[name]
            mark = console.type("poke", line.format(**size))
            tried = console.wait(rf"^poke: {says}: (\d+) tried, \d+ exceptions", patience, mark)
            expect(int(tried[1]) > 10, f"{name}: only {tried[1]} were tried")
            _beats_on(console)
        mark = console.type("poke", "alive")
        console.wait(r"^poke: 100 of 100 interrupts$", 60, mark)
        console.never(r"^ashlar: poke: (crashed|shut)")
        if "pointers" in names:
            console.wait(r"^poke: 0 wrong answers$", 60)
        if "sgis" in names:
            expect(f"poke: {size['storm']} SGIs came" in console.text, "not each SGI came")


# An instruction takes 16 ns, a tick of the counter: what guests call ticks are instructions, on every host the same.
ICOUNT = ["-icount", "shift=4,sleep=off", "-rtc", "base=2026-01-01T00:00:00,clock=vm"]
TURN = 5000 * 1000 // 16    # CONFIG_SCHED_SLICE_US: one of the attacker's, when it has used less than the neighbour
STRETCH = 100000    # one thing that was tried, a turn of the neighbour's with a line printed included
DEATH = 150000      # a domain's: 18 lines of registers are formatted, kept and queued in one piece
UNINTERRUPTED = 225000  # what the hypervisor ever does without taking an interrupt: a new life's random seed (HMAC_DRBG)


def bounds(ctx):
    """Both share one CPU: how late the worst beat is, how long the longest single thing that was tried took, and the
    longest stretch of the hypervisor's instructions in which it took no interrupt, over all of that, a crash, its dump,
    the tearing down and a restart."""
    machine = Machine(ctx, "hostile-shared")
    counter = Counter(ctx, machine)
    extra = [*ICOUNT, *counter.options]
    with machine.start(direct=True, timeout=ctx.args["seconds"], extra=extra, smp=1) as console:
        console.wait(r"^poke: attacked$", ctx.args["seconds"])
        console.wait(r"^ashlar: poke: shut down \(crash\)", 60)
        _beats_on(console)
        text = console.text
    late = r"^heartbeat: beat .* worst (\d+) ticks late$"
    before, worst = (max(map(int, re.findall(late, part, re.M)), default=0)
                     for part in (text[:text.index("poke: attacked")], text))
    expect(before < TURN + STRETCH, f"a beat was {before} instructions late")
    expect(worst < TURN + DEATH, f"a beat was {worst} instructions late about a death")
    tried = re.findall(r"^poke: ([\w ]+): \d+ tried, .* worst (\d+) ticks at (0x\w+)$", text, re.M)
    expect(len(tried) >= 12, f"only {len(tried)} subjects were heard of")
    for name, ticks, what in tried:
        if name not in ("hypercalls", "console flood"):     # some of these are many pieces, with interrupts between them
            expect(int(ticks) < STRETCH, f"{name}: {what} took {ticks} instructions")
    expect(counter.stretch() < UNINTERRUPTED, f"no interrupt was taken for {counter.stretch()} instructions")
    print(f"worst beat {before} instructions late, {worst} about a death")
    print(f"longest stretch without an interrupt taken: {counter.stretch()} instructions")


def deaths(ctx):
    """The guest dies in each way, again and again, and comes back each time; its neighbour does not notice."""
    rounds = ctx.args["rounds"]
    ways = ctx.args.get("ways", list(DEATHS))
    with Machine(ctx, "hostile").start(direct=True, timeout=ctx.args["seconds"]) as console:
        console.wait(r"^poke: waits$", 120)
        console.give_focus("poke")
        lives = 0
        for number in range(rounds):
            for key in ways:
                mark = console.mark()
                console.emulator.send(key + "\n")
                lives += 1
                console.wait(rf"^ashlar: poke: shut down \({DEATHS[key]}\)", 60, mark)
                console.wait(rf"^ashlar: poke: restarted \({lives} of ", 60, mark)
                console.wait(r"^poke: waits$", 60, mark)
                console.never(r"^poke: still here", mark)
            if number % 10 == 0 or number == rounds - 1:
                _beats_on(console)
        mark = console.type("poke", "alive")
        console.wait(r"^poke: 100 of 100 interrupts$", 60, mark)
        print(f"{lives} lives")
