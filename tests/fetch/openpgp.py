# SPDX-License-Identifier: Apache-2.0
"""Just enough OpenPGP (RFC 4880) to sign a test archive's Release with openssl.

gpgv and openssl are on every build host; gpg, its agent and its home folder are not needed.
The times in the packets are fixed: nothing here depends on the clock.
"""
import base64
import hashlib
import re
import struct
import subprocess

MADE = 1_600_000_000    # when key and signatures claim to be made


def _packet(tag, body):
    """A packet in the new format with a five-octet length (4.2.2)."""
    return bytes([0xC0 | tag, 0xFF]) + struct.pack(">I", len(body)) + body


def _mpi(number):
    """A multiprecision integer (3.2)."""
    bits = number.bit_length()
    return struct.pack(">H", bits) + number.to_bytes((bits + 7) // 8, "big")


class Key:
    """An RSA key in a file, made once."""

    def __init__(self, path):
        self.path = str(path)
        subprocess.run(["openssl", "genrsa", "-out", self.path, "2048"], check=True,
                       capture_output=True)
        text = subprocess.run(["openssl", "rsa", "-in", self.path, "-noout", "-modulus"],
                              check=True, capture_output=True, text=True).stdout
        modulus = int(re.fullmatch(r"Modulus=([0-9A-F]+)\n", text)[1], 16)
        # Version 4, time, algorithm 1 (RSA), modulus, exponent (5.5.2).
        self.body = struct.pack(">BIB", 4, MADE, 1) + _mpi(modulus) + _mpi(65537)
        self.fingerprint = hashlib.sha1(b"\x99" + struct.pack(">H", len(self.body))
                                        + self.body).digest()

    def _signature(self, kind, data):
        """A version 4 signature packet over data (5.2.3, 5.2.4)."""
        inner = bytes([5, 2]) + struct.pack(">I", MADE)                 # creation time
        inner += bytes([22, 33, 4]) + self.fingerprint                  # issuer's fingerprint
        hashed = struct.pack(">BBBBH", 4, kind, 1, 8, len(inner)) + inner   # RSA, SHA-256
        message = data + hashed + struct.pack(">BBI", 4, 0xFF, len(hashed))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path],
                                   input=message, check=True, capture_output=True).stdout
        issuer = bytes([9, 16]) + self.fingerprint[-8:]
        body = hashed + struct.pack(">H", len(issuer)) + issuer
        body += hashlib.sha256(message).digest()[:2] + _mpi(int.from_bytes(signature, "big"))
        return _packet(2, body)

    def sign(self, data):
        """A detached signature over a binary document, in the armour that apt asks for (6.2)."""
        text = base64.encodebytes(self._signature(0x00, data))
        return b"-----BEGIN PGP SIGNATURE-----\n\n" + text + b"-----END PGP SIGNATURE-----\n"

    def public(self):
        """The keyring file that gpgv wants: key, user name, self-signature."""
        name = b"Archive of a test <nobody@invalid>"
        covered = b"\x99" + struct.pack(">H", len(self.body)) + self.body
        covered += b"\xb4" + struct.pack(">I", len(name)) + name
        return _packet(6, self.body) + _packet(13, name) + self._signature(0x13, covered)
