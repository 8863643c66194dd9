# SPDX-License-Identifier: Apache-2.0
"""The payload cache: content-addressed, shared by every board and work tree of a user.

  objects/<key>/files/...     unpacked files, never changed once they are there
  objects/<key>/entry.json    package, version, archives, and size and digest of each file
  objects/<key>/verified      what the file system said of the files when their digests were last compared
  current/<payload>.<n>.json  which object the last fetch of a payload chose; <n> is of its definition, so that
                              work trees with other definitions do not take each other's choice away
  downloads/                  archives under way; kept when a fetch is interrupted
  apt/                        the private apt roots

The key is a digest over the archives' digests and the definition. An entry is made in
objects/.<key>.<pid> and renamed, so it is whole or absent; readers need no lock. Writers
hold the flock on `lock` for as long as they fetch.
"""

import contextlib
import fcntl
import fnmatch
import glob
import hashlib
import json
import os
import shutil
import time

from common import FetchError, digest_file, say, tilde, write_by_rename

# A file written this short before its digest was taken could be written again within one tick of the file system's clock.
SETTLED_NS = 2 * 10**9


class Entry:
    """One unpacked payload in the cache."""

    def __init__(self, folder, facts):
        self.folder = os.path.join(folder, "files")
        self.facts = facts

    def main(self):
        """Return the path of the payload's main file."""
        return os.path.join(self.folder, self.facts["main"])

    def verify(self):
        """Compare every file with the digest taken when it was unpacked."""
        began = time.time_ns()
        for name, (size, digest) in self.facts["files"].items():
            path = os.path.join(self.folder, name)
            try:
                good = os.stat(path).st_size == size and digest_file(path) == digest
            except OSError:
                good = False
            if not good:
                self._damaged(path)
        stamp, newest = self._stamp()
        if newest < began - SETTLED_NS:
            with contextlib.suppress(OSError):          # a cache that others own is read all the same
                write_by_rename(self._verified(), stamp)

    def verify_changed(self):
        """The same, without reading files again which nobody wrote to since; a medium that rots is not seen."""
        try:
            with open(self._verified(), encoding="ascii") as stream:
                if stream.read() == self._stamp()[0]:
                    return
        except (OSError, UnicodeDecodeError):
            pass
        self.verify()

    def _verified(self):
        return os.path.join(os.path.dirname(self.folder), "verified")

    def _stamp(self):
        """A digest over the inode, size and both times of every file, and the newest change in ns; raises FetchError."""
        stamp, newest = hashlib.sha256(), 0
        for name in sorted(self.facts["files"]):
            path = os.path.join(self.folder, name)
            try:
                seen = os.stat(path)
            except OSError:
                self._damaged(path)
            stamp.update(f"{name}\0{seen.st_ino} {seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns}\n".encode())
            newest = max(newest, seen.st_ctime_ns)
        return stamp.hexdigest(), newest

    def _damaged(self, path):
        raise FetchError(f"the cached file {tilde(path)} is damaged; remove its entry "
                         f"and fetch again:\n  rm -r {tilde(os.path.dirname(self.folder))}"
                         " && make fetch")


def open_entry(folder):
    """Return the entry in a folder of the cache."""
    try:
        with open(os.path.join(folder, "entry.json"), encoding="utf-8") as stream:
            return Entry(folder, json.load(stream))
    except (OSError, ValueError) as error:
        raise FetchError(f"the cache entry {tilde(folder)} is damaged ({error}); remove it and "
                         f"fetch again:\n  rm -r {tilde(folder)} && make fetch") from None


class Cache:
    """The cache folder. @folder: ASHLAR_CACHE or its default."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, *parts):
        """Return a path inside the cache."""
        return os.path.join(self.folder, *parts)

    @contextlib.contextmanager
    def locked(self):
        """Hold the writer's lock."""
        os.makedirs(self.path("objects"), exist_ok=True)
        with open(self.path("lock"), "w", encoding="ascii") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("waiting for another fetch into this cache")
                fcntl.flock(stream, fcntl.LOCK_EX)
            for stale in glob.glob(self.path("objects", ".*")):
                shutil.rmtree(stale)
            yield

    def entry(self, key):
        """Return the entry of a key, or None."""
        folder = self.path("objects", key)
        return open_entry(folder) if os.path.isdir(folder) else None

    def choice(self, payload):
        """Return the file that says which entry a payload of this definition has."""
        return self.path("current", f"{payload.name}.{payload.request()[:16]}.json")

    def current(self, payload):
        """Return the entry the last fetch chose for a payload, or None."""
        try:
            with open(self.choice(payload), encoding="utf-8") as stream:
                choice = json.load(stream)
            return self.entry(choice["key"]) if choice["request"] == payload.request() else None
        except (OSError, ValueError, KeyError):
            return None

    def choose(self, payload, key):
        """Record which entry a payload has from now on."""
        text = json.dumps({"request": payload.request(), "key": key}, indent=1)
        write_by_rename(self.choice(payload), text + "\n")

    def store(self, payload, release, paths, unpack):
        """Make a new entry of downloaded archives; unpack(files, scratch) creates the files."""
        key = payload.key([archive[2] for archive in release.archives])
        work = self.path("objects", f".{key}.{os.getpid()}")
        try:
            files, scratch = os.path.join(work, "files"), os.path.join(work, "scratch")
            os.makedirs(files)
            os.makedirs(scratch)
            unpack(files, scratch)
            shutil.rmtree(scratch)
            facts = self.describe(payload, release, paths, files)
            text = json.dumps(facts, indent=1, sort_keys=True)
            write_by_rename(os.path.join(work, "entry.json"), text + "\n")
            os.rename(work, self.path("objects", key))
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return key

    def describe(self, payload, release, paths, files):
        """Return the facts kept beside an entry's files."""
        listed = {}
        for folder, _, names in os.walk(files):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.islink(path):
                    listed[os.path.relpath(path, files)] = [os.stat(path).st_size,
                                                            digest_file(path)]
        mains = sorted(name for name in listed if fnmatch.fnmatchcase(name, payload.main))
        if len(mains) != 1:
            raise FetchError(f"{release.package} {release.version} has {len(mains)} files like "
                             f"{payload.main}; {payload.path} expects one")
        archives = [{"name": name, "sha256": digest, "size": size,
                     "sha512": digest_file(path, "sha512")}
                    for (name, _, digest, size), path in zip(release.archives, paths)]
        return {"package": release.package, "version": release.version, "suite": payload.suite,
                "architecture": payload.architecture, "archives": archives, "main": mains[0],
                "files": listed}
