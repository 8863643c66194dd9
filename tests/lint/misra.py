# SPDX-License-Identifier: Apache-2.0
"""The report against MISRA C:2012: no departure without a reason, no reason without a departure."""
import csv
import sys

from tests.runner.context import expect


def report(ctx):
    """As `make misra` writes it; each line has its reason."""
    out = ctx.work / "misra.csv"
    ctx.run(ctx.python, ctx.root / "scripts/lint/misra.py", "--out", out)
    with open(out, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    expect(len(rows) > 100, f"only {len(rows)} departures: did the addon run?")
    expect(all(row["deviation"] != "NONE" and (ctx.root / row["file"]).is_file() for row in rows), "a line without its reason")


def register(ctx):
    """What is missing in the register, or too much, is told."""
    sys.path.insert(0, str(ctx.root / "scripts/lint"))
    import misra                                        # pylint: disable=import-outside-toplevel
    text = "a.c:3: misra-c2012-10.4\nb.c:7: misra-c2012-2.2\na.c:9: misra-c2012-10.4\nb.c:1: other\n"
    found = misra.findings(text)
    expect(found == {"10.4": [("a.c", 3), ("a.c", 9)], "2.2": [("b.c", 7)]}, f"{found}")
    wrong = list(misra.judge(found, {"10.4": {}, "15.5": {}}))
    expect(len(wrong) == 2 and wrong[0].startswith("b.c:7: rule 2.2") and "nothing departs from rule 15.5" in wrong[1], f"{wrong}")
    expect(not list(misra.judge(found, {"10.4": {}, "2.2": {}})), "what is registered was found wrong")
