# SPDX-License-Identifier: Apache-2.0
"""Take the ELF file out of a Linux bzImage: what a PVH loader wants of a PC's kernel.

The header says where the payload is; its first bytes say how it is packed. gzip and xz are Python's own, zstd is
unpacked by the program of that name. Behind a packed file stands its unpacked size, which is held against the result.
Spec: Linux Documentation/arch/x86/boot.rst, "payload_offset" and "payload_length".
"""

import argparse
import lzma
import struct
import subprocess
import sys
import zlib

SETUP_SECTS = 0x1F1
MAGIC = 0x202
PAYLOAD = 0x248  # offset and length, 32 bits each
SECTOR = 512
SIZE_BYTES = 4


class KernelError(Exception):
    """It is no bzImage, or cannot be unpacked; says why."""


def payload(image):
    """The packed kernel, and behind it the size that it has unpacked."""
    if image[MAGIC:MAGIC + 4] != b"HdrS":
        raise KernelError("not a bzImage")
    start = ((image[SETUP_SECTS] or 4) + 1) * SECTOR
    offset, length = struct.unpack_from("<II", image, PAYLOAD)
    packed = image[start + offset:start + offset + length]
    if length <= SIZE_BYTES or len(packed) != length:
        raise KernelError("its payload is cut short")
    return packed[:-SIZE_BYTES], struct.unpack("<I", packed[-SIZE_BYTES:])[0]


def unzstd(data):
    """By the program, which reads any frame; it is a package of its own."""
    try:
        done = subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, check=False)
    except FileNotFoundError:
        raise KernelError("it is packed with zstd, and there is no program of that name: install zstd") from None
    if done.returncode:
        raise KernelError(f"zstd: {done.stderr.decode().strip()}")
    return done.stdout


METHODS = (
    (b"\x1f\x8b", lambda data: zlib.decompressobj(wbits=31).decompress(data)),
    (b"\xfd7zXZ", lambda data: lzma.LZMADecompressor().decompress(data)),
    (b"\x28\xb5\x2f\xfd", unzstd),
)


def unpack(image):
    """The ELF file in @image."""
    packed, size = payload(image)
    for magic, method in METHODS:
        if packed.startswith(magic):
            try:
                kernel = method(packed)
            except (zlib.error, lzma.LZMAError) as err:
                raise KernelError(f"its payload is damaged: {err}") from err
            break
    else:
        raise KernelError("it is packed in a way that is not known here; gzip, xz and zstd are")
    if len(kernel) != size or not kernel.startswith(b"\x7fELF"):
        raise KernelError("what is packed in it is not the ELF file that it promises")
    return kernel


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="take the ELF file out of a bzImage")
    p.add_argument("--output", required=True)
    p.add_argument("image")
    args = p.parse_args()
    try:
        with open(args.image, "rb") as file:
            kernel = unpack(file.read())
    except (KernelError, OSError) as err:
        print(f"{args.image}: {err}", file=sys.stderr)
        return 1
    with open(args.output, "wb") as file:
        file.write(kernel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
