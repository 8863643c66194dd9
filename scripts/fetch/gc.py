# SPDX-License-Identifier: Apache-2.0
"""Remove from the payload cache what no fetch's last choice names: entries of older versions, half downloads.

Another work tree that was not fetched since may still name such an entry in its build, and has it fetched again then;
a LOCK of an old build needs its entries, and they may be in no mirror any more.
"""

import json
import os
import shutil
import sys

from cache import Cache
from common import FetchError, human, say, tilde
from fetch import cache_folder


def folder_size(folder):
    """Return the bytes of all files below."""
    return sum(os.lstat(os.path.join(place, name)).st_size for place, _, names in os.walk(folder) for name in names)


def chosen(cache):
    """Return the keys that some choice names; one that cannot be read names none."""
    keys = set()
    folder = cache.path("current")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        try:
            with open(os.path.join(folder, name), encoding="utf-8") as stream:
                keys.add(json.load(stream)["key"])
        except (OSError, ValueError, KeyError):
            continue
    return keys


def collect(cache):
    """Remove what is not chosen; return how many and how large it was."""
    count = size = 0
    with cache.locked():
        live = chosen(cache)
        for name in sorted(os.listdir(cache.path("objects"))):
            if name not in live:
                count, size = count + 1, size + folder_size(cache.path("objects", name))
                shutil.rmtree(cache.path("objects", name))
        size += folder_size(cache.path("downloads"))
        shutil.rmtree(cache.path("downloads"), ignore_errors=True)
    return count, size


def main():
    """Entry."""
    cache = Cache(cache_folder())
    if not os.path.isdir(cache.folder):
        say(f"there is no cache {tilde(cache.folder)}")
        return
    count, size = collect(cache)
    say(f"{count} entries removed from {tilde(cache.folder)}, {human(size)}")


if __name__ == "__main__":
    try:
        main()
    except FetchError as problem:
        sys.exit(f"cache-gc: error: {problem}")
