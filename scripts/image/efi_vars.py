# SPDX-License-Identifier: Apache-2.0
"""Make the variables' flash of an emulated UEFI machine: a key enrolled, Secure Boot on, and a boot entry if asked.

The firmware's package brings an empty flash; variables are written behind its headers, as the firmware would. A real
machine's owner enrols db.cer in the firmware's setup instead.

Spec: UEFI 2.10, 8.2 (variables), 3.1.3 (load options), 32.4.1 (signature database); EDK II's VariableFormat.h
(authenticated variables) for how they lie in the flash.
"""

import argparse
import struct
import sys
import uuid

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")
SECURITY = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f")       # db
SECURE_BOOT = uuid.UUID("f0a30bc7-af08-4556-99c4-001009c93a44")    # SecureBootEnable
X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")
OWNER = uuid.UUID("6173686c-6172-4b65-8f79-6f776e657231")          # ours, whoever holds the key
STORE = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792")          # a store of authenticated variables

VOLUME_HEAD_BYTES_AT, STORE_HEAD_BYTES = 0x30, 28
NON_VOLATILE, BOOT_ACCESS, RUNTIME_ACCESS, TIME_BASED = 1, 2, 4, 0x20
ADDED = 0x3f
TIME = struct.pack("<HBBBBBxIhBx", 2000, 1, 1, 0, 0, 0, 0, 0, 0)


def variable(name, guid, attributes, data):
    """A variable in the flash, padded to 4 bytes."""
    wide = (name + "\0").encode("utf-16-le")
    head = struct.pack("<HBxIQ", 0x55AA, ADDED, attributes, 0)
    head += (TIME if attributes & TIME_BASED else bytes(16)) + struct.pack("<III", 0, len(wide), len(data))
    whole = head + guid.bytes_le + wide + data
    return whole + b"\xff" * (-len(whole) % 4)


def signature_list(certificate):
    """One X.509 certificate, as PK, KEK and db hold it."""
    one = OWNER.bytes_le + certificate
    return X509.bytes_le + struct.pack("<III", 28 + len(one), 0, len(one)) + one


def keys(certificate, owner, exchange, revoked):
    """The variables that make the firmware verify: db what may start, dbx what may not whatever db says, KEK who changes these two,
    PK who changes KEK."""
    attributes = NON_VOLATILE | BOOT_ACCESS | RUNTIME_ACCESS | TIME_BASED
    return (variable("PK", GLOBAL, attributes, signature_list(owner)) + variable("KEK", GLOBAL, attributes, signature_list(exchange))
            + variable("db", SECURITY, attributes, signature_list(certificate))
            + (variable("dbx", SECURITY, attributes, signature_list(revoked)) if revoked else b"")
            + variable("SecureBootEnable", SECURE_BOOT, NON_VOLATILE | BOOT_ACCESS, b"\1"))


def boot_entry(path, options):
    """Boot0000: a file on any disk, with load options; and the order, which it is first in."""
    wide = (path + "\0").encode("utf-16-le")
    device = struct.pack("<BBH", 4, 4, 4 + len(wide)) + wide + struct.pack("<BBH", 0x7F, 0xFF, 4)
    entry = struct.pack("<IH", 1, len(device)) + "entry\0".encode("utf-16-le") + device
    entry += (options + "\0").encode("utf-16-le")
    attributes = NON_VOLATILE | BOOT_ACCESS | RUNTIME_ACCESS
    return variable("Boot0000", GLOBAL, attributes, entry) + variable("BootOrder", GLOBAL, attributes, b"\0\0")


def fill(template, variables):
    """The template with these variables alone."""
    at = struct.unpack_from("<H", template, VOLUME_HEAD_BYTES_AT)[0]
    if template[at:at + 16] != STORE.bytes_le:
        raise SystemExit("efi-vars: the template has no store of authenticated variables")
    size = struct.unpack_from("<I", template, at + 16)[0]
    room = size - STORE_HEAD_BYTES
    if len(variables) > room:
        raise SystemExit(f"efi-vars: {len(variables)} bytes of variables, the flash has room for {room}")
    first = at + STORE_HEAD_BYTES
    return template[:first] + variables + b"\xff" * (room - len(variables)) + template[at + size:]


def read(path):
    """A file's bytes; none if it was not given."""
    if not path:
        return b""
    with open(path, "rb") as f:
        return f.read()


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="make the flash of an emulated UEFI machine's variables")
    p.add_argument("--template", required=True, help="the firmware's own, empty")
    p.add_argument("--certificate", help="DER: enrol it, and switch Secure Boot on")
    p.add_argument("--pk", help="DER: of who owns the machine; the same if not given")
    p.add_argument("--kek", help="DER: of who may change db and dbx; the same if not given")
    p.add_argument("--dbx", help="DER: what it signs is refused")
    p.add_argument("--boot", nargs=2, metavar=("PATH", "OPTIONS"), help="a boot entry with load options")
    p.add_argument("--output", required=True)
    args = p.parse_args()
    variables = b""
    if args.certificate:
        listed = read(args.certificate)
        variables += keys(listed, read(args.pk) or listed, read(args.kek) or listed, read(args.dbx))
    if args.boot:
        variables += boot_entry(*args.boot)
    with open(args.template, "rb") as f:
        flash = fill(f.read(), variables)
    with open(args.output, "wb") as f:
        used = len(flash.rstrip(b"\0"))     # the rest is a hole: an Arm machine's flash has 64 MiB
        f.write(flash[:used])
        f.truncate(len(flash))
    return 0


if __name__ == "__main__":
    sys.exit(main())
