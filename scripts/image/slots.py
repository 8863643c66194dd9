# SPDX-License-Identifier: Apache-2.0
"""The two slots of a card or disk, or of its image: who is where, write a new ashlar.itb or ashlar.efi, confirm it, raise the lowest version.

    slots.py --board-dir D CARD status
    slots.py --board-dir D CARD install ashlar.itb     into the slot that is not in use; the next start tries it
    slots.py --board-dir D CARD install ashlar.itb --system system.img         and the read-only disk that goes with it
    slots.py --board-dir D CARD install update.raucb --keyring update.crt      the same of an update (`ashlar update`)
    slots.py --board-dir D CARD confirm                the slot that was tried stays
    slots.py --board-dir D CARD commit                 nothing older than the older of the two slots starts any more

Rules, so that power may fail at any write: the slot in use is never written; the other is whole on the card, and was read
back, before the environment names it; the environment is written as U-Boot does, into the older of its two copies.
The lowest version is kept in that environment: it protects against an accident only. On a board with a TPM it is an order there, which
U-Boot carries out when the slot was verified. With UEFI firmware the record of the slots has the
same form and rules, our selector (arch/efi) reads it in U-Boot's place, and the lowest version is the firmware's (efi_lowest.py).
"""

import argparse
import configparser
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

SECTOR = 512
BLOCK = 1 << 20
NAMES = {"a": "boot", "b": "boot-b"}
SYSTEMS = {"a": "system", "b": "system-b"}  # of a card whose domains have a read-only disk
COUNTER = "ashlar,rollback"
PE_AT, SECTIONS_AT, SECTION_BYTES, VERSION_AT = 0x80, 0x188, 40, 64     # of an ashlar.efi: scripts/ashlar/efi/pe.c, arch/efi/parts.h


class SlotError(Exception):
    """What cannot be done, in one sentence that says what to do."""


class Card:
    """A card's bytes. @on_write is told of each write before it is made, for tests that cut the power there."""

    def __init__(self, path, on_write=None):
        self.path, self.on_write = path, on_write
        self.fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def read(self, at, size):
        """Bytes of the card."""
        return os.pread(self.fd, size, at)

    def write(self, at, data):
        """Bytes onto the card, in order: what was written before is there."""
        if self.on_write:
            self.on_write(at, data)
        while data:
            done = os.pwrite(self.fd, data, at)
            at, data = at + done, data[done:]
        os.fsync(self.fd)

    def has(self, name):
        """Is there a partition of that name?"""
        try:
            return self.partition(name) is not None
        except SlotError:
            return False

    def partition(self, name):
        """(start, size) of a partition. Spec: UEFI 2.10, 5.3 (GPT)."""
        head = self.read(SECTOR, SECTOR)
        if head[:8] != b"EFI PART":
            raise SlotError(f"{self.path}: has no GPT; write sdcard.img to it first")
        table, count, size = struct.unpack_from("<Q", head, 72)[0], *struct.unpack_from("<II", head, 80)
        for index in range(count):
            entry = self.read(table * SECTOR + index * size, size)
            if entry[56:128].decode("utf-16-le", "replace").rstrip("\0") == name:
                first, last = struct.unpack_from("<QQ", entry, 32)
                return first * SECTOR, (last + 1 - first) * SECTOR
        raise SlotError(f"{self.path}: has no partition {name}: it is not a card of this board")


class Environment:
    """U-Boot's redundant environment. Spec: U-Boot, include/env_internal.h: CRC-32, a counter, name=value, each ended by 0."""

    def __init__(self, card, first, second, size):
        self.card, self.places, self.size = card, (first, second), size

    def _copy(self, at):
        raw = self.card.read(at, self.size)
        if len(raw) < self.size or struct.unpack_from("<I", raw)[0] != zlib.crc32(raw[5:]):
            return None
        text = raw[5:].split(b"\0\0")[0]
        pairs = (item.split(b"=", 1) for item in text.split(b"\0") if b"=" in item)
        return raw[4], {name.decode(): value.decode("utf-8", "replace") for name, value in pairs}

    def _newest(self):
        """(index of the copy in use or None, its counter, its variables); the counter goes round from 255 to 0."""
        one, two = (self._copy(at) for at in self.places)
        if one and two:
            second = two[0] > one[0] if {one[0], two[0]} != {0, 255} else two[0] == 0
            return (1, *two) if second else (0, *one)
        return (0, *one) if one else (1, *two) if two else (None, 0, {})

    def read(self):
        """Its variables; none if there never was one, or both copies are damaged."""
        return self._newest()[2]

    def write(self, values):
        """Into the copy that is not in use."""
        index, counter, _ = self._newest()
        text = b"".join(f"{name}={value}".encode() + b"\0" for name, value in sorted(values.items())) + b"\0"
        if len(text) > self.size - 5:
            raise SlotError("the environment is full")
        body = text.ljust(self.size - 5, b"\0")
        raw = struct.pack("<IB", zlib.crc32(body), (counter + 1) & 255) + body
        self.card.write(self.places[0 if index == 1 else 1 if index == 0 else 0], raw)


