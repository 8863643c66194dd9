# SPDX-License-Identifier: Apache-2.0
"""A small signed Debian archive in a folder, and the fetcher run against it."""
import hashlib
import io
import os
import shutil
import tarfile

from tests.fetch.openpgp import Key

SUITES = ("trixie", "trixie-updates", "trixie-security")

DEFINITION = """\
[payload]
summary = A payload of the tests
suite = trixie
architecture = arm64
package = {name}
about = {about}
main = usr/share/{name}/data
files =
	usr/share/{name}/*
"""

SOURCE_DEFINITION = """\
[payload]
summary = A source payload of the tests
suite = trixie
source = {name}
archives = orig debian
about = 0 0
main = code.c
files =
	code.c
	lib/*
"""


def digest(data):
    """The SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def tar_of(files):
    """An xz-compressed tar of {path: text}."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:xz") as tar:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return stream.getvalue()


class Archive:
    """Packages, their indexes and the signature over them, below ctx.work/mirror."""

    def __init__(self, ctx):
        self.ctx = ctx
        self.mirror = ctx.work / "mirror"
        self.cache = ctx.work / "cache"
        self.payloads = ctx.work / "payloads"
        self.keyring = ctx.work / "keyring.gpg"
        self.pool = self.mirror / "pool"
        self.pool.mkdir(parents=True)
        self.payloads.mkdir()
        self.binaries, self.sources = {}, {}
        self.key = Key(ctx.work / "key.pem")
        self.keyring.write_bytes(self.key.public())

    def add(self, name, version, content, about="0 0", fields=""):
        """Put a binary package into the pool; an older version of it leaves the index."""
        tree = self.ctx.work / "tree"
        (tree / "DEBIAN").mkdir(parents=True)
        fields = (f"Package: {name}\nVersion: {version}\nArchitecture: arm64\n{fields}"
                  "Maintainer: nobody <nobody@invalid>\nDescription: for a test\n")
        (tree / "DEBIAN/control").write_text(fields)
        (tree / "usr/share" / name).mkdir(parents=True)
        (tree / "usr/share" / name / "data").write_bytes(content)
        (tree / "usr/share/unwanted").write_text("not asked for\n")
        deb = self.pool / f"{name}_{version}_arm64.deb"
        self.ctx.run("dpkg-deb", "-Znone", "--root-owner-group", "-b", tree, deb)
        shutil.rmtree(tree)
        data = deb.read_bytes()
        self.binaries[name] = (f"{fields}Filename: pool/{deb.name}\nSize: {len(data)}\n"
                               f"SHA256: {digest(data)}\n\n")
        text = DEFINITION.format(name=name, about=about)
        (self.payloads / f"{name}.conf").write_text(text)
        return deb

    def add_source(self, name, version, upstream, packaging, suite="trixie"):
        """Put a source package into a suite: two archives, and a .dsc nobody needs."""
        short = version.partition("-")[0]
        files = {f"{name}_{version}.dsc": b"not used\n",
                 f"{name}_{short}.orig.tar.xz": tar_of(upstream),
                 f"{name}_{version}.debian.tar.xz": tar_of(packaging)}
        lines = []
        for path, data in files.items():
            (self.pool / path).write_bytes(data)
            lines.append(f" {digest(data)} {len(data)} {path}")
        (self.pool / f"{name}_{version}.dsc").unlink()
        md5 = [" " + hashlib.md5(data).hexdigest() + f" {len(data)} {path}"
               for path, data in files.items()]
        self.sources[name, suite] = (f"Package: {name}\nBinary: {name}\nVersion: {version}\n"
                              "Architecture: any\nFormat: 3.0 (quilt)\nDirectory: pool\n"
                              "Files:\n" + "\n".join(md5) + "\n"
                              "Checksums-Sha256:\n" + "\n".join(lines) + "\n\n")
        (self.payloads / f"{name}.conf").write_text(SOURCE_DEFINITION.format(name=name))

    def publish(self):
        """Write and sign the indexes; all binary packages stand in trixie."""
        for suite in SUITES:
            binaries = self.binaries.values() if suite == "trixie" else []
            sources = [text for (_, where), text in self.sources.items() if where == suite]
            indexes = {"main/binary-arm64/Packages": "".join(binaries),
                       "main/source/Sources": "".join(sources)}
            lines = []
            for path, text in indexes.items():
                data = text.encode()
                place = self.mirror / "dists" / suite / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
                lines.append(f" {digest(data)} {len(data)} {path}")
            release = (f"Origin: Debian\nLabel: Debian\nSuite: {suite}\nCodename: {suite}\n"
                       "Date: Sun, 13 Sep 2020 12:26:40 UTC\nArchitectures: arm64\n"
                       "Components: main\nAcquire-By-Hash: no\nSHA256:\n"
                       + "\n".join(lines) + "\n").encode()
            (self.mirror / "dists" / suite / "Release").write_bytes(release)
            (self.mirror / "dists" / suite / "Release.gpg").write_bytes(self.key.sign(release))

    def command(self, *options):
        """The argv of a fetch of all payloads."""
        return [self.ctx.python, self.ctx.root / "scripts/fetch/fetch.py", "--payloads",
                self.payloads, "--out", self.ctx.work / "out/payloads.mk", *options]

    def env(self, **extra):
        """The environment of such a fetch: this mirror, this keyring, this cache."""
        places = {"ASHLAR_MIRROR": f"file:{self.mirror}",
                  "ASHLAR_SECURITY_MIRROR": f"file:{self.mirror}",
                  "ASHLAR_KEYRING": self.keyring, "ASHLAR_CACHE": self.cache, "OFFLINE": ""}
        return self.ctx.env(**{**places, **extra})

    def fetch(self, *options, status=0, **extra):
        """Run a fetch; returns its output."""
        return self.ctx.run(*self.command(*options), status=status, env=self.env(**extra))

    def entries(self):
        """The names of the cache's entries, half-written ones too."""
        folder = self.cache / "objects"
        return sorted(os.listdir(folder)) if folder.is_dir() else []

    def file_of(self, name):
        """The main file that the last fetch gave for a payload."""
        text = (self.ctx.work / "out/payloads.mk").read_text()
        start = f"PAYLOAD_{name}_FILE := "
        return next(line[len(start):] for line in text.splitlines() if line.startswith(start))
