# SPDX-License-Identifier: Apache-2.0
"""The README tells the truth: its commands, folders and transcript are the project's."""
import re
import shutil
import subprocess

from tests.fdt import Tree
from tests.frontend.rebuild import Build
from tests.runner.context import expect


def _blocks(text):
    return re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)


def _goals(root):
    """Every goal that make knows, and the patterns among them."""
    text = subprocess.run(["make", "-pnRr", "help"], cwd=root, capture_output=True, text=True,
                          check=False).stdout
    return set(re.findall(r"^([a-z][\w.%-]*):", text, re.M))


def commands(ctx):
    """Each `make goal` of README and CONTRIBUTING exists, and make help names the everyday ones."""
    known = _goals(ctx.root)
    text = ctx.make("help")
    for goal in ("run", "check", "check-list", "lint", "menuconfig", "fetch", "clean"):
        expect(re.search(rf"make {goal}\b", text), f"make help does not name {goal}")
    for page in ("README.md", "CONTRIBUTING.md", "tests/README.md"):
        said = (ctx.root / page).read_text(encoding="utf-8")
        inline = re.findall(r"`([^`\n]+)`", said)
        for line in [*"\n".join(_blocks(said)).splitlines(), *inline]:
            for goal in _make_goals(line):
                expect(goal in known or goal.endswith(("_defconfig", ".config")) or goal.startswith("lint-"),
                       f"{page} names `make {goal}`, which does not exist")


def _make_goals(line):
    found = re.match(r"\s*(?:\$ )?(?:[A-Z_]+=\S+ )*make((?: +[\w.=:/'*<>-]+)*)", line)
    words = re.findall(r"[\w.=:/'*<>-]+", found[1]) if found else []
    return [w for w in words if re.fullmatch(r"[a-z][a-z_.-]*", w)]


def folders(ctx):
    """Each folder or file that the README's map names is there, and each top folder is in the map."""
    text = (ctx.root / "README.md").read_text(encoding="utf-8")
    for path in set(re.findall(r"\b((?:arch|hypervisor|boards|configs|rootfs|scripts|tests)/[\w./-]*\w/?)", text)):
        expect((ctx.root / path).exists(), f"README names {path}, which is not there")
    for path in set(re.findall(r"\]\(([^)#:]+)\)", text)):
        expect((ctx.root / path).exists(), f"README links to {path}, which is not there")
    for name in ("arch", "hypervisor", "boards", "configs", "rootfs", "scripts", "tests"):
        expect(f"{name}/" in text, f"README's map leaves out {name}/")


def transcript(ctx):
    """The hypervisor's lines in the README's transcript are a real boot's, up to numbers, and none is left out untold."""
    text = (ctx.root / "README.md").read_text(encoding="utf-8")
    block = next(b for b in _blocks(text) if "make run" in b and "ashlar: " in b)
    shown = [line for line in block.splitlines() if line.startswith(("ashlar: ", "rtos: ", "…"))]
    expect(len(shown) >= 15, "the README shows no transcript")
    log = (ctx.out / "logs/boot/pv-demo.log").read_text(encoding="utf-8", errors="replace").splitlines()
    real = [_shape(line) for line in log if line.startswith(("ashlar: ", "rtos: "))]
    for line in shown:
        expect(line.startswith("…") or _shape(line) in real, f"no boot prints what the README shows: {line}")
    start = shown[:shown.index("ashlar: rtos: started") + 1]        # later the domains' lines mix
    for one, other in zip(start, start[1:]):
        if "…" not in one + other:
            at = real.index(_shape(one))
            expect(real[at + 1] == _shape(other), f"the README leaves out what follows: {one}")


def _shape(line):
    return re.sub(r"\b(0x)?[0-9a-f]*\d[0-9a-f]*\b", "#", line.strip())


def example(ctx):
    """The README's domain, made by its recipe and nothing else: it builds, and a slip in it is named."""
    build = Build(ctx)
    blocks = _blocks((ctx.root / "README.md").read_text(encoding="utf-8"))
    tree = next(b for b in blocks if "xen,domain" in b)
    name = re.search(r"^\t\t([a-z-]+) \{", tree, re.M)[1]
    symbol = f"DOMAIN_{name.upper().replace('-', '_')}"
    folder = build.tree / "rootfs/domains" / name
    folder.mkdir()
    (folder / "domain.dtsi").write_text(tree, encoding="utf-8")
    (folder / "Kconfig").write_text(next(b for b in blocks if f"config {symbol}" in b), encoding="utf-8")
    own = build.tree / re.search(r'"file:([^"]+)"', tree)[1]
    own.parent.mkdir()
    own.write_bytes(b"a ramdisk of the user's")
    custom = {"CONFIG_DOMAIN_SET_CUSTOM": "y", f"CONFIG_{symbol}": "y", "CONFIG_DOMAIN_LINUX_A": "n"}
    try:
        with build.configured(**custom):
            build.make()
            plan = Tree((build.out / "images/plan.dtb").read_bytes())
            expect(f"/chosen/{name}" in plan.nodes, f"no {name} in the plan")
            expect("/chosen/linux-a" not in plan.nodes, "linux-a is still in the plan")
            (folder / "domain.dtsi").write_text(tree.replace("\tcpus =", "\tcpu ="), encoding="utf-8")
            said = build.ctx.make(o=build.out, cwd=build.tree, env=build.env, status="error")
            line = tree[:tree.index("cpus =")].count("\n") + 1
            expect(f"rootfs/domains/{name}/domain.dtsi:{line}:" in said, "the wrong line is not named")
            (folder / "domain.dtsi").write_text(tree, encoding="utf-8")
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(own.parent)
