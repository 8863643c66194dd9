# SPDX-License-Identifier: Apache-2.0
"""The builds that other tests boot, tamper with or compare; made once, kept, brought up to date."""
import os
import shutil
import tomllib

from tests.runner.context import expect

BOARD = "qemu_arm64"
DEMO = {"CONFIG_DOMAIN_SET_DEMO": "y"}     # what build/demo has


def configure(ctx, out, values=None, env=None, cwd=None, board=BOARD):
    """A .config in `out`: the board's defconfig and then our values, as a user would write them."""
    out.mkdir(parents=True, exist_ok=True)
    text = ((cwd or ctx.root) / f"configs/{board}_defconfig").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines()
            if not any(line.startswith((f"{name}=", f"# {name} ")) for name in values or {})]
    (out / ".config").write_text(
        "\n".join(kept + [f"{name}={value}" for name, value in (values or {}).items()]) + "\n",
        encoding="utf-8")
    ctx.make("olddefconfig", o=out, env=env, cwd=cwd)


def begin_with(old, new):
    """A new build folder with the objects of another, as if that had been configured anew and moved here.

    What is saved beside an object names it by its path; the objects themselves name no place.
    """
    for part in ("host", "include", "obj"):
        shutil.copytree(old / part, new / part, symlinks=True)
    shutil.copy2(old / ".ashlar-build", new)
    for path in new.rglob("*.cmd"):
        times = path.stat()
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f"{old}/", f"{new}/"), encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def build(ctx):
    """`make` into $(CHECK_O)/BUILD with the settings of the matrix, beginning with the objects of `like`, a build that stands."""
    out = ctx.out / ctx.args["build"]
    if "like" in ctx.args and not out.exists():
        begin_with(ctx.out / ctx.args["like"], out)
    configure(ctx, out, ctx.args.get("config"), board=ctx.args.get("board", BOARD))
    ctx.make(o=out)
    has_card = "CONFIG_IMAGE_SDCARD=y" in (out / "include/config/auto.conf").read_text(encoding="utf-8")
    hypervisor = "xen.bin" if ctx.args.get("config", {}).get("CONFIG_HYPERVISOR_XEN") else "ashlar.bin"
    of_loader = ("ashlar.itb", "sdcard.img", "sdcard.img.bmap") if has_card else ("bundle.itb",)
    for name in (*of_loader, hypervisor, "plan.dtb", "plan.html", "manifest.json", "SHA256SUMS", "payloads.lock"):
        path = out / "images" / name
        expect(path.exists() and path.stat().st_size, f"no {path}")
    ctx.run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=out / "images")


def every_defconfig(ctx):
    """Each defconfig is built, and its images looked at, by some test of the tiers that every `make check` runs, or by a slow one."""
    built = set()
    for path in ctx.root.glob("tests/**/matrix.toml"):
        for test in tomllib.loads(path.read_text(encoding="utf-8"))["test"]:
            if test.get("python") == "tests.frontend.builds:build":
                built.add(test.get("args", {}).get("board", BOARD))
    there = {path.name.removesuffix("_defconfig") for path in ctx.root.glob("configs/*_defconfig")}
    expect(there <= built, f"no test builds {', '.join(sorted(there - built))}")
