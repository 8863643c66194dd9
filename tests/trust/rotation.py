# SPDX-License-Identifier: Apache-2.0
"""A board's key is changed: by a release that both keys have signed, and with U-Boot's required-mode both ways.

U-Boot with the old key starts the bridge release, and so does one with the new key, or with both required; once the old key is no
longer in the control tree, what it alone has signed is refused.
"""
from tests.boot.machine import Machine
from tests.trust.card import Card
from tests.trust.resign import other_key

# Of each case: the control tree's keys, is any one enough?, who signed, does it start?
CASES = {
    "any-old": ("old new", True, "old", True),
    "all-old": ("old new", False, "old", False),
    "all-bridge": ("old new", False, "old new", True),
    "new-bridge": ("new", False, "old new", True),
    "revoked": ("new", False, "old", False),
}
DONE = r"^ashlar: bundle verified"
REFUSED = r"^launcher: stopped: U-Boot refused ashlar.itb"


def tried(ctx):
    """See the head of this file."""
    trusted, is_any, signers, starts = CASES[ctx.args["case"]]
    machine = Machine(ctx, "demo")
    keys = {"old": ctx.out / "data/ashlar/dev.key", "new": other_key(ctx, "new") / "new.key"}
    by = lambda names: [word for name in names.split() for word in ("--key", keys[name])]     # noqa: E731
    tool, control, outer = machine.folder / "host/ashlar", ctx.work / "control.dtb", ctx.work / "outer.itb"
    ctx.run(tool, "sign", *by(trusted), *(["--any"] if is_any else []), "--output", control, "--control",
            machine.folder / "control.nokey.dtb")
    ctx.run(tool, "sign", *by(signers), "--output", outer, "--plan", machine.plan, "--hypervisor", machine.kernel, "--fdt", machine.tree,
            "--bundle", machine.bundle)
    machine.u_boot = ctx.work / "u-boot.bin"
    machine.u_boot.write_bytes((machine.folder / "u-boot-nodtb.bin").read_bytes() + control.read_bytes())
    card = Card(ctx, machine.disk)
    card.write("ashlar.itb", outer.read_bytes())
    machine.disk = card.path
    with machine.start(timeout=150) as console:
        console.wait(DONE if starts else REFUSED, 120)
        if not starts:
            console.never("^ashlar: ")
