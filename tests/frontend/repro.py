# SPDX-License-Identifier: Apache-2.0
"""Two builds of the same sources, lock and key are the same bytes, wherever and by whom they are made.

The second one is made in another folder, under another user, umask, time zone and
locale, on one core, and without a network: what the first one left in the cache has
to be enough.
"""
import json
import os
import shutil
import subprocess

from tests.frontend.builds import DEMO, begin_with, configure
from tests.frontend.tree import copy_sources, digests
from tests.runner.context import expect

PLACE = "another-place/ashlar"


def _can(*argv):
    return subprocess.run([*argv, "true"], capture_output=True, check=False).returncode == 0


def _stranger():
    """A command prefix: another user's number, and no network, as far as this machine allows."""
    user = ["unshare", "--user", "--map-user=4321", "--map-group=4321"]
    offline = ["unshare", "--net"]
    both = ["unshare", "--user", "--map-user=4321", "--map-group=4321", "--net"]
    for argv in (both, user, offline):
        if _can(*argv):
            return argv
    print("no name spaces here: same user, network not cut off")
    return []


def second(ctx):
    """The second build, from a copy of the sources."""
    tree = copy_sources(ctx.root, ctx.out / PLACE)
    lock = ctx.out / "lock"
    shutil.copy(ctx.out / "demo/images/payloads.lock", lock)
    out = ctx.out / "second"
    shutil.rmtree(out, ignore_errors=True)
    env = ctx.env(TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8", LANG="de_DE.UTF-8", USER="stranger",
                  LOGNAME="stranger", HOSTNAME="elsewhere", OFFLINE=1, LOCK=lock,
                  ASHLAR_CACHE=os.environ.get("ASHLAR_CACHE") or os.path.expanduser("~/.cache/ashlar"))
    configure(ctx, out, DEMO, env=env, cwd=tree)
    ctx.run(*_stranger(), "sh", "-c", 'umask 077 && exec make --no-print-directory "$@"', "make",
            f"O={out}", cwd=tree, env=env)


def _first_difference(one, other):
    with open(one, "rb") as a, open(other, "rb") as b:
        at = 0
        while True:
            x, y = a.read(1 << 20), b.read(1 << 20)
            if x != y:
                return at + next((i for i, (p, q) in enumerate(zip(x, y)) if p != q), min(len(x), len(y)))
            at += len(x)


def same(ctx):
    """Every file that the second, fresh build left in images/ is the same in the first."""
    first, other = ctx.out / "demo/images", ctx.out / "second/images"
    one, two = digests(first), digests(other)
    expect(two.keys() <= one.keys(), f"only the second build has {sorted(two.keys() - one.keys())}")
    one = {name: one[name] for name in two}
    expect(len(one) >= 8, f"only {sorted(one)} to compare")
    differing = [name for name in one if one[name] != two[name]]
    for name in differing:
        print(f"{name} differs, first at byte {_first_difference(first / name, other / name)}")
    expect(not differing, f"not reproducible: {', '.join(differing)}")


def manifest(ctx):
    """The manifest describes what was built, and with what; it names no place of this machine."""
    folder = ctx.out / "demo/images"
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    data = json.loads(text)
    gcc = ctx.run("aarch64-linux-gnu-gcc", "-dumpfullversion").strip()
    tools = json.dumps(data.get("toolchain", {}))
    expect(gcc in tools, f"the manifest does not name gcc {gcc}: {tools}")
    expect(str(ctx.root) not in text and str(ctx.out) not in text, "a path of this machine is in it")
    components = data["components"]
    sizes = digests(folder)
    for part in components:
        for field in ("name", "version", "sha256", "sha512", "size"):
            expect(part.get(field) not in (None, ""), f"component {part.get('name')} has no {field}")
    listed = {p["sha256"] for p in components}
    binary = sizes["ashlar.bin"]
    expect(binary in listed, "the hypervisor's digest is not in the manifest")


def sums(ctx):
    """SHA256SUMS lists exactly what a fresh build left in images/."""
    folder = ctx.out / "second/images"
    listed = dict(reversed(line.split("  ", 1)) for line in
                  (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    have = digests(folder)
    del have["SHA256SUMS"]
    expect(listed == have, f"listed {sorted(listed)}, there {sorted(have)}")


def no_trace(ctx):
    """Neither a path of this machine nor the user's name nor the key's place enters an image."""
    traces = [str(ctx.root), str(ctx.out), os.path.expanduser("~/.")]
    for name in ("ashlar.bin", "ashlar.itb", "plan.dtb", "manifest.json", "payloads.lock"):
        data = (ctx.out / "demo/images" / name).read_bytes()
        for trace in traces:
            expect(trace.encode() not in data, f"images/{name} contains {trace}")


def checked(ctx):
    """`make repro-check` finds two builds the same."""
    out = ctx.work / "o"
    configure(ctx, out, DEMO)
    said = ctx.make("repro-check", o=out)
    expect("the same bytes twice" in said, "no word of success")


def of_board(ctx):
    """For a board of its own, a build that began with another's objects is the same as one from nothing."""
    out = ctx.work / "o"
    begin_with(ctx.out / ctx.args["like"], out)
    configure(ctx, out, board=ctx.args["case"])
    said = ctx.make("repro-check", "STANDING=1", o=out)
    expect("the same bytes twice" in said, "no word of success")


MAKE = """\
#!/bin/sh
for word; do
	case $word in O=*) out=${word#O=} ;; esac
done
mkdir -p "$out/images" && echo same >"$out/images/same" && echo @WHAT@ >"$out/images/maybe"
"""


def differs(ctx):
    """`repro-check` names what differs and lets diffoscope show it; and says so where nothing does. A build that stands may be the first."""
    tools, config, standing = ctx.work / "bin", ctx.work / "config", ctx.work / "standing"
    tools.mkdir()
    config.write_text("CONFIG_X=y\n", encoding="utf-8")
    for name, text in (("diffoscope", '#!/bin/sh\necho "shown: $*"\n'), ("make-place", MAKE.replace("@WHAT@", '"$PWD"')), ("make-alike", MAKE.replace("@WHAT@", "x"))):
        (tools / name).write_text(text, encoding="utf-8")
        (tools / name).chmod(0o755)
    for name, status, first in (("make-place", 1, []), ("make-alike", 0, []), ("make-place", 1, [standing]), ("make-alike", 0, [standing])):
        said = ctx.run("sh", "scripts/build/repro-check", config, ctx.work / name, *first, status=status,
                       env=ctx.env(MAKE=tools / name, PATH=f"{tools}:{os.environ['PATH']}", SOURCE_DATE_EPOCH=0))
        expect(("maybe differs" in said) == ("shown: --max-report-size" in said) == bool(status), said)
        expect((ctx.work / name / "one").exists() != bool(first), "another build was the first one")
        expect("same differs" not in said and ("2 files, the same bytes twice" in said) == (not status), said)
