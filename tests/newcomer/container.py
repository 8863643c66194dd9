# SPDX-License-Identifier: Apache-2.0
"""The container file, done instruction by instruction to a bare Debian 12."""
import shutil

from tests.newcomer.trial import Machine, bare, mirror_of
from tests.runner.context import expect


def base(ctx):
    """What the image debian:12 has."""
    bare(ctx, "image", "bookworm", mirror_of(ctx), include=None)


def _instructions(text):
    """The container file's lines as (word, rest); continued ones are joined."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def container(ctx):
    """The container file: each of its instructions done to that image; kept for those who work in it."""
    place = ctx.out / "newcomer/container"
    shutil.rmtree(place, ignore_errors=True)
    machine = Machine.__new__(Machine)
    machine.ctx, machine.top = ctx, ctx.out / "newcomer/container.new"
    shutil.rmtree(machine.top, ignore_errors=True)
    first, *others = _instructions((ctx.root / "scripts/ci/Containerfile").read_text(encoding="utf-8"))
    expect(first == ("FROM", "debian:12"), f"another image: {first}")
    ctx.run("cp", "-a", ctx.out / "newcomer/image", machine.top)
    for word, rest in others:
        if word == "COPY":
            source, target = rest.split()
            shutil.copy(ctx.root / "scripts" / source, machine.top / target.lstrip("/"))
        else:
            expect(word == "RUN", f"no such instruction is known here: {word}")
            machine.as_root("sh", "-c", rest)
    machine.top.rename(place)
