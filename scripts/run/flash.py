# SPDX-License-Identifier: Apache-2.0
"""`make flash DEV=...`: the board's image onto a card, by its block map, read back and compared.

Refused, unless FORCE=1: a disk that is mounted or in use otherwise, that the system runs from, or that cannot be taken out;
an image that does not boot the real board as it is. Refused always: a partition, and what is too small. Model and size are shown
and a yes is asked for; YES=1 is the answer where nobody can be asked. A regular file may stand in for a card.

Exit status: 0 written and compared; 1 refused, or what was read back differs.
"""

import argparse
import fcntl
import hashlib
import os
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET

BLKFLSBUF = 0x1261      # Linux, include/uapi/linux/fs.h: forget what is cached of a disk
SYSTEM = ("/", "/boot", "/boot/efi", "/usr", "/var", "/home")
PIECE = 1 << 20


class Refusal(Exception):
    """Why nothing is written, in one sentence that says what to do."""


def read_text(path):
    """A short file's text; nothing if it is not there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return ""


class Disk:
    """What the kernel says of a block device. @root: where /sys and /proc are, for tests."""

    def __init__(self, number, root=""):
        self.root = root
        self.folder = os.path.realpath(f"{root}/sys/dev/block/{number}")
        self.number = number

    def fact(self, name):
        """A file of its folder in /sys."""
        return read_text(f"{self.folder}/{name}")

    @property
    def parent(self):
        """Name of the disk that this is a partition of; none if it is a disk."""
        return os.path.basename(os.path.dirname(self.folder)) if self.fact("partition") else ""

    @property
    def size(self):
        """In bytes."""
        return int(self.fact("size") or 0) * 512

    @property
    def model(self):
        """What the maker, or the kernel, calls it."""
        words = [self.fact("device/vendor"), self.fact("device/model") or self.fact("device/name"), self.fact("loop/backing_file")]
        return " ".join(filter(None, words)) or "no model named"

    @property
    def can_be_taken_out(self):
        """A card reader's, a card's or a USB stick's; a loop device's too, which is a file."""
        return (self.fact("removable") == "1" or "/usb" in self.folder or "/mmc" in self.folder
                or bool(self.fact("loop/backing_file")))

    def numbers(self):
        """major:minor of it and of its partitions."""
        inner = [entry for entry in self._entries() if read_text(f"{self.folder}/{entry}/partition")]
        return {self.number, *(read_text(f"{self.folder}/{entry}/dev") for entry in inner)}

    def _entries(self):
        return os.listdir(self.folder) if os.path.isdir(self.folder) else []

    def mounts(self):
        """Where it, or a partition of it, is mounted."""
        numbers, found = self.numbers(), []
        for line in read_text(f"{self.root}/proc/self/mountinfo").splitlines():
            words = line.split()
            if words[2] in numbers:
                found.append(words[4])
        return found

    def holders(self):
        """Who else uses it: volumes over it, swap."""
        found = []
        for entry in ["", *self._entries()]:
            folder = f"{self.folder}/{entry}/holders"
            found += os.listdir(folder) if os.path.isdir(folder) else []
        for line in read_text(f"{self.root}/proc/swaps").splitlines()[1:]:
            path = line.split()[0]
            if os.path.exists(path) and device_number(os.stat(path)) in self.numbers():
                found.append("swap")
        return found


def device_number(status):
    """major:minor of a block device's file."""
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}" if stat.S_ISBLK(status.st_mode) else ""


def objections(disk, name):
    """What FORCE=1 overrides."""
    mounts = disk.mounts()
    system = [place for place in mounts if place in SYSTEM]
    if system:
        yield f"{name} has the running system ({', '.join(system)})"
    elif mounts:
        yield f"{name} is mounted ({', '.join(mounts)}); unmount it"
    if disk.holders():
        yield f"{name} is in use ({', '.join(disk.holders())})"
    if not disk.can_be_taken_out:
        yield f"{name} cannot be taken out of this machine: it does not look like a card"


