# SPDX-License-Identifier: Apache-2.0
"""The tree that a board.dts adds to: another board's is refused, and so is a path that is not in it."""
from tests.runner.context import expect

BASE = """\
/dts-v1/;
/ {
	compatible = "acme,board-2", "acme,soc";
	axi {
		uart: serial@1000 {
			compatible = "acme,uart";
		};
	};
};
"""
GOOD = "/* not &{/old} */\nuart0: &{/axi/serial@1000} { };\n&{/} { };\n"
MOVED = "&{/} { };\n\nuart0: &{/amba/serial@1000} { };\n"
GONE = "// none\n&{/axi/serial@2000} { };\n"


def _run(ctx, board, compatible="acme,board-2", status=0):
    folder = ctx.work / "board"
    folder.mkdir(exist_ok=True)
    (folder / "image.cfg").write_text(f"[tree]\nbase = file:base.dtb\ncompatible = {compatible}\n", encoding="utf-8")
    (folder / "board.dts").write_text(board, encoding="utf-8")
    out = ctx.work / "out.dts"
    out.unlink(missing_ok=True)
    said = ctx.run(ctx.python, "scripts/image/base_tree.py", "--board-dir", folder, "--base", ctx.work / "base.dtb",
                   "--output", out, status=status)
    expect(out.exists() == (status == 0), "a tree was written of what was refused")
    return said, out


def check(ctx):
    """See the head of this file."""
    (ctx.work / "base.dts").write_text(BASE, encoding="utf-8")
    base = ctx.work / "base.dtb"
    ctx.run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", base, ctx.work / "base.dts")

    _, out = _run(ctx, GOOD)
    whole = out.read_text(encoding="utf-8") + GOOD
    (ctx.work / "whole.dts").write_text(whole, encoding="utf-8")
    ctx.run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", ctx.work / "whole.dtb", ctx.work / "whole.dts")

    cfg, dts = ctx.work / "board/image.cfg", ctx.work / "board/board.dts"
    for board, message in (
            (MOVED, f"{dts}:3: /amba/serial@1000 is not in {base}; it is /axi/serial@1000 there: write that\n"),
            (GONE, f"{dts}:2: /axi/serial@2000 is not in {base}; correct the path\n")):
        said, _ = _run(ctx, board, status=1)
        expect(said == message, f"other words than {message!r}")
    said, _ = _run(ctx, GOOD, compatible="acme,board-1", status=1)
    expect(said == f'{cfg}: base: {base} is of "acme,board-2", not compatible with "acme,board-1"; '
           "name this board's tree, or correct compatible\n", "other words for another board's tree")
