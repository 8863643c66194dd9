# SPDX-License-Identifier: Apache-2.0
# Requirement: release
"""What a release may not have (CONFIG_RELEASE): all of it is named, each with the way out, before anything is signed."""

import argparse
import re
import sys

LEAST_BITS = 3072


def of_key(key, allowed, name="signing key", setting="CONFIG_SIGN_KEY", what="the image"):
    """@key: what `ashlar keyinfo` says. @allowed: a key in a file was allowed by name."""
    if "INSECURE DEV KEY" in key:
        yield f"{what} would be signed by INSECURE DEV KEY, which every program of this user can read; set {setting} to yours"
        return
    bits = re.search(r"RSA-(\d+)", key)
    if bits and int(bits[1]) < LEAST_BITS:
        yield f"the {name} is RSA-{bits[1]}; take one of {LEAST_BITS} bits or more: openssl genrsa -out KEY.pem {LEAST_BITS}"
    if not allowed and "in a token" not in key:
        yield (f"the {name} is a file on the machine that builds; sign elsewhere, or allow it by CONFIG_RELEASE_KEY_FILE=y")


def of_role(text, allowed):
    """@text: ROLE=what keyinfo says."""
    role, _, key = text.partition("=")
    yield from of_key(key, allowed, f"{role.lower()} key", f"CONFIG_{role}_KEY", f"what CONFIG_{role}_KEY is for")


def of_debug(name):
    """@name: a setting without CONFIG_ that lets somebody look into the board, or try what no product does."""
    said = f"CONFIG_{name}=y: "
    if name == "CONSOLE_INPUT":
        yield (said + "who reaches the board's console types at the domains' shells and reads what they said; switch it off, or allow it "
               "by CONFIG_RELEASE_CONSOLE_INPUT=y")
    elif name == "PANIC_HALT":
        yield said + "a panic leaves CPUs and memory as they are, for a debugger; take CONFIG_PANIC_RESET or CONFIG_PANIC_POWER_OFF"
    elif name.startswith("DOMAIN_"):
        yield said + "this domain is there to attack the others, or to try them out; leave it out"
    else:
        yield said + "what is typed at a console ends a domain, for tests; switch it off"


def of_firmware(args):
    """U-Boot and what begins before it."""
    if args.hardened == "no":
        yield (f"{args.board_cfg}: hardened = no: this U-Boot starts unsigned code when told to; take a board whose U-Boot is built "
               "here (select U_BOOT_SOURCE), or harden its own")
    elif not args.hardened:
        yield f"{args.board_cfg}: no firmware that we know verifies what starts on this board; take one with a boot loader"
    if args.store == "none":
        yield ("the board keeps no lowest version (CONFIG_ROLLBACK_STORE is none), so that older images start; take a board with one, "
               "or allow it by CONFIG_RELEASE_WITHOUT_ROLLBACK=y")


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="refuse what a release may not have")
    p.add_argument("--board-cfg", required=True)
    p.add_argument("--key", required=True, help="what `ashlar keyinfo` says of it")
    p.add_argument("--role-key", action="append", default=[], help="ROLE=the same of the key of a role that has one of its own")
    p.add_argument("--allow-key-file", action="store_true")
    p.add_argument("--debug", action="append", default=[], help="a setting that is on, and for debugging or for tests")
    p.add_argument("--hardened", default="", choices=["yes", "no", ""], help="of the board's U-Boot; nothing if it has none")
    p.add_argument("--store", required=True, help="where the board keeps the lowest version; ignored: allowed not to")
    args = p.parse_args()
    found = [*of_key(args.key, args.allow_key_file)]
    for text in args.role_key:
        found += of_role(text, args.allow_key_file)
    for name in args.debug:
        found += of_debug(name)
    found += of_firmware(args)
    for problem in found:
        print(f"CONFIG_RELEASE: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
