# SPDX-License-Identifier: Apache-2.0
"""Changes files on a copy of the card's image."""
import struct

from tests.runner.context import expect

SECTOR = 512


def partition_start(image, index=0):
    """Byte where a partition, the first if not said, begins; 0 if it is not there. Spec: UEFI 2.10, 5.3 (GPT)."""
    with open(image, "rb") as disk:
        disk.seek(SECTOR)
        head = disk.read(SECTOR)
        expect(head[:8] == b"EFI PART", f"{image} has no GPT")
        disk.seek(struct.unpack_from("<Q", head, 72)[0] * SECTOR + index * 128)
        return struct.unpack_from("<Q", disk.read(128), 32)[0] * SECTOR


class Card:
    """A copy of sdcard.img or disk.img that a test may write to. @slots: how many partitions, from @first on, have the same files, and are
    written alike."""

    def __init__(self, ctx, image, slots=1, first=0):
        self.ctx, self.path = ctx, ctx.work / "card.img"
        ctx.run("cp", "--sparse=always", "--reflink=auto", image, self.path)
        self.volumes = [f"{self.path}@@{partition_start(image, index)}" for index in range(first, first + slots)]
        self.volume = self.volumes[0]

    def names(self):
        """Files of the boot partition."""
        return self.ctx.run("mdir", "-b", "-i", self.volume, "::").replace("::/", "").split()

    def read(self, name):
        """A file's bytes."""
        out = self.ctx.work / f"from-card.{name.replace('/', '.')}"
        self.ctx.run("mcopy", "-n", "-o", "-i", self.volume, f"::{name}", out)
        return out.read_bytes()

    def write(self, name, data, only=None):
        """Put a file of these bytes in place of the old one: in each of the partitions, or in that one of them."""
        path = self.ctx.work / f"to-card.{name.replace('/', '.')}"
        path.write_bytes(data)
        for volume in self.volumes if only is None else [self.volumes[only]]:
            self.ctx.run("mdel", "-i", volume, f"::{name}")
            self.ctx.run("mcopy", "-o", "-i", volume, path, f"::{name}")
