# SPDX-License-Identifier: Apache-2.0
"""The newcomer's way: a bare Debian 12 with make and git, a clone, one command.

Everything happens in a folder made by debootstrap, entered by chroot in name spaces of its own, so
that nothing is left running or mounted. The machine around it gives its kernel, its mirror and
its network.
"""
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


def _mirror(ctx):
    """The mirror that this machine's apt uses, or ASHLAR_MIRROR's."""
    sys.path.insert(0, str(ctx.root / "scripts/fetch"))
    from host import Mirrors                            # pylint: disable=import-outside-toplevel
    return Mirrors().main


def base(ctx):
    """A bare Debian 12 with make and git, made once."""
    if os.geteuid() != 0:
        skip("only root may make a machine in a folder")
    place = ctx.out / "newcomer"
    if (place / "base").is_dir():
        return
    place.mkdir(exist_ok=True)
    ctx.run("debootstrap", "--variant=minbase", "--include=make,git", "bookworm", place / "new",
            _mirror(ctx))
    (place / "new").rename(place / "base")


class Machine:
    """A copy of the bare system, with a clone of the project in the newcomer's home."""

    def __init__(self, ctx):
        if os.geteuid() != 0:
            skip("only root may enter a machine in a folder")
        self.ctx = ctx
        self.top = ctx.work / "machine"
        ctx.run("cp", "-a", ctx.out / "newcomer/base", self.top)
        self.as_root("useradd", "-m", "-s", "/bin/sh", "newcomer")
        ctx.run("git", "clone", "-q", ctx.root, self.top / HOME / "ashlar")
        self.as_root("chown", "-R", "newcomer:newcomer", f"/{HOME}")

    def enter(self, user, home, *command, status=0):
        """Run a command in the machine; returns its output."""
        env = {"HOME": home, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "USER": user, "LOGNAME": user, "RUN_UNTIL": EVERYONE, "RUN_TIMEOUT": "400"}
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
