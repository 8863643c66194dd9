# SPDX-License-Identifier: Apache-2.0
"""What starts unsigned code is not in a U-Boot that we build. Debian's has it all, which shows that the words are right."""
from tests.boot.machine import Machine
from tests.runner.context import expect

# What each way in says of itself.
WORDS = {
    "go": b"start application at address",
    "booti": b"Linux kernel 'Image' format",
    "bootelf": b"ELF image in memory",
    "bootefi": b"EFI payload",
    "scripts": b"run script from memory",
    "bootflow": b"bootflow",
    "extlinux": b"extlinux",
    "network": b"TFTP protocol",
    "USB": b"USB sub-system",
    "a stored environment": b"save environment variables to persistent",
}


def check(ctx):
    """See the head of this file."""
    open_one = Machine(ctx, "demo").u_boot.read_bytes()
    ours = Machine(ctx, ctx.args["build"], ctx.args["board"]).u_boot.read_bytes()
    for name, words in WORDS.items():
        expect(words in open_one, f"{name}: Debian's U-Boot says something else")
        expect(words not in ours, f"{name}: this U-Boot has it")
