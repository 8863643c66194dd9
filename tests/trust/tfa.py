# SPDX-License-Identifier: Apache-2.0
"""A byte of Trusted Firmware's package was flipped: the stage before must refuse it, and U-Boot never say a word.

Spec: Trusted Firmware-A, "Firmware Image Package (FIP)": a table of UUID, offset, size and flags, ended by a UUID of zeros.
"""
import struct

from tests.boot.machine import Machine
from tests.runner.context import expect

PACKAGE = 0x40000               # where BL1 looks for it
MAGIC = 0xAA640001
# In the table's order, which its tool fixes.
PARTS = ["bl2", "bl31", "bl33", "trusted-key", "soc-key", "non-trusted-key", "bl2-content", "soc-content", "non-trusted-content"]
REFUSED = r"^ERROR: +(BL2: Failed to load image|Failed to load BL2 firmware)"
LATER = r"^(U-Boot \d|launcher: |ashlar: )"


def parts(data):
    """{name: (offset, size)} of the package's parts, in the flash."""
    expect(struct.unpack_from("<I", data, PACKAGE)[0] == MAGIC, "no package in the flash")
    found, at = [], PACKAGE + 16
    while any(data[at:at + 16]):
        offset, size = struct.unpack_from("<QQ", data, at + 16)
        found.append((PACKAGE + offset, size))
        at += 40
    expect(len(found) == len(PARTS), f"{len(found)} parts in the package")
    return dict(zip(PARTS, found))


def _place(data, case):
    """The byte to flip."""
    found = parts(data)
    if case == "control-tree":          # of U-Boot, which lies in BL33: the key's modulus
        start, size = found["bl33"]
        return data.index(b"required\0", start, start + size) - 64
    start, size = found[case]
    return start + size // 2


def flipped(ctx):
    """See the head of this file."""
    machine = Machine(ctx, "tfa", "qemu_arm64_tfa")
    data = bytearray(machine.u_boot.read_bytes())
    data[_place(data, ctx.args["case"])] ^= 1
    machine.u_boot = ctx.work / "firmware.bin"
    machine.u_boot.write_bytes(data)
    with machine.start(timeout=100) as console:
        console.wait(REFUSED, 80)
        console.quiet(3)
        console.never(LATER)
