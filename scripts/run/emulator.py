# SPDX-License-Identifier: Apache-2.0
"""The emulator that stands in for a board; used by `make run` and by every boot test.

Board     what boards/<board>/image.cfg says about the emulator, as command lines
Emulator  one running emulator: its serial line, what was printed so far, and its certain end

Rules: every Emulator has a hard time limit, ends when its `with` block ends or when its parent dies, and
touches no process but its own. The disk is opened read-only, so that any number may share an image.
"""

import configparser
import ctypes
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time

from tpm import Tpm, TpmError

PR_SET_PDEATHSIG = 1
LISTENING = "0A"          # in /proc/net/tcp
GATHER = 0.005  # seconds: a guest prints character by character, and each wake-up searches what was printed


class EmulatorError(Exception):
    """The emulator ended, or time ran out, before what was waited for; says which."""


class Board:
    """The emulator's part of one board."""

    def __init__(self, board_dir):
        self.config = configparser.ConfigParser()
        with open(os.path.join(board_dir, "image.cfg"), encoding="utf-8") as f:
            self.config.read_file(f)

    @property
    def is_hardened(self):
        """Does this board's U-Boot refuse everything unsigned?"""
        return self.config.getboolean("u-boot", "hardened")

    @property
    def root_of_trust(self):
        """Who verifies what this board starts first."""
        return self.config.get("board", "root-of-trust", fallback="none")

    @property
    def takes_control_tree(self):
        """Debian's U-Boot takes its control tree from the emulator; behind one built here lies its own."""
        return self.config.has_option("u-boot", "payload")

    @property
    def program(self):
        """The emulator's program."""
        if not self.config.has_section("emulator"):
            raise EmulatorError("there is no emulator of this board")
        return self.config["emulator"]["program"]

    @property
    def executable(self):
        """The same, or where one lies that is new enough for the board's machine."""
        cfg = self.config["emulator"]
        return newer_emulator(cfg["version"]) if self.program and "version" in cfg else self.program

    def tpm(self, folder=None):
        """The board's TPM, which keeps its state in @folder, or nowhere; None: it has none."""
        device = self.config.get("emulator", "tpm", fallback=None)
        return Tpm(device, folder) if device else None

    def machine(self, machine=None, smp=None, memory=None, cpu=None):
        """Command line of the bare machine; a test may vary machine, CPUs and memory."""
        program, cfg = self.executable, self.config["emulator"]
        threads = cfg.get("threads")
        return [
            program, "-nodefaults", "-display", "none", "-no-reboot", *_option("-accel", threads and f"tcg,thread={threads}"),
            "-machine", machine or cfg["machine"], *_option("-cpu", cpu or cfg.get("cpu")),
            "-smp", str(smp or cfg["smp"]), "-m", str(memory or cfg["memory"]), *cfg.get("options", "").split(),
            *["-serial", "null"] * cfg.getint("serial-ports-before", 0),
        ]

    def drive(self, disk, keep=False, is_direct=False):
        """The board's disk. What is written to it is gone with the emulator, unless it is to be kept. @is_direct: nothing boots from it."""
        cfg = self.config["emulator"]
        place = cfg.get("disk-drive", "if=none,id=disk0")
        device = cfg.get("disk-device")
        if is_direct:
            device = cfg.get("direct-disk-device", device)
        device = ["-device", device + ",drive=disk0"] if device else []
        return ["-drive", f"file={_comma(disk)},{place},format=raw,snapshot={'off' if keep else 'on'}", *device]

    def disk_boot(self, u_boot, control_dtb, disk, keep=False, **machine):
        """As the board boots: firmware with the key in its control tree, then the disk."""
        if self.config.getboolean("emulator", "u-boot-as-kernel", fallback=False):
            return self.machine(**machine) + ["-kernel", u_boot] + self.drive(disk, keep)
        tree = ["-dtb", control_dtb] if self.takes_control_tree else []
        return self.machine(**machine) + ["-bios", u_boot, *tree] + self.drive(disk, keep)

    def cd_boot(self, iso, disk=None, keep=False, **machine):
        """A PC's BIOS, from a CD; the disk is there for domains alone."""
        argv = self.machine(**machine) + ["-drive", f"file={_comma(iso)},if=none,id=cd0,format=raw,media=cdrom,readonly=on",
                                          "-device", "ide-cd,drive=cd0,bootindex=0"]
        return argv + (self.drive(disk, keep) if disk else [])

    def uefi_boot(self, code, variables, disk, keep=False, **machine):
        """By a UEFI firmware, from the disk. What it writes to its variables is gone with the emulator."""
        cfg = self.config["uefi"]
        flash = "if=pflash,format=raw,unit="
        machine = {"machine": cfg.get("machine"), **machine}
        return (self.machine(**machine) + cfg.get("options", "").split()
                + ["-drive", f"{flash}0,readonly=on,file={_comma(code)}",
                   "-drive", f"{flash}1,snapshot=on,file={_comma(variables)}"] + self.drive(disk, keep))

    def direct_boot(self, kernel, initrd=None, append=None, disk=None, keep=False, tree=None, plan=None, **machine):
        """Without firmware: the emulator itself loads @kernel and @initrd; the disk is there for domains alone.

        @tree: the board's, handed over where the machine makes none itself.
        @plan: the kernel is upstream Xen: @tree is handed over, and @initrd, the bundle, goes where this packed plan has it.
        """
        argv = self.machine(**machine) + ["-kernel", kernel]
        if plan or self.config.getboolean("emulator", "needs-tree", fallback=False):
            argv += ["-dtb", tree]
        if disk:
            argv += self.drive(disk, keep, is_direct=True)
        if plan:
            argv += ["-device", f"loader,file={_comma(initrd)},addr={_bundle_place(plan):#x},force-raw=on"]
        elif initrd:
            argv += ["-initrd", initrd]
        if append:
            argv += ["-append", append]
        return argv


