# SPDX-License-Identifier: Apache-2.0
"""The io domain crashes while guests are at work: they find their devices again, and nothing that was flushed or sent is lost."""
import re

from tests.boot.disks import _connected, _does, _domids, _run, _start
from tests.boot.linux import BOOT_SECONDS
from tests.boot.net import NAMES, _address, _pings, _up
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
        console.wait(rf"^io: ready: {ctx.args.get('disks', 3)} disks$", 180)
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


def net(ctx):
    """Data goes from one guest to the other without a pause; it arrives as it was sent, over io's ends, and pings are answered."""
    with _start(ctx, timeout=840) as console:
        console.wait(r"^io: ready: 3 disks$", 180)
        domids = _domids(console)
        for name in NAMES:
            _up(console, domids, name)
        to = _address(domids, "linux-b")
        expect(_pings(console, "linux-a", to) == 3, "linux-b is not reached from the start")
        _run(console, "linux-b", "tail -f /dev/null | nc -l -p 5003 | md5sum > /tmp/sum & sleep 1")
        _run(console, "linux-a", "head -c 1048576 /dev/urandom > /tmp/data; mkfifo /tmp/pipe; md5sum < /tmp/pipe > /tmp/sum & sleep 1")
        console.type("linux-a", f"(while [ ! -e /stop ]; do cat /tmp/data; done) | tee /tmp/pipe | nc {to} 5003 &")
        for _ in range(ctx.args["rounds"]):
            console.quiet(3)
            mark = _end_io(console)
            for name in NAMES:
                console.wait(rf"^io: vif{domids[name]}\.0: connected$", BOOT_SECONDS, mark)
            expect(_pings(console, "linux-b", _address(domids, "linux-a"), 5) > 0, "after io's end no ping is answered")
        before = _sent_bytes(console)
        console.quiet(3)
        expect(_sent_bytes(console) > before, "nothing is sent any more")
        _run(console, "linux-a", "touch /stop; while pidof nc >/dev/null; do sleep 1; done", 240)
        _run(console, "linux-b", "while pidof nc >/dev/null; do sleep 1; done; killall tail; sleep 1", 240)
        sums = [_run(console, name, "cat /tmp/sum")[-1] for name in NAMES]
        expect(re.fullmatch(r"[0-9a-f]{32}  -", sums[0]) and sums[0] == sums[1], f"sent and received: {sums}")
        console.never(r"^linux-.: .*(Oops|BUG:|WARNING:)")
        console.never(r"^ashlar: .*(panic|refused)")
        console.never(r"^ashlar: linux-.: shut down")
        console.never(r"^io: .*(exception|cut off|vif.*: it )")


def _sent_bytes(console):
    return int(_run(console, "linux-a", "cat /sys/class/net/eth0/statistics/tx_bytes")[-1])
