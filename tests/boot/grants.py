# SPDX-License-Identifier: Apache-2.0
"""Two bare-metal guests that share pages by grants: one maps and copies what the other grants."""
from tests.boot.machine import Machine

WAIT = 60


def _work(console, mark=0):
    """Both ends say that every page was what it should be, and the granter sees which are in use."""
    console.wait(r"^grant-back: bound to port 1 of domain 2$", WAIT, mark)
    console.wait(r"^grant-back: mapped: right, copied: right, writing what is to be read: refused$", WAIT, mark)
    console.wait(r"^grant-front: the page is answered, the copy is right$", WAIT, mark)
    console.wait(r"^grant-front: in use: written, read, free$", WAIT, mark)


def restarts(ctx):
    """Maps, copies, a channel; then each end is restarted while the other's mapping is still held."""
    build = ctx.args.get("build", "grants")
    with Machine(ctx, build).start(direct=True, timeout=280) as console:
        console.wait(rf"^grant-front: grants are of version {2 if build == 'grants-v2' else 1}$", WAIT)
        console.wait(r"^grant-front: the store's grant is seeded$", WAIT)
        console.wait(r"^ashlar: grant-front: refused: ", WAIT)
        console.wait(r"^grant-front: refused: map yes, copy yes, channel yes, offer yes$", WAIT)
        _work(console)
        for _ in range(3):
            mark = console.type("grant-front", "r")
            console.wait(r"^grant-back: the front is gone: its pages are empty$", WAIT, mark)
            console.wait(r"^grant-back: unmapped: yes$", WAIT, mark)
            console.wait(r"^ashlar: grant-front: restarted", WAIT, mark)
            _work(console, mark)
        for _ in range(3):
            mark = console.type("grant-back", "r")
            console.wait(r"^ashlar: grant-back: restarted", WAIT, mark)
            _work(console, mark)
