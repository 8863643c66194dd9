# SPDX-License-Identifier: Apache-2.0
"""Make sdcard.img and its block map: GPT, one FAT partition with ashlar.itb and the boot script.

genimage does the work, as any user. Everything that could differ between two builds is fixed here: UUIDs, the FAT's
serial number, times (SOURCE_DATE_EPOCH), time zone, and the holes of the file, which the block map shows.
"""

import argparse
import configparser
import os
import shutil
import subprocess
import sys
import tempfile

MIB = 1 << 20
FAT_OVERHEAD = 64 * 1024  # boot sector, two tables and the root folder, for a card of some 100 MiB

GENIMAGE_CONFIG = """\
image boot.vfat {{
	vfat {{
		files = {{ {files} }}
		label = "{label}"
		extraargs = "--invariant -i {serial}"
	}}
	size = {partition_mib}M
}}
image sdcard.img {{
	hdimage {{
		partition-table-type = "gpt"
		disk-uuid = "{disk_uuid}"
	}}
	partition boot {{
		image = "boot.vfat"
		partition-type-uuid = "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"
		partition-uuid = "{partition_uuid}"
		bootable = true
	}}
}}
"""


def environment():
    """What the tools see: no time zone, and mkdosfs, which Debian keeps off a user's path."""
    env = dict(os.environ, TZ="UTC", LC_ALL="C")
    env["PATH"] += ":/usr/sbin:/sbin"
    return env


def run(argv, **kwargs):
    """Run a tool; its words are shown only if it fails."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          env=environment(), **kwargs)
    if done.returncode:
        raise SystemExit(f"{argv[0]} failed:\n{done.stdout}{done.stderr}")


def partition_size(disk, files):
    """How large the partition for the files is, in MiB."""
    used = sum(os.path.getsize(path) for path in files.values()) + FAT_OVERHEAD
    return -(-used // MIB) + disk.getint("spare-mib")


def genimage_config(disk, files):
    """genimage's configuration for the partition's files."""
    return GENIMAGE_CONFIG.format(
        files=", ".join(f'"{name}"' for name in files), label=disk["label"], serial=disk["fat-serial"],
        disk_uuid=disk["disk-uuid"], partition_uuid=disk["partition-uuid"], partition_mib=partition_size(disk, files))


def require_room(disk, files, folder):
    """A full disk is said here, in one line: genimage and its tools say it in many, none of which names it."""
    need = 2 * partition_size(disk, files) + 2  # the partition, then the card that holds it
    left = shutil.disk_usage(folder).free // MIB
    if left < need:
        raise SystemExit(f"disk: making the card's image needs {need} MiB in {folder} for a while, and its disk has "
                         f"{left} MiB left; make room")


def make(disk, files, output):
    """The image, by genimage in a folder of its own."""
    require_room(disk, files, os.path.dirname(output))
    with tempfile.TemporaryDirectory(dir=os.path.dirname(output), prefix=".disk-") as work:
        for folder in ("input", "output", "root"):
            os.mkdir(os.path.join(work, folder))
        for name, path in files.items():
            os.symlink(os.path.abspath(path), os.path.join(work, "input", name))
        with open(os.path.join(work, "genimage.cfg"), "w", encoding="utf-8") as f:
            f.write(genimage_config(disk, files))
        run(["genimage", "--config", "genimage.cfg", "--inputpath", "input", "--outputpath", "output",
             "--rootpath", "root", "--tmppath", "tmp"], cwd=work)
        image = os.path.join(work, "output", "sdcard.img")
        run(["fallocate", "--dig-holes", image])
        run(["bmaptool", "create", "-o", image + ".bmap", image])
        shutil.move(image + ".bmap", output + ".bmap")
        shutil.move(image, output)


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="make the board's disk image")
    p.add_argument("--board-dir", required=True)
    p.add_argument("--output", required=True)
    p.add_argument("files", nargs="+", metavar="name=file")
    args = p.parse_args()
    config = configparser.ConfigParser()
    with open(os.path.join(args.board_dir, "image.cfg"), encoding="utf-8") as f:
        config.read_file(f)
    make(config["disk"], dict(f.split("=", 1) for f in args.files), os.path.abspath(args.output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
