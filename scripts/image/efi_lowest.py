# SPDX-License-Identifier: Apache-2.0
"""Write LOWEST.AUT, the order that raises the lowest version which a UEFI board starts: put it into EFI/ASHLAR of its disk.

It is what SetVariable() takes of an authenticated variable, signed by openssl. Its time follows from the number, so that the
firmware, which takes later times only, takes higher numbers only. Order it once the version that it names is confirmed.

Spec: UEFI 2.10, 8.2.2 (EFI_VARIABLE_AUTHENTICATION_2), 8.2.6 (what is signed).
"""

import argparse
import datetime
import os
import re
import struct
import subprocess
import sys
import tempfile
import uuid

NAME = "AshlarLowest"
OURS = uuid.UUID("6c687361-7261-6f4c-8773-747600000001")
PKCS7 = uuid.UUID("4aafd29d-68df-49ee-8aa9-347d375665a7")
ATTRIBUTES = 1 | 2 | 0x20           # kept, at boot only, by time
FIRST = datetime.datetime(2020, 1, 1)
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")


def efi_time(number):
    """A minute later for each number."""
    t = FIRST + datetime.timedelta(minutes=number)
    return struct.pack("<HBBBBBxIhBx", t.year, t.month, t.day, t.hour, t.minute, 0, 0, 0, 0)


def without_wrapper(der):
    """SignedData alone: what is in ContentInfo's [0]."""
    at = der.index(SIGNED_DATA) + len(SIGNED_DATA)
    if der[at] != 0xa0 or der[at + 1] & 0x80 == 0:
        raise SystemExit("efi-lowest: openssl wrote another form of signature than expected")
    return der[at + 2 + (der[at + 1] & 0x7f):]


def certificate_of(key):
    """Where the key's certificate is: in its file, or beside it."""
    with open(key, encoding="utf-8") as f:
        if "-----BEGIN CERTIFICATE-----" in f.read():
            return key
    return re.sub(r"\.[^./]*$", "", key) + ".crt"


def signature(key, what):
    """PKCS#7, detached, over these bytes; PKCS#1 v1.5 has no randomness, and no time is in it."""
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "signed")
        with open(path, "wb") as f:
            f.write(what)
        done = subprocess.run(["openssl", "cms", "-sign", "-binary", "-noattr", "-md", "sha256", "-outform", "DER", "-signer",
                               certificate_of(key), "-inkey", key, "-in", path], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"efi-lowest: openssl cannot sign by {key}: {done.stderr.decode().strip()}")
    return without_wrapper(done.stdout)


def order(key, number):
    """The whole file."""
    time, data = efi_time(number), struct.pack("<I", number)
    made = signature(key, NAME.encode("utf-16-le") + OURS.bytes_le + struct.pack("<I", ATTRIBUTES) + time + data)
    return time + struct.pack("<IHH", 24 + len(made), 0x0200, 0x0EF1) + PKCS7.bytes_le + made + data


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="order a higher lowest version of a UEFI board")
    p.add_argument("--key", required=True, help="PEM: the private key; its certificate in the same file, or beside it (.crt)")
    p.add_argument("--lowest", required=True, type=int, help="the version below which nothing starts any more")
    p.add_argument("--output", required=True)
    args = p.parse_args()
    if not 0 < args.lowest < 1 << 31:
        p.error("--lowest: 1 to 2147483647")
    with open(args.output, "wb") as f:
        f.write(order(args.key, args.lowest))
    return 0


if __name__ == "__main__":
    sys.exit(main())
