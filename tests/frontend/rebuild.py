# SPDX-License-Identifier: Apache-2.0
"""What is made again when something changed, and that nothing is when nothing did.

Works in the copy of the sources and the build folder that the second build of
repro.py left: each test changes one thing and takes it back.
"""
import os
import re
import time
from contextlib import contextmanager
from pathlib import Path

from tests.frontend.builds import DEMO, configure
from tests.frontend.repro import PLACE
from tests.frontend.tree import digests, edit, times, written
from tests.runner.context import expect
from tests.trust.resign import other_key

# Written again to say "looked at", with the same content.
NOTES = {"config.mk"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


class Build:
    """The copy of the sources, its build folder, and make in it."""

    def __init__(self, ctx):
        self.ctx, self.tree, self.out = ctx, ctx.out / PLACE, ctx.out / "second"
        self.env = ctx.env(OFFLINE=1, LOCK=ctx.out / "lock")
        self.make()

    def make(self, *goals):
        """make; the names that were written, relative to the build folder."""
        before = times(self.out)
        time.sleep(0.02)              # a file system's clock is coarse
        self.ctx.make(*goals, o=self.out, cwd=self.tree, env=self.env)
        return written(before, times(self.out)) - NOTES

    @contextmanager
    def edited(self, path, old, new):
        """A source with one text replaced, as long as the block lasts."""
        path = self.tree / path
        saved = path.read_text(encoding="utf-8")
        edit(path, old, new)
        try:
            yield
        finally:
            path.write_text(saved, encoding="utf-8")
            self.make()

    @contextmanager
    def configured(self, **values):
        """Other settings, as long as the block lasts."""
        base = {} if "CONFIG_DOMAIN_SET_CUSTOM" in values else DEMO
        configure(self.ctx, self.out, {**base, **values}, env=self.env, cwd=self.tree)
        try:
            yield
        finally:
            configure(self.ctx, self.out, DEMO, env=self.env, cwd=self.tree)
            self.make()

    def _find(self, name, beside):
        for folder in (beside, self.tree / "hypervisor/include", self.tree / "arch/aarch64/include",
                       self.tree / "hypervisor/lib/include"):
            if (folder / name).is_file():
                return folder / name
        return None

    def reads(self, source):
        """All files that a source includes, at whatever depth, with itself."""
        found, left = set(), [source]
        while left:
            path = left.pop()
            if path not in found:
                found.add(path)
                names = INCLUDE.findall(path.read_text(encoding="utf-8"))
                left += [p for p in (self._find(n, path.parent) for n in names) if p]
        return found

    def objects(self):
        """Each object of the hypervisor that has a source in the project: {name: source}."""
        found = {}
        for path in (self.out / "obj").rglob("*.o"):
            name = path.relative_to(self.out / "obj")
            for suffix in (".c", ".S"):
                if (self.tree / name.with_suffix(suffix)).is_file():
                    found[f"obj/{name}"] = self.tree / name.with_suffix(suffix)
        return found


def _only(done, wanted, among, what):
    """Exactly these of the objects that we know sources of were written."""
    done = done & among.keys()
    expect(done == wanted, f"{what}: made again without need: {sorted(done - wanted)}; "
           f"needed and not made: {sorted(wanted - done)}")


def nothing(ctx):
    """make with nothing to do writes no file, not even with another make in between."""
    build = Build(ctx)
    done = build.make()
    expect(not done, f"a second make wrote {sorted(done)}")
    build.ctx.make("help", cwd=build.tree, env=build.env)
    build.ctx.make("syncconfig", o=build.out, cwd=build.tree, env=build.env)
    done = build.make()
    expect(not done, f"make after syncconfig wrote {sorted(done)}")


def library_configuration(ctx):
    """What configures mbedtls concerns each of its objects, though the compiler does not name it."""
    out = ctx.out / "demo"
    for header, objects in (("hypervisor/lib/config/mbedtls_target_config.h", "obj/mbedtls/"),
                            ("hypervisor/lib/config/mbedtls_sha_insn_config.h", "obj/mbedtls/sha256_insn")):
        compiled = re.compile(rf" -c -o \S*/{objects}\S*\.o ")
        expect(not compiled.search(ctx.make("-n", o=out)), f"{objects}: made again without need")
        expect(compiled.search(ctx.make("-n", "-W", header, o=out)), f"{objects}: not made again for {header}")


def refused_plan(ctx):
    """A plan that is refused ends make, which says each error once and builds nothing from it."""
    build = Build(ctx)
    before = digests(build.out / "images")
    with build.edited("rootfs/domains/rtos/domain.dtsi", "vpl011;", "vpl012;"):
        text = build.ctx.make(o=build.out, cwd=build.tree, env=build.env, status="error")
        said = re.findall(r"^rootfs/domains/rtos/domain.dtsi:\d+: .*vpl012", text, re.M)
        expect(len(said) == 1, f"the error was said {len(said)} times:\n{text}")
        expect(digests(build.out / "images") == before, "images changed under a refused plan")


def read_only_disk(ctx):
    """A disk that the plan needs is made before it, though what was read of configuration and payloads is old."""
    out, values = ctx.work / "out", {"CONFIG_DOMAIN_SET_CUSTOM": "y", "CONFIG_DOMAIN_STORE": "y", "CONFIG_DOMAIN_IO": "y",
                                     "CONFIG_DOMAIN_RTOS": "n", "CONFIG_LINUX_A_VCPUS": "1"}
    for wanted in "nyny":
        configure(ctx, out, {**values, "CONFIG_LINUX_A_SYSTEM": wanted})
        ctx.make("host-objects", o=out, jobs=1)
        os.utime(out / "payloads.mk", (1, 1))
        plan = (out / "plan.pp.dts").read_text(encoding="utf-8")
        expect(bool(re.search(r'ashlar,verity = "\d+ [0-9a-f]{64} ', plan)) == (wanted == "y"), f"the disk is not as configured: {wanted}")


def header(ctx):
    """A touched header: what includes it is compiled again, and only that."""
    build = Build(ctx)
    objects = build.objects()
    for name in ("hypervisor/include/hyp/gnttab.h", "hypervisor/include/hyp/lock.h"):
        path = build.tree / name
        if not path.exists():
            continue
        users = {n for n, source in objects.items() if path in build.reads(source)}
        expect(users and users != objects.keys(), f"{name} is no good for this test: {len(users)} users")
        os.utime(path)
        done = build.make()
        _only(done, users, objects, f"touching {name}")
        expect("ashlar.elf" in done, "the hypervisor was not linked again")
        expect(not build.make(), "the make after it wrote files")


def kconfig_value(ctx):
    """A value of Kconfig: what names it is compiled again, and only that."""
    build = Build(ctx)
    objects = build.objects()
    word = re.compile(r"\bCONFIG_EVTCHN_PORTS\b")
    users = {n for n, source in objects.items()
             if any(word.search(p.read_text(encoding="utf-8")) for p in build.reads(source))}
    expect(users and users != objects.keys(), f"{len(users)} files use the symbol: no good for this test")
    with build.configured(CONFIG_EVTCHN_PORTS=512):
        done = build.make()
        _only(done, users, objects, "CONFIG_EVTCHN_PORTS")
        expect("images/ashlar.bin" in done and "images/sdcard.img" in done, "no new images")


def domain_value(ctx):
    """A domain's memory: a new plan and image, no compiler."""
    build = Build(ctx)
    objects = build.objects()
    old = digests(build.out / "images")
    with build.configured(CONFIG_LINUX_B_MEMORY_MIB=192):
        done = build.make()
        _only(done, set(), objects, "a domain's memory")
        new = digests(build.out / "images")
        changed = {n for n in new if new[n] != old[n]}
        expect({"plan.dtb", "ashlar.itb", "sdcard.img", "SHA256SUMS"} <= changed, f"only {changed} changed")
        expect("ashlar.bin" not in changed, "the hypervisor changed")


def device_tree(ctx):
    """A domain's .dtsi and the board's .dts: a new plan and image, no compiler."""
    build = Build(ctx)
    objects = build.objects()
    with build.edited("rootfs/domains/linux-a/domain.dtsi", "bootargs = CONFIG_LINUX_A_BOOTARGS", 'bootargs = "hostname=linux-z"'):
        done = build.make()
        _only(done, set(), objects, "a domain's .dtsi")
        expect({"images/plan.dtb", "images/ashlar.itb", "images/sdcard.img"} <= done, "no new images")
        expect(b"hostname=linux-z" in (build.out / "images/plan.dtb").read_bytes(), "an old plan")
    with build.edited("boards/qemu_arm64/board.dts", "QEMU virt, GICv3", "QEMU virt, edited"):
        done = build.make()
        _only(done, set(), objects, "the board's .dts")
        expect(b"QEMU virt, edited" in (build.out / "images/plan.dtb").read_bytes(), "an old plan")
        expect("images/sdcard.img" in done, "no new card")


def _odd_places(build):
    """A key where make cannot take it from is refused by its whole path."""
    with build.configured(CONFIG_SIGN_KEY='"my key.pem"'):
        said = build.ctx.make(o=build.out, cwd=build.tree, env=build.env, status="error")
        expect('"my key.pem"' in said and "CONFIG_SIGN_KEY" in said, "a key with a space in its name: another refusal")
    said = build.ctx.make(o=build.out, cwd=build.tree, env=dict(build.env, XDG_DATA_HOME="/nonexistent/a b"),
                          status="error")
    expect("/nonexistent/a b/ashlar/dev.key" in said, "a folder of keys with a space in its name: another refusal")


def key(ctx):
    """Another signing key, and the same path with another key in it: signed again, key built in again."""
    build = Build(ctx)
    objects = build.objects()
    keys = other_key(ctx, "mine") / "mine.key"
    old = (build.out / "images/ashlar.bin").read_bytes()
    _odd_places(build)
    with build.configured(CONFIG_SIGN_KEY=f'"{keys}"'):
        done = build.make()
        _only(done, set(), objects, "another key")
        first = (build.out / "images/ashlar.bin").read_bytes()
        expect(first != old, "the old key is still built in")
        expect({"images/ashlar.itb", "images/sdcard.img"} <= done, "not signed again")
        expect(not build.make(), "the make after it wrote files")
        other_key(ctx, "mine")
        done = build.make()
        expect("images/ashlar.itb" in done, "a key changed in place was not noticed")
        expect((build.out / "images/ashlar.bin").read_bytes() != first, "the replaced key is still built in")


def own_kernel(ctx):
    """A kernel of the user's: it is in the image, and its change is noticed."""
    build = Build(ctx)
    kernel = ctx.work / "mine.Image"
    source = next(iter(_kernels(build)))
    kernel.write_bytes(source.read_bytes())
    with build.configured(CONFIG_LINUX_A_KERNEL_OWN="y", CONFIG_LINUX_A_KERNEL=f'"file:{kernel}"'):
        build.make()
        old = digests(build.out / "images")["ashlar.itb"]
        expect(not build.make(), "the make after it wrote files")
        with open(kernel, "ab") as file:
            file.write(b"more")
        done = build.make()
        expect("images/ashlar.itb" in done, "the changed kernel was not noticed")
        expect(digests(build.out / "images")["ashlar.itb"] != old, "the changed kernel is not in the image")
        kernel.unlink()
        text = build.ctx.make(o=build.out, cwd=build.tree, env=build.env, status="error")
        expect("mine.Image" in text, "a missing kernel is not named")
        kernel.write_bytes(source.read_bytes())


def _kernels(build):
    text = (build.out / "payloads.mk").read_text(encoding="utf-8")

    return [Path(p) for p in re.findall(r"^PAYLOAD_linux-\S+_FILE := (\S+)", text, re.M)]


def leftovers(ctx):
    """clean and mrproper remove what they should, and no key."""
    build = Build(ctx)
    keys = digests(ctx.out / "data")
    expect(any(keys), "no key was ever made")
    build.ctx.make("clean", o=build.out, cwd=build.tree, env=build.env)
    expect((build.out / ".config").exists(), "clean took the configuration")
    expect(not (build.out / "images").exists(), "clean left images")
    build.ctx.make("mrproper", o=build.out, cwd=build.tree, env=build.env)
    expect(not (build.out / ".config").exists(), "mrproper left the configuration")
    expect(digests(ctx.out / "data") == keys, "a key was touched")
