# SPDX-License-Identifier: Apache-2.0
"""The bundle was tampered with below a loader that checks nothing: the hypervisor must refuse it."""
from tests.boot.loader import refused
from tests.boot.machine import Machine
from tests.fdt import Fit, Tree
from tests.runner.context import expect
from tests.trust import tamper
from tests.trust.resign import resign_bundle

DIGEST = "digest"
SIGNATURE = "sign"
UNSIGNED = "demo/bundle.unsigned"


def part(bundle, plan, what):
    """Name in the bundle of a domain's image ("linux-a/kernel"), or of the plan."""
    if what == "plan":
        return tamper.images(bundle)[0]
    return Tree(plan).nodes[f"/chosen/{what}"].strings("ashlar,image")[0]


WHERE = {"plan": "plan", "kernel": "linux-a/kernel", "ramdisk": "linux-a/ramdisk",
         "guest": "rtos/kernel"}


def _tampered(ctx, bundle, plan, case):
    """The changed bundle, and the word that the refusal must contain."""
    kind, _, what = case.partition("-")
    if kind in ("flip", "last", "rehash"):
        name = part(bundle, plan, WHERE[what])
        change = {"flip": tamper.flip_image, "last": tamper.flip_last, "rehash": tamper.rehash}[kind]
        return change(bundle, name), SIGNATURE if kind == "rehash" else DIGEST
    if case == "other-config":
        return tamper.other_config(bundle, ctx.work), SIGNATURE
    if case == "wrong-key":
        return resign_bundle(ctx, ctx.out / UNSIGNED), SIGNATURE
    if case == "never-signed":
        return (ctx.out / UNSIGNED).read_bytes(), SIGNATURE
    change, word = {
        "signature": (tamper.flip_signature, SIGNATURE),
        "unsigned": (tamper.no_signature, SIGNATURE),
        "edited-config": (tamper.edit_config, SIGNATURE),
        "renamed": (lambda data: tamper.rename_property(data, b"type"), SIGNATURE),
        "lost-list": (lambda data: tamper.rename_property(data, b"loadables"), "property"),
        "swapped": (tamper.swap_images, ""),
        "far": (tamper.far_image, ""),
        "truncated": (tamper.truncate, ""),
        "garbage": (lambda data: bytes(len(data)), ""),
    }[case]
    return change(bundle), word


def _host_refuses(ctx, path):
    """`ashlar verify` on the build host sees it too."""
    ctx.run(ctx.out / "demo/host/ashlar", "verify", "--key", ctx.out / "data/ashlar/dev.key", path, status=None)
    expect(ctx.status != 0, "ashlar verify accepts it")


def tampered(ctx):
    """It says why, and no domain is started."""
    machine = Machine(ctx, "demo")
    bundle = machine.bundle.read_bytes()
    plan = machine.plan.read_bytes()
    expect(Fit(bundle).nodes, "the bundle is no FIT")
    changed, word = _tampered(ctx, bundle, plan, ctx.args["case"])
    expect(changed != bundle, "nothing was changed")
    machine.bundle = ctx.work / "bundle.itb"
    machine.bundle.write_bytes(changed)
    _host_refuses(ctx, machine.bundle)
    with machine.start(direct=True, timeout=180) as console:
        refused(console, word)


def absent(ctx):
    """No bundle at all."""
    machine = Machine(ctx, "demo")
    machine.bundle = None
    with machine.start(direct=True, timeout=60) as console:
        refused(console, "")
