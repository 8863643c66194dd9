# SPDX-License-Identifier: Apache-2.0
# Requirement: payloads
"""A private apt root: the host's mirrors, proxy and keyring, other suites, no privilege.

Nothing here touches the host's package state. Every index is verified by apt against the
keyring (gpgv), every archive against the digest in such an index.
"""

import fnmatch
import functools
import glob
import os
import re
import shutil
import subprocess

from common import FetchError, digest_file, say, tilde
from host import run

APT_HELPER = "/usr/lib/apt/apt-helper"

# Host settings that say how to reach a mirror; everything else of the host's is left out.
KEEP = re.compile(r"(Acquire::(?!IndexTargets|Languages|GzipIndexes|Changelogs)|APT::Compressor)")


class Release:
    """One version of a package as an index describes it."""

    def __init__(self, package, version, suite, archives):
        self.package = package
        self.version = version
        self.suite = suite
        self.archives = archives        # [(file name, address, sha256, size)]


def apt_reason(text):
    """Return the line of apt's errors that tells most."""
    lines = [line.partition(": ")[2] for line in text.splitlines() if line[:3] in ("E: ", "W: ")]
    unsigned = [line for line in lines if "GPG error" in line or "not signed" in line]
    if unsigned:
        return (f"{unsigned[0]}\n  No key of the keyring signed it: bring the package "
                "debian-archive-keyring up to date, or name another with ASHLAR_KEYRING.")
    mismatch = [line for line in lines if "Hash Sum mismatch" in line]
    if mismatch:
        return f"its checksum is not the one in the signed index ({mismatch[0]})"
    return lines[0] if lines else "apt gives no reason"


def compare_versions(one, other):
    """Order two of Debian's version numbers."""
    done = subprocess.run(["dpkg", "--compare-versions", one, "lt", other], check=False)
    return 1 if done.returncode else -1


