# SPDX-License-Identifier: Apache-2.0
"""The configuration front end: a value that gets lost is an error, in every make."""
import os
import pty
import select
import subprocess
import time

from tests.frontend.tree import copy_sources, edit
from tests.runner.context import Failure, expect

BOARD = "qemu_arm64_defconfig"

# What a user writes into .config, and the words that the refusal must have.
LOST = {
    "unmet-dependency": (["# CONFIG_DOMAIN_LINUX_A is not set"],
                         ["CONFIG_DOMAIN_LINUX_A", "DOMAIN_SET_CUSTOM"]),
    "choice-loser": (["CONFIG_LINUX_A_KERNEL_6_12=y", "CONFIG_LINUX_A_KERNEL_6_1=y"],
                     ["CONFIG_LINUX_A_KERNEL_6_12", "CONFIG_LINUX_A_KERNEL_6_1"]),
    "out-of-range": (["CONFIG_EVTCHN_PORTS=5"], ["CONFIG_EVTCHN_PORTS", "range", "4096"]),
    "unknown-symbol": (["CONFIG_EVTCHN_PORT=256"], ["CONFIG_EVTCHN_PORT=", "CONFIG_EVTCHN_PORTS"]),
    "wrong-type": (["CONFIG_EVTCHN_PORTS=many"], ["CONFIG_EVTCHN_PORTS", "number"]),
    "computed": (['CONFIG_BOARD="toaster"'], ["CONFIG_BOARD"]),
    "store-of-no-board": (['CONFIG_ROLLBACK_STORE="tpm"'], ['CONFIG_ROLLBACK_STORE="tpm": it is not for choosing but computed, here to none']),
    "store-of-nothing": (['CONFIG_ROLLBACK_STORE="rpmb"'], ['CONFIG_ROLLBACK_STORE="rpmb": it is not for choosing but computed, here to none']),
    "set-twice": (["CONFIG_EVTCHN_PORTS=128", "CONFIG_EVTCHN_PORTS=256"], ["CONFIG_EVTCHN_PORTS"]),
    "garbage": (["EVTCHN_PORTS 128"], ["EVTCHN_PORTS 128"]),
}


def _hand_edited(folder, lines):
    """A complete .config that somebody has edited: returns its path and the first edited line's number."""
    path = folder / ".config"
    names = {line.removeprefix("# ").split("=")[0].split(" ")[0] for line in lines}
    kept = [line for line in path.read_text(encoding="utf-8").splitlines()
            if line.removeprefix("# ").split("=")[0].split(" ")[0] not in names]
    path.write_text("\n".join(kept + lines) + "\n", encoding="utf-8")
    return path, len(kept) + 1


def lost(ctx):
    """Every goal refuses, names file and line, and writes nothing."""
    lines, words = LOST[ctx.args["case"]]
    out = ctx.work / "o"
    ctx.make(BOARD, o=out)
    ctx.make("syncconfig", o=out)
    path, number = _hand_edited(out, lines)
    text = path.read_bytes()
    derived = {p: p.read_bytes() for p in (out / "include").rglob("*") if p.is_file()}
    for goal in ("all", "olddefconfig", "savedefconfig"):
        said = ctx.make(goal, o=out, status="error")
        for word in words:
            expect(word in said, f'make {goal} does not say "{word}"')
        numbers = range(number, number + len(lines))
        expect(any(f"{path}:{n}:" in said for n in numbers), f"make {goal} names no line of {path}")
        expect(path.read_bytes() == text, f"make {goal} rewrote the refused .config")
    expect(derived == {p: p.read_bytes() for p in derived}, "values of a refused .config came through")
    expect(not (out / "images").exists(), "images were built of a refused .config")


