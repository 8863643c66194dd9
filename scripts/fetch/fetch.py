# SPDX-License-Identifier: Apache-2.0
"""Bring the payloads a configuration needs into the cache and tell make where they are.

  fetch.py --config auto.conf [--plan plan.dtb] --out payloads.mk [--lock FILE] [--update]

Without --update what the cache has is taken as it is, so a build with a warm cache needs no
network; with it (`make fetch`) the mirror is asked for newer versions. Environment:
ASHLAR_CACHE, ASHLAR_MIRROR, ASHLAR_SECURITY_MIRROR, ASHLAR_KEYRING, OFFLINE.
"""

import argparse
import os
import shutil
import sys

from apt import AptRoot
from cache import Cache
from common import FetchError, human, say, tilde, write_by_rename
from host import Mirrors
from lockfile import lock_text, read_lock
from payload import read_all, select
from unpack import unpack_deb, unpack_source

# Sizes of one suite's indexes for one architecture, for the estimate only: what is downloaded,
# what stays, and what apt needs while it works.
INDEX_DOWNLOAD, INDEX_KEPT, INDEX_WORK = 12 * 10**6, 24 * 10**6, 110 * 10**6
PAYLOADS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "payloads")


def arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", help="auto.conf of the configuration; all payloads if absent")
    parser.add_argument("--plan", help="compiled device tree whose domains name payloads")
    parser.add_argument("--out", help="make fragment to write")
    parser.add_argument("--payloads", default=PAYLOADS, help="folder of the definitions")
    parser.add_argument("--lock", help="payloads.lock to take exactly")
    parser.add_argument("--update", action="store_true", help="ask for newer versions")
    return parser.parse_args()


def cache_folder():
    """Return the folder of the cache."""
    return os.path.abspath(os.environ.get("ASHLAR_CACHE") or os.path.expanduser("~/.cache/ashlar"))


def needed_payloads(options):
    """Return the payloads of this configuration."""
    payloads = read_all(options.payloads)
    if not options.config:
        return list(payloads.values())
    with open(options.config, encoding="utf-8") as stream:
        lines = set(stream.read().splitlines())
    plan = b""
    if options.plan and os.path.exists(options.plan):
        with open(options.plan, "rb") as stream:
            plan = stream.read()
    return select(payloads, lines, plan)


def cached_entry(cache, payload, locked):
    """Return the cache's entry for a payload, or None if it must be fetched."""
    if locked is None:
        return cache.current(payload)
    if payload.name not in locked:
        raise FetchError(f"the lock does not name {payload.name}, which this configuration needs")
    return cache.entry(payload.key(locked[payload.name].digests))


def announce(cache, payloads):
    """Say before the first byte what a fetch costs, and refuse one that cannot fit."""
    indexes = len({(payload.suite, payload.architecture) for payload in payloads})
    download = sum(payload.about_download for payload in payloads)
    kept = sum(payload.about_kept for payload in payloads)
    say(f"{', '.join(payload.name for payload in payloads)}")
    say(f"about {human(download)} to download, and up to {human(indexes * INDEX_DOWNLOAD)} of "
        f"package indexes; about {human(kept + indexes * INDEX_KEPT)} kept in "
        f"{tilde(cache.folder)}")
    need = download + kept + indexes * INDEX_WORK
    free = shutil.disk_usage(cache.folder).free
    if free < need:
        raise FetchError(f"fetching needs {human(need)} for a while in {tilde(cache.folder)}, but "
                         f"its disk has only {human(free)} left; make room or set ASHLAR_CACHE")


def resolve(root, payload, locked):
    """Return the Release of a payload; with a lock, exactly the one it names."""
    wanted = locked[payload.name] if locked else None
    if not wanted:
        return root.resolve(payload)
    release = root.resolve(payload, wanted.version, wanted.package)
    if sorted(archive[2] for archive in release.archives) != sorted(wanted.digests):
        raise FetchError(f"{payload.name}: the mirror's {release.package} {release.version} is "
                         "not the one the lock names: its SHA-256 differs")
    return release


