# SPDX-License-Identifier: Apache-2.0
"""The io domain crashes while a guest writes: the guest finds its disk again, and what was flushed is there."""
from tests.boot.disks import _connected, _does, _domids, _run, _start
from tests.boot.linux import BOOT_SECONDS
from tests.runner.context import expect

WORK = """work() {
    i=0
    while [ ! -e /stop ]; do
        i=$((i+1))
        n=$((i%8))
        dd if=/dev/urandom of=/mnt/f$n bs=64k count=8 conv=fsync 2>/dev/null || echo wrong-$i
        sha256sum /mnt/f$n > /tmp/s$n
    done
    echo did-$i
}"""


def _end_io(console):
    """It ends, whatever it is doing; a mark from before."""
    mark = console.type("io", "x")
    console.wait(r"^ashlar: io: shut down \(crash\)$", 60, mark)
    console.wait(r"^ashlar: io: restarted", 60, mark)
    return mark


def ends(ctx):
    """Files are written and flushed without a pause; afterwards each has the digest that it had then."""
    rounds = ctx.args["rounds"]
    with _start(ctx, timeout=ctx.args.get("timeout", 840)) as console:
        console.wait(r"^io: ready: 2 disks$", 180)
        domids = _domids(console)
        _connected(console, "linux-a", domids["linux-a"])
        _run(console, "linux-a", "mke2fs /dev/xvda && mkdir -p /mnt && mount -t ext4 /dev/xvda /mnt")
        for line in WORK.splitlines():
            console.type("linux-a", line)
        console.type("linux-a", "work &")
        for _ in range(rounds):
            console.quiet(3)
            mark = _end_io(console)
            console.wait(rf"^io: disk 51712 of domain {domids['linux-a']}: connected$", BOOT_SECONDS, mark)
        console.quiet(3)
        mark = console.type("linux-a", "touch /stop")
        done = console.wait(r"^linux-a: (?:~ # )?did-(\d+)$", 240, mark)
        expect(int(done[1]) > rounds, f"it stood still: {done[0]}")
        _run(console, "linux-a", "umount /mnt; echo 3 > /proc/sys/vm/drop_caches; mount -t ext4 /dev/xvda /mnt")
        _does(console, "linux-a", "cat /tmp/s? | sha256sum -c -s && echo all are there", "all are there")
        console.never(r"wrong-\d")
        console.never(r"^linux-a: .*(I/O error|Oops|BUG:|WARNING:)")
        console.never(r"^ashlar: .*(panic|refused)")
        console.never(r"^ashlar: linux-.: shut down")
        console.never(r"^io: .*(exception|cut off|cannot|names no)")
