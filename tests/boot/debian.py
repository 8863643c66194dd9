# SPDX-License-Identifier: Apache-2.0
"""Debian's own user space on a PV disk: systemd, up to a login on the PV console."""
import struct

from tests.boot import debian_root
from tests.boot.disks import _large_disk, _start
from tests.boot.linux import BOOT_SECONDS
from tests.runner.context import expect

BUILD = "debian"
PARTITION = "data-a"
SECTOR = 512


def _partition(disk, label):
    """First and last sector of a partition, by the disk's GPT. UEFI specification, "GUID Partition Table"."""
    with open(disk, "rb") as stream:
        stream.seek(SECTOR)
        header = stream.read(SECTOR)
        expect(header[:8] == b"EFI PART", "the disk has no GPT")
        at, number, size = struct.unpack("<QII", header[72:88])
        stream.seek(at * SECTOR)
        for _ in range(number):
            entry = stream.read(size)
            if entry[56:128].decode("utf-16-le").rstrip("\0") == label:
                return struct.unpack("<QQ", entry[32:48])
    raise AssertionError(f"no partition {label}")


def _disk(ctx):
    """The board's disk with the root file system in a larger data-a."""
    image = debian_root.make(ctx)
    disk = _large_disk(ctx, image.stat().st_size >> 20, BUILD)
    first, last = _partition(disk, PARTITION)
    expect((last + 1 - first) * SECTOR >= image.stat().st_size, "it does not fit")
    with open(disk, "r+b") as to, open(image, "rb") as data:
        to.seek(first * SECTOR)
        while chunk := data.read(1 << 20):
            to.write(chunk)
    return disk


def login(ctx):
    """systemd is the first program, from the disk; root logs in; it goes down in order."""
    with _start(ctx, _disk(ctx), build=BUILD, timeout=1200) as console:
        # A prompt is a line without an end.
        console.wait(r"^linux-a: .*debian login: ", 3 * BOOT_SECONDS)
        mark = console.type("linux-a", "root")
        console.wait(r"^linux-a: .*-bash-[\d.]+# ", BOOT_SECONDS, mark)
        console.ask("linux-a", "echo first=$(cat /proc/1/comm) on=$(findmnt -no SOURCE,FSTYPE / | tr -s ' ') tty=$(tty).",
                    r"first=systemd on=/dev/xvda ext4 tty=/dev/hvc0\.")
        console.ask("linux-a", "cat /etc/debian_version | sed 's/^/version-/'", r"version-13.*")
        console.ask("linux-a", "touch /var/kept && sync && echo wrote-$((40+2))", "wrote-42")
        state = console.ask("linux-a", "echo it is $(systemctl is-system-running --wait) with $(systemctl --failed --plain --no-legend)",
                            r"it is (\w+) with(.*)", 180)
        expect(state[1] == "running" and not state[2].strip(), f"systemd is {state[1]}: {state[2]}")
        mark = console.type("linux-a", "systemctl poweroff")
        console.wait(r"^ashlar: linux-a: shut down \(poweroff\)", 180, mark)
        console.never(r"^ashlar: .*(panic|refused|crash)")
        console.never(r"^io: .*(exception|cut off|cannot)")
