# SPDX-License-Identifier: Apache-2.0
"""Two Linux domains whose disks and networks a third one serves: a driver domain with Debian's own kernel and back ends."""
import re

from tests.boot.disks import _does
from tests.boot.linux import BOOT_SECONDS
from tests.boot.machine import Machine
from tests.boot.net import _address, _domids, _pings, _run, _transfer
from tests.runner.context import expect

NAMES = ("linux-a", "linux-b")
BACK = "net-dom"
FILE_SECTORS = 16384                        # of the file that is written and read
SAYS = rf"^{BACK}: (?:~ # )?hotplug: "      # beside its shell's prompt


def _starts_first(console):
    """Its store, then it, and then those that it serves."""
    console.wait(rf"{SAYS}ready$", BOOT_SECONDS)
    ready = console.wait(rf"^ashlar: {BACK}: ready \(console\)$", 10)
    expect(re.search(r"^store: ready: ", console.text[:ready.start()], re.M), "it did not wait for its store")
    for name in NAMES:
        started = console.wait(rf"^ashlar: {name}: started$", 60)
        expect(started.start() > ready.start(), f"{name} did not wait for {BACK}")


def _up(console, domids, name, mark=0, disk=r"RAM=16 is /dev/ram\d+"):
    """Both back ends are served, and the domain takes an address."""
    front = domids[name]
    console.wait(rf"{SAYS}backend/vbd/{front}/51712: {disk}$", BOOT_SECONDS, mark)
    console.wait(rf"{SAYS}backend/vif/{front}/0: vif{front}\.0 is in br0$", BOOT_SECONDS, mark)
    console.wait(rf"^{name}: shell ready", BOOT_SECONDS, mark)
    console.wait_shell(name, BOOT_SECONDS)
    _run(console, name, f"ip addr add {_address(domids, name)}/24 dev eth0; ip link set eth0 up")


def _state(console, front, kind, number):
    """What the store has of both ends' states."""
    back = f"backend/{kind}/{front}/{number}"
    return _run(console, BACK, f"xenstore-read {back}/state $(xenstore-read {back}/frontend)/state {back}/hotplug-status")


def _files(console, domids, **disk):
    """Of a file system on its disk, all is there after the domain was killed and came back."""
    _run(console, "linux-a", "mke2fs /dev/xvda && mkdir -p /mnt && mount -t ext4 /dev/xvda /mnt")
    _run(console, "linux-a", "dd if=/dev/urandom of=/mnt/file bs=64k count=128 && sync /mnt/file")
    digest = _run(console, "linux-a", "sha256sum /mnt/file")
    expect(re.fullmatch(r"[0-9a-f]{64}  /mnt/file", digest[-1]), f"no digest: {digest}")
    mark = console.type("linux-a", "reboot -f")
    _up(console, domids, "linux-a", mark, **disk)
    _does(console, "linux-a", "mkdir -p /mnt && mount -t ext4 /dev/xvda /mnt && sha256sum /mnt/file", *digest)


def _down(console):
    """Asked to, it ends after those that it serves, and its store after it."""
    mark = console.type("bell-a", "c")
    ends = [console.wait(rf"^ashlar: {name}: shut down \(poweroff\)", 120, mark).start() for name in (*NAMES, BACK)]
    asked = console.wait(rf"^ashlar: {BACK}: asked to stop, by its xenstore$", 1, mark).start()
    stopped = console.wait(r"^ashlar: store: stopped, the board goes down", 60, mark).start()
    expect(max(ends[:2]) < asked < ends[2] < stopped, "the board did not go down in order")
    console.wait_power_off(60)


def _comes_back(console, domids):
    """It starts again: its front ends, which it knows nothing of, are asked to suspend themselves, and connect anew."""
    _run(console, "linux-a", "umount /mnt")        # its RAM disks are empty then
    mark = console.type(BACK, "reboot -f")
    console.wait(rf"^ashlar: {BACK}: restarted", 60, mark)
    for name in NAMES:
        console.wait(rf"{SAYS}backend/vif/{domids[name]}/0: ", BOOT_SECONDS, mark)
    for name in NAMES:
        console.ask(name, "until [ $(cat /sys/class/net/eth0/carrier) = 1 ]; do sleep 1; done; echo up-$((6*7))", "up-42", 120)
        _does(console, name, "cat /dev/xvda | wc -c", str(16 << 20))
    expect(_pings(console, "linux-a", _address(domids, "linux-b")) == 3, "after its back end's restart it is not reached")


