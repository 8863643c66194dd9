# SPDX-License-Identifier: Apache-2.0
"""Runs the project's tests: see tests/README.md.

`make check`, `make check T=boot` and `make check-list` are the usual ways in.
"""
import argparse
import importlib
import os
import shutil
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.dont_write_bytecode = True

# The path has to be set before these can be found.
from tests.runner import matrix, report, schedule          # noqa: E402
from tests.runner.context import Context, Failure, Skip    # noqa: E402
from tests.runner.needs import missing                     # noqa: E402


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for all that tests write")
    parser.add_argument("--select", default="", metavar="T", help="names, wildcards or parts of names")
    parser.add_argument("--slow", action="store_true", help="the slow tier too")
    parser.add_argument("--list", action="store_true", help="print the tests, run none")
    parser.add_argument("--one", metavar="NAME", help="run this test here (what the runner starts)")
    return parser.parse_args()


def run_one(test, out):
    """Call one test's function in this process; its exit status is the verdict."""
    module, function = test.python.split(":")
    try:
        ctx = Context(ROOT, out, test.name, test.args)
        getattr(importlib.import_module(module), function)(ctx)
    except Skip as reason:
        print(reason)
        return schedule.SKIP
    except Failure as why:
        print(f"FAILED: {why}")
        return 1
    except Exception:               # the runner wants the last line to tell
        traceback.print_exc(file=sys.stdout)
        return 1
    shutil.rmtree(ctx.work, ignore_errors=True)
    return 0


def print_list(tests, names):
    """A line for each test, then what they cost together."""
    for name in names:
        test = tests[name]
        after = f"  after {', '.join(test.after)}" if test.after else ""
        print(f"{test.tier:5} {test.cost:4} s  {name}{after}")
    cost = sum(tests[n].cost * tests[n].slots for n in names)
    print(f"{len(names)} tests, {cost} s of one core declared, about {cost / 120:.0f} min on two")


def run_all(tests, order, out):
    """Run the selected tests; True when none failed."""
    def start(test):
        argv = test.command or [sys.executable, __file__, "--out", str(out), "--one", test.name]
        env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHON=sys.executable,
                   CHECK_OUT=str(out), CHECK_ROOT=str(ROOT))
        return schedule.Running(test, argv, env, out / "logs" / f"{test.name}.log")

    results = schedule.Scheduler(tests, order, start, missing, report.line).run()
    results = [results[n] for n in order]
    report.junit(results, out / "junit.xml")
    return report.summary(results, tests)


def main():
    """Load, select, then list or run."""
    opts = arguments()
    out = opts.out.resolve()
    try:
        tests = matrix.load(ROOT)
        names = matrix.select(tests, opts.select, opts.slow)
    except matrix.MatrixError as error:
        return f"error: {error}"
    if opts.one:
        os.chdir(ROOT)
        return run_one(tests[opts.one], out)
    if not names:
        return f'error: no test is called like "{opts.select}"; see make check-list'
    if opts.list:
        print_list(tests, names)
        return 0
    os.chdir(ROOT)
    schedule.raise_on_signals()
    print(f"running {len(names)} tests, two at a time; logs in {out}/logs", flush=True)
    return 0 if run_all(tests, names, out) else 1


if __name__ == "__main__":
    sys.exit(main())
