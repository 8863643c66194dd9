# SPDX-License-Identifier: Apache-2.0
"""Say of each payload of a lock whether the mirror's suites have a newer version, and whether it is a security update.

  security.py PAYLOADS.lock

The indexes are those of the last fetch. Debian's security tracker is not asked: a hole that it knows and that nobody
has mended yet is not told of here.
"""

import os
import subprocess
import sys

from apt import AptRoot, compare_versions
from common import FetchError
from fetch import cache_folder
from host import Mirrors, run
from lockfile import read_lock


def offered(root, package):
    """Return {version: {suites}} that the indexes of a root have of a package."""
    found = {}
    for line in run(["apt-cache", "madison", package], root.env).splitlines():
        name, version, origin = (field.strip() for field in line.split("|"))
        if name == package:
            found.setdefault(version, set()).add(origin.split()[1].split("/")[0])
    return found


def status_of(version, versions):
    """Return what to say of a version, with all that are offered."""
    newer = [other for other in versions if compare_versions(version, other) < 0]
    urgent = [other for other in newer if any(suite.endswith("-security") for suite in versions[other])]
    if urgent:
        return f"SECURITY UPDATE: {', '.join(sorted(urgent))} is offered"
    if newer:
        return f"older than {', '.join(sorted(newer))}, which is no security update"
    if version not in versions:
        return "no longer offered, and nothing newer is"
    suites = sorted(versions[version])
    return "the newest" + (", a security update" if any(suite.endswith("-security") for suite in suites) else "")


def lines_of(lock, folder, mirrors):
    """Yield a line for each payload."""
    for name, locked in sorted(read_lock(lock).items()):
        root = AptRoot(folder, locked.suite, locked.architecture, mirrors)
        if not os.path.isdir(root.folder):
            yield f"{name}: {locked.package} {locked.version}: no index of {locked.suite} ({locked.architecture}) was fetched"
            continue
        root.write()
        yield f"{name}: {locked.package} {locked.version}: {status_of(locked.version, offered(root, locked.package))}"


def main():
    """Print them."""
    print("\n".join(lines_of(sys.argv[1], os.path.join(cache_folder(), "apt"), Mirrors())))
    print("Debian's security tracker was not asked: https://security-tracker.debian.org/tracker tells of holes without an update")


if __name__ == "__main__":
    try:
        main()
    except (FetchError, subprocess.CalledProcessError) as problem:
        sys.exit(f"security: error: {problem}")