def no_text(ctx):
    """A .config that is no text is refused by its line."""
    out = ctx.work / "o"
    ctx.make(BOARD, o=out)
    before = (out / ".config").read_bytes()
    (out / ".config").write_bytes(before + b"CONFIG_SIGN_KEY=\"\xe4.pem\"\n")
    said = ctx.make("olddefconfig", o=out, status="error")
    expect(f'{out}/.config:{before.count(10) + 1}: CONFIG_SIGN_KEY="\\xe4.pem": not UTF-8' in said, "no useful refusal")


def defconfig_lost(ctx):
    """A defconfig is read as strictly."""
    tree = copy_sources(ctx.root, ctx.work / "tree")
    path = tree / "configs/try_defconfig"
    path.write_text((tree / "configs" / BOARD).read_text(encoding="utf-8")
                    + "CONFIG_EVTCHN_PROTS=64\n", encoding="utf-8")
    said = ctx.make("try_defconfig", cwd=tree, status="error")
    expect("configs/try_defconfig:" in said and "CONFIG_EVTCHN_PORTS" in said, "no useful refusal")
    expect(not (tree / ".config").exists(), "a refused defconfig left a .config")
    said = ctx.make("qemu_arm46_defconfig", cwd=tree, status="error")
    expect(BOARD in said, "no suggestion for a wrong defconfig's name")


def goals(ctx):
    """Each configuration goal does what its name says; each configs file is minimal."""
    tree = copy_sources(ctx.root, ctx.work / "tree")
    names = sorted(p.name for p in (tree / "configs").glob("*_defconfig"))
    expect(ctx.make("list-defconfigs", cwd=tree).split() == names, "list-defconfigs lists others")
    for name in sorted(names, key=lambda name: name == BOARD):      # the default one last: it is compared with below
        ctx.make(name, cwd=tree)
        ctx.make("savedefconfig", cwd=tree)
        expect((tree / "defconfig").read_bytes() == (tree / "configs" / name).read_bytes(),
               f"configs/{name} is not what savedefconfig writes")
    full = (tree / ".config").read_bytes()
    ctx.make("olddefconfig", cwd=tree)
    expect((tree / ".config").read_bytes() == full, "olddefconfig changed a complete .config")
    expect(not ctx.make("listnewconfig", cwd=tree).strip(), "a complete .config has new symbols")
    _without(tree, "CONFIG_EVTCHN_PORTS=")
    expect(ctx.make("listnewconfig", cwd=tree).strip() == "CONFIG_EVTCHN_PORTS=1024", "listnewconfig")
    text = ctx.run("make", "oldconfig", cwd=tree, stdin="77\n")
    expect("CONFIG_EVTCHN_PORTS" in text, "oldconfig did not ask")
    expect("CONFIG_EVTCHN_PORTS=77\n" in (tree / ".config").read_text(encoding="utf-8"),
           "oldconfig lost the answer")
    ctx.make("alldefconfig", cwd=tree)
    expect((tree / ".config").read_bytes() == full, "alldefconfig is not all defaults")
    expect(not (tree / "build").exists() or not list(tree.glob("build/*/obj")), "a goal compiled")


def _without(tree, start):
    path = tree / ".config"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(start)), encoding="utf-8")


def menu(ctx):
    """menuconfig draws itself on a terminal, ends by its key, and says so without one."""
    out = ctx.work / "o"
    ctx.make(BOARD, o=out)
    before = (out / ".config").read_bytes()
    said = ctx.make("menuconfig", o=out, status="error")
    expect("terminal" in said, "no word about the missing terminal")
    master, slave = pty.openpty()
    menuconfig = subprocess.Popen(["make", f"O={out}", "menuconfig"], cwd=ctx.root, stdin=slave,
                                  stdout=slave, stderr=slave, env=ctx.env(TERM="xterm"))
    os.close(slave)
    seen, end = b"", time.monotonic() + 30
    while menuconfig.poll() is None and time.monotonic() < end:
        if select.select([master], [], [], 0.5)[0]:
            try:
                seen += os.read(master, 65536)
            except OSError:
                break
        if b"Hypervisor" in seen:
            os.write(master, b"q")
    status = menuconfig.wait(10)
    expect(b"Hypervisor" in seen, "the menu never showed its entries")
    expect(status == 0, f"menuconfig ended with {status}")
    expect((out / ".config").read_bytes() == before, "looking at the menu changed .config")


