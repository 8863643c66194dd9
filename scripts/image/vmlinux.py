# SPDX-License-Identifier: Apache-2.0
"""Take the ELF file out of a Linux bzImage: what a PVH loader wants of a PC's kernel.

The header says where the payload is; its first bytes say how it is packed. gzip and xz are Python's own, zstd and lz4 are
unpacked by the libraries that Debian's package tools stand on. Behind a packed file stands its unpacked size, which is
held against the result.
Spec: Linux Documentation/arch/x86/boot.rst, "payload_offset" and "payload_length"; of lz4 the "legacy frame" of its
lz4_Frame_format.md.
"""

import argparse
import ctypes
import lzma
import struct
import sys
import zlib

SETUP_SECTS = 0x1F1
MAGIC = 0x202
PAYLOAD = 0x248  # offset and length, 32 bits each
SECTOR = 512
SIZE_BYTES = 4
LZ4_MAGIC = b"\x02\x21\x4c\x18"
LZ4_BLOCK = 8 << 20  # unpacked, at most


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


def library(name, package):
    """A C library, whose package may be missing."""
    try:
        return ctypes.CDLL(name)
    except OSError:
        raise KernelError(f"it takes {name} to unpack it: install {package}") from None


def unzstd(data, size):
    """All frames, into @size bytes and no more."""
    zstd = library("libzstd.so.1", "libzstd1")
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    zstd.ZSTD_decompress.argtypes = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t
    zstd.ZSTD_isError.argtypes = [ctypes.c_size_t]
    room = ctypes.create_string_buffer(size)
    done = zstd.ZSTD_decompress(room, size, data, len(data))
    if zstd.ZSTD_isError(done):
        raise KernelError("its payload is damaged: zstd refuses it")
    return room.raw[:done]


def unlz4(data, size):
    """Blocks, each behind its length; another frame may follow."""
    lz4 = library("liblz4.so.1", "liblz4-1")
    room = ctypes.create_string_buffer(LZ4_BLOCK)
    parts, at = [], 0
    while at + SIZE_BYTES <= len(data) and sum(map(len, parts)) <= size:
        length = data[at:at + SIZE_BYTES]
        at += SIZE_BYTES
        if length == LZ4_MAGIC:
            continue
        block = data[at:at + int.from_bytes(length, "little")]
        at += len(block)
        done = lz4.LZ4_decompress_safe(block, room, len(block), LZ4_BLOCK)
        if done < 0:
            raise KernelError("its payload is damaged: lz4 refuses it")
        parts.append(room.raw[:done])
    return b"".join(parts)


METHODS = (
    (b"\x1f\x8b", lambda data, size: zlib.decompressobj(wbits=31).decompress(data, size + 1)),
    (b"\xfd7zXZ", lambda data, size: lzma.LZMADecompressor().decompress(data, size + 1)),
    (b"\x28\xb5\x2f\xfd", unzstd),
    (LZ4_MAGIC, unlz4),
)


def unpack(image):
    """The ELF file in @image."""
    packed, size = payload(image)
    for magic, method in METHODS:
        if packed.startswith(magic):
            try:
                kernel = method(packed, size)
            except (zlib.error, lzma.LZMAError) as err:
                raise KernelError(f"its payload is damaged: {err}") from err
            break
    else:
        raise KernelError("it is packed in a way that is not known here; gzip, xz, zstd and lz4 are")
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
