# SPDX-License-Identifier: Apache-2.0
"""A front end that breaks the rules of its ring, of lengths and of grants, beside one that keeps them."""
import re

from tests.boot.machine import Machine
from tests.runner.context import expect

WAIT = 60
LIES = 15 + 11


def _rounds(console):
    """How many times the honest one has written and read."""
    return max((int(n) for n in re.findall(r"^honest: (\d+) rounds$", console.text, re.M)), default=0)


def cut_off(ctx):
    """Every lie ends as it should, the honest one goes on, and neither back end ends; then the store is lied to."""
    with Machine(ctx, "liar").start(direct=True, timeout=280) as console:
        console.wait(r"^honest: \d+ rounds$", WAIT)
        found = console.wait(r"^liar: all lies told: (\d+) ended otherwise than they should$", 200)
        expect(found[1] == "0", f"{found[1]} lies ended otherwise")
        told = re.findall(r"^liar: (.*): (cut off|answered)$", console.text, re.M)
        expect(len(told) == LIES, f"{len(told)} lies were told: {told}")
        console.wait(r"^io: disk 51712 of domain \d+: it broke the rules of its ring and is cut off$", WAIT)
        console.wait(r"^store: liar broke the rules of its ring and is cut off$", WAIT)
        before, mark = _rounds(console), len(console.text)
        console.wait(r"^honest: \d+ rounds$", WAIT, mark)
        expect(_rounds(console) > before, "the honest one goes no further")
        console.never(r"^honest: (DAMAGE|not connected|no disk)")
        console.never(r"^ashlar: (io|store|honest): (crashed|restarted|shut down)")
