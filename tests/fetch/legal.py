# SPDX-License-Identifier: Apache-2.0
"""`make legal-info` against a small archive: every source, every text, or an error."""
import csv

from tests.fetch.archive import Archive
from tests.runner.context import expect

COPYRIGHT = b"""\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
License: GPL-3+
"""


class Small:
    """A binary package of another source, with something built in; a source package."""

    def __init__(self, ctx):
        self.ctx = ctx
        self.archive = archive = Archive(ctx)
        archive.add("stone", "1.0+b1", b"kernel\n", fields="Source: rock (1.0-1)\nBuilt-Using: sand (= 3-1)\n")
        for name, version in (("rock", "1.0-1"), ("sand", "3-1"), ("wall", "2.0-1")):
            archive.add_source(name, version, {f"{name}/code.c": f"{name}\n"}, {"debian/patches/series": ""})
            (archive.pool / f"{name}_{version}.dsc").write_bytes(b"not used\n")
        for name in ("rock", "sand"):
            (archive.payloads / f"{name}.conf").unlink()
        self._add_licence("stone", "GPL-3.0-or-later")
        self._add_licence("wall", "MIT")
        archive.publish()
        archive.fetch()
        (ctx.work / "project.tar").write_bytes(b"ours")
        (ctx.work / ".config").write_text("CONFIG_X=y\n", encoding="utf-8")

    def _add_licence(self, name, licence):
        path = self.archive.payloads / f"{name}.conf"
        path.write_text(path.read_text().replace("about =", f"licence = {licence}\nabout ="))

    def collect(self, *options, status=0):
        """Run it; returns what it said."""
        ctx = self.ctx
        places = {name: self.archive.file_of(name).split("/files/")[0] + "/files" for name in ("stone", "wall")}
        return ctx.run(ctx.python, ctx.root / "scripts/fetch/legal.py", "--out", ctx.work / "legal", "--project",
                       ctx.work / "project.tar", "--config", ctx.work / ".config", "--payloads", self.archive.payloads,
                       *(f"--payload={name}={place}" for name, place in places.items()), *options,
                       status=status, env=self.archive.env())


def whole(ctx):
    """Sources by the index, what was built in, our own; GPL-3.0 is warned of in a release alone."""
    small = Small(ctx)
    # Of what is compiled here, what it was compiled from is wanted: that another file of the same source is lost does not matter.
    (small.archive.pool / "wall_2.0-1.dsc").unlink()
    expect("GPL-3.0" not in small.collect(), "warned without being asked")
    said = small.collect("--release")
    expect("legal-info: warning: stone is under GPL-3.0-or-later" in said, "no warning of GPL-3.0")
    legal = ctx.work / "legal"
    expected = {"rock_1.0-1": 3, "sand_3-1": 3, "wall_2.0-1": 2, "ashlar": 2}
    found = {folder.name: len(list(folder.iterdir())) for folder in (legal / "sources").iterdir()}
    expect(found == expected, f"other sources: {found}")
    expect((legal / "sources/ashlar/config").read_text() == "CONFIG_X=y\n", "the configuration is not there")
    with open(legal / "components.csv", encoding="utf-8", newline="") as stream:
        rows = {row["payload"]: row for row in csv.DictReader(stream)}
    expect(rows["stone"]["sources"] == "rock_1.0-1 sand_3-1", f"another source: {rows['stone']}")
    expect(rows["wall"]["licence"] == "MIT", "another licence")
    offer = (legal / "WRITTEN-OFFER.txt").read_text()
    expect(all(f"  {name}\n" in offer for name in expected), "the offer lacks a source")
    expect((legal / "licences/common/GPL-3").exists(), "no text of GPL-3.0")
    expect(not (ctx.work / "legal.part").exists(), "something is left")


def missing(ctx):
    """A source that the mirror lost, or a binary that it does, is an error, and nothing is there to ship."""
    small = Small(ctx)
    lost = small.archive.pool / "sand_3-1.debian.tar.xz"
    data = lost.read_bytes()
    lost.unlink()
    said = small.collect(status=1)
    expect("the index names sand_3-1.debian.tar.xz of source sand 3-1" in said and "ASHLAR_MIRROR" in said, f"other words: {said}")
    expect(not (ctx.work / "legal").exists(), "a folder to ship was made")
    lost.write_bytes(data)
    del small.archive.sources["sand", "trixie"]
    small.archive.publish()
    said = small.collect(status=1)
    expect("has no source sand 3-1, which this image contains" in said, f"other words: {said}")
    expect(not (ctx.work / "legal").exists(), "a folder to ship was made")
    del small.archive.binaries["stone"]
    small.archive.publish()
    said = small.collect(status=1)
    expect("no longer has stone 1.0+b1" in said, f"other words: {said}")


def packaged(ctx):
    """Where a definition names packages that hold a lost source, these are taken, and it is said; one of another source is refused."""
    small = Small(ctx)
    archive, conf = small.archive, small.archive.payloads / "stone.conf"
    archive.add("rock-source", "1.0+b1", b"all of it\n", fields="Source: rock (1.0-1)\n")
    archive.add("pebble-source", "1.0+b1", b"something else\n", fields="Source: pebble (1.0-1)\n")
    for name in ("rock-source", "pebble-source"):
        (archive.payloads / f"{name}.conf").unlink()
    archive.publish()
    text = conf.read_text(encoding="utf-8")
    conf.write_text(text.replace("about =", "sources-in = rock-source\nabout ="), encoding="utf-8")
    sources = ctx.work / "legal/sources"
    expect("note:" not in small.collect() and (sources / "rock_1.0-1").is_dir(), "taken though nothing is lost")
    (archive.pool / "rock_1.0.orig.tar.xz").unlink()
    said = small.collect()
    expect("note: stone: the mirror has source rock 1.0-1 no more" in said and "Debian's packages rock-source" in said, said)
    expect([path.name for path in (sources / "rock_1.0-1").iterdir()] == ["rock-source_1.0+b1_arm64.deb"], "other files")
    expect(len(list((sources / "sand_3-1").iterdir())) == 3, "what is built in, and not lost, is not there")
    offer = (ctx.work / "legal/WRITTEN-OFFER.txt").read_text(encoding="utf-8")
    expect("  rock_1.0-1 (as Debian's packages rock-source)\n" in offer, offer)
    conf.write_text(text.replace("about =", "sources-in = pebble-source\nabout ="), encoding="utf-8")
    said = small.collect(status=1)
    expect("sources-in: pebble-source 1.0+b1 is not of rock 1.0-1 or sand 3-1" in said, said)
