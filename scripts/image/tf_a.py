# SPDX-License-Identifier: Apache-2.0
"""Build Trusted Firmware-A of Debian's source package with trusted board boot: BL1, and a package of signed stages behind it.

Our key is the root: BL1 has its digest, and it signs all certificates (tf_a_certs.py, so that two builds are the same bytes).
BL33 is U-Boot with its control tree. Everything is built aside, in a new folder: no digest of another key stays.
"""

import argparse
import os
import subprocess
import sys
import tempfile

import tf_a_certs

BEFORE_PACKAGE = 0x40000        # of the flash, where BL1 lies
ROLES = ("ROT_KEY", "TRUSTED_WORLD_KEY", "NON_TRUSTED_WORLD_KEY", "BL31_KEY", "BL33_KEY")


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="build Trusted Firmware-A for a board")
    p.add_argument("--source", required=True, help="folder of its source")
    p.add_argument("--mbedtls", required=True, help="folder of Mbed TLS' source")
    p.add_argument("--platform", required=True, help="its own name of the machine")
    p.add_argument("--option", action="append", default=[], help="what else it is built with, NAME=VALUE")
    p.add_argument("--key", required=True, help="the root key, PEM")
    p.add_argument("--bl33", required=True, help="what is verified and started last")
    p.add_argument("--cross", required=True, help="prefix of the compiler's programs")
    p.add_argument("--output", required=True)
    args = p.parse_args()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "CONFIG_"))}
    for name in ("O", "V", "B", "CC", "LD", "AR", "E", "DEBUG", "CFLAGS", "LDFLAGS"):
        env.pop(name, None)
    env.update(LC_ALL="C", TZ="UTC")
    with tempfile.TemporaryDirectory(prefix=".tf-a-", dir=os.path.dirname(os.path.abspath(args.output))) as work:
        argv = ["make", "-s", "-C", args.source, f"-j{os.cpu_count()}", f"PLAT={args.platform}", f"BUILD_BASE={work}",
                f"CROSS_COMPILE={args.cross}", "DEBUG=0", "E=0", "TRUSTED_BOARD_BOOT=1", "GENERATE_COT=1", "KEY_SIZE=3072",
                f"MBEDTLS_DIR={args.mbedtls}", *(f"{role}={os.path.abspath(args.key)}" for role in ROLES), f"BL33={os.path.abspath(args.bl33)}",
                'BUILD_MESSAGE_TIMESTAMP="by Ashlar"', *args.option, "all", "fip"]
        done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", check=False)
        if done.returncode:
            raise SystemExit("tf-a: not built; its last words:\n" + "\n".join(done.stdout.splitlines()[-20:]))
        flash = os.path.join(work, args.platform, "release/qemu_fw.bios")
        with open(flash, "rb") as stream:
            first, rest = stream.read(BEFORE_PACKAGE), stream.read()
        with open(flash, "wb") as stream:
            stream.write(first + tf_a_certs.package(rest, args.key, int(os.environ["SOURCE_DATE_EPOCH"])))
        os.replace(flash, args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
