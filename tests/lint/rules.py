# SPDX-License-Identifier: Apache-2.0
"""The lint rules as tests: a rule that cannot judge here is a skipped test, with its reason."""

import re

from tests.runner.context import skip


def rule(ctx):
    """Run the rule that `case` names."""
    env = ctx.env(LINT_O=ctx.out / "lint", PYTHON=ctx.python, LINT_UNDER=ctx.args.get("under", ""))
    text = ctx.run("sh", "scripts/lint/run", ctx.args["case"], env=env)
    skipped = re.search(r"^ *SKIP +(.*)", text, re.M)
    if skipped:
        skip(skipped[1])
