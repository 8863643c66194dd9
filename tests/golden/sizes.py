# SPDX-License-Identifier: Apache-2.0
"""What `ashlar size` says of parts, another build and budgets; and that a build over its budget fails."""
import json

from tests.runner.context import expect


def _manifest(path, **sizes):
    parts = [{"name": name, "size": size} for name, size in sizes.items()]
    path.write_text(json.dumps({"components": [*parts, {"name": "source", "size": 9, "archive": "a.tar"}]}), encoding="utf-8")
    return path


def run(ctx):
    """What the tool says, and that a build over its budget fails."""
    parts(ctx)
    said = ctx.make("size", "CONFIG_BUDGET_HYPERVISOR_KIB=9", o=ctx.out / "demo", status="error")
    expect("over its budget of 9 KiB" in said, "a build over its budget passed")


def parts(ctx):
    """Order, differences, head-room, what is over; bytes in JSON; no output of what is over."""
    tool = ctx.out / "demo/host/ashlar"
    new = _manifest(ctx.work / "new.json", kernel=2048, bundle=5120, added=1024)
    old = _manifest(ctx.work / "old.json", kernel=1024, bundle=5120, gone=512)
    lines = ctx.run(tool, "size", "--base", old, "--budget", "bundle=6", "--budget", "kernel=0", new).splitlines()
    expect([" ".join(line.split()) for line in lines] == ["5.0 KiB bundle 1.0 KiB of 6 left", "2.0 KiB kernel +1024 bytes (+100.0 %)",
                                                          "1.0 KiB added new", "0.0 KiB gone gone, was 0.5 KiB"], f"{lines}")
    data = json.loads(ctx.run(tool, "size", "--json", "--base", old, new))["parts"]
    expect(data[1] == {"name": "kernel", "size": 2048, "base": 1024} and "base" not in data[2], f"{data}")
    said = ctx.run(tool, "size", "--budget", "bundle=4", "--output", ctx.work / "out", new, status=1)
    expect('"bundle" has 5120 bytes, 1024 over its budget of 4 KiB' in said and not (ctx.work / "out").exists(), said)
    for words, reason in ((["--budget", "nobody=4"], 'no part "nobody"'), (["--budget", "bundle"], "PART=KIB"),
                          (["--budget", "bundle=x"], "not a number")):
        expect(reason in ctx.run(tool, "size", *words, new, status=2), f"{words}")
    slots = ctx.work / "slots"
    slots.write_text("boot 3072 8192\nboot-b 3072 8192\n", encoding="utf-8")
    lines = [" ".join(line.split()) for line in ctx.run(tool, "size", "--slots", slots, "--slot-budget", "0", new).splitlines()]
    expect(lines[1:3] == ["3.0 KiB slot boot 5.0 KiB of 8 left", "3.0 KiB slot boot-b 5.0 KiB of 8 left"], f"{lines}")
    said = ctx.run(tool, "size", "--slots", slots, "--slot-budget", "2", new, status=1)
    expect('"slot boot-b" has 3072 bytes, 1024 over its budget of 2 KiB' in said, said)
    slots.write_text("boot 9000\n", encoding="utf-8")
    expect("name bytes room" in ctx.run(tool, "size", "--slots", slots, new, status=2), "a line with a word too few")
    expect("slot boot" in (ctx.out / "demo/size.txt").read_text(encoding="utf-8"), "the build's size.txt has no slot")
    manifest = ctx.out / "demo/images/manifest.json"
    shown = {p["name"]: p["size"] for p in json.loads(ctx.run(tool, "size", "--json", manifest))["parts"]}
    real = (ctx.out / "demo/images/ashlar.bin").stat().st_size
    expect(shown["hypervisor"] == real and "mbedtls-src" not in shown, f"{shown}")
    expect("hypervisor" in (ctx.out / "demo/size.txt").read_text(encoding="utf-8"), "the build wrote no size.txt")
