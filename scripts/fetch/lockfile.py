# SPDX-License-Identifier: Apache-2.0
"""payloads.lock: which archives a build was made of, one a line, without any address.

  <payload> <package> <version> <suite> <architecture> <sha256> <archive>

LOCK=<such a file> makes a build take exactly these again. The suite is the definition's, not the
-updates or -security one where the archive was found: an archive moves on from there, and a lock
must not tell when it was fetched.
"""

from common import FetchError

HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# The Debian archives of this build: make LOCK=<this file> takes exactly these again.
# payload package version suite architecture sha256 archive
"""


class Locked:
    """What a lock says about one payload."""

    def __init__(self, package, version, suite, architecture):
        self.package = package
        self.version = version
        self.suite = suite
        self.architecture = architecture
        self.digests = []


def read_lock(path):
    """Return {payload name: Locked} of a lock file."""
    locked = {}
    try:
        with open(path, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
    except OSError as error:
        raise FetchError(f"LOCK={path}: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split()
        if len(words) != 7 or len(words[5]) != 64:
            raise FetchError(f"{path}:{number}: expected \"payload package version suite "
                             "architecture sha256 archive\"")
        name, package, version, suite, architecture, digest, _ = words
        locked.setdefault(name, Locked(package, version, suite, architecture)).digests.append(digest)
    return locked


def lock_text(chosen):
    """Return the text of a lock for [(payload, entry)]."""
    lines = []
    for payload, entry in chosen:
        facts = entry.facts
        for archive in sorted(facts["archives"], key=lambda item: item["name"]):
            lines.append(" ".join((payload.name, facts["package"], facts["version"],
                                   facts["suite"], facts["architecture"], archive["sha256"],
                                   archive["name"])))
    return HEADER + "\n".join(lines) + "\n"
