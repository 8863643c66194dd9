# SPDX-License-Identifier: Apache-2.0
"""The domain set that `make run` boots unless told otherwise: two Linux domains with PV devices, what serves them, rtos."""
import re

from tests.boot.disks import _does, _domids, _run
from tests.boot.linux import BOOT_SECONDS, check_rtos
from tests.boot.machine import Machine
from tests.boot.net import _pings, _transfer
from tests.fdt import Tree
from tests.runner.context import expect

BUILD = "pv-demo"
CPUS = {"linux-a": [0, 1], "linux-b": [2], "rtos": [3], "io": [2], "store": [2]}
ADDRESS = {"linux-a": "10.0.0.1", "linux-b": "10.0.0.2"}
HOLE = 0x10000000


def _places(plan):
    """Who is on which CPU."""
    tree = Tree(plan.read_bytes())
    found = {name: list(tree.nodes[f"/chosen/{name}"].cells("ashlar,cpus")) for name in CPUS}
    expect(found == CPUS, f"the vCPUs are on {found}, not on {CPUS}")


def _linux(console, domids, name):
    """What the set gives each: Xen's console and no other, its disk, its network."""
    console.wait(rf"^{name}: shell ready: kernel 6\.12\.", BOOT_SECONDS)
    console.wait(rf"^io: disk 51712 of domain {domids[name]}: connected$", BOOT_SECONDS)
    console.wait(rf"^io: vif{domids[name]}\.0: connected$", BOOT_SECONDS)
    console.wait_shell(name, BOOT_SECONDS)
    _does(console, name, "echo on $(tty), $(cat /sys/class/tty/console/active)", "on /dev/hvc0, hvc0")
    _does(console, name, "nproc; ls /sys/block; ls -1 /sys/class/net; ls /sys/class/tty | grep -c ttyAMA",
          str(len(CPUS[name])), "xvda", "eth0", "lo", "0")


def _statistics(console):
    """linux-a hears rtos's bell each second, and reads the numbers that rtos prints itself."""
    mark = console.mark()
    said = _run(console, "linux-a", "rtos-watch 4")
    expect(len(said) == 4, f"rtos-watch printed {said}")
    found = [re.fullmatch(r"rtos, second (\d+): 1000 ticks, worst jitter (\d+) ns, mean (\d+) ns, late \d+", line) for line in said]
    expect(all(found), f"rtos-watch printed {said}")
    seconds = [int(one[1]) for one in found]
    expect(seconds == sorted(set(seconds)), f"a second was shown twice, or out of order: {seconds}")
    for one in found[1:]:           # the first may have been there for long
        console.wait(rf"^rtos: tick 1000 Hz, worst jitter {one[2]} ns, mean {one[3]} ns$", 30, mark)


def _network(console, domids):
    for name, other in (("linux-a", "linux-b"), ("linux-b", "linux-a")):
        expect(_pings(console, name, ADDRESS[other]) == 3, f"{name} does not reach {other}")
        _transfer(console, domids, name, other)
    _run(console, "linux-b", "transfer & sleep 1")
    said = _run(console, "linux-a", f"transfer {ADDRESS['linux-b']} 16", 240)
    expect(re.fullmatch(r"16 MiB in \d+\.\d s, \d+\.\d MiB/s", said[-1]), f"no figure: {said}")


def _killed(console, domids):
    """linux-b writes files, is killed, comes back and finds them; linux-a and rtos go on."""
    _run(console, "linux-b", "mke2fs /dev/xvda && mkdir -p /mnt && mount -t ext4 /dev/xvda /mnt")
    _run(console, "linux-b", "dd if=/dev/urandom of=/mnt/file bs=64k count=64 && sync /mnt/file")
    digest = _run(console, "linux-b", "sha256sum /mnt/file")
    mark = console.type("linux-b", f"devmem {HOLE:#x} 32")
    console.wait(r"^ashlar: linux-b: shut down \(crash\)", 60, mark)
    console.wait(r"^ashlar: linux-b: restarted \(1 of 5 in 60 s\)", 60, mark)
    console.ask("linux-a", "echo still-$((20+3))", "still-23")
    console.wait(rf"^io: disk 51712 of domain {domids['linux-b']}: connected$", BOOT_SECONDS, mark)
    console.wait(r"^linux-b: shell ready", BOOT_SECONDS, mark)
    console.wait_shell("linux-b", BOOT_SECONDS)
    _does(console, "linux-b", "mkdir -p /mnt && mount -t ext4 /dev/xvda /mnt && sha256sum /mnt/file", *digest)
    expect(re.fullmatch(r"[0-9a-f]{64}  /mnt/file", digest[-1]), f"no digest: {digest}")
    expect(_pings(console, "linux-a", ADDRESS["linux-b"]) > 0, "linux-b is not reached after its restart")