class AptRoot:
    """A private apt state for one suite family and one architecture (or "source")."""

    def __init__(self, folder, suite, architecture, mirrors):
        self.folder = os.path.join(folder, f"{suite}-{architecture}")
        self.suite = suite
        self.architecture = architecture
        self.mirrors = mirrors
        self.env = {"APT_CONFIG": os.path.join(self.folder, "apt.conf")}

    def update(self):
        """Write the configuration anew and bring the indexes up to date."""
        say(f"index of {self.suite} ({self.architecture})")
        self.write()
        try:
            self.show(["apt-get", "update", "--error-on=any"],
                      f"the package index of {self.suite} could not be read")
        except FetchError:
            if not self.mirrors.drop_guess():
                raise
            self.update()

    def trim(self):
        """Drop apt's own caches, which are several times as large as the indexes."""
        for path in glob.glob(os.path.join(self.folder, "cache", "*.bin")):
            os.unlink(path)

    def show(self, command, failure):
        """Run an apt command whose progress the user sees; raise with apt's reason."""
        merged = dict(os.environ, LC_ALL="C.UTF-8", **self.env)
        done = subprocess.run(command, env=merged, stderr=subprocess.PIPE, text=True, check=False)
        if not done.returncode:
            return
        free = shutil.disk_usage(self.folder).free
        if "No space left" in done.stderr or free < 10**6:
            raise FetchError(f"{failure}: no space left on the disk of {tilde(self.folder)}")
        raise FetchError(f"{failure}: {apt_reason(done.stderr)}")

    def write(self):
        """Write sources.list and apt.conf."""
        for name in ("state/lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        open(os.path.join(self.folder, "status"), "a", encoding="ascii").close()
        lines = self.mirrors.sources(self.suite, self.architecture)
        with open(os.path.join(self.folder, "sources.list"), "w", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")
        self.write_config()

    def write_config(self):
        """Take over how the host reaches mirrors, and nothing else of its settings."""
        host = [line for line in run(["apt-config", "dump"]).splitlines() if KEEP.match(line)]
        architecture = "all" if self.architecture == "source" else self.architecture
        folder = self.folder
        own = [f'Dir::State "{folder}/state";', f'Dir::State::status "{folder}/status";',
               f'Dir::Cache "{folder}/cache";', 'Dir::Etc::main "/dev/null";',
               'Dir::Etc::parts "/dev/null";', f'Dir::Etc::sourcelist "{folder}/sources.list";',
               'Dir::Etc::sourceparts "/dev/null";', 'Dir::Etc::preferences "/dev/null";',
               'Dir::Etc::preferencesparts "/dev/null";', 'Dir::Etc::trusted "/dev/null";',
               'Dir::Etc::trustedparts "/dev/null";', f'APT::Architecture "{architecture}";',
               f'APT::Architectures {{"{architecture}";}};', 'Acquire::Languages "none";',
               'Acquire::GzipIndexes "true";', 'Acquire::Retries "3";',
               'Acquire::AllowInsecureRepositories "false";',
               'Acquire::AllowWeakRepositories "false";',
               'Acquire::AllowDowngradeToInsecureRepositories "false";']
        if os.geteuid() == 0:
            own.append('APT::Sandbox::User "root";')
        with open(os.path.join(folder, "apt.conf"), "w", encoding="utf-8") as stream:
            stream.write("\n".join(host + own) + "\n")

    def resolve(self, payload, version=None, package=None):
        """Return the Release of a payload: the newest, or exactly the one asked for."""
        if payload.source:
            return self.resolve_source(payload, version)
        if not package:
            package = self.follow(payload) if payload.follow else payload.package
        version, suite = self.choose(package, version, payload)
        text = run(["apt-get", "download", "--print-uris", f"{package}={version}"], self.env)
        return Release(package, version, suite, parse_uris(text))

    def resolve_source(self, payload, version):
        """Return the Release of a source package: those archives the definition names."""
        version, suite = self.choose(payload.source, version, payload)
        text = run(["apt-get", "source", "--print-uris", "--download-only", "--only-source",
                    f"{payload.source}={version}"], self.env)
        wanted = tuple(f".{part}.tar" for part in payload.archives)
        archives = [item for item in parse_uris(text)
                    if any(part in item[0] for part in wanted) and not item[0].endswith(".asc")]
        return Release(payload.source, version, suite, archives)

    def follow(self, payload):
        """Return the package a meta package depends on."""
        text = run(["apt-cache", "depends", "--important", payload.package], self.env)
        for line in text.splitlines():
            name = line.partition("Depends:")[2].strip()
            if fnmatch.fnmatchcase(name, payload.follow):
                return name
        raise FetchError(f"{payload.path}: {payload.package} of {self.suite} depends on no "
                         f"package like {payload.follow}")

    def choose(self, package, version, payload):
        """Return (version, suite) of a package: the newest, or the wanted one."""
        offered = {}
        for line in run(["apt-cache", "madison", package], self.env).splitlines():
            name, offer, origin = (field.strip() for field in line.split("|"))
            if name == package:
                offered.setdefault(offer, origin.split()[1].split("/")[0])
        if not offered:
            raise FetchError(f"{payload.name}: the mirror's {self.suite} has no package {package} "
                             f"({self.architecture})")
        if version is None:                     # madison does not sort sources
            version = max(offered, key=functools.cmp_to_key(compare_versions))
        if version not in offered:
            raise FetchError(f"{payload.name}: the mirror no longer has {package} {version} of "
                             f"{self.suite}; it has {', '.join(offered)}")
        return version, offered[version]

    def download(self, archive, folder):
        """Fetch one archive, going on where an interrupted fetch stopped; return its path."""
        name, address, digest, _ = archive
        path = os.path.join(folder, f"{digest[:16]}-{name}")
        os.makedirs(folder, exist_ok=True)
        try:
            self.show([APT_HELPER, "download-file", address, path, f"SHA256:{digest}"],
                      f"{name} could not be fetched")
        finally:
            if os.path.exists(path + ".FAILED"):
                os.unlink(path + ".FAILED")
        if digest_file(path) != digest:
            os.unlink(path)
            raise FetchError(f"{name}: its checksum is not the one in the signed index")
        return path


def parse_uris(text):
    """Return [(file name, address, sha256, size)] from apt's --print-uris."""
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"'(\S+)' (\S+) (\d+) SHA256:([0-9a-f]{64})", line.strip())
        if match:
            address, name, size, digest = match.groups()
            found.append((name, address, digest, int(size)))
    if not found:
        raise FetchError("apt names no archive with a SHA-256 digest")
    return found
