# SPDX-License-Identifier: Apache-2.0
"""Make the certificates of a Trusted Firmware package the same in each build: their serial, times and salt.

The tool that makes them takes serial and salt from a random generator and the time from the clock, and cannot be told otherwise. Here
each is written again with a serial and a salt that follow from what it says, a time that is given, and signed anew by the
same key. Specs: RFC 5280, 4.1 (certificate), RFC 8017, 8.1 and 9.1 (RSASSA-PSS); Trusted Firmware-A, "Firmware Image Package (FIP)".
"""

import hashlib
import struct
import subprocess
import time

MAGIC = 0xAA640001
HEAD, ENTRY = 16, 40
SEQUENCE, INTEGER, BIT_STRING, GENERALIZED_TIME = 0x30, 0x02, 0x03, 0x18
SERIAL, VALIDITY = 1, 4         # places in the signed part, behind the version
LIFE = 20 * 365 * 24 * 3600
DIGEST = hashlib.sha256
HASHED_BY = bytes.fromhex("0609608648016503040201")     # id-sha256
PSS = bytes.fromhex("06092a864886f70d01010a")           # id-RSASSA-PSS


def read_one(data, at):
    """An element of DER: where its contents begin, and where it ends."""
    size, begin = data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size, begin = int.from_bytes(data[begin:begin + count], "big"), begin + count
    return begin, begin + size


def elements(data):
    """The elements that lie one behind the other, each whole."""
    at, found = 0, []
    while at < len(data):
        end = read_one(data, at)[1]
        found.append(data[at:end])
        at = end
    if at != len(data):
        raise ValueError("an element is cut short")
    return found


def contents(element):
    """What is in an element."""
    begin, end = read_one(element, 0)
    return element[begin:end]


def make(tag, data):
    """An element of DER."""
    size = len(data)
    if size < 0x80:
        return bytes((tag, size)) + data
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + data


def mask(seed, size):
    """MGF1."""
    blocks = (DIGEST(seed + count.to_bytes(4, "big")).digest() for count in range(-(-size // DIGEST().digest_size)))
    return b"".join(blocks)[:size]


def encode(message, bits):
    """EMSA-PSS, with a salt that follows from the message."""
    size, digest = -(-(bits - 1) // 8), DIGEST(message).digest()
    salt = DIGEST(b"salt" + digest).digest()
    hashed = DIGEST(bytes(8) + digest + salt).digest()
    block = bytes(size - len(salt) - len(hashed) - 2) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(block, mask(hashed, len(block))))
    masked[0] &= 0xFF >> (8 * size - (bits - 1))
    return bytes(masked) + hashed + b"\xbc"


def modulus_bits(key):
    """Of an RSA key, as openssl says it."""
    said = subprocess.run(["openssl", "rsa", "-in", key, "-noout", "-modulus"], capture_output=True, text=True, check=True).stdout
    return int(said.strip().removeprefix("Modulus="), 16).bit_length()


def sign(message, key, bits):
    """An RSASSA-PSS signature: the private key's bare operation is what openssl calls decrypting without padding."""
    argv = ["openssl", "pkeyutl", "-decrypt", "-inkey", key, "-pkeyopt", "rsa_padding_mode:none"]
    size = -(-bits // 8)
    return subprocess.run(argv, input=encode(message, bits).rjust(size, b"\0"), capture_output=True, check=True).stdout


def again(certificate, key, bits, epoch):
    """The certificate as it is in each build."""
    signed, algorithm, _ = elements(contents(certificate))
    if PSS not in algorithm or HASHED_BY not in algorithm:
        raise ValueError("a certificate is not signed by RSASSA-PSS with SHA-256")
    parts = elements(contents(signed))
    times = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at)).encode() for at in (epoch, epoch + LIFE))
    parts[VALIDITY] = make(SEQUENCE, b"".join(make(GENERALIZED_TIME, at) for at in times))
    parts[SERIAL] = b""
    serial = DIGEST(b"".join(parts)).digest()[:8]
    parts[SERIAL] = make(INTEGER, bytes((serial[0] & 0x7F | 0x40,)) + serial[1:])
    signed = make(SEQUENCE, b"".join(parts))
    return make(SEQUENCE, signed + algorithm + make(BIT_STRING, b"\0" + sign(signed, key, bits)))


def package(data, key, epoch):
    """A package with all its certificates made again: what begins as an element of DER, and is nothing else."""
    if struct.unpack_from("<I", data)[0] != MAGIC:
        raise ValueError("this is no package of Trusted Firmware")
    entries, at = [], HEAD
    while any(data[at:at + 16]):
        entries.append((data[at:at + 16], *struct.unpack_from("<QQQ", data, at + 16)))
        at += ENTRY
    bits, table, body = modulus_bits(key), b"", b""
    begin = at + ENTRY
    for uuid, offset, size, flags in entries:
        part = data[offset:offset + size]
        if part[0] == SEQUENCE and read_one(part, 0)[1] == size:
            part = again(part, key, bits, epoch)
        table += uuid + struct.pack("<QQQ", begin + len(body), len(part), flags)
        body += part
    return data[:HEAD] + table + bytes(16) + struct.pack("<QQQ", begin + len(body), 0, 0) + body
