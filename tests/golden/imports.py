# SPDX-License-Identifier: Apache-2.0
"""`ashlar import`: other projects' configurations, what is said of them, and the folders made of them.

import/accepted/NAME and import/refused/NAME beside NAME.txt: what is said, then the files that are written.
`-m tests.golden.imports build/<board>/host/ashlar` writes the .txt files again: read the difference.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fdt import Tree
from tests.golden.plans import HERE, LICENCE, compile_plan, make_images, runner
from tests.runner.context import expect

IMPORT = HERE / "import"
OPTIONS = {"full.cfg": ["--disk", "/dev/vg/two,odd=RAM=8"],
           "dom0less.dts": ["--image", "domU1/module@4a000000=/srv/kernel", "--image=fixed/kernel=/srv/other-kernel"]}
# Who serves them, and what the build would define.
BOARD = """#define CONFIG_SHARE_CPUS 1
#define CONFIG_DOMAIN_STORE 1
#include "board.dtsi"
#include "parts.dtsi"
/ { chosen { ashlar,scheduler = "fair-share";
	store { DOMAIN; memory = <0 0x10000>; cpus = <1>; ashlar,store; KERNEL; };
	io { DOMAIN; memory = <0 0x8000>; cpus = <1>; ashlar,io; KERNEL; };
	drivers { DOMAIN; memory = <0 0x10000>; cpus = <1>; KERNEL; };
}; };
"""


def _sources(kind):
    return sorted(p for p in (IMPORT / kind).iterdir() if p.suffix != ".txt")


def _say(run, tool, source, out):
    """What it says and its status; a tree is compiled first."""
    given = source
    if source.suffix == ".dts":
        given = out.parent / f"{source.stem}.dtb"
        run("dtc", "-q", "-q", "-I", "dts", "-O", "dtb", "-o", given, source)
    said, status = run(tool, "import", "--output", out, *OPTIONS.get(source.name, []), given, status=None)
    return said.replace(str(out), "OUT").replace(str(given), str(source.with_suffix(given.suffix))), status


def _import(run, tool, source, out):
    """What it says and its status, then the files that it left."""
    out.mkdir(parents=True, exist_ok=True)
    said, status = _say(run, tool, source, out)
    files = sorted(p for p in out.rglob("*") if p.is_file())
    return said + "".join(f"---- {p.relative_to(out)}\n{p.read_text(encoding='utf-8')}" for p in files), status


def _text(source):
    return source.with_name(source.name + ".txt").read_text(encoding="utf-8")


def accepted(ctx):
    """As stored; the same again elsewhere; and what is there already stays as it is."""
    run, tool = runner(ctx), ctx.out / "demo/host/ashlar"
    for source in _sources("accepted"):
        out = ctx.work / source.name
        said, status = _import(run, tool, source, out)
        expect(status == 0 and LICENCE + said == _text(source), f"{source}: status {status}, or other words\n{said}")
        expect(_import(run, tool, source, ctx.work / f"{source.name}-again") == (said, 0), f"{source}: not reproducible")
        before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
        said, status = _say(run, tool, source, out)
        expect(status == 2 and "is there already" in said, f"{source}: {said}")
        expect(before == {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}, f"{source}: not left alone")


    taken = ctx.work / "taken"
    (taken / "domu1").mkdir(parents=True)
    said, status = run(tool, "import", "--output", taken, IMPORT / "accepted/imagebuilder", status=None)
    expect(status == 2 and "domu1 is there already" in said, said)
    expect([p.name for p in taken.rglob("*")] == ["domu1"], "not all of them, but some were written")


def refused(ctx):
    """In these words, and nothing is written."""
    run, tool = runner(ctx), ctx.out / "demo/host/ashlar"
    for source in _sources("refused"):
        out = ctx.work / source.name
        said, status = _import(run, tool, source, out)
        expect(status == 1 and LICENCE + said == _text(source), f"{source}: status {status}, or other words\n{said}")
        expect(not list(out.iterdir()), f"{source}: something was written")
    said, status = run(tool, "import", "--output", ctx.work, IMPORT / "accepted/dom0less.dts", status=None)
    expect(status == 1 and "a device tree's source; import what dtc makes of it" in said, said)
    broken = ctx.work / "broken.dtb"
    broken.write_bytes(b"\xd0\x0d\xfe\xed" + bytes(96))
    said, status = run(tool, "import", "--output", ctx.work, broken, status=None)
    expect(status == 1 and "broken.dtb: not a well-formed device tree" in said, said)
    binary = ctx.work / "binary.cfg"
    binary.write_bytes(b'name = "a"\nmemory = 64\nkernel = "/k\0"\n')
    said, status = run(tool, "import", "--output", ctx.work, binary, status=None)
    expect(status == 1 and "binary.cfg:3: a byte 0x00" in said, said)
    said, status = run(tool, "import", "--output", ctx.work / "none", IMPORT / "accepted/small.cfg", status=None)
    expect(status == 2 and "there is no such folder" in said, said)


def _domain(node):
    """What the plan says of a domain, read apart from the tool."""
    return {"memory": node.number("memory"), "cpus": node.number("cpus")}


def _check_kconfig(kconfigs, work):
    """A parser of Kconfig's own takes them, with every symbol known, and each switch switches its domain."""
    import kconfiglib  # pylint: disable=import-outside-toplevel

    known = "".join(f"config DOMAIN_{n}\n\tbool\n\tdefault y\n" for n in ("SET_CUSTOM", "IO", "STORE", "DRIVERS"))
    top = work / "Kconfig"
    top.write_text(known + "".join(f'source "{k}"\n' for k in kconfigs), encoding="utf-8")
    kconf = kconfiglib.Kconfig(str(top), warn_to_stderr=False)
    expect(not kconf.warnings, f"{kconf.warnings}")
    for file in kconfigs:
        symbol = kconf.syms["DOMAIN_" + file.parent.name.upper().replace("-", "_")]
        expect(symbol.str_value == "n" and symbol.set_value("y") and symbol.str_value == "y", f"{file}: no switch")


