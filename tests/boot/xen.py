# SPDX-License-Identifier: Apache-2.0
"""Upstream Xen in our hypervisor's place: the demo set, from the card and by the emulator itself."""
from tests.boot.machine import Machine
from tests.fdt import Fit, Tree
from tests.runner.context import expect

BUILD = "xen"


def _looks_like_xen(machine):
    """The signed image: Xen as the kernel, the bundle loaded where the plan has it, nothing of Ashlar's own in Xen's tree."""
    fit = Fit(machine.outer.read_bytes())
    config = fit.nodes["/configurations/conf-1"]
    expect(config.strings("loadables") == ["bundle"] and "ramdisk" not in config.props, f"{sorted(config.props)}")
    signed = fit.nodes["/configurations/conf-1/signature-1"].strings("sign-images")
    expect(set(signed) == {"kernel", "fdt", "loadables"}, f"signed are {signed}")
    tree = Tree(machine.tree.read_bytes())
    own = [f"{path} {name}" for path, node in tree.nodes.items() for name in node.props
           if path.startswith("/chosen") and name.startswith("ashlar,")]
    expect(not own, f"{own}")
    place = Tree(machine.plan.read_bytes()).nodes["/reserved-memory/bundle"].props["reg"][1][:8]
    expect(fit.nodes["/images/bundle"].props["load"][1] == place, "the bundle is loaded elsewhere")


def demo(ctx):
    """Both Linux domains come to their shells, the bare-metal one ticks, the keyboard reaches the first."""
    machine = Machine(ctx, BUILD)
    machine.kernel = machine.folder / "images/xen.bin"
    machine.tree = machine.folder / "xen.dtb"
    machine.is_xen = True
    _looks_like_xen(machine)
    is_direct = ctx.args.get("direct", False)
    with machine.start(direct=is_direct, timeout=540) as console:
        if not is_direct:
            console.wait(r"rsa\d+:\S+ OK", 120)
        console.wait(r"^\(XEN\) Xen version 4\.20", 120)
        for line in (r"DOM3: tick 1000 Hz", r"DOM2: shell ready: kernel 6\.12\.\S+, cpus 1", r"shell ready: kernel 6\.12\.\S+, cpus 2"):
            console.wait(rf"^\(XEN\) {line}", 400)
        mark = console.mark()
        console.emulator.send("echo is-$((6*7))\r")
        console.wait(r"is-42", 60, mark)
        console.never(r"Panic on CPU|Hypervisor Trap")
