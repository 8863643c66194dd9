# SPDX-License-Identifier: Apache-2.0
"""Fragments of configurations, a tree of the user's own, parts made again, values by chance."""
import json
import os
import re

from tests.fetch.archive import Archive
from tests.frontend.tree import times, written
from tests.runner.context import expect

BOARD = "qemu_arm64"

DOMAIN = """\
/ {
	chosen {
		mine {
			compatible = "xen,domain";
			#address-cells = <1>;
			#size-cells = <1>;
			cpus = <1>;
			memory = <0x0 0x8000>;
			kernel {
				compatible = "multiboot,kernel", "multiboot,module";
				ashlar,image = "debian:linux-6.12";
			};
		};
	};
};
"""


def fragments(ctx):
    """Later ones win; what a fragment says is held to its word; the difference from the defconfig is shown."""
    out, one, two, bad = (ctx.work / name for name in ("o", "one.config", "two.config", "bad.config"))
    one.write_text("CONFIG_EVTCHN_PORTS=128\nCONFIG_DOMAIN_SET_DEMO=y\n", encoding="utf-8")
    two.write_text("CONFIG_EVTCHN_PORTS=256\n", encoding="utf-8")
    bad.write_text("CONFIG_EVTCHN_PORTS=5\n", encoding="utf-8")
    ctx.make(f"{BOARD}_defconfig", one, two, o=out)
    text = (out / ".config").read_text(encoding="utf-8")
    expect("CONFIG_EVTCHN_PORTS=256\n" in text and "CONFIG_DOMAIN_SET_DEMO=y\n" in text, "the fragments are not in .config")
    said = ctx.make("defconfig-diff", o=out)
    shown = {line for line in said.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")}
    expect(shown == {"+CONFIG_EVTCHN_PORTS=256", "+CONFIG_DOMAIN_SET_DEMO=y"}, f"the difference is {shown}")
    said = ctx.make(bad, o=out, status="error")
    expect(f"{bad}:1:" in said and "range" in said, "a lost value of a fragment")
    expect((out / ".config").read_text(encoding="utf-8") == text, "a refused fragment came through")
    said = ctx.make(ctx.work / "none.config", o=out, status="error")
    expect("there is no file" in said, "a fragment that is not there")
    ctx.make(f"{BOARD}_defconfig", o=out)
    expect("No difference" in ctx.make("defconfig-diff", o=out), "a defconfig differs from itself")


def _external(ctx):
    """A tree with a board of its own, a defconfig, and a domain."""
    tree = ctx.work / "mine"
    board = tree / "boards/my_board"
    board.mkdir(parents=True)
    for name in ("board.dts", "image.cfg"):
        (board / name).write_bytes((ctx.root / "boards" / BOARD / name).read_bytes())
    text = (ctx.root / "boards" / BOARD / "Kconfig").read_text(encoding="utf-8")
    text = text.replace("BOARD_QEMU_ARM64", "BOARD_MINE").replace('"qemu_arm64"', '"my_board"').split("config QEMU_ARM64_CPUS")[0]
    (board / "Kconfig").write_text(text, encoding="utf-8")
    cpus = ["config QEMU_ARM64_CPUS", "\tint", "\tdefault 4", "\tdepends on BOARD_MINE", "\thelp", "\t  As the board tree wants it.", ""]
    (tree / "Kconfig").write_text("\n".join(cpus), encoding="utf-8")
    (tree / "configs").mkdir()
    (tree / "configs/mine_defconfig").write_text("CONFIG_BOARD_MINE=y\nCONFIG_DOMAIN_SET_CUSTOM=y\nCONFIG_DOMAIN_MINE=y\n",
                                                 encoding="utf-8")
    domain = tree / "domains/mine"
    domain.mkdir(parents=True)
    (domain / "Kconfig").write_text('config DOMAIN_MINE\n\tbool "mine" if DOMAIN_SET_CUSTOM\n\thelp\n\t  A domain of mine.\n',
                                    encoding="utf-8")
    (domain / "domain.dtsi").write_text(DOMAIN, encoding="utf-8")
    return tree


def external(ctx):
    """Its board, defconfig and domain are as good as ours; without it they are unknown; nothing of ours is written to."""
    tree, out = _external(ctx), ctx.work / "o"
    before = times(tree)
    give = f"ASHLAR_EXTERNAL={tree}"
    expect("mine_defconfig" in ctx.make("list-defconfigs", give).split(), "its defconfig is not listed")
    ctx.make("mine_defconfig", give, o=out)
    ctx.make("fetch", give, o=out, env=ctx.env(OFFLINE=1))
    names = ctx.run("fdtget", "-l", out / "plan.src.dtb", "/chosen").split()
    expect("mine" in names, f"its domain is not in the plan: {names}")
    said = ctx.make("fetch", o=out, status="error", env=ctx.env(OFFLINE=1))
    expect("CONFIG_BOARD_MINE" in said, "the tree was not missed")
    said = ctx.make("list-defconfigs", f"ASHLAR_EXTERNAL={ctx.work}/none", status="error")
    expect("there is no folder" in said, "a tree that is not there")
    expect(not written(before, times(tree)), "the user's tree was written to")


def rebuilds(ctx):
    """A part is made again, what does not depend on it is not, and the image is the same; an unknown part is named."""
    out = ctx.out / "second"
    before, image = times(out), (out / "images/ashlar.itb").read_bytes()
    env = {"cwd": ctx.out / "another-place/ashlar", "env": ctx.env(OFFLINE=1, LOCK=ctx.out / "lock")}
    ctx.make("hypervisor-rebuild", o=out, **env)
    again = written(before, times(out))
    expect({"images/ashlar.bin", "ashlar.elf"} <= again, f"only {sorted(again)[:10]}")
    expect("host/ashlar" not in again and "plan.src.dtb" not in again, "more than the part was made again")
    expect((out / "images/ashlar.itb").read_bytes() == image, "another image")
    expect("there are hypervisor tool" in ctx.make("kernel-rebuild", o=out, status="error", **env), "an unknown part")


def random(ctx):
    """A seed gives the same configuration again, which no goal refuses; another one gives another."""
    out = ctx.work / "o"
    found = []
    for seed in (1, 1, 2, 3, 4):
        ctx.make(f"{BOARD}_defconfig", o=out)
        ctx.make("randconfig", f"SEED={seed}", o=out)
        found.append((out / ".config").read_bytes())
        ctx.make("syncconfig", o=out)
    expect(found[0] == found[1], "the same seed gives another configuration")
    expect(len(set(found)) == 4, "another seed gives the same")


def random_builds(ctx):
    """Configurations by chance build, or `ashlar check` says what is wrong with their plan; some build."""
    out, built = ctx.work / "o", 0
    seed = int(os.environ.get("SEED") or 1)
    for number in range(seed, seed + ctx.args["count"]):
        ctx.make(f"{ctx.args['board']}_defconfig", o=out)
        ctx.make("randconfig", f"SEED={number}", o=out)
        said = ctx.make("all", o=out, status=None)
        built += ctx.status == 0
        finding = re.search(r"^\S+\.dtsi?:\d+: (?!warning).*", said, re.MULTILINE)
        expect(ctx.status == 0 or finding and " in the plan" in said, f"SEED={number} neither builds nor says why")
        print(f"SEED={number}: {finding[0] if ctx.status else 'built'}")
    expect(built > 0, "none was built")


def collects(ctx):
    """What the last fetch chose stays, what an earlier one chose goes."""
    archive = Archive(ctx)
    archive.add("stone", "1.0", b"one\n")
    archive.publish()
    archive.fetch()
    archive.add("stone", "2.0", b"two\n")
    archive.publish()
    archive.fetch("--update")
    expect(len(archive.entries()) == 2, f"{archive.entries()}")
    choice = json.loads(next((archive.cache / "current").iterdir()).read_text(encoding="utf-8"))["key"]
    (archive.cache / "downloads").mkdir(exist_ok=True)
    (archive.cache / "downloads/half").write_bytes(b"x")
    said = ctx.make("cache-gc", env=archive.env())
    expect(re.search(r"\b1 entries removed", said), said)
    expect(archive.entries() == [choice] and not (archive.cache / "downloads").exists(), "something else was removed, or not")
    archive.fetch(OFFLINE=1)
