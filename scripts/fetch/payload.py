# SPDX-License-Identifier: Apache-2.0
"""Payload definitions: what payloads/<name>.conf may say, read and checked.

A payload is a set of files taken out of one Debian package, or out of the archives of one
source package. README.md explains every key.
"""

import configparser
import fnmatch
import hashlib
import json
import os
import re

from common import FetchError

# Raised when an entry made of the same archives by the same definition holds something else.
LAYOUT = 3

KEYS = {"summary", "suite", "architecture", "package", "follow", "source", "archives",
        "about", "main", "files", "when", "whole", "licence", "sources-in"}


class Payload:
    """One definition, with the values of its .conf file as attributes."""

    def __init__(self, name, section, path):
        self.name = name
        self.path = path
        self.summary = section["summary"]
        self.suite = section["suite"]
        self.package = section.get("package")
        self.follow = section.get("follow")
        self.source = section.get("source")
        self.archives = section.get("archives", "orig debian").split()
        self.architecture = "source" if self.source else section["architecture"]
        download, kept = section["about"].split()
        self.about_download = int(download) * 10**6
        self.about_kept = int(kept) * 10**6
        self.main = section["main"]
        self.files = section["files"].split("\n")
        self.files = [pattern.strip() for pattern in self.files if pattern.strip()]
        self.when = section.get("when")
        self.licence = section.get("licence")
        self.sources_in = section.get("sources-in", "").split()
        self.whole = section.getboolean("whole", self.source is not None)

    def wants(self, path):
        """Tell whether a path of the archive is one of the files to keep."""
        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self.files)

    def key(self, digests):
        """Return the cache key: these archives, unpacked by this definition."""
        return digest_of([LAYOUT, sorted(digests), sorted(self.files), self.main,
                          self.archives if self.source else None])

    def request(self):
        """Return what identifies the question put to the archive, apart from its answer."""
        return digest_of([LAYOUT, self.suite, self.architecture, self.package, self.follow,
                          self.source, self.archives, sorted(self.files), self.main])

    def upstream_only(self):
        """Tell whether only upstream's own archive is used, so Debian's revision says nothing."""
        return self.source is not None and self.archives == ["orig"]

    def describe(self):
        """Return the payload as a message names it."""
        origin = f"source {self.source}" if self.source else self.package
        return f"{self.name} ({origin}, suite {self.suite})"


def digest_of(value):
    """Return a stable SHA-256 over plain data."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def read_payload(path):
    """Read one .conf file, refusing a key that is missing, unknown or contradictory."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(open(path, encoding="utf-8").read(), path)
        section = parser["payload"]
    except (configparser.Error, KeyError) as error:
        raise FetchError(f"{path}: not a payload definition: {error}") from None
    for key in section:
        if key not in KEYS:
            raise FetchError(f"{path}: unknown key \"{key}\"")
    required = {"summary", "suite", "about", "main", "files"}
    required |= {"source"} if "source" in section else {"package", "architecture"}
    for key in sorted(required - set(section)):
        raise FetchError(f"{path}: the key \"{key}\" is missing")
    if "source" in section and "package" in section:
        raise FetchError(f"{path}: give \"package\" or \"source\", not both")
    name = os.path.basename(path)[:-len(".conf")]
    return Payload(name, section, path)


def read_all(folder):
    """Return every payload defined in a folder, by name."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".conf"))
    payloads = [read_payload(os.path.join(folder, name)) for name in names]
    return {payload.name: payload for payload in payloads}


def select(payloads, config_lines, plan):
    """Return the payloads a configuration needs, in the order of their names.

    `when` is a line of the configuration, or "named": needed only if a domain's image is
    "debian:<name>", by the configuration or by the plan. Without `when`: always needed. A name
    that no payload has is `ashlar check`'s to refuse, which knows the user's file and line.
    """
    text = "\n".join(sorted(config_lines))
    named = set(re.findall(r'="?debian:([A-Za-z0-9.+-]+)"?$', text, re.MULTILINE))
    named |= {name.decode() for name in re.findall(rb"debian:([A-Za-z0-9.+-]+)\0", plan)}
    return [payload for name, payload in sorted(payloads.items())
            if not payload.when or payload.when in config_lines or name in named]
