# SPDX-License-Identifier: Apache-2.0
"""`make run`: the board's image in its emulator.

On a terminal: interactive, Ctrl-] ends it. On a pipe: the output streams and nothing is typed. It always stops
by itself: when the machine switches itself off or stops for good, when RUN_UNTIL matches, when RUN_TIMEOUT (seconds;
on a pipe never without limit) is over.

Exit status: 0 as wanted; 1 the machine failed or ended before RUN_UNTIL matched; 124 time over before it matched.
"""

import argparse
import os
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import termios
import tty

import bochs
from emulator import Board, Emulator, EmulatorError

QUIT_KEY = b"\x1d"  # Ctrl-]
FOREVER = 10 * 365 * 86400
PIPE_TIMEOUT = 180
# After one of these lines nothing follows any more. Of a panic that is its last one: what happened stands before it.
FAILED = re.compile(r"ashlar: (refused: |panic: (halting|powering off|resetting))|launcher: stopped")
PANIC = re.compile(r"ashlar: panic: ")


def parse_args():
    """The command line; run.mk writes it."""
    p = argparse.ArgumentParser(description="run a board's image in its emulator")
    p.add_argument("--board-dir", required=True)
    p.add_argument("--u-boot")
    p.add_argument("--control-dtb")
    p.add_argument("--uefi-code", help="start this UEFI firmware")
    p.add_argument("--uefi-vars", help="its variables' flash")
    p.add_argument("--disk")
    p.add_argument("--iso", help="start from this CD, by the BIOS of a PC")
    p.add_argument("--bochs", action="store_true", help="in Bochs")
    p.add_argument("--kernel", help="start this instead of the firmware")
    p.add_argument("--initrd")
    p.add_argument("--xen-plan", help="--kernel is upstream Xen: --initrd goes where this packed plan has the bundle")
    p.add_argument("--board-tree", help="the board's device tree, for a machine that makes none itself")
    p.add_argument("--gdb", action="store_true", help="wait for a debugger")
    p.add_argument("--symbols", action="append", default=[], metavar="ELF[@OFFSET]")
    args = p.parse_args()
    args.until = os.environ.get("RUN_UNTIL")
    limit = os.environ.get("RUN_TIMEOUT") or None
    if limit and not re.fullmatch(r"\d{1,9}(\.\d*)?", limit):
        p.error(f"RUN_TIMEOUT is a number of seconds, not {limit}")
    args.timeout = limit and float(limit)
    return args


def is_terminal():
    """Are we talking to somebody?"""
    return os.isatty(0) and os.isatty(1)


def open_streams():
    """Give what was closed to us a place that leads nowhere: else a socket of ours would be standard output."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def say(text):
    """A line of ours, apart from what the machine prints; a terminal may be raw."""
    print(f"run: {text}", file=sys.stderr, end="\r\n" if os.isatty(2) else "\n", flush=True)


def free_port():
    """The debugger's usual port, or any free one."""
    for port in (1234, 0):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return s.getsockname()[1]
    raise SystemExit("run: no free port for the debugger")


def gdb_options(symbols):
    """Options that make the emulator wait for a debugger; says what to type."""
    port = free_port()
    line = ["gdb-multiarch", "-ex", f"target remote 127.0.0.1:{port}"]
    for path, _, offset in (s.partition("@") for s in symbols):
        line += ["-ex", f"add-symbol-file {os.path.abspath(path)}" + (f" -o {offset}" if offset else "")]
    get_it = "" if shutil.which(line[0]) else f" (package {line[0]})"
    say(f"waiting for a debugger{get_it}; type in another terminal:")
    print("  " + shlex.join(line), file=sys.stderr, flush=True)
    return ["-S", "-gdb", f"tcp:127.0.0.1:{port}"]


def write_all(fd, data):
    """Everything out, also to a slow terminal."""
    while data:
        data = data[os.write(fd, data):]


