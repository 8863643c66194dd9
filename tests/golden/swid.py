# SPDX-License-Identifier: Apache-2.0
"""The software's identification: in the packed plan and before each command line; of a build: tests/boot/loader.py."""
from tests.fdt import Tree
from tests.golden.plans import HERE, compile_plan, make_images, runner
from tests.runner.context import expect

NAME = "RX-1234:5/a+b_c.d"


def packed(ctx):
    """It stands in the plan and where a command line is, nowhere else; what is no name, or too long, is refused."""
    run, tool = runner(ctx), ctx.out / "demo/host/ashlar"
    options = make_images(ctx.work)
    plan, where = compile_plan(run, HERE / "accepted/bootargs.dts", ctx.work)
    command = [tool, "pack", "--map", where, *options, "--hypervisor", ctx.work / "hypervisor", "--plan", ctx.work / "plan.dtb",
               "--bundle", ctx.work / "bundle", plan]
    run(*command)
    plain = Tree((ctx.work / "plan.dtb").read_bytes())
    run(*command, f"--swid={NAME}")
    named = Tree((ctx.work / "plan.dtb").read_bytes())
    expect(named.nodes["/"].strings("ashlar,software-id") == [NAME], "the plan does not say it")
    lines = 0
    for path, node in plain.nodes.items():
        before, after = (tree.nodes[path].props.get("bootargs", (0, b""))[1] for tree in (plain, named))
        lines += bool(before)
        expect(after == (f"ashlar.swid={NAME} ".encode() + before if before else b""), f"{path}: {after}")
    expect(lines > 0, "no command line")
    expect(f"software   {NAME}" in run(tool, "inspect", ctx.work / "plan.dtb")[0], "inspect does not show it")
    long = ctx.work / "long.dts"
    text = (ctx.root / HERE / "accepted/bootargs.dts").read_text(encoding="utf-8")
    long.write_text(text.replace("console=ttyAMA0", "console=ttyAMA0" + " quiet" * 334), encoding="utf-8")
    plan, where = compile_plan(run, long, ctx.work)
    command[3], command[-1] = where, plan
    run(*command)
    said, status = run(*command, f"--swid={NAME}", status=None)
    expect(status == 1 and "characters with the software identification before it, at most 2047" in said, said)
    for wrong in ("two words", "x" * 64, 'a"b'):
        said, status = run(*command, f"--swid={wrong}", status=None)
        expect(status != 0 and "1 to 63 letters" in said, f"{wrong} was taken")

