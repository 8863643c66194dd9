# SPDX-License-Identifier: Apache-2.0
"""The RockPro64's card, which no emulator starts: what the boot ROM, the SPL and U-Boot will look for is there."""
import hashlib

from tests.fdt import Fit, Tree
from tests.runner.context import expect
from tests.trust.card import Card, partition_start

KIB = 1024
IDB_MAGIC = bytes.fromhex("3b8cdcfc")       # "RK33" header, scrambled by Rockchip's fixed key: the boot ROM looks for it
PART = {"u-boot", "atf-1", "atf-2", "atf-3", "atf-4", "fdt-1"}


def card(ctx):
    """See the head of this file."""
    images = ctx.out / ctx.args["build"] / "images"
    image = images / "sdcard.img"
    data = image.read_bytes()
    expect(data[32 * KIB:32 * KIB + 4] == IDB_MAGIC, f"no first stage at 32 KiB: {data[32 * KIB:32 * KIB + 4].hex()}")
    expect(partition_start(image) == 16 << 20, "the partition begins elsewhere")
    at = 8192 * KIB
    fit = Fit(data[at:at + (2 << 20)])
    names = {path.rsplit("/", 1)[1] for path in fit.nodes if path.count("/") == 2 and path.startswith("/images/")}
    expect(PART <= names, f"the SPL finds {sorted(names)}")
    config = fit.nodes["/configurations/" + fit.nodes["/configurations"].strings("default")[0]]
    expect(config.strings("firmware") == ["atf-1"] and PART - {"atf-1", "fdt-1"} <= set(config.strings("loadables")), "other roles")
    tree = fit.nodes["/images/fdt-1"]
    expect(config.strings("fdt") == ["fdt-1"] and tree.strings("type") == ["flat_dt"], "no control tree")
    start = at + (fit.size + 0x1ff) // 0x200 * 0x200 + tree.number("data-offset")
    tree_bytes = data[start:start + tree.number("data-size")]
    control = Tree(tree_bytes)
    expect(hashlib.sha256(tree_bytes).digest() == fit.nodes["/images/fdt-1/hash-1"].props["value"][1], "the SPL refuses the tree")
    expect(tree_bytes == (images.parent / "control.dtb").read_bytes(), "another control tree")
    keys = [node for path, node in control.nodes.items() if path.startswith("/signature/")]
    expect(len(keys) == 1 and keys[0].strings("required") == ["conf"], "no key that is required")
    expect("bootm 0x10000000#conf-1; reset" in control.nodes["/config"].strings("bootcmd")[0], "another boot command")
    expect(control.nodes["/"].strings("compatible")[0] == "pine64,rockpro64-v2.1", f"{control.nodes['/'].strings('compatible')}")
    outer = Card(ctx, image).read("ashlar.itb")
    expect(outer == (images / "ashlar.itb").read_bytes(), "another image on the card")
