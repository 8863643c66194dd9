# SPDX-License-Identifier: Apache-2.0
"""`make bench`: build the bench guest's image in a folder of its own, run it, print the figures.

Neither the user's .config nor build/ nor signing key is touched. Exit status 1 only when something failed; a goal
that is not reached is said, not failed: that is `make check`'s to do.
"""
import contextlib
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
sys.dont_write_bytecode = True

# The path has to be set before these can be found.
from tests.bench import backends, figures, pc          # noqa: E402
from tests.frontend import builds                      # noqa: E402
from tests.runner.context import Context, Failure      # noqa: E402


@contextlib.contextmanager
def _output_to(log):
    """All that is printed, the emulator's own remarks too, goes to a file."""
    saved = os.dup(2)
    with open(log, "w", encoding="utf-8") as f, contextlib.redirect_stdout(f):
        os.dup2(f.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def _serve(out, back):
    """The two front ends with one of their back ends, built and run."""
    ctx = Context(ROOT, out, "bench", {"build": backends.BUILDS[back], "config": backends.CONFIGS[back]})
    builds.build(ctx)
    return backends.run(ctx, back)


def _pc(out):
    """The PC's figures; None where no compiler for it is."""
    if not shutil.which("x86_64-linux-gnu-gcc"):
        return None
    for build, config in ((pc.BUILD, pc.CONFIG), (pc.PAIR, pc.PAIR_CONFIG)):
        ctx = Context(ROOT, out, "bench", {"build": build, "config": config, "board": pc.BOARD})
        builds.build(ctx)
    return pc.measure(ctx, *pc.run_counted(ctx), pc.run(ctx, pc.PAIR))


def main():
    """Entry; the one argument is the folder."""
    out = Path(sys.argv[1]).resolve()
    ctx = Context(ROOT, out, "bench", {"build": figures.BUILD, "config": figures.CONFIG})
    log = out / "bench.log"
    try:
        with _output_to(log):
            builds.build(ctx)
            pair = Context(ROOT, out, "bench", {"build": figures.PAIR, "config": figures.PAIR_CONFIG})
            builds.build(pair)
            linux = Context(ROOT, out, "bench", {"build": figures.LINUX, "config": figures.LINUX_CONFIG})
            builds.build(linux)
            found = figures.measure(ctx, figures.run(ctx), figures.run(pair, figures.PAIR))
            found |= figures.measure_linux(linux, *figures.run_linux(linux))
            bare = figures.run_bare(ctx)
            served = backends.compare(*(_serve(out, back) for back in ("io", "net-dom")))
            on_pc = _pc(out)
    except Failure as why:
        print(f"bench: {why}; everything is in {log}", file=sys.stderr)
        return 1
    try:
        print(*figures.lines(found, bare), "", *backends.lines(served), sep="\n")
        if on_pc is not None:
            print("", *pc.lines(on_pc), sep="\n")
    except Failure as why:
        print(f"bench: {why}", file=sys.stderr)
        return 1
    print(f"The runs themselves are in {log}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