def checked(ctx):
    """Each folder is accepted by `ashlar check` and by Kconfig, once the images that it names exist."""
    run, tool = runner(ctx), ctx.out / "demo/host/ashlar"
    for source in _sources("accepted"):
        out = ctx.work / source.name
        _import(run, tool, source, out)
        trees = sorted(out.glob("*/domain.dtsi"))
        expect(trees, f"{source}: no folder")
        plan_source = out / "plan-source.dts"
        plan_source.write_text(BOARD + "".join(f'#include "{t}"\n' for t in trees), encoding="utf-8")
        options = make_images(out)
        files = re.findall(r'ashlar,image = "(file:[^"]*)"', "".join(t.read_text(encoding="utf-8") for t in trees))
        options += [f"--image={ref}={out / ('ramdisk' if 'ramdisk' in ref else 'kernel')}" for ref in files]
        plan, where = compile_plan(run, plan_source, out)
        said, status = run(tool, "check", "--map", where, "--partitions", out / "partitions", *options, plan, status=None)
        expect(status == 0 and "error" not in said, f"{source}: {said}")
        nodes = Tree(plan.read_bytes()).nodes
        for tree in trees:
            expect(f"/chosen/{tree.parent.name}" in nodes, f"{tree}: not in the plan")
        _check_kconfig(sorted(out.glob("*/Kconfig")), out)
    full = Tree((ctx.work / "full.cfg/plan.src.dtb").read_bytes()).nodes["/chosen/web-server-1"]
    expect(_domain(full) == {"memory": 384 * 1024, "cpus": 2}, f"{_domain(full)}")


def run(ctx):
    """One of the cases of the matrix."""
    {"accepted": accepted, "refused": refused, "checked": checked}[ctx.args["case"]](ctx)


def update(tool, work):
    """Write the .txt files as the tool speaks now."""
    def run(*argv, status=0):
        done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=status is not None, encoding="utf-8")
        return done.stdout, done.returncode

    for kind, wanted in (("accepted", 0), ("refused", 1)):
        for source in _sources(kind):
            said, status = _import(run, tool, source, Path(work) / kind / source.name)
            if status != wanted:
                print(f"{source}: status {status}\n{said}")
            source.with_name(source.name + ".txt").write_text(LICENCE + said, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        update(sys.argv[1], temporary)
