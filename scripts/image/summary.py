# SPDX-License-Identifier: Apache-2.0
"""The last lines of a build: what was made, how large it is, and whose key signed it."""

import argparse
import os
import sys


def size(count):
    """Bytes, for people."""
    return f"{count / (1 << 20):.1f} MiB" if count >= 1 << 20 else f"{count / 1024:.1f} KiB"


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="say what a build made")
    p.add_argument("--key", required=True, help="what `ashlar keyinfo` says of it")
    p.add_argument("--root-of-trust", required=True, help="who verifies what the board starts first; none: nobody")
    p.add_argument("--needs", default="", help="what the real board wants on its card beside all this")
    p.add_argument("--tell", default="", help="all about what it wants")
    p.add_argument("files", nargs="+")
    args = p.parse_args()
    print()
    for path in args.files:
        lacks = f" (not bootable: needs {args.needs})" if args.needs and path.endswith("/sdcard.img") else ""
        print(f"  {size(os.path.getsize(path)):>10}  {os.path.relpath(path)}{lacks}")
    print(f"Signed by {args.key}")
    if "INSECURE DEV KEY" in args.key:
        print("which is this user's own, for trying only. CONFIG_SIGN_KEY takes yours.")
    if args.tell:
        print(args.tell)
    if args.root_of_trust == "none":
        print("Root of trust: none. Whoever can replace what this board starts first has defeated the signatures.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
