# SPDX-License-Identifier: Apache-2.0
"""A newer emulator than the host's, for boards that need one: Debian 13's QEMU with all its libraries, in the cache.

Nothing is installed: the packages come through the private apt root, verified as payloads are, are unpacked side by side into
tools/qemu-<digest>/ of the cache, and run by their own dynamic loader. `qemu.py 10.0` prints the program to use: the host's
own if that is new enough.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys

from apt import AptRoot, parse_uris
from cache import Cache
from common import FetchError, human, say
from fetch import cache_folder
from host import Mirrors, run
from unpack import unpack_deb

PROGRAM = "qemu-system-aarch64"
PACKAGE = "qemu-system-arm"
SUITE = "trixie"
MAIN = f"usr/bin/{PROGRAM}"
WANTED = (MAIN, "usr/lib/", "lib/", "lib64/", "usr/lib64/", "usr/share/qemu/", "usr/share/doc/qemu-system-")
# The emulator by its own loader; what QEMU itself loads it finds by these words.
LAUNCHER = """#!/bin/sh
# Made by scripts/fetch/qemu.py.
top=$(dirname "$(readlink -f "$0")")/files
lib=$top/usr/lib/{triplet}
QEMU_MODULE_DIR=$lib/qemu exec "$lib/{loader}" --library-path "$lib:$top/usr/lib:$top/lib/{triplet}" "$top/{main}" -L "$top/usr/share/qemu" "$@"
"""
LOADERS = {"amd64": ("x86_64-linux-gnu", "ld-linux-x86-64.so.2"), "arm64": ("aarch64-linux-gnu", "ld-linux-aarch64.so.1")}


def version(program):
    """Return the version of an emulator, (0, 0) if it does not run."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        return 0, 0
    found = re.search(r"version (\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def cached(cache, wanted):
    """Return the cache's own emulator if it is new enough."""
    folder = cache.path("tools")
    for name in sorted(os.listdir(folder), reverse=True) if os.path.isdir(folder) else []:
        program = os.path.join(folder, name, PROGRAM)
        if name.startswith("qemu-") and os.path.exists(program) and version(program) >= wanted:
            return program
    return None


def archives(root):
    """Return what apt says is to be downloaded for the emulator alone, on a machine with nothing on it."""
    text = run(["apt-get", "install", "--print-uris", "--yes", "--no-install-recommends", PACKAGE], root.env)
    lines = text.splitlines()
    found = []
    for line in lines:                           # apt-get install names MD5 or SHA256, by its version
        match = re.fullmatch(r"'(\S+)' (\S+)_([^_]+)_(\S+?)\.deb (\d+) \S*", line.strip())
        if match:
            package, there = match[2], match[3].replace("%3a", ":")
            found += parse_uris(run(["apt-get", "download", "--print-uris", f"{package}={there}"], root.env))
    if not found:
        raise FetchError(f"apt finds no {PACKAGE} in {SUITE}")
    return found


def fetch(cache, architecture):
    """Bring the emulator into the cache; return its program."""
    triplet, loader = LOADERS[architecture]
    with cache.locked():
        root = AptRoot(cache.path("apt"), SUITE, architecture, Mirrors())
        root.update()
        wanted = archives(root)
        root.trim()
        say(f"{PACKAGE} of {SUITE} with its libraries, {human(sum(item[3] for item in wanted))}")
        digest = hashlib.sha256("".join(sorted(item[2] for item in wanted)).encode()).hexdigest()
        folder = cache.path("tools", f"qemu-{digest}")
        work = f"{folder}.{os.getpid()}"
        try:
            for item in wanted:
                path = root.download(item, cache.path("downloads"))
                unpack_deb(path, os.path.join(work, "files"), lambda name: name.startswith(WANTED))
                os.unlink(path)
            launcher = os.path.join(work, PROGRAM)
            with open(launcher, "w", encoding="utf-8") as stream:
                stream.write(LAUNCHER.format(triplet=triplet, loader=loader, main=MAIN))
            os.chmod(launcher, 0o755)
            shutil.rmtree(folder, ignore_errors=True)
            os.rename(work, folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return os.path.join(folder, PROGRAM)


def find(wanted, may_fetch=True):
    """Return an emulator of at least that version: the host's, the cache's, one fetched now; or raise with the reason."""
    host = shutil.which(PROGRAM)
    if host and version(host) >= wanted:
        return host
    cache = Cache(cache_folder())
    program = cached(cache, wanted)
    if program:
        return program
    number = ".".join(map(str, wanted))
    if not may_fetch or os.environ.get("OFFLINE", "") not in ("", "0"):
        raise FetchError(f"the host's {PROGRAM} is older than {number}, and OFFLINE=1 lets none be fetched")
    architecture = run(["dpkg", "--print-architecture"]).strip()
    if architecture not in LOADERS:
        raise FetchError(f"the host's {PROGRAM} is older than {number}, and none is fetched for {architecture}")
    program = fetch(cache, architecture)
    if version(program) < wanted:
        raise FetchError(f"the {PROGRAM} that was fetched does not run here, or is older than {number}")
    return program


def main():
    """Print the program to use, as the last line."""
    print(find(tuple(int(part) for part in sys.argv[1].split("."))))


if __name__ == "__main__":
    try:
        main()
    except FetchError as problem:
        sys.exit(f"fetch: error: {problem}")