class Run:
    """One run from the first line to the exit status."""

    def __init__(self, args, make):
        self.is_terminal = is_terminal()
        self.until = [re.compile(part) for part in args.until.split(" && ")] if args.until else []
        self.searched = 0
        self.has_failed = False
        self.has_panicked = False
        limit = args.timeout
        if limit is None:
            limit = FOREVER if self.is_terminal or args.gdb else PIPE_TIMEOUT
        self.emulator = make(limit, self.show)
        self.sources = [0] if self.is_terminal else []
        self.is_within_line = False

    def show(self, chunk):
        """What the machine printed; carriage returns are for terminals."""
        self.is_within_line = not chunk.endswith(b"\n")
        write_all(1, chunk if self.is_terminal else chunk.replace(b"\r", b""))

    def end_line(self):
        """What we say next begins a line of its own."""
        if self.is_within_line:
            write_all(1, b"\r\n" if self.is_terminal else b"\n")
            self.is_within_line = False

    def look(self):
        """Search the lines that are new since last time; True once all that was waited for was seen."""
        waited = bool(self.until)
        lines = self.emulator.text[self.searched:].split("\n")
        self.searched = len(self.emulator.text) - len(lines[-1])
        for line in lines:
            self.until = [regex for regex in self.until if not regex.search(line)]
            self.has_failed = self.has_failed or bool(FAILED.match(line))
            self.has_panicked = self.has_panicked or bool(PANIC.match(line))
        return waited and not self.until

    def verdict(self):
        """Exit status as soon as it is known, else None."""
        if self.look():
            return 0
        if self.has_failed:
            return 1
        if not self.emulator.out_of_time():
            return None
        self.end_line()
        if self.until:
            say(f"time over after {self.emulator.seconds:.0f} s, RUN_UNTIL was not seen")
            return 124
        say(f"stopped after {self.emulator.seconds:.0f} s (RUN_TIMEOUT)")
        return 0

    def loop(self):
        """Carry bytes both ways until there is a verdict."""
        emu = self.emulator
        while True:
            status = self.verdict()
            if status is not None:
                return status
            ready = select.select([emu] + self.sources, [], [], 0.5)[0]
            if emu in ready and not emu.pump(0):
                return self.ended()
            if self.sources and self.sources[0] in ready:
                keys = os.read(self.sources[0], 1024)
                if not keys or QUIT_KEY in keys:
                    return 0
                emu.send(keys)

    def ended(self):
        """The emulator has gone."""
        if self.look():
            return 0
        self.end_line()
        if self.until:
            say("the machine ended before RUN_UNTIL was seen")
            return 1
        return 1 if self.emulator.status or self.has_panicked else 0

    def run(self):
        """Start, carry, stop; the terminal is put back whatever happens."""
        saved = termios.tcgetattr(0) if self.is_terminal else None
        try:
            with self.emulator:
                if saved:
                    tty.setraw(0)
                return self.loop()
        finally:
            if saved:
                termios.tcsetattr(0, termios.TCSADRAIN, saved)
            self.end_line()


def kept_disk(built):
    """The disk to use, and whether it keeps what is written: a file of the user's, made of the built one at first."""
    disk = os.environ.get("RUN_DISK")
    if not disk:
        return built, False
    if not os.path.exists(disk):
        say(f"{disk} is made of {built}")
        subprocess.run(["cp", "--sparse=always", "--", built, disk], check=True)
    return disk, True


def emulator_for(args, board):
    """What makes the emulator that was asked for, from a time limit and whom to show the output."""
    if args.bochs:
        machine = bochs.model(board, os.environ.get("BOCHS_CPU"))
        return lambda limit, show: bochs.Bochs(machine, args.iso, limit, show)
    argv = command_line(args, board)
    tpm = None if args.kernel else board.tpm(os.environ.get("RUN_TPM"))
    return lambda limit, show: Emulator(argv, limit, show, tpm)


def command_line(args, board):
    """The emulator's command line for what was asked."""
    disk, keep = kept_disk(args.disk) if args.disk else (None, False)
    if args.iso:
        argv = board.cd_boot(args.iso, disk=disk, keep=keep)
    elif args.kernel:
        argv = board.direct_boot(args.kernel, args.initrd, disk=disk, keep=keep, tree=args.board_tree, plan=args.xen_plan)
    elif args.uefi_code:
        argv = board.uefi_boot(args.uefi_code, args.uefi_vars, disk, keep)
    else:
        if not board.is_hardened:
            say("this U-Boot is not hardened: it starts unsigned code when told to (see the board's README)")
        argv = board.disk_boot(args.u_boot, args.control_dtb, disk, keep)
    return argv + gdb_options(args.symbols) if args.gdb else argv


def main():
    """Entry."""
    open_streams()
    args = parse_args()
    for sig in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, lambda number, _: sys.exit(128 + number))
    board = Board(args.board_dir)
    if is_terminal():
        say("Ctrl-] ends this; Ctrl-A three times gives the keyboard to the next domain")
    if board.root_of_trust == "none":
        say("root of trust: none: nobody verifies what this board starts first, and who replaces that has defeated the chain")
    try:
        return Run(args, emulator_for(args, board)).run()
    except re.error as err:
        say(f"RUN_UNTIL is not a regular expression: {err}")
    except EmulatorError as err:
        say(str(err))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141
    except OSError as err:
        say(f"the output cannot be written: {err.strerror}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