def newer_emulator(version):
    """The program of an emulator of at least that version: the host's, or one that is fetched for it."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fetch", "qemu.py")
    done = subprocess.run([sys.executable, script, version], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise EmulatorError(f"this board's machine takes QEMU {version}, and there is none")
    return done.stdout.splitlines()[-1]


def _option(name, value):
    """An option of the emulator, or none: a system on a chip has the CPUs that it has."""
    return [name, value] if value else []


def _bundle_place(plan):
    """Where a packed plan has the bundle."""
    cells = subprocess.run(["fdtget", "-t", "x", plan, "/reserved-memory/bundle", "reg"], capture_output=True, text=True, check=True)
    high, low = cells.stdout.split()[:2]
    return int(high, 16) << 32 | int(low, 16)


def _comma(path):
    """A path inside an option of the emulator: a comma is written twice."""
    return path.replace(",", ",,")


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Emulator:
    """One emulator. @timeout: seconds it may live. @on_output: called with each chunk of raw bytes. @tpm: the board's, or None."""

    def __init__(self, argv, timeout, on_output=None, tpm=None):
        self.argv = argv
        self.tpm = tpm
        self.timeout = timeout
        self.on_output = on_output
        self.text = ""
        self.searched = 0
        self.status = None
        self._process = None
        self._serial = None
        self._deadline = None
        self.started = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def _spawn(self, argv, **options):
        try:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=_die_with_parent, **options)  # one thread only: nothing of ours can deadlock in it
        except OSError as err:
            raise EmulatorError(f"{argv[0]}: {err.strerror}") from err

    def _start_tpm(self):
        """Options and socket for the TPM that stands beside it, if there is one."""
        if not self.tpm:
            return [], []
        try:
            sock = self.tpm.start()
        except TpmError as err:
            raise EmulatorError(str(err)) from err
        return self.tpm.options(sock.fileno()), [sock]

    def _connect(self):
        options, given = self._start_tpm()
        ours, theirs = socket.socketpair()
        given.append(theirs)
        try:
            self._spawn(self.argv + ["-chardev", f"socket,id=console0,fd={theirs.fileno()}",
                                     "-serial", "chardev:console0", *options], pass_fds=[sock.fileno() for sock in given])
        except EmulatorError:
            ours.close()
            raise
        finally:
            for sock in given:
                sock.close()
        return ours

    def listening(self):
        """Ports at which the emulator waits for anybody."""
        mine = set()
        for fd in os.scandir(f"/proc/{self._process.pid}/fd"):
            try:
                mine.add(os.readlink(fd.path))
            except FileNotFoundError:
                continue
        ports = set()
        for name in ("tcp", "tcp6"):
            with open(f"/proc/{self._process.pid}/net/{name}", encoding="ascii") as f:
                rows = [line.split() for line in f.readlines()[1:]]
            ports |= {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in mine}
        return ports

    def _ended(self, status):
        """The status of a machine that has ended by itself."""
        return status

    def start(self):
        """Start it; its first serial port is ours from the first character."""
        self._serial = self._connect()
        self.started = time.monotonic()
        self._deadline = self.started + self.timeout

    def fileno(self):
        """For select(): readable when pump() has something to do."""
        return self._serial.fileno()

    @property
    def seconds(self):
        """Since it was started."""
        return time.monotonic() - self.started

    def pump(self, wait):
        """Take what the serial line has, waiting at most @wait seconds. False once the emulator is gone."""
        wait = max(0, min(wait, self._deadline - time.monotonic()))
        if not select.select([self._serial], [], [], wait)[0]:
            return True
        time.sleep(GATHER)
        try:
            chunk = self._serial.recv(65536)
        except ConnectionResetError:
            chunk = b""
        if not chunk:
            self.status = self._ended(self._process.wait())
            return False
        self.text += chunk.decode("utf-8", "replace").replace("\r", "")
        if self.on_output:
            self.on_output(chunk)
        return True

    def out_of_time(self):
        """Has the hard limit passed?"""
        return time.monotonic() >= self._deadline

    def expect(self, pattern, timeout=None):
        """Wait until @pattern matches what came after the last match; the match object. Lines end in \\n."""
        regex = re.compile(pattern, re.MULTILINE)
        end = self._deadline
        if timeout is not None:
            end = min(end, time.monotonic() + timeout)
        while True:
            match = regex.search(self.text, self.searched)
            if match:
                self.searched = match.end()
                return match
            left = end - time.monotonic()
            if left <= 0:
                raise EmulatorError(f"not seen in time: {pattern!r}")
            if not self.pump(left):
                match = regex.search(self.text, self.searched)
                if match:
                    self.searched = match.end()
                    return match
                raise EmulatorError(f"emulator ended (status {self.status}) before: {pattern!r}")

    def send(self, data):
        """Type @data (str or bytes) on the serial line."""
        self._serial.sendall(data.encode() if isinstance(data, str) else data)

    def wait_exit(self, timeout=None):
        """Wait until the machine switches itself off; the emulator's exit status."""
        end = self._deadline
        if timeout is not None:
            end = min(end, time.monotonic() + timeout)
        while self.pump(end - time.monotonic()):
            if time.monotonic() >= end:
                raise EmulatorError("the machine did not switch itself off in time")
        return self.status

    def stop(self):
        """End it, whatever it does; may be called twice."""
        if self.tpm:
            self.tpm.stop()
        if self._process and self._process.poll() is None:
            self._process.kill()  # what its disk holds is the file's, or is not to be kept
            self._process.wait()
        if self._process and self.status is None:
            self.status = self._process.returncode
        if self._serial:
            self._serial.close()
            self._serial = None
