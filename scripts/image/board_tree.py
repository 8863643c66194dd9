# SPDX-License-Identifier: Apache-2.0
"""Make U-Boot's control tree for an emulated board: what the emulator itself describes, plus our settings.

The seeds that the emulator draws anew each time are left out; they would make every build differ and give a
guest the same "random" numbers at each start. The public key is added later, by the signing step.
"""

import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "run"))
from emulator import Board  # noqa: E402  pylint: disable=wrong-import-position

SEEDS = ("rng-seed", "kaslr-seed")
ROOM = 8192  # bytes left free for the key


def run(argv):
    """Run a tool; its words are shown only if it fails."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{argv[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def dump(board, path):
    """The emulator's own tree."""
    argv = board.machine()
    at = argv.index("-machine") + 1
    argv[at] += ",dumpdtb=" + path.replace(",", ",,")
    run(argv)


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="make U-Boot's control tree of an emulated board")
    p.add_argument("--board-dir", required=True)
    p.add_argument("--output", required=True)
    args = p.parse_args()
    board = Board(args.board_dir)
    tmp = args.output + ".tmp"
    dump(board, tmp)
    run(["dtc", "-q", "-I", "dtb", "-O", "dtb", "-p", str(ROOM), "-o", tmp + "2", tmp])
    os.replace(tmp + "2", tmp)
    for seed in SEEDS:
        if seed in run(["fdtget", "-p", tmp, "/chosen"]).split():
            run(["fdtput", "-d", tmp, "/chosen", seed])
    run(["fdtput", "-p", "-t", "s", tmp, "/config", "bootcmd", board.config["u-boot"]["boot-command"]])
    run(["fdtput", "-t", "i", "--", tmp, "/config", "bootdelay", board.config["u-boot"]["boot-delay"]])
    os.replace(tmp, args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
