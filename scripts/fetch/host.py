# SPDX-License-Identifier: Apache-2.0
"""What the build host tells: its mirrors, its keyring, whether it is Debian at all.

The mirror's address is the host's own (`apt-get indextargets`) or ASHLAR_MIRROR's; none is
written down here.
"""

import glob
import os
import subprocess

from common import FetchError, warn

KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.gpg",
            "/etc/apt/trusted.gpg.d/debian-archive-*")


def run(command, env=None):
    """Run a command quietly; return its output, or raise with its first error line."""
    merged = dict(os.environ, LC_ALL="C.UTF-8", **(env or {}))
    try:
        done = subprocess.run(command, env=merged, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise FetchError(f"{command[0]} is not installed; " + foreign_host_advice()) from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E: ")]
        reason = lines[0][3:] if lines else done.stderr.strip() or f"status {done.returncode}"
        raise FetchError(f"{os.path.basename(command[0])}: {reason}")
    return done.stdout


def foreign_host_advice():
    """Return what to type on a host whose apt is not Debian's."""
    return ("on this host, name a Debian mirror and keyring (package debian-archive-keyring) "
            "yourself:\n  make fetch ASHLAR_MIRROR=http://<mirror>/debian "
            "ASHLAR_SECURITY_MIRROR=http://<mirror>/debian-security "
            f"ASHLAR_KEYRING={KEYRINGS[0]}")


def host_is_debian():
    """Tell whether the host calls itself Debian."""
    try:
        with open("/etc/os-release", encoding="utf-8") as stream:
            return "ID=debian" in stream.read().splitlines()
    except OSError:
        return False


def host_sources():
    """Return [(mirror, suite, origin)] of the host's apt; origin "" if it was never updated."""
    columns = ["--format", "$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(ORIGIN)"]
    known = run(["apt-get", "indextargets", *columns]).splitlines()
    every = run(["apt-get", "indextargets", "--no-release-info", *columns]).splitlines()
    found = {}
    for line in known + every:
        created_by, mirror, suite, origin = line.split("|")
        if created_by == "Packages" and not mirror.startswith("cdrom:"):
            found.setdefault((mirror, suite), "" if origin == "$(ORIGIN)" else origin)
    return [(mirror, suite, origin) for (mirror, suite), origin in found.items()]


def host_mirrors():
    """Return the host's (main mirror, security mirror), each None if it has none."""
    main = security = None
    others = set()
    for mirror, suite, origin in host_sources():
        if (origin or ("Debian" if host_is_debian() else "another distribution")) != "Debian":
            others.add(origin or "another distribution")
        elif suite.endswith(("-security", "/updates")):
            security = security or mirror
        elif "backports" not in suite:
            main = main or mirror
    if others and not main:
        raise FetchError(f"this host's apt is not Debian's but {', '.join(sorted(others))}'s; "
                         + foreign_host_advice())
    return main, security


class Mirrors:
    """Where packages come from: the environment's word, else the host's.

    A host that names a main mirror only (debootstrap's default) gets security updates from the
    mirror's customary sibling if that exists; whatever it holds has to be signed all the same.
    """

    def __init__(self):
        self.main = os.environ.get("ASHLAR_MIRROR")
        self.security = os.environ.get("ASHLAR_SECURITY_MIRROR")
        if not self.main:
            self.main, host_security = host_mirrors()
            self.security = self.security or host_security
        if not self.main:
            raise FetchError("this host's apt names no Debian mirror; " + foreign_host_advice())
        self.main = self.main.rstrip("/")
        self.guessed = not self.security and self.main.endswith("/debian")
        if self.guessed:
            self.security = self.main + "-security"
        self.keyring = find_keyring()
        self.warn_if_insecure()

    def warn_if_insecure(self):
        """Say it when there is nowhere to take security updates from."""
        if not self.security:
            warn("no security mirror is known (ASHLAR_SECURITY_MIRROR): payloads come without "
                 "security updates")

    def drop_guess(self):
        """Forget a guessed security mirror; return whether there was one."""
        if self.guessed:
            self.guessed, self.security = False, None
            self.warn_if_insecure()
            return True
        return False

    def sources(self, suite, architecture):
        """Return the lines of sources.list for a suite, its updates and its security updates."""
        kind, options = "deb", f"[arch={architecture} signed-by={self.keyring}]"
        if architecture == "source":
            kind, options = "deb-src", f"[signed-by={self.keyring}]"
        places = [(self.main, suite), (self.main, suite + "-updates")]
        if self.security:
            places.append((self.security.rstrip("/"), suite + "-security"))
        return [f"{kind} {options} {mirror} {name} main" for mirror, name in places]


def find_keyring():
    """Return the keyring files that may sign an index, as apt's signed-by wants them."""
    override = os.environ.get("ASHLAR_KEYRING")
    if override:
        if not os.path.isfile(override):
            raise FetchError(f"ASHLAR_KEYRING: there is no file {override}")
        return os.path.abspath(override)
    for pattern in KEYRINGS:
        found = sorted(glob.glob(pattern))
        if found:
            return ",".join(found)
    raise FetchError("Debian's keyring is not installed (package debian-archive-keyring); "
                     + foreign_host_advice())