def fetch_one(cache, root, payload, release):
    """Bring the files of one release into the cache; return their key."""
    key = payload.key([archive[2] for archive in release.archives])
    version = f"{payload.name}: {release.package} {release.version} ({release.suite})"
    if cache.entry(key):
        say(f"{version} is in the cache")
        return key
    say(f"{version}, {human(sum(archive[3] for archive in release.archives))}")
    paths = [root.download(archive, cache.path("downloads")) for archive in release.archives]
    cache.store(payload, release, paths,
                lambda top, scratch: unpack(payload, paths, top, scratch))
    for path in paths:
        os.unlink(path)
    return key


def unpack(payload, paths, top, scratch):
    """Take a payload's files out of its archives."""
    if payload.source:
        unpack_source(paths, top, payload.wants, scratch)
    else:
        unpack_deb(paths[0], top, payload.wants)


def fetch(cache, payloads, locked, update):
    """Fetch payloads; those another process brought meanwhile are not fetched again."""
    with cache.locked():
        missing = [item for item in payloads if not cached_entry(cache, item, locked)]
        if missing:
            announce(cache, missing)
        mirrors = Mirrors()
        roots = {}
        releases = []
        for payload in payloads if update else missing:
            place = payload.suite, payload.architecture
            if place not in roots:
                roots[place] = AptRoot(cache.path("apt"), *place, mirrors)
                roots[place].update()
            releases.append((payload, roots[place], resolve(roots[place], payload, locked)))
        for root in roots.values():
            root.trim()
        for payload, root, release in releases:
            key = fetch_one(cache, root, payload, release)
            if not locked:
                cache.choose(payload, key)


def refuse_offline(cache, missing, locked):
    """Say what is missing when nothing may be fetched."""
    lines = []
    for payload in missing:
        version = f" {locked[payload.name].version}" if locked else ""
        lines.append(f"  {payload.describe()}{version}")
    raise FetchError(f"OFFLINE=1, but the cache {tilde(cache.folder)} lacks:\n"
                     + "\n".join(lines)
                     + "\nrun `make fetch` once with a network, or copy a filled cache there")


def make_fragment(chosen, cache, lock):
    """Return the make fragment for [(payload, entry)]."""
    lines = ["# Made by scripts/fetch/fetch.py; says where the payloads are.",
             f"PAYLOADS_FROM := {cache.folder}|{os.path.abspath(lock) if lock else ''}",
             f"PAYLOADS := {' '.join(payload.name for payload, _ in chosen)}"]
    for payload, entry in chosen:
        lines += [f"PAYLOAD_{payload.name}_DIR := {entry.folder}",
                  f"PAYLOAD_{payload.name}_FILE := {entry.main()}",
                  f"PAYLOAD_{payload.name}_VERSION := {entry.facts['version']}"]
    return "\n".join(lines) + "\n"


def main():
    """Do the work in its order: what is needed, what is there, fetch the rest, tell make."""
    options = arguments()
    cache = Cache(cache_folder())
    payloads = needed_payloads(options)
    locked = read_lock(options.lock) if options.lock else None
    missing = [item for item in payloads if not cached_entry(cache, item, locked)]
    update = options.update and not locked
    if os.environ.get("OFFLINE", "") not in ("", "0"):
        if missing:
            refuse_offline(cache, missing, locked)
        update = False
    if missing or update:
        fetch(cache, payloads, locked, update)
    chosen = [(payload, cached_entry(cache, payload, locked)) for payload in payloads]
    for _, entry in chosen:
        entry.verify_changed()
    if options.out:
        lock = os.path.join(os.path.dirname(options.out), "payloads.lock")
        write_by_rename(lock, lock_text(chosen))
        write_by_rename(options.out, make_fragment(chosen, cache, options.lock))


if __name__ == "__main__":
    try:
        main()
    except FetchError as problem:
        sys.exit(f"fetch: error: {problem}")
    except OSError as problem:
        where = str(problem.filename or cache_folder())
        way_out = "; let ASHLAR_CACHE name a folder of yours" if where.startswith(cache_folder()) else ""
        sys.exit(f"fetch: error: {problem.strerror.lower()}: {tilde(where)}{way_out}")
    except KeyboardInterrupt:
        sys.exit("fetch: interrupted; the next fetch goes on from here")
