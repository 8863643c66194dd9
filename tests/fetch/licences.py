# SPDX-License-Identifier: Apache-2.0
"""Debian's copyright files as SPDX expressions."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts/fetch"))
from licences import Copyright, spdx_name                # noqa: E402  pylint: disable=wrong-import-position
from tests.fetch.archive import Archive                  # noqa: E402  pylint: disable=wrong-import-position
from tests.runner.context import expect                  # noqa: E402  pylint: disable=wrong-import-position

NAMES = {"GPL-2": "GPL-2.0-only", "GPL-2+": "GPL-2.0-or-later", "LGPL-2.1+": "LGPL-2.1-or-later", "GPL-3": "GPL-3.0-only",
         "AGPL-3+": "AGPL-3.0-or-later", "GPL-2.0+": "GPL-2.0-or-later", "Expat": "MIT", "bsd-3-clause": "BSD-3-Clause",
         "GPL-2.0 WITH Linux-syscall-note EXCEPTION": "GPL-2.0-only WITH Linux-syscall-note", "BEER-WARE": None,
         "GPL-2+ with Nobody exception": None}

FILE = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2020 Somebody
License: GPL-2+ and (Odd)

Files: debian/*
Copyright: 2020 Packager
License: GPL-3

Files: a b
Copyright: 2020 Somebody
License: Expat or GPL-2+ and Zlib

Files: c
License: GPL-2+ with Nobody exception

License: (Odd)
 First line.
 .
 Last line.

License: GPL-2+
 The GNU text.
"""

EXPECTED = ("GPL-2.0-or-later AND LicenseRef-Debian-stone-GPL-2-with-Nobody-exception AND LicenseRef-Debian-stone-Odd"
            " AND (MIT OR (GPL-2.0-or-later AND Zlib))")


def check(_):
    """Names, precedence, packaging left out, texts of what SPDX does not know."""
    for name, identifier in NAMES.items():
        expect(spdx_name(name) == identifier, f"{name} became {spdx_name(name)}")
    found = Copyright("stone", FILE)
    expect(found.licence == EXPECTED, f"another expression: {found.licence}")
    expect(found.texts == {"LicenseRef-Debian-stone-Odd": "First line.\n\nLast line.",
                           "LicenseRef-Debian-stone-GPL-2-with-Nobody-exception": "The GNU text."}, f"texts: {found.texts}")
    expect(Copyright("stone", "No form at all.\n\nLicense:\n\n GPL\n").licence is None, "free text was understood")


def changes(ctx):
    """What an update changed is said by payload and version, and which is the newer one."""
    lock = "{} {} {} trixie arm64 {} a.deb\n".format
    one, two = ctx.work / "one", ctx.work / "two"
    one.write_text(lock("gone", "g", "1", "0" * 64) + lock("moved", "m", "1.9", "0" * 64) + lock("same", "s", "1", "0" * 64)
                   + lock("back", "b", "1.0", "0" * 64) + lock("odd", "o", "1", "0" * 64), encoding="utf-8")
    two.write_text(lock("new", "n", "1", "0" * 64) + lock("moved", "m", "1.10", "1" * 64) + lock("same", "s", "1", "0" * 64)
                   + lock("back", "b", "1.0~rc1", "1" * 64) + lock("odd", "o", "1", "1" * 64), encoding="utf-8")
    script = (ctx.python, ctx.root / "scripts/fetch/changes.py")
    said = ctx.run(*script, one, two).splitlines()
    expect(said == ["back: b 1.0 -> 1.0~rc1 (OLDER)", "gone: gone, was g 1", "moved: m 1.9 -> 1.10 (newer)", "new: new, n 1",
                    "odd: o 1: OTHER BYTES under the same version"], f"{said}")
    expect(ctx.run(*script, one, one) == "No payload changed\n", "a change of nothing")


def security(ctx):
    """A lock behind the security suite is named, one at its newest too; the tracker is said not to be asked."""
    archive = Archive(ctx)
    upstream, packaging = {"wall-1.0/code.c": "int a;\n"}, {"debian/patches/series": ""}
    archive.add_source("wall", "1.0-1", upstream, packaging)
    archive.add("stone", "1.0", b"one\n")
    archive.publish()
    archive.fetch()
    lock = ctx.work / "out/payloads.lock"
    script = (ctx.python, ctx.root / "scripts/fetch/security.py", lock)

    def said():
        return ctx.run(*script, env=archive.env()).splitlines()

    expect(said()[:2] == ["stone: stone 1.0: the newest", "wall: wall 1.0-1: the newest"], f"{said()}")
    expect("tracker was not asked" in said()[-1], f"{said()}")
    before = lock.read_bytes()
    archive.add_source("wall", "1.0-1+deb13u1", {"wall-1.0/code.c": "int b;\n"}, packaging, suite="trixie-security")
    archive.add("stone", "2.0", b"two\n")
    archive.publish()
    archive.fetch("--update")
    expect(said()[:2] == ["stone: stone 2.0: the newest", "wall: wall 1.0-1+deb13u1: the newest, a security update"], f"{said()}")
    lock.write_bytes(before)
    expect(said()[:2] == ["stone: stone 1.0: older than 2.0, which is no security update",
                          "wall: wall 1.0-1: SECURITY UPDATE: 1.0-1+deb13u1 is offered"], f"{said()}")