def no_config(ctx):
    """A build without a configuration says what to type; O= finds its own."""
    tree = copy_sources(ctx.root, ctx.work / "tree")
    said = ctx.make("all", cwd=tree, status="error")
    expect(BOARD in said and "list-defconfigs" in said, "no word of what to do")
    said = ctx.make("all", cwd=tree, o=ctx.work / "none", status="error")
    expect(f"make O={ctx.work}/none {BOARD}" in said, "what to do does not name the folder")
    said = ctx.make("-n", "format", cwd=tree)
    expect("warning" not in said and ".config yet" not in said, "laying files out wants a configuration")
    ctx.make(BOARD, cwd=tree, o=ctx.work / "o")
    expect((ctx.work / "o/.config").exists() and not (tree / ".config").exists(), ".config is misplaced")
    said = ctx.make(BOARD, cwd=tree, o="/proc/nowhere", status="error")
    expect("/proc/nowhere: No such file or directory; let O=" in said, "no way out of a folder that cannot be made")
    (ctx.work / "full").mkdir()
    (ctx.work / "full/letter.txt").write_text("mine", encoding="utf-8")
    said = ctx.make(BOARD, cwd=tree, o=ctx.work / "full", status="error")
    expect("letter.txt" in said, "a folder with other things in it was taken for a build folder")


# What is given to make and cannot work, and what it says of that.
GIVEN = {
    "O=/nonexistent/a:b": ["/nonexistent/a:b", "Let O= name another folder"],
    "O=/nonexistent/it's": ["it's", "Let O= name another folder"],
    "LOCK=my lock": ["LOCK", "my lock", "another place"],
    "SOURCE_DATE_EPOCH=yesterday": ["SOURCE_DATE_EPOCH", "yesterday", "seconds since 1970"],
}


def given(ctx):
    """What make is given and cannot work with is refused in one line, before anything is done."""
    for word, words in GIVEN.items():
        said = ctx.make(BOARD, word, cwd=copy_sources(ctx.root, ctx.work / "tree"), status="error")
        expect(all(w in said for w in words) and said.count("\n") == 1, f"of {word} it says: {said}")
        expect(not (ctx.work / "tree/.config").exists(), f"{word} did not stop make")


def no_compiler(ctx):
    """A compiler that is not there is named, with the settings that name it."""
    out = ctx.work / "o"
    ctx.make(BOARD, o=out)
    said = ctx.make("objects", "CROSS_COMPILE=nowhere-", o=out, status="error")
    expect('no compiler "nowhere-gcc"' in said and "CONFIG_CROSS_COMPILE" in said, "no useful refusal")
    expect("not found" not in said, "it was called all the same")


def untouched(ctx):
    """make check writes nothing but its own folder; the user's .config and build/ stay."""
    tree = copy_sources(ctx.root, ctx.work / "tree")
    (tree / ".config").write_text("# mine\n", encoding="utf-8")
    (tree / "build/qemu_arm64").mkdir(parents=True)
    (tree / "build/qemu_arm64/mine").write_text("mine", encoding="utf-8")
    before = {p for p in tree.rglob("*") if p.is_file()}
    edit(tree / "tests/matrix.toml", 'name = "runner/mistakes"', 'name = "runner/mistakes2"')
    text = ctx.make("check", "T=runner/mistakes2", cwd=tree)
    if "1 passed, 0 failed, 0 skipped" not in text:
        raise Failure("the inner make check did not run its test")
    after = {p for p in tree.rglob("*") if p.is_file()}
    stray = {str(p.relative_to(tree)) for p in after ^ before}
    expect(all(name.startswith("out/check/") for name in stray), f"stray files: {sorted(stray)}")
    expect((tree / ".config").read_text(encoding="utf-8") == "# mine\n", ".config was touched")
