# SPDX-License-Identifier: Apache-2.0
# Requirement: verity
"""Make a read-only disk: a squashfs of some files, the tree of hashes that dm-verity wants behind it, and their root hash.

The disk is not signed; the root hash is, for --header gives it to the plan as SYSTEM_VERITY, "<data blocks> <root hash> <salt>".
Same files, same bytes: owners are root, modes are 0755 or 0644, times are SOURCE_DATE_EPOCH, the salt follows from the data.
Spec: Linux Documentation/admin-guide/device-mapper/verity.rst; cryptsetup, veritysetup(8).
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = 4096
UUID = "6173686c-6172-4576-8572-697479303031"  # of the superblock; nobody looks for it


def run(argv):
    """Run a tool; what it says. A missing one is named with its package."""
    env = dict(os.environ, LC_ALL="C", PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")
    try:
        done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SystemExit(f"system disk: {argv[0]} is not installed: apt-get install squashfs-tools cryptsetup-bin") from None
    if done.returncode:
        raise SystemExit(f"system disk: {argv[0]} failed: {done.stdout}{done.stderr}".strip())
    return done.stdout


def copy(source, target):
    """A file or a folder with all below, with the modes that the disk shall have; links stay links."""
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
    elif os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
        for name in sorted(os.listdir(source)):
            copy(os.path.join(source, name), os.path.join(target, name))
        os.chmod(target, 0o755)
    else:
        shutil.copyfile(source, target)
        os.chmod(target, 0o755 if os.stat(source).st_mode & 0o100 else 0o644)


def squashfs(folder, files, work):
    """The file system's bytes, whole blocks of them."""
    root, path = os.path.join(work, "root"), os.path.join(work, "data")
    copy(folder, root)
    for file in files:
        copy(file, os.path.join(root, os.path.basename(file)))
    run(["mksquashfs", root, path, "-noappend", "-all-root", "-no-xattrs", "-no-exports", "-quiet", "-no-progress", "-processors", "1"])
    with open(path, "rb") as f:
        data = f.read()
    return data + bytes(-len(data) % BLOCK)


def with_hashes(data, work):
    """(data with its tree of hashes behind it, what the plan says of it)."""
    path, blocks, salt = os.path.join(work, "disk"), len(data) // BLOCK, hashlib.sha256(data).hexdigest()
    with open(path, "wb") as f:
        f.write(data)
    said = run(["veritysetup", "format", path, path, f"--hash-offset={len(data)}", f"--data-blocks={blocks}", "--hash=sha256",
                f"--data-block-size={BLOCK}", f"--hash-block-size={BLOCK}", f"--salt={salt}", f"--uuid={UUID}"])
    found = re.search(r"Root hash:\s*([0-9a-f]{64})", said)
    if not found:
        raise SystemExit(f"system disk: veritysetup named no root hash: {said}")
    with open(path, "rb") as f:
        disk = f.read()
    return disk + bytes(-len(disk) % BLOCK), f"{blocks} {found[1]} {salt}"


def main():
    """Entry."""
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--folder", required=True, help="what is on it")
    p.add_argument("--output", required=True, help="the disk")
    p.add_argument("--header", required=True, help="for the plan: a macro")
    p.add_argument("file", nargs="*", help="more files for its top folder")
    args = p.parse_args()
    if not os.path.isdir(args.folder):
        raise SystemExit(f"system disk: there is no folder {args.folder}; CONFIG_LINUX_A_SYSTEM_FOLDER names what is on the disk")
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(args.output)), prefix=".system-") as work:
        disk, words = with_hashes(squashfs(args.folder, args.file, work), work)
    with open(args.output, "wb") as f:
        f.write(disk)
    with open(args.header, "w", encoding="utf-8") as f:
        f.write(f'#define SYSTEM_VERITY "{words}"\n')
    return 0


if __name__ == "__main__":
    sys.exit(main())
