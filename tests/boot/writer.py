# SPDX-License-Identifier: Apache-2.0
"""A Linux that writes to its disk is killed, again and again: what it had flushed is there in its next life.

SEED=n, given to make, says when each is killed: the seed is in the log.
"""
import os
import random
import re

from tests.boot.disks import _does, _domids, _run, _start
from tests.boot.linux import BOOT_SECONDS

SLOTS = 512             # of 64 KiB, on the disk itself: nothing but the flush says that it is there
LAST = 6                # so many of the last that were flushed are looked at
HOLE = 0x10000000

# Each record is its number, over and over. Its number is said once the flush was acknowledged.
RECORD = "record() { yes record-$1 | dd bs=64k count=1 iflag=fullblock 2>/dev/null; }"
WRITE = ("work() { n=$1; while n=$((n+1)); do record $n | dd of=/dev/xvda bs=64k seek=$((n%" + str(SLOTS) + ")) "
         "iflag=fullblock conv=notrunc,fsync 2>/dev/null && echo flushed-$n.; done; }")
LOOK = ("look() { for n; do a=$(record $n | md5sum); b=$(dd if=/dev/xvda bs=64k count=1 skip=$((n%" + str(SLOTS) + ")) 2>/dev/null "
        '| md5sum); [ "$a" = "$b" ] || echo lost-$n; done; echo looked at $#; }')


def _life(console, domids, mark):
    """The shell of a new life, with the functions above."""
    console.wait(rf"^io: disk 51712 of domain {domids['linux-a']}: connected$", BOOT_SECONDS, mark)
    console.wait(r"^linux-a: shell ready", BOOT_SECONDS, mark)
    console.wait_shell("linux-a", BOOT_SECONDS)
    for line in (RECORD, WRITE, LOOK):
        console.type("linux-a", line)


def _write_and_die(console, rng, last):
    """Some records, then a death among them. Returns the numbers that were flushed, and a mark from before the death."""
    begun = console.type("linux-a", f"work {last} &")
    console.wait(r"^linux-a: .*flushed-\d+\.", 60, begun)
    console.quiet(rng.uniform(0.1, 1.5))
    mark = console.type("linux-a", f"devmem {HOLE:#x} 32")
    console.wait(r"^ashlar: linux-a: shut down \(crash\)", 60, mark)
    return [int(n) for n in re.findall(r"flushed-(\d+)\.", console.text[begun:])], mark


def dies(ctx):
    """Rounds of writing, killing, looking."""
    seed = int(os.environ.get("SEED", "1"))
    print(f"seed {seed}")
    rng, last = random.Random(seed), 0
    with _start(ctx, build="writer", timeout=ctx.args["timeout"]) as console:
        console.wait(r"^io: ready: 1 disk", 180)
        domids = _domids(console)
        _life(console, domids, 0)
        for n in range(1, ctx.args["rounds"] + 1):
            flushed, mark = _write_and_die(console, rng, last)
            print(f"\n-- round {n}: flushed {flushed[0]} to {flushed[-1]}")
            console.wait(r"^ashlar: linux-a: restarted", 60, mark)
            _life(console, domids, mark)
            seen = flushed[-LAST:]
            _does(console, "linux-a", "look " + " ".join(map(str, seen)), f"looked at {len(seen)}")
            last = flushed[-1]
        console.never(r"^ashlar: .*(panic|refused)")
        console.never(r"^io: .*(exception|cut off|cannot|names no)")