def run(argv):
    """Run a tool; its words are shown only if it fails."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          env=dict(os.environ, LC_ALL="C", PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))
    if done.returncode:
        raise SlotError(f"{argv[0]} failed: {done.stdout}{done.stderr}".strip())
    return done.stdout


def counter_of(itb):
    """The version that an ashlar.itb says it is; None if it is not one. Not verified: U-Boot does that."""
    done = subprocess.run(["fdtget", "-t", "u", itb, "/configurations/conf-1", COUNTER], capture_output=True, text=True,
                          check=False)
    return int(done.stdout) if not done.returncode and done.stdout.strip().isdigit() else None


def version_of_efi(path):
    """The same of an ashlar.efi; its firmware verifies it."""
    with open(path, "rb") as f:
        head = f.read(4096)
        if len(head) < 4096 or head[PE_AT:PE_AT + 4] != b"PE\0\0":
            return None
        for n in range(struct.unpack_from("<H", head, PE_AT + 6)[0] & 15):
            section = SECTIONS_AT + n * SECTION_BYTES
            if head[section:section + 8].rstrip(b"\0") == b".parts":
                f.seek(struct.unpack_from("<I", head, section + 20)[0] + VERSION_AT)
                return struct.unpack("<I", f.read(4).ljust(4, b"\0"))[0]
    return None


def opened(update, keyring, board, folder):
    """The image in a RAUC bundle, and its read-only disk or None, once its signature, what it is for, and all its bytes are good; rauc
    looks."""
    if not keyring:
        raise SlotError(f"{update}: an update is believed by its signature; say by --keyring whose (a certificate)")
    out = os.path.join(folder, "update")
    run(["rauc", "extract", f"--keyring={keyring}", update, out])
    manifest = configparser.ConfigParser()
    manifest.read(os.path.join(out, "manifest.raucm"), encoding="utf-8")
    wanted = f"ashlar-{board}"
    if manifest.get("update", "compatible", fallback="") != wanted:
        raise SlotError(f"{update}: is for {manifest.get('update', 'compatible', fallback='nothing')}, and this is {wanted}")
    path = lambda name: os.path.join(out, os.path.basename(manifest.get(f"image.{name}", "filename", fallback="none")))  # noqa: E731
    return path("ashlar"), path("system") if manifest.has_section("image.system") else None


class Slots:
    """The card's two slots and what U-Boot remembers of them."""

    def __init__(self, card, config):
        self.card, self.disk = card, config["disk"]
        if "slot-b-uuid" not in self.disk:
            raise SlotError("this board has no slots")
        self.is_efi = self.disk.get("system") == "efi"
        self.has_tpm = config.get("u-boot", "lowest", fallback="") == "tpm"
        self.file, self.counter_of = ("ashlar.efi", version_of_efi) if self.is_efi else ("ashlar.itb", counter_of)
        self.environment = Environment(card, *(int(word, 0) for word in self.disk["environment"].split()))

    def state(self):
        """(slot that is started first, is it on trial, its starts, lowest version)."""
        env = self.environment.read()
        number = lambda name: int(env[name]) if re.fullmatch(r"\d{1,10}", env.get(name, "")) else 0  # noqa: E731
        return ("b" if env.get("slot") == "b" else "a", env.get("upgrade_available") == "1", number("bootcount"),
                number("ashlar_min"))

    def version(self, slot):
        """The version in a slot; None if there is none."""
        start, _ = self.card.partition(NAMES[slot])
        with tempfile.TemporaryDirectory() as work:
            copy = os.path.join(work, self.file)
            done = subprocess.run(["mcopy", "-n", "-i", f"{self.card.path}@@{start}", f"::{self.file}", copy],
                                  capture_output=True, check=False)
            return self.counter_of(copy) if not done.returncode else None

    def volume(self, slot, itb, size):
        """A whole file system for the slot, made aside."""
        serial = self.disk["slot-b-serial" if slot == "b" else "fat-serial"]
        with tempfile.TemporaryDirectory() as work:
            path, copy = os.path.join(work, "volume"), os.path.join(work, self.file)
            with open(path, "wb") as out:
                out.truncate(size)
            run(["mkdosfs", "--invariant", "-i", serial, "-n", self.disk["label"], path])
            os.symlink(os.path.abspath(itb), copy)
            self.keep_others(slot, work, path)
            run(["mcopy", "-i", path, copy, f"::{self.file}"])
            with open(path, "rb") as made:
                return made.read()

    def keep_others(self, slot, work, path):
        """What else stands in the slot, such as a vendor's first stage, goes into its new file system too."""
        start, _ = self.card.partition(NAMES[slot])
        kept = os.path.join(work, "kept")
        os.mkdir(kept)
        subprocess.run(["mcopy", "-n", "-s", "-i", f"{self.card.path}@@{start}", "::*", kept], capture_output=True, check=False)
        for name in sorted(os.listdir(kept)):
            if name != self.file:
                run(["mcopy", "-s", "-i", path, os.path.join(kept, name), "::"])

    def system(self, slot, path):
        """[(where, what)] of the read-only disk of a slot: the file's, or where there is none, what the slot in use has."""
        if not self.card.has(SYSTEMS[slot]):
            if path:
                raise SlotError(f"{self.card.path}: has no partition {SYSTEMS[slot]} for {path}: it was made without read-only disks")
            return []
        start, size = self.card.partition(SYSTEMS[slot])
        if not path:
            return [(start, self.card.read(self.card.partition(SYSTEMS["a" if slot == "b" else "b"])[0], size))]
        with open(path, "rb") as f:
            data = f.read()
        if len(data) > size:
            raise SlotError(f"{path}: has {len(data)} bytes, and partition {SYSTEMS[slot]} has room for {size}")
        return [(start, data.ljust(size, b"\0"))]

    def keep(self, start, data):
        """Write what differs, and read it back."""
        for at in range(0, len(data), BLOCK):
            if self.card.read(start + at, BLOCK) != data[at:at + BLOCK]:
                self.card.write(start + at, data[at:at + BLOCK])
        for at in range(0, len(data), BLOCK):
            if self.card.read(start + at, len(data[at:at + BLOCK])) != data[at:at + BLOCK]:
                raise SlotError(f"{self.card.path}: does not keep what is written to it; the slot in use is as it was")

    def install(self, itb, system=None):
        """The other slot gets the image and its read-only disk, and is tried at the next start."""
        active, on_trial, _, lowest = self.state()
        if on_trial:
            raise SlotError(f"slot {active} is on trial; confirm it, or let it fail, before another is written")
        version = self.counter_of(itb)
        if version is None or version < lowest:
            raise SlotError(f"{itb}: has version {version}, and the lowest that this card starts is {lowest}")
        other = "a" if active == "b" else "b"
        start, size = self.card.partition(NAMES[other])
        for place, data in [*self.system(other, system), (start, self.volume(other, itb, size))]:
            self.keep(place, data)
        self.environment.write({**self.environment.read(), "slot": other, "upgrade_available": "1", "bootcount": "0"})
        return f"slot {other} has version {version} and is tried at the next start"

    def confirm(self):
        """The slot that was tried stays the first."""
        active, on_trial, _, _ = self.state()
        if not on_trial:
            raise SlotError(f"no slot is on trial; slot {active} is in use")
        self.environment.write({**self.environment.read(), "upgrade_available": "0", "bootcount": "0"})
        return f"slot {active} is confirmed"

    def commit(self):
        """Raise the lowest version to that of the older slot, once nothing is on trial."""
        active, on_trial, _, lowest = self.state()
        if on_trial:
            raise SlotError(f"slot {active} is on trial; confirm it first")
        found = [version for version in map(self.version, NAMES) if version is not None]
        if not found:
            raise SlotError("neither slot has an image")
        if self.is_efi:
            raise SlotError(f"the firmware of this board keeps its lowest version, and takes signed orders alone; the older slot has version "
                            f"{min(found)}: order it by scripts/image/efi_lowest.py --lowest {min(found)}")
        if min(found) <= lowest:
            return f"the lowest version stays {lowest}; the slots have {' and '.join(map(str, found))}"
        self.environment.write({**self.environment.read(), "ashlar_min": str(min(found))})
        return f"the lowest version is {min(found)} now"

    def status(self):
        """What there is, in one line a slot."""
        active, on_trial, starts, lowest = self.state()
        lines = []
        for slot in NAMES:
            version = self.version(slot)
            use = (f", on trial, {starts} starts" if on_trial else ", in use") if slot == active else ""
            lines.append(f"slot {slot}: " + ("no image" if version is None else f"version {version}") + use)
        kept = "lowest version that starts: "
        if self.is_efi:
            kept += "the firmware keeps it"
        elif self.has_tpm:
            kept += f"{lowest} was committed; the TPM keeps it from the next start on, or a higher one"
        else:
            kept += f"{lowest} (kept on the card: against accidents only)"
        return "\n".join([*lines, kept])


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="the two slots of a card")
    p.add_argument("--board-dir", required=True)
    p.add_argument("card", help="the card's device, or an image file")
    p.add_argument("what", choices=["status", "install", "confirm", "commit"])
    p.add_argument("itb", nargs="?", help="install: the image, or an update (.raucb)")
    p.add_argument("--keyring", help="install: the certificate that an update must be signed by")
    p.add_argument("--system", help="install: the read-only disk that goes with an image; an update has its own")
    args = p.parse_args()
    if (args.what == "install") != (args.itb is not None):
        p.error("install takes an image, and nothing else does")
    config = configparser.ConfigParser()
    with open(os.path.join(args.board_dir, "image.cfg"), encoding="utf-8") as f:
        config.read_file(f)
    try:
        slots = Slots(Card(args.card), config)
        with tempfile.TemporaryDirectory() as work:
            if args.itb and args.itb.endswith(".raucb"):
                args.itb, args.system = opened(args.itb, args.keyring, os.path.basename(os.path.normpath(args.board_dir)), work)
            print(slots.install(args.itb, args.system) if args.what == "install" else getattr(slots, args.what)())
    except (SlotError, OSError) as problem:
        print(f"slots: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
