# SPDX-License-Identifier: Apache-2.0
"""A package of the npm registry, for tests: one version, by its digest, unpacked once into the cache. No image has one.

  npm.py NAME VERSION SHA512      print its folder; the digest in base64, as the registry writes it
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

from cache import Cache
from common import FetchError, say
from fetch import cache_folder


def pack(name, version, folder):
    """Let npm bring the archive; return its path."""
    try:
        done = subprocess.run(["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}"], capture_output=True,
                              text=True, check=False, cwd=folder)
    except FileNotFoundError:
        raise FetchError("npm is not installed") from None
    archives = [entry for entry in os.listdir(folder) if entry.endswith(".tgz")]
    if done.returncode or len(archives) != 1:
        raise FetchError(f"npm cannot bring {name} {version}: {done.stderr.strip()[:200] or 'it gives no reason'}")
    return os.path.join(folder, archives[0])


def unpack(path, folder):
    """Write an archive's regular files; nothing of it is linked or run."""
    with tarfile.open(path) as archive:
        for member in archive:
            parts = member.name.split("/")
            if not member.isfile() or ".." in parts or member.name.startswith("/"):
                continue
            place = os.path.join(folder, *parts[1:])
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with archive.extractfile(member) as source, open(place, "wb") as target:
                shutil.copyfileobj(source, target)


def bring(name, version, sha512):
    """Return the folder of a package's files, fetched if the cache has it not."""
    cache = Cache(cache_folder())
    place = cache.path("npm", f"{name.replace('/', '+')}-{version}-{hashlib.sha256(sha512.encode()).hexdigest()[:16]}")
    if os.path.isdir(place):
        return place
    if os.environ.get("OFFLINE") == "1":
        raise FetchError(f"OFFLINE=1, and {name} {version} is not in the cache")
    with cache.locked():
        os.makedirs(cache.path("npm"), exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache.path("npm"), prefix=".") as work:
            say(f"{name} {version} of npm's registry")
            path = pack(name, version, work)
            with open(path, "rb") as stream:
                found = base64.b64encode(hashlib.file_digest(stream, "sha512").digest()).decode()
            if found != sha512:
                raise FetchError(f"{name} {version}: its SHA-512 is {found}, not {sha512}")
            unpack(path, os.path.join(work, "files"))
            if not os.path.isdir(place):
                os.rename(os.path.join(work, "files"), place)
    return place


if __name__ == "__main__":
    try:
        print(bring(*sys.argv[1:]))
    except FetchError as problem:
        sys.exit(f"npm: error: {problem}")
