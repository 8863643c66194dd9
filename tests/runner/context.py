# SPDX-License-Identifier: Apache-2.0
"""What a test written in Python is given, and how it says what came of it.

A test function takes a Context, returns on success, raises Failure (or any other
exception) on failure and calls skip() when the machine lacks something. All it
prints goes to its log.
"""
import os
import shlex
import shutil
import subprocess

# Set by an outer make or by the user for a build of their own: none of it may
# reach a build that a test starts.
_OUTER = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GNUMAKEFLAGS", "MAKEFILES", "MAKE_TERMOUT",
          "MAKE_TERMERR", "O", "V", "T", "SLOW", "COVERAGE", "SEED", "CHECK_O", "DIRECT", "GDB", "LOCK", "BOARD",
          "RUN_UNTIL", "RUN_TIMEOUT", "FIRMWARE", "EMU", "BOCHS_CPU", "KCONFIG_CONFIG", "SOURCE_DATE_EPOCH", "STANDING")


class Failure(Exception):
    """The thing under test is wrong; the message says how."""


class Skip(Exception):
    """The machine cannot run this test; the message says why."""


def skip(reason):
    """End the test as skipped."""
    raise Skip(reason)


def expect(condition, message):
    """Fail with the message unless the condition holds."""
    if not condition:
        raise Failure(message)


class Context:
    """Places and helpers of one running test."""

    def __init__(self, root, out, name, args):
        self.root, self.out, self.name, self.args = root, out, name, args
        self.work = out / "work" / name.replace("/", ".")
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.python = os.environ.get("PYTHON", "/usr/bin/python3")

    def env(self, **extra):
        """The environment of a build: the user's without what a make around us put there.

        Keys are made in the tests' own folder, never beside the user's.
        """
        env = {k: v for k, v in os.environ.items() if k not in _OUTER}
        env["XDG_DATA_HOME"] = str(self.out / "data")
        env.update({k: str(v) for k, v in extra.items()})
        return {k: v for k, v in env.items() if v != ""}

    def run(self, *argv, status=0, cwd=None, env=None, stdin=None):
        """Run a command, log it and its output; fail unless it ends with the status.

        status None allows any. Returns the output, both streams in one.
        """
        argv = [str(a) for a in argv]
        print("$", shlex.join(argv), flush=True)
        done = subprocess.run(argv, cwd=cwd or self.root, env=env or self.env(), input=stdin,
                              stdin=None if stdin is not None else subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              encoding="utf-8", errors="replace")
        print(done.stdout, end="", flush=True)
        if status is not None and done.returncode != status:
            raise Failure(f"{argv[0]} ended with {done.returncode}, not {status}")
        if status is None:
            self.status = done.returncode
        return done.stdout

    def make(self, *args, o=None, status=0, cwd=None, env=None, jobs=2):
        """Run the project's make in folder `o`; returns its output."""
        place = [f"O={o}"] if o else []
        if status == "error":
            text = self.run("make", "--no-print-directory", *place, *args, status=None, cwd=cwd, env=env)
            expect(self.status != 0, "make succeeded where it had to refuse")
            return text
        return self.run("make", "--no-print-directory", f"-j{jobs}", *place, *args,
                        status=status, cwd=cwd, env=env)
