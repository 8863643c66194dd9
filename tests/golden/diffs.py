# SPDX-License-Identifier: Apache-2.0
"""`ashlar extract` and `ashlar diff` on bundles whose content is known apart from them."""
import re

from tests.fdt import Fit
from tests.golden.plans import HERE, pack, runner
from tests.runner.context import expect


def _bundles(ctx, *names):
    run, tool = runner(ctx), ctx.out / "demo/host/ashlar"
    packed = []
    for name in names:
        folder = ctx.work / name
        _, status, outputs = pack(run, tool, HERE / f"accepted/{name}.dts", folder)
        expect(status == 0, f"{name}: not packed")
        packed.append(outputs)
    return run, tool, packed


def extracts(ctx):
    """Every image of a bundle, byte for byte, and of the outer image by its path."""
    run, tool, [[plan, bundle]] = _bundles(ctx, "disks")
    data, out = bundle.read_bytes(), ctx.work / "part"
    images = {p.rsplit("/", 1)[1]: n for p, n in Fit(data).nodes.items() if re.fullmatch(r"/images/[^/]+", p)}
    expect(len(images) > 1, "hardly any images")
    for name, node in images.items():
        at, size = (int.from_bytes(node.props[p][1], "big") for p in ("data-position", "data-size"))
        run(tool, "extract", "--output", out, name, bundle)
        expect(out.read_bytes() == data[at:at + size], f"{name}: other bytes")
    run(tool, "extract", "--output", out, "bundle/plan", ctx.out / "demo/images/ashlar.itb")
    expect(out.read_bytes() == (ctx.out / "demo/images/plan.dtb").read_bytes(), "not the plan of the image")
    run(tool, "extract", "--output", out, "plan", plan)
    expect(out.read_bytes() == plan.read_bytes(), "not the plan")
    out.unlink()
    text, status = run(tool, "extract", "--output", out, "nothing", bundle, status=None)
    expect(status == 1 and "has no image nothing; it has: rule-kernel plan" in text and not out.exists(), text)
    text, status = run(tool, "extract", "--output", out, "plan", ctx.out / "demo/images/ashlar.bin", status=None)
    expect(status == 2 and "is neither a FIT nor a plan" in text and not out.exists(), text)


def differs(ctx):
    """The same, and others, in every detail."""
    run, tool, [[old_plan, old], [new_plan, new]] = _bundles(ctx, "disks", "store")
    for a in (old, old_plan):
        expect(run(tool, "diff", a, a) == ("", 0), "it differs from itself")
    text, status = run(tool, "diff", old, new, status=None)
    expect(status == 1, f"status {status}")
    sizes = old_plan.stat().st_size, new_plan.stat().st_size
    expect(f"! plan: other content, {sizes[0]} bytes, now {sizes[1]} ({sizes[1] - sizes[0]:+})" in text, text)
    expect(re.search(r"^- links: \d+ disk linux io xvda, PARTLABEL=data-a, read and write, data: unverified$", text, re.M), text)
    expect("- memory: 0x0050800000 0x0052800000 32768 io memory" in text, text)
    expect("rule-kernel" not in text, "what is the same was said")
    inner = run(tool, "diff", old_plan, new_plan, status=None)[0]
    expect(set(inner.splitlines()) == set(text.splitlines()) - {l for l in text.splitlines() if "ashlar,load" in l},
           "the plans differ otherwise than their bundles")
    back = run(tool, "diff", new_plan, old_plan, status=None)[0]
    expect({l[1:] for l in back.splitlines() if l[0] == "+"} == {l[1:] for l in inner.splitlines() if l[0] == "-"},
           "the way back is another")
    expect(run(tool, "diff", "--detail", "quiet", old, new, status=None) == ("", 1), "not quiet")
    text = run(tool, "diff", "--detail", "info", old, new, status=None)[0]
    expect("  rule-kernel: the same, 70000 bytes" in text and "sha256" not in text, text)
    text = run(tool, "diff", "--detail=debug", old, new, status=None)[0]
    for sign, file in (("-", old_plan), ("+", new_plan)):
        digest = run("sha256sum", file)[0].split()[0]
        expect(f"  {sign} sha256 {digest}" in text, f"no digest of {file}")
    text, status = run(tool, "diff", "--detail", "loud", old, new, status=None)
    expect(status == 2 and "--detail loud: possible are quiet, default, info and debug" in text, text)
