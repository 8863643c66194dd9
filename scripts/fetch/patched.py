# SPDX-License-Identifier: Apache-2.0
"""A payload with patches of the user's: a copy of it in the cache, with these applied in their order.

    patched.py --cache DIR --files FOLDER PATCH...      prints the folder of the copy's files

What it is made of names the copy, patches/objects/<key>/: made once, and never changed. Its entry.json says what the patches are,
so that the manifest does. A patch that does not apply is refused with its name; nothing of it is kept.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys

from common import FetchError, digest_file, write_by_rename


def apply(patch, folder):
    """One patch, as `git format-patch` and `diff -u` make them; fuzz is refused, for nobody would see what it hit."""
    done = subprocess.run(["patch", "-p1", "--forward", "--batch", "--fuzz=0", "--no-backup-if-mismatch", "-d", folder, "-i",
                           os.path.abspath(patch)], capture_output=True, text=True, check=False)
    if done.returncode:
        words = next((line for line in done.stdout.splitlines() if "FAILED" in line or "can't find" in line), done.stdout.strip())
        raise FetchError(f"{patch}: does not apply: {words}; bring it up to the payload's version")


def describe(facts, folder, patches):
    """entry.json of the copy: its own files and the patches."""
    files = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if not os.path.islink(path):
                files[os.path.relpath(path, folder)] = [os.path.getsize(path), digest_file(path)]
    named = [{"name": os.path.basename(patch), "sha256": digest_file(patch)} for patch in patches]
    return json.dumps({**facts, "files": files, "patches": named}, indent=1, sort_keys=True) + "\n"


def patched(cache, files, patches):
    """Return the folder of the files with the patches."""
    entry = os.path.dirname(files)
    names = [os.path.basename(entry), *(f"{os.path.basename(patch)} {digest_file(patch)}" for patch in patches)]
    key = hashlib.sha256("\n".join(names).encode()).hexdigest()
    folder = os.path.join(cache, "patched", "objects", key)
    if os.path.isdir(folder):
        return os.path.join(folder, "files")
    work = f"{folder}.{os.getpid()}"
    try:
        shutil.copytree(files, os.path.join(work, "files"), symlinks=True)
        for patch in patches:
            apply(patch, os.path.join(work, "files"))
        with open(os.path.join(entry, "entry.json"), encoding="utf-8") as stream:
            facts = json.load(stream)
        write_by_rename(os.path.join(work, "entry.json"), describe(facts, os.path.join(work, "files"), patches))
        os.rename(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return os.path.join(folder, "files")


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="apply patches to a copy of a payload")
    p.add_argument("--cache", required=True)
    p.add_argument("--files", required=True, help="folder of the payload's files, in its entry")
    p.add_argument("patches", nargs="+")
    args = p.parse_args()
    print(patched(args.cache, args.files.rstrip("/"), args.patches))


if __name__ == "__main__":
    try:
        main()
    except FetchError as problem:
        sys.exit(f"patches: error: {problem}")
