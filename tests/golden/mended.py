# SPDX-License-Identifier: Apache-2.0
"""The way out of each refused plan: with what mended.toml says done to its text, it is accepted and packed."""
import re
import tomllib

from tests.fdt import Tree
from tests.golden.plans import HERE, check_packed, pack, runner
from tests.runner.context import expect


def line_ends(text):
    """Each \\n a new line; after a second backslash it is one of the plan's own."""
    return re.sub(r"(?<!\\)\\n", "\n", text).replace("\\\\n", "\\n")


def edited(text, edits, name):
    """The plan with each edit made."""
    text = re.sub(r"\n[ \t\n]*", "\n", text)
    for edit in edits:
        old, _, new = (line_ends(part.strip()) for part in edit.partition(" =>"))
        expect(old in text, f"{name}: there is no {old!r} to be mended")
        text = text.replace(old, new)
    return text


def accepted(ctx):
    """Each is accepted, sound, and there are as many as are refused."""
    with open(ctx.root / HERE / "mended.toml", "rb") as stream:
        mended = tomllib.load(stream)
    refused = {path.stem: path for path in (ctx.root / HERE / "refused").glob("*.dts")}
    expect(set(mended) <= set(refused), f"no refused plan is called {sorted(set(mended) - set(refused))}")
    beside = len(list((ctx.root / HERE / "accepted").glob("*.dts")))
    expect(len(mended) + beside >= len(refused), f"{len(refused)} are refused, {len(mended) + beside} accepted")
    wrong = []
    for name, edits in sorted(mended.items()):
        source = ctx.work / f"{name}.dts"
        source.write_text(edited(refused[name].read_text(encoding="utf-8"), edits, name), encoding="utf-8")
        said, status, outputs = pack(runner(ctx), ctx.out / "demo/host/ashlar", source, ctx.work / name)
        if status != 0:
            wrong.append(f"{name}: status {status}\n{said}")
            continue
        check_packed(Tree(outputs[0].read_bytes()), outputs[1].read_bytes())
    expect(not wrong, "\n".join(wrong))
    print(f"{len(mended)} plans mended, {beside} more accepted, {len(refused)} refused")