def _off(console):
    """Each by its own end; its store is then the last."""
    for name in (*NAMES, BACK):
        mark = console.type(name, "poweroff -f")
        console.wait(rf"^ashlar: {name}: shut down \(poweroff\)", 120, mark)


def serves(ctx):
    """They have files and each other through it; one that restarts finds its disk and its neighbour again."""
    has_bell = ctx.args["board"] == "qemu_arm64"
    with Machine(ctx, ctx.args["build"], ctx.args["board"]).start(direct=True, timeout=1150) as console:
        _starts_first(console)
        domids = _domids(console)
        for name in NAMES:
            _up(console, domids, name)
            for kind, number in (("vbd", 51712), ("vif", 0)):
                said = _state(console, domids[name], kind, number)
                expect(said == ["4", "4", "connected"], f"{name}: {kind}: {said}")
        _does(console, "linux-b", "cat /sys/block/xvda/ro /sys/block/xvda/size", "1", "32768")
        _does(console, "linux-b", "blockdev --setrw /dev/xvda; dd if=/dev/zero of=/dev/xvda count=1 conv=fsync 2>/dev/null "
              "|| echo refused", "refused")
        for name, other in (NAMES, NAMES[::-1]):
            expect(_pings(console, name, _address(domids, other)) == 3, f"{name} does not reach {other}")
            expect(_pings(console, name, _address(domids, other), 2, 5000) == 2, f"{name}: fragments are lost")
            _transfer(console, domids, name, other)
        _files(console, domids)
        expect(_pings(console, "linux-b", _address(domids, "linux-a")) == 3, "after its restart it is not reached")
        _comes_back(console, domids)
        console.never(r"^ashlar: .*(panic|refused|crash)")
        (_down if has_bell else _off)(console)
        console.never(r"^ashlar: .*(panic|refused|(linux-.|net-dom): stopped)")
        console.never(rf"^({BACK}|linux-a): .*(I/O error|Oops|BUG:|WARNING:)")
        console.never(rf"{SAYS}.*there is no")
        console.never(r"^store: .*(exception|cut off)")


def _goes_direct(console):
    """Xen's swiotlb is there, and nothing ever went through it: the device was given the front ends' own pages."""
    _run(console, BACK, "mount -t debugfs debugfs /sys/kernel/debug")
    said = _run(console, BACK, "cd /sys/kernel/debug/swiotlb; cat io_tlb_nslabs io_tlb_used io_tlb_used_hiwater; cd; "
                "awk '{ print $3, $7 }' /sys/block/vda/stat")
    slabs, used, most = map(int, said[:3])
    read, written = map(int, said[3].split())
    print(f"\n-- {slabs} slabs, {used} used, {most} at most; {read} sectors read, {written} written")
    expect(slabs > 0 and read >= FILE_SECTORS and written >= FILE_SECTORS, f"nothing to bounce, or nowhere to: {said}")
    expect(used == 0 and most == 0, f"data was bounced: {said}")


def drives(ctx):
    """It drives the board's disk: what its front ends read and write goes between their pages and the device."""
    machine = Machine(ctx, "net-dom-disk")
    machine.data = machine.disk
    with machine.start(direct=True, timeout=1150) as console:
        console.wait(rf"^ashlar: {BACK}: ready \(console\)$", BOOT_SECONDS)
        domids = _domids(console)
        for number, name in enumerate(NAMES):
            _up(console, domids, name, disk=rf"PARTLABEL=data-{'ab'[number]} is /dev/vda\d")
        _does(console, "linux-b", "cat /sys/block/xvda/ro /sys/block/xvda/size", "1", "131072")
        _files(console, domids, disk=r"PARTLABEL=data-a is /dev/vda\d")
        _goes_direct(console)
        console.never(r"^ashlar: .*(panic|refused|crash)")
        console.never(rf"^({BACK}|linux-.): .*(I/O error|Oops|BUG:|WARNING:)")