def whole(ctx):
    """Boot by the boot loader, as `make run` does; look at everything a user sees."""
    machine = Machine(ctx, BUILD)
    _places(machine.plan)
    with machine.start(timeout=1100) as console:
        console.wait(r"^ashlar: bundle verified: key [0-9a-f]{16}", 120)
        for name in CPUS:
            console.wait(rf"^ashlar: {name}: started$", 60)
        expect(console.focus() == "linux-a", f"the keyboard is {console.focus()}'s")
        domids = _domids(console)
        for name in ADDRESS:
            _linux(console, domids, name)
        _statistics(console)
        _network(console, domids)
        _killed(console, domids)
        check_rtos(console)
        _statistics(console)
        for name in (*ADDRESS, "rtos"):
            mark = console.type(name, "q" if name == "rtos" else "poweroff -f")
            console.wait(rf"^ashlar: {name}: shut down \(poweroff\)", 60, mark)
        console.never(r"^ashlar: .*(panic|refused|dropped)")
        console.never(r"^(store|io): .*(exception|cut off|cannot|names no)")


def _io_ends(console):
    """io is killed while linux-b writes: it goes on where it was, and what was written is read back from the disk."""
    _run(console, "linux-b", "dd if=/dev/urandom of=/tmp/what bs=64k count=64 2>/dev/null; (sleep 2; "
         "for i in 0 1 2 3; do dd if=/tmp/what of=/dev/xvda bs=64k seek=$((i*64)) conv=fsync 2>/dev/null; done; touch /tmp/done) & true")
    mark = console.type("io", "x")
    console.wait(r"^ashlar: io: shut down \(crash\)$", 60, mark)
    console.wait(r"^ashlar: io: restarted \(1 of 5 in 60 s\)$", 60, mark)
    console.wait(r"^io: ready: 2 disks$", 60, mark)
    _run(console, "linux-b", "while [ ! -e /tmp/done ]; do sleep 1; done", 120)
    digest = _run(console, "linux-b", "sha256sum </tmp/what")
    expect(re.fullmatch(r"[0-9a-f]{64}  -", digest[-1]), f"no digest: {digest}")
    _run(console, "linux-b", "echo 3 >/proc/sys/vm/drop_caches")
    _does(console, "linux-b", "for i in 0 1 2 3; do dd if=/dev/xvda bs=64k skip=$((i*64)) count=64 2>/dev/null | sha256sum; done",
          *digest * 4)


def on_pc(ctx):
    """The same set on a PC, where all share two CPUs; it ends with the last that nobody needs."""
    machine = Machine(ctx, ctx.args["build"], "qemu_x86_64")
    machine.data = machine.folder / "images/disk.img"
    with machine.start(direct=True, timeout=560) as console:
        console.wait(r"^io: block device: \d+ KiB, read and write, discards$", 120)
        console.wait(r"^io: ready: 2 disks$", 120)
        console.wait(r"^rtos: each second's statistics stand in the shared page, too$", 60)
        domids = _domids(console)
        for name in ADDRESS:
            _linux(console, domids, name)
        _statistics(console)
        # What is random in the hypervisor reaches the kernel's pool: by the CPU, and by ACPI.
        _does(console, "linux-a", "ls /sys/bus/*/drivers/vmgenid | grep -c VMGENCTR; grep -c rdrand /proc/cpuinfo", "1", "2")
        _does(console, "linux-a", "xenstore-read name device/vbd/51712/state", "linux-a", "4")
        for name, other in (("linux-a", "linux-b"), ("linux-b", "linux-a")):
            expect(_pings(console, name, ADDRESS[other]) == 3, f"{name} does not reach {other}")
        _io_ends(console)
        expect(_pings(console, "linux-a", ADDRESS["linux-b"]) > 0, "linux-b is not reached after io's restart")
        check_rtos(console)
        for name in (*ADDRESS, "rtos"):
            mark = console.type(name, "q" if name == "rtos" else "poweroff -f")
            console.wait(rf"^ashlar: {name}: shut down \(poweroff\)", 60, mark)
        console.never(r"^ashlar: .*(panic|refused|dropped)")
        console.never(r"^(store|io): .*(exception|cut off|cannot|names no)")