def mib(count):
    """Bytes, for people."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / (1 << 20):.0f} MiB"


def look_at(path, root=""):
    """(what it is, its size, objections) of the target."""
    try:
        status = os.stat(path)
    except OSError as err:
        raise Refusal(f"{path}: {err.strerror}; DEV= names the card's device, such as /dev/sdX") from err
    if stat.S_ISREG(status.st_mode):
        return "a file", status.st_size, []
    if not stat.S_ISBLK(status.st_mode):
        raise Refusal(f"{path} is neither a disk nor a file")
    disk = Disk(device_number(status), root)
    if disk.parent:
        raise Refusal(f"{path} is a partition; the image has a table of its own and goes onto the whole disk, /dev/{disk.parent}")
    return disk.model, disk.size, list(objections(disk, path))


def ranges(bmap, size):
    """(first byte, bytes, SHA-256) of each piece of the image that the block map has."""
    tree = ET.parse(bmap).getroot()
    block = int(tree.findtext("BlockSize"))
    for span in tree.iter("Range"):
        first, _, last = span.text.strip().partition("-")
        at, end = int(first) * block, (int(last or first) + 1) * block
        yield at, min(end, size) - at, span.get("chksum")


def forget_cached(fd):
    """So that what is read back comes from the card."""
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    if stat.S_ISBLK(os.fstat(fd).st_mode):
        fcntl.ioctl(fd, BLKFLSBUF)


def read_back(path, bmap, size):
    """Compare what the card has with the digests of the block map; the number of bytes that were."""
    done, total = 0, sum(length for _, length, _ in ranges(bmap, size))
    with open(path, "rb", buffering=0) as card:
        forget_cached(card.fileno())
        for at, length, want in ranges(bmap, size):
            digest = hashlib.sha256()
            for place in range(at, at + length, PIECE):
                data = os.pread(card.fileno(), min(PIECE, at + length - place), place)
                digest.update(data)
                done += len(data)
                show(done, total)
            if digest.hexdigest() != want:
                raise Refusal(f"{path}: what was written at {at:#x} reads back differently; the card, or its reader, is bad")
    return done


def show(done, total):
    """Progress, where somebody looks."""
    if os.isatty(2):
        print(f"\rflash: read back {done * 100 // total} %", end="" if done < total else "\n", file=sys.stderr, flush=True)


def agreed(question):
    """A yes from the terminal, or YES=1."""
    if os.environ.get("YES") == "1":
        return True
    if not os.isatty(0):
        raise Refusal("nobody can be asked here; YES=1 says yes")
    return input(question).strip().lower() == "yes"


def flash(args):
    """All of it, in order."""
    force = os.environ.get("FORCE") == "1"
    size = os.path.getsize(args.image)
    model, room, why_not = look_at(args.device)
    if args.needs:
        why_not.append(f"this image does not boot the board as it is: it needs {args.needs}")
    for reason in why_not:
        print(f"flash: {reason}", file=sys.stderr)
    if why_not and not force:
        raise Refusal("nothing was written; FORCE=1 does it all the same")
    if room < size:
        raise Refusal(f"{args.device} has {mib(room)}, and the image is {mib(size)}")
    print(f"{args.device}: {model}, {mib(room)}", flush=True)
    if not agreed("All that is on it will be lost. Type yes to go on: "):
        raise Refusal("nothing was written")
    if subprocess.run(["bmaptool", "copy", "--bmap", args.image + ".bmap", args.image, args.device], check=False).returncode:
        raise Refusal("bmaptool failed; what stands on the card now is of no use")
    print(f"flash: {args.image} is on {args.device}; {mib(read_back(args.device, args.image + '.bmap', size))} read back and compared")


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="write a board's image to a card")
    p.add_argument("--image", required=True)
    p.add_argument("--needs", default="", help="what the real board wants beside the image")
    p.add_argument("device", nargs="?")
    args = p.parse_args()
    try:
        if not args.device:
            raise Refusal("DEV= is missing: the card's device, such as make flash DEV=/dev/sdX")
        flash(args)
    except (Refusal, OSError) as problem:
        print(f"flash: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
