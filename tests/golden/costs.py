# SPDX-License-Identifier: Apache-2.0
"""What `ashlar check` costs, in instructions, and that the host tool is clean under valgrind.

Time is never asserted: what is wanted is a check of 32 domains in less than 50 ms, and the machines that this is made for do
more than a thousand million instructions a second.
"""
import re
import time

from tests.golden.plans import HERE, compile_plan, make_images, runner
from tests.runner.context import expect

MOST = 50_000_000
DOMAIN = """\
		d{0} {{
			DOMAIN;
			memory = <0 0x6000>;
			cpus = <1>;
			xen,enhanced;
			max_grant_frames = <4>;
			ashlar,start-after = "store";
			ashlar,on-crash = "restart";
			ashlar,restart-limit = <5 60>;
			KERNEL;
			RAMDISK;
		}};
"""
PLAN = """\
#include "board.dtsi"
#include "parts.dtsi"
/ {{
	chosen {{
		ashlar,scheduler = "fair-share";
		store {{
			DOMAIN;
			memory = <0 0x8000>;
			cpus = <1>;
			ashlar,store;
			KERNEL;
		}};
{}	}};
}};
"""
# What the tool has when it ends is the kernel's to take back: that is no leak.
CLEAN = ("valgrind", "-q", "--error-exitcode=99", "--leak-check=no")


def _tool(ctx):
    return ctx.out / "demo/host/ashlar"


def _large_plan(ctx):
    """32 domains, each with a kernel and a ramdisk: what `ashlar check` is given of it."""
    source = ctx.work / "many.dts"
    source.write_text(PLAN.format("".join(DOMAIN.format(n) for n in range(31))), encoding="utf-8")
    options = make_images(ctx.work)
    plan, where = compile_plan(runner(ctx), source, ctx.work)
    return [_tool(ctx), "check", "--map", where, *options, plan]


def instructions(ctx):
    """32 domains are checked in a bounded number of instructions, whatever the machine does beside."""
    check = _large_plan(ctx)
    said = ctx.run("valgrind", "--tool=callgrind", f"--callgrind-out-file={ctx.work}/callgrind", *check)
    count = int(re.search(r"Collected\s*:\s*(\d+)", said)[1])
    times = []
    for _ in range(5):
        begin = time.monotonic()
        ctx.run(*check)
        times.append(time.monotonic() - begin)
    print(f"{count} instructions, at best {min(times) * 1000:.1f} ms here")
    expect(count < MOST, f"{count} instructions for 32 domains, at most {MOST} are wanted")


def clean(ctx):
    """What the tool does most, under valgrind: nothing read before it was written, nothing beyond its end."""
    check = _large_plan(ctx)
    folder = ctx.out / "demo"
    itb, plan = folder / "images/ashlar.itb", folder / "images/plan.dtb"
    ctx.run(*CLEAN, *check)
    refused = ctx.root / HERE / "refused/many-at-once.dts"
    other, where = compile_plan(runner(ctx), refused, ctx.work)
    for words, status in ((["check", "--map", where, other], 1), (["check", "--sarif", "--map", where, other], 1),
                          (["images", folder / "plan.src.dtb"], 0), (["inspect", itb], 0), (["map", "--json", plan], 0),
                          (["map", "--html", "--output", ctx.work / "map.html", plan], 0), (["diff", itb, itb], 0),
                          (["extract", "--output", ctx.work / "plan", "bundle/plan", itb], 0),
                          (["sbom", "--spdx", "--output", ctx.work / "sbom", folder / "images/manifest.json"], 0),
                          (["size", folder / "images/manifest.json"], 0)):
        ctx.run(*CLEAN, _tool(ctx), *words, status=None)
        expect(ctx.status == status, f"{words[0]}: status {ctx.status}")
