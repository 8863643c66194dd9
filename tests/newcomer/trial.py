# SPDX-License-Identifier: Apache-2.0
"""The newcomer's way: a bare Debian 12 with make and git, a clone, one command.

Everything happens in a folder made by debootstrap, entered by chroot in name spaces of its own, so
that nothing is left running or mounted. The machine around it gives its kernel, its mirror and
its network.
"""
import json
import os
import shutil
import sys

from tests.runner.context import expect, skip

HOME = "home/newcomer"
EVERYONE = "^linux-a: shell ready && ^linux-b: shell ready && ^rtos: tick"

# $1: the machine's root folder, $2: whom to be, then a command. /proc is there on any machine: the
# sanitizers of the unit tests read it; terminals of its own are for the interactive tests.
ENTER = """
mount -t proc proc "$1/proc" && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts" &&
mount --bind "$1/dev/pts/ptmx" "$1/dev/ptmx" || exit 1
cd / && root=$1 user=$2 && shift 2 && exec chroot --userspec="$user" "$root" "$@"
"""


def mirror_of(ctx):
    """The mirror that this machine's apt uses, or ASHLAR_MIRROR's."""
    sys.path.insert(0, str(ctx.root / "scripts/fetch"))
    from host import Mirrors                            # pylint: disable=import-outside-toplevel
    return Mirrors().main


def bare(ctx, name, suite, mirror, include="make,git"):
    """A bare system with a few packages, made once."""
    if os.geteuid() != 0:
        skip("only root may make a machine in a folder")
    place = ctx.out / "newcomer"
    if (place / name).is_dir():
        return
    place.mkdir(exist_ok=True)
    new = place / f"{name}.new"
    shutil.rmtree(new, ignore_errors=True)
    ctx.run("debootstrap", "--variant=minbase", *([f"--include={include}"] if include else []), suite, new, mirror)
    new.rename(place / name)


def base(ctx):
    """A bare Debian 12."""
    bare(ctx, "base", "bookworm", mirror_of(ctx))


class Machine:
    """A copy of the bare system, with a clone of the project in the newcomer's home."""

    def __init__(self, ctx, kind="base"):
        if os.geteuid() != 0:
            skip("only root may enter a machine in a folder")
        self.ctx = ctx
        self.top = ctx.work / "machine"
        ctx.run("cp", "-a", ctx.out / "newcomer" / kind, self.top)
        self.as_root("useradd", "-m", "-s", "/bin/sh", "newcomer")
        ctx.run("git", "clone", "-q", ctx.root, self.top / HOME / "ashlar")
        self.as_root("chown", "-R", "newcomer:newcomer", f"/{HOME}")

    def enter(self, user, home, *command, status=0, **more):
        """Run a command in the machine, with more variables if wanted; returns its output."""
        env = {"HOME": home, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "USER": user, "LOGNAME": user, "RUN_UNTIL": EVERYONE, "RUN_TIMEOUT": "400", **more}
        return self.ctx.run("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER,
                            "sh", self.top, f"{user}:{user}", *command, status=status, env=env)

    def as_root(self, *command, status=0):
        """Run a command as root."""
        return self.enter("root", "/root", *command, status=status)

    def make(self, user, *goals, status=0):
        """Run make in the clone."""
        home = "/root" if user == "root" else f"/{HOME}"
        return self.enter(user, home, "make", "-C", f"/{HOME}/ashlar", *goals, status=status)

    def install_sudo(self, rule):
        """Give the newcomer sudo with a rule of sudoers."""
        self.as_root("apt-get", "-q", "update")
        self.as_root("apt-get", "-q", "install", "-y", "--no-install-recommends", "sudo")
        path = self.top / "etc/sudoers.d/newcomer"
        path.write_text(f"newcomer ALL=(ALL) {rule}\n", encoding="ascii")
        path.chmod(0o440)

    def check_clean(self):
        """The clone has nothing new that git would show."""
        text = self.enter("newcomer", f"/{HOME}", "git", "-C", f"/{HOME}/ashlar", "status", "--porcelain")
        expect(not text.strip(), f"left in the clone: {text}")


def run(ctx):
    """Run the case that the matrix names, then throw its machine away."""
    machine = Machine(ctx)
    try:
        globals()["case_" + ctx.args["case"].replace("-", "_")](machine)
    finally:
        shutil.rmtree(machine.top, ignore_errors=True)


def other_host(ctx):
    """Another distribution builds the image; Debian 12 gives the bits that this host gives, where its tools are the same."""
    name, suite = ctx.args["case"], ctx.args["suites"][ctx.args["case"]]
    mirror = os.environ.get("ASHLAR_UBUNTU_MIRROR") if name.startswith("ubuntu") else mirror_of(ctx)
    if not mirror:
        skip("no mirror of Ubuntu is known: ASHLAR_UBUNTU_MIRROR names one")
    bare(ctx, name, suite, mirror)
    machine = Machine(ctx, name)
    try:
        machine.as_root("chown", "-R", "root:root", f"/{HOME}/ashlar")
        key = machine.top / "root/.local/share"
        key.mkdir(parents=True)
        shutil.copytree(ctx.out / "data/ashlar", key / "ashlar")
        machine.as_root("sh", "-c", f"cd /{HOME}/ashlar && scripts/setup build")
        machine.make("root", "qemu_arm64_defconfig")
        machine.make("root", "-j2")
        _compare(ctx, machine.top / HOME / "ashlar/build/qemu_arm64/images")
    finally:
        shutil.rmtree(machine.top, ignore_errors=True)


def _compare(ctx, there):
    """The same tools, as the manifests have them, give the same bytes."""
    here = ctx.out / "pv-demo/images"
    tools, ours = (json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["toolchain"] for folder in (there, here))
    differing = sorted(name for name in tools if tools[name] != ours[name])
    print(f"other tools: {differing}")
    sums, own = ((folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines() for folder in (there, here))
    changed = sorted(set(sums) ^ set(own))
    expect(differing or not changed, f"the same tools, other bytes: {changed}")
    expect(len(sums) == len(own), "other files")


def case_root_runs(machine):
    """Root in a container: make run is the only command."""
    machine.as_root("chown", "-R", "root:root", f"/{HOME}/ashlar")
    machine.make("root", "run")


def case_root_checks(machine):
    """Root in a container: make check is the only command."""
    machine.as_root("chown", "-R", "root:root", f"/{HOME}/ashlar")
    machine.make("root", "check")


def case_user_with_sudo(machine):
    """A user whose sudo asks nothing: make run is the only command."""
    machine.install_sudo("NOPASSWD: ALL")
    machine.make("newcomer", "run")
    machine.check_clean()


def case_user_checks(machine):
    """The same user: make check is the only command."""
    machine.install_sudo("NOPASSWD: ALL")
    machine.make("newcomer", "check")
    machine.check_clean()


def case_user_must_ask(machine):
    """A user without sudo, then with one that asks: the line for the administrator, then make run."""
    text = machine.make("newcomer", "run", status=2)
    machine.install_sudo("ALL")
    expect(_line_to_type(machine.make("newcomer", "run", status=2)) == _line_to_type(text),
           "another line with a sudo that asks")
    machine.as_root("sh", "-c", _line_to_type(text))
    machine.make("newcomer", "run")
    machine.check_clean()


def _line_to_type(text):
    """The one line that setup asks an administrator to type."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("  apt-get ")]
    expect(len(lines) == 1, f"{len(lines)} lines to type instead of one")
    return lines[0]
