# SPDX-License-Identifier: Apache-2.0
"""How the tool is called: help, exit statuses, manual pages, completion, installation."""
import re

from tests.runner.context import expect

NEEDS_NOTHING = {"devkey"}                  # called bare, it does its work


def _commands(ctx, tool):
    return re.findall(r"^  ([a-z]+) +\S", ctx.run(tool, "--help"), re.MULTILINE)


def statuses(ctx):
    """--help is 0, a wrong call 2 and shows how it is called; help names the options that are taken, and no others."""
    tool = ctx.out / "demo/host/ashlar"
    commands = _commands(ctx, tool)
    expect(len(commands) >= 14, f"only {commands}")
    ctx.run(tool, status=2)
    expect("unknown command" in ctx.run(tool, "nothing", status=2), "an unknown command")
    for path in (ctx.root / "scripts/ashlar").rglob("*.c"):
        shell = re.search(r"\b(system|popen)\(", path.read_text(encoding="utf-8"))
        expect(not shell, f"{path} gives a string to a shell")
    for name in commands:
        text = ctx.run(tool, name, "--help")
        expect(text.startswith(f"usage: ashlar {name}"), f"{name} --help says something else")
        expect("usage: ashlar" in ctx.run(tool, name, "--no-such-option", status=2), f"{name}: no usage")
        if name not in NEEDS_NOTHING:
            ctx.run(tool, name, status=2)
            ctx.run(tool, name, ctx.work / "absent", ctx.work / "absent", status=2)
        source = (ctx.root / f"scripts/ashlar/cmd_{name}.c").read_text(encoding="utf-8")
        for option in re.findall(r'\{ \.name = "([a-z-]+)",', source):
            expect(f"--{option}" in text, f"{name} takes --{option}, of which its help says nothing")
        for option in set(re.findall(r"--[a-z][a-z-]*", text)) - {"--help"}:
            said = ctx.run(tool, name, f"{option}=", ctx.work / "absent", status=2)
            expect("unknown option" not in said, f"{name} {option} is named by help alone")


def installs(ctx):
    """Pages that man shows without a warning, completion that knows commands and options, the tool itself."""
    root = ctx.work / "root"
    ctx.make("install", f"DESTDIR={root}", "PREFIX=/usr", o=ctx.out / "demo")
    commands = _commands(ctx, root / "usr/bin/ashlar")
    pages = {page.name for page in (root / "usr/share/man/man1").iterdir()}
    expect(pages == {"ashlar.1"} | {f"ashlar-{name}.1" for name in commands}, f"pages: {sorted(pages)}")
    for page in sorted(pages):
        said = ctx.run("sh", "-c", 'MANROFFSEQ= man --warnings -E UTF-8 -l -Tutf8 -Z "$0" 2>&1 >/dev/null',
                       root / "usr/share/man/man1" / page)
        expect(said == "", f"{page}: {said}")
    shown = re.sub(".\x08", "", ctx.run("man", "-l", "-Tascii", "-P", "cat", root / "usr/share/man/man1/ashlar-check.1"))
    expect("--partitions FILE" in shown and "EXIT STATUS" in shown, "the page of check")
    script = root / "usr/share/bash-completion/completions/ashlar"
    for words, wanted in ((["ashlar", "pr"], "provenance"), (["ashlar", "sign", "--hyp"], "--hypervisor")):
        line = " ".join(f"'{word}'" for word in words)
        said = ctx.run("bash", "-c", f'. "$0"; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _ashlar; '
                       'printf "%s\\n" "${COMPREPLY[@]}"', script)
        expect(said.split() == [wanted], f"{words} completes to {said.split()}")


def dist(ctx):
    """The archive of the project holds what git has, and is the same bytes the second time."""
    archive = ctx.out / "demo" / f"ashlar-{_version(ctx)}.tar.xz"
    ctx.make("dist", o=ctx.out / "demo")
    first = archive.read_bytes()
    ctx.make("dist", o=ctx.out / "demo")
    expect(archive.read_bytes() == first, "other bytes")
    names = ctx.run("tar", "-tf", archive).splitlines()
    expect({f"ashlar-{_version(ctx)}/{name}" for name in ("Makefile", "scripts/ashlar/main.c", "LICENSE")} <= set(names),
           "something is missing")
    expect(not [name for name in names if "/out/" in name or name.endswith(".o")], "something built is in it")
    archive.unlink()


def _version(ctx):
    return re.search(r"^ASHLAR_VERSION := (\S+)", (ctx.root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1]


def run(ctx):
    """The case of the matrix."""
    {"statuses": statuses, "installs": installs, "dist": dist}[ctx.args["case"]](ctx)
