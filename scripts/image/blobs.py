# SPDX-License-Identifier: Apache-2.0
"""What the real board wants on its card and no distribution may ship: each a section [blob NAME] of image.cfg.

    [blob start4.elf]
    what = the VPU's firmware
    from = the folder boot/ of https://github.com/raspberrypi/firmware
    licence = Broadcom's, LICENCE.broadcom there

NAME is the file's in BLOBS_DIR, and on the card. With `offset-kib` it is written there, raw, before the first partition;
without, it stands in the boot partition. --missing says which are not in BLOBS_DIR, --tell all about these, --found names those
that are, as disk.py takes them: all of them, or none.
"""

import argparse
import configparser
import os
import sys

RAW = "raw:"


def blobs(config):
    """(name, section) of each, in their order."""
    return [(name.split(None, 1)[1], config[name]) for name in config.sections() if name.startswith("blob ")]


def missing(config, folder):
    """Those that are not there; an empty file is none."""
    def is_there(name):
        path = os.path.join(folder, name)
        return bool(folder) and os.path.isfile(path) and os.path.getsize(path) > 0

    return [(name, section) for name, section in blobs(config) if not is_there(name)]


def tell(config, folder):
    """What, where from, licence, of each that is missing."""
    lines = []
    for name, section in missing(config, folder):
        lines.append(f"  {name}: {section['what']}\n    from {section['from']}\n    licence: {section['licence']}")
    if lines:
        where = f"{folder} has not got" if folder else "BLOBS_DIR is not set, which would have"
        lines.insert(0, f"To boot the real board, {where}:")
    return "\n".join(lines)


def found(config, folder):
    """NAME=path for disk.py, those with a place of their own marked."""
    if missing(config, folder):
        return []
    return [f"{RAW if 'offset-kib' in section else ''}{name}={os.path.join(folder, name)}" for name, section in blobs(config)]


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="look for the files that the real board wants")
    p.add_argument("--board-dir", required=True)
    p.add_argument("--blobs-dir", default="")
    p.add_argument("what", choices=["missing", "tell", "found"])
    args = p.parse_args()
    config = configparser.ConfigParser()
    with open(os.path.join(args.board_dir, "image.cfg"), encoding="utf-8") as stream:
        config.read_file(stream)
    if args.what == "missing":
        print(", ".join(name for name, _ in missing(config, args.blobs_dir)))
    elif args.what == "tell":
        print(tell(config, args.blobs_dir))
    else:
        print(" ".join(found(config, args.blobs_dir)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
