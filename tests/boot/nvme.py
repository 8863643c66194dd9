# SPDX-License-Identifier: Apache-2.0
"""A PC's disk on NVMe, driven by io behind an IOMMU: what a domain writes is on the disk, and io reaches its own memory only."""
import hashlib
import re

from tests.boot.disks import _connected, _does, _domids, _run
from tests.boot.uefi import UefiMachine
from tests.runner.context import expect
from tests.trust.card import partition_start

DATA = 5            # the partition data-a: behind the selector, two slots and their read-only disks
MIB = 8


def guarded(ctx):
    """Written, flushed, and read by us from the disk's file; there after io and its user have died; files too."""
    machine, disk = UefiMachine(ctx), ctx.work / "disk.img"
    ctx.run("cp", "--sparse=always", machine.disk, disk)
    machine.disk, machine.keeps = disk, True
    with machine.start(timeout=800, extra=ctx.args["extra"]) as console:
        console.wait(r"^ashlar: PC: 1 IOMMU \(VT-d\)$", 300)
        console.wait(rf"^io: block device: {disk.stat().st_size // 1024} KiB, read and write$", 120)
        domids = _domids(console)
        _connected(console, "linux-a", domids["linux-a"])
        _run(console, "linux-a", f"dd if=/dev/urandom of=/tmp/data bs=64k count={MIB * 16} 2>/dev/null; "
             "dd if=/tmp/data of=/dev/xvda bs=1M conv=fsync 2>/dev/null")
        digest = _run(console, "linux-a", "sha256sum < /tmp/data")[-1].split()[0]
        with disk.open("rb") as f:
            f.seek(partition_start(disk, DATA))
            written = f.read(MIB << 20)
        expect(hashlib.sha256(written).hexdigest() == digest, f"the disk has not what was written: {digest}")
        mark = console.type("io", "x")
        console.wait(r"^ashlar: io: restarted", 60, mark)
        console.wait(rf"^io: disk 51712 of domain {domids['linux-a']}: connected$", 120, mark)
        _does(console, "linux-a", f"dd if=/dev/xvda bs=1M count={MIB} iflag=direct 2>/dev/null | sha256sum", f"{digest}  -")
        console.never(r"^ashlar: .*(panic|refused|kept from)")
        console.never(r"^io: .*(exception|cut off|cannot|names no|NVMe)")
        expect(re.fullmatch("[0-9a-f]{64}", digest), f"no digest: {digest}")
