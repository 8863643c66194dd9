# SPDX-License-Identifier: Apache-2.0
"""Make a CD image that a PC's BIOS starts: GRUB, which loads hypervisor and bundle by multiboot2, and nothing else.

GRUB's commands are compiled into its own image: nothing is asked and nothing is waited for. Neither root nor a mount is
needed; what could differ between two builds is fixed (SOURCE_DATE_EPOCH, times, numbers), so the bytes do not differ.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

MODULES = ["biosdisk", "iso9660", "multiboot2", "boot", "echo", "sleep", "reboot"]
# A loader that fails does not wait for somebody who types: it says so and starts again.
COMMANDS = """\
multiboot2 (cd)/ashlar.bin
module2 (cd)/bundle.itb
boot
echo "GRUB cannot start Ashlar"
sleep 10
reboot
"""
IMAGE = "boot/grub.img"


def environment():
    """What the tools see: no time zone, one clock."""
    return {"SOURCE_DATE_EPOCH": "0", **os.environ, "TZ": "UTC", "LC_ALL": "C"}


def fill(folder, kernel, bundle, env):
    """The files of the CD, with GRUB's image among them."""
    os.mkdir(os.path.join(folder, "boot"))
    shutil.copyfile(kernel, os.path.join(folder, "ashlar.bin"))
    shutil.copyfile(bundle, os.path.join(folder, "bundle.itb"))
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as commands:
        commands.write(COMMANDS)
        commands.flush()
        subprocess.run(["grub-mkimage", "-O", "i386-pc-eltorito", "-p", "(cd)/boot", "-c", commands.name,
                        "-o", os.path.join(folder, IMAGE), *MODULES], env=env, check=True)


def set_times(folder, epoch):
    """Everything's time is the build's."""
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.utime(os.path.join(root, name), (epoch, epoch))
    os.utime(folder, (epoch, epoch))


def write(folder, output, env):
    """The image of @folder; all that is in it has SOURCE_DATE_EPOCH's time."""
    set_times(folder, int(env["SOURCE_DATE_EPOCH"]))
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-volid", "ASHLAR", "-uid", "0", "-gid", "0",
                    "-b", IMAGE, "-c", "boot/boot.cat", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table",
                    "-o", output, folder], env=env, check=True, stderr=subprocess.PIPE)


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="make a CD image with GRUB")
    p.add_argument("--kernel", required=True)
    p.add_argument("--bundle", required=True)
    p.add_argument("--output", required=True)
    args = p.parse_args()
    env = environment()
    try:
        with tempfile.TemporaryDirectory() as folder:
            fill(folder, args.kernel, args.bundle, env)
            write(folder, args.output, env)
    except FileNotFoundError as err:
        return f"grub_iso: {err.filename}: not there; scripts/setup pc installs it"
    except subprocess.CalledProcessError as err:
        return f"grub_iso: {err.cmd[0]} failed: {(err.stderr or b'').decode()}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
