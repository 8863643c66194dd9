# SPDX-License-Identifier: Apache-2.0
"""The host tool with address and undefined-behaviour sanitizers, under the other tests of this folder.

Each test is run as it is, by a folder in which demo/host/ashlar and pc/host/ashlar are the tools so built. A sanitizer's report
ends the tool by a signal and is written to a file: either fails the test, whatever status the test allowed.
"""
import os

from tests.frontend.builds import DEMO, configure
from tests.golden import bills, commands, diffs, disks, findings, imports, maps, mended, pc, plans, signing, sizes, swid
from tests.runner.context import Context, expect

SANITIZE = "-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
BUILDS = {"demo": ("qemu_arm64", DEMO), "pc": ("qemu_x86_64", None)}
# What the tool has when it ends is the kernel's to take back: that is no leak.
OPTIONS = "detect_leaks=0:abort_on_error=1:print_stacktrace=1"
SIGNING = ("bundle", "keys", "devkey", "control", "outer", "coverage", "ecdsa", "detached", "roles", "several", "token")
GROUPS = {
    "plans": [(plans.refused, None), (plans.accepted, None), (plans.binary, None), (mended.accepted, None), (swid.packed, None)],
    "pc": [(pc.run, case) for case in ("accepted", "refused", "kernels")],
    "show": [(findings.same, None), (diffs.extracts, None), (diffs.differs, None), (maps.accepted, None), (maps.refused, None),
             (disks.shown, None), (commands.statuses, None), (sizes.parts, None)],
    "read": [(imports.run, case) for case in ("accepted", "refused", "checked")] +
            [(bills.run, case) for case in ("refused", "cyclonedx", "spdx", "vex")],
    "sign": [(signing.run, case) for case in SIGNING],
}


def build(ctx):
    """Both tools; that the sanitizers are in them is seen by what they say of their options."""
    os.environ["ASAN_OPTIONS"] = OPTIONS                # the build runs what it made
    for name, (board, values) in BUILDS.items():
        out = ctx.out / f"sanitized-{name}"
        configure(ctx, out, values, board=board)
        ctx.make("host-objects", f"HOSTCC=gcc {SANITIZE}", o=out)
        said = ctx.run(out / "host/ashlar", "--help", env=ctx.env(ASAN_OPTIONS="help=1"))
        expect("AddressSanitizer" in said, f"{name}: no sanitizer is in it")


def _places(ctx, folder):
    """Folders like those of the builds, with the other tool in them."""
    for name in BUILDS:
        (folder / name / "host").mkdir(parents=True)
        for path in (ctx.out / name).iterdir():
            if path.name != "host":
                (folder / name / path.name).symlink_to(path)
        (folder / name / "host/ashlar").symlink_to(ctx.out / f"sanitized-{name}/host/ashlar")


def run(ctx):
    """The group of the matrix."""
    out, reports = ctx.work / "out", ctx.work / "reports"
    reports.mkdir()
    _places(ctx, out)
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        os.environ[name] = f"{OPTIONS}:log_path={reports}/report"
    for test, case in GROUPS[ctx.args["case"]]:
        print(f"---- {test.__module__}:{test.__name__} {case or ''}")
        test(Context(ctx.root, out, f"{test.__module__}.{test.__name__}.{case}", {"case": case}))
    said = "".join(path.read_text(encoding="utf-8", errors="replace") for path in sorted(reports.iterdir()))
    expect(not said, f"a sanitizer reports:\n{said}")
