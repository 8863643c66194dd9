# SPDX-License-Identifier: Apache-2.0
"""boards/README.md followed word for word: it adds a board, builds it and boots it."""
import re

from tests.frontend.tree import copy_sources
from tests.runner.context import expect


def added(ctx):
    """See the head of this file."""
    tree = copy_sources(ctx.root, ctx.work / "tree")
    text = (tree / "boards/README.md").read_text(encoding="utf-8")
    commands = "".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S))
    expect("make run" in commands, "the page boots nothing")
    said = ctx.run("sh", "-ec", commands, cwd=tree)
    expect(re.search(r"^rtos: tick 1000 Hz", said, re.M), "the board's domain does not tick")
    expect("Root of trust: none." in said, "the build does not say that nobody verifies the hypervisor")
    for name in ("ashlar.bin", "bundle.itb", "board.dtb", "manifest.json"):
        expect((tree / "build/acme/images" / name).exists(), f"no {name}")
    ctx.make("savedefconfig", cwd=tree)
    expect((tree / "defconfig").read_bytes() == (tree / "configs/acme_defconfig").read_bytes(),
           "the page's defconfig is not what savedefconfig writes")
