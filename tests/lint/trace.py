# SPDX-License-Identifier: Apache-2.0
"""Requirement, code, test: every requirement has both, and both exist."""
import csv

from tests.runner.context import expect


def traced(ctx):
    """Each file is there, each test is one of `make check-list`; nothing is without the other."""
    out = ctx.work / "trace.csv"
    ctx.run(ctx.python, ctx.root / "scripts/lint/trace.py", "--out", out)
    with open(out, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    listed = {name for line in ctx.make("check-list", "SLOW=1").splitlines() for name in line.split()}
    known = listed | {name.rsplit("-", cut)[0] for name in listed for cut in (1, 2, 3, 4)}
    expect(len({row["requirement"] for row in rows}) >= 25, "hardly any requirement")
    for row in rows:
        expect((ctx.root / row["code"]).is_file(), f"there is no file {row['code']}")
        expect(row["test"] in known, f"there is no test {row['test']}")
