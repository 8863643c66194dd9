# SPDX-License-Identifier: Apache-2.0
"""Say what differs between two payloads.lock files: changes.py BEFORE AFTER. Which version is the newer one, dpkg decides."""

import subprocess
import sys

from common import FetchError
from lockfile import read_lock


def word(before, after):
    """Return what became of a version."""
    done = subprocess.run(["dpkg", "--compare-versions", before, "lt", after], check=False)
    return "newer" if not done.returncode else "OLDER"


def changes(before, after):
    """Yield a line for each payload that is new, gone, of another version, or other archives of the same one."""
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield f"{name}: new, {after[name].package} {after[name].version}"
        elif name not in after:
            yield f"{name}: gone, was {before[name].package} {before[name].version}"
        elif before[name].version != after[name].version:
            old, new = before[name].version, after[name].version
            yield f"{name}: {after[name].package} {old} -> {new} ({word(old, new)})"
        elif sorted(before[name].digests) != sorted(after[name].digests):
            yield f"{name}: {after[name].package} {after[name].version}: OTHER BYTES under the same version"


def main():
    """Print them."""
    before, after = (read_lock(path) for path in sys.argv[1:3])
    lines = list(changes(before, after))
    print("\n".join(lines) or "No payload changed")


if __name__ == "__main__":
    try:
        main()
    except FetchError as problem:
        sys.exit(f"changes: error: {problem}")
