# SPDX-License-Identifier: Apache-2.0
"""The lowest version that may start, in a TPM: what U-Boot does with an old image, with an old environment, and with a TPM that is not ours."""
import socket
import struct
import subprocess

from tests.boot.slots import NEWER, Board, _slot
from tests.runner.context import expect

INDEX, INDEX_BYTES = 0x01415348, 8
OWNER, PLATFORM, PASSWORD = 0x40000001, 0x4000000c, 0x40000009
SESSIONS, NO_SESSIONS = 0x8002, 0x8001
STARTUP, DEFINE, READ, READ_PUBLIC, WRITE = 0x144, 0x12a, 0x14e, 0x169, 0x137
OWNER_WRITE, OWNER_READ, NO_DA = 1 << 1, 1 << 17, 1 << 25
NOBODY = struct.pack(">IIHBH", 9, PASSWORD, 0, 0, 0)
STOPPED = "^launcher: stopped: the TPM is missing, damaged or keeps no lowest version, nothing was started"


class Direct:
    """The TPM of a folder, without an emulator: what it keeps is looked at, or put there."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.ours, theirs = socket.socketpair()
        self.ours.settimeout(20)
        with theirs:
            self.process = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}", "--flags", "not-need-init,startup-clear",
                                             "--fd", str(theirs.fileno())], pass_fds=[theirs.fileno()],
                                            stdin=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ours.close()
        self.process.terminate()
        self.process.wait(20)

    def ask(self, tag, code, body):
        """One command: (its result, what follows)."""
        self.ours.sendall(struct.pack(">HII", tag, 10 + len(body), code) + body)
        said = self.ours.recv(4096)
        return struct.unpack_from(">I", said, 6)[0], said[10:]

    def define(self, attributes, auth):
        """An index in ours' place."""
        public = struct.pack(">IHIHH", INDEX, 0x000b, attributes, 0, INDEX_BYTES)
        result, _ = self.ask(SESSIONS, DEFINE, struct.pack(">I", auth) + NOBODY + struct.pack(">HH", 0, len(public)) + public)
        expect(result == 0, f"the index was not made: {result:#x}")

    def write(self, data, auth):
        """What is to stand in it; the TPM's result."""
        return self.ask(SESSIONS, WRITE, struct.pack(">II", auth, INDEX) + NOBODY + struct.pack(">H", len(data)) + data + bytes(2))[0]

    def lowest(self):
        """The version in the index."""
        result, said = self.ask(SESSIONS, READ, struct.pack(">II", PLATFORM, INDEX) + NOBODY + struct.pack(">HH", INDEX_BYTES, 0))
        expect(result == 0, f"the index cannot be read: {result:#x}")
        version, complement = struct.unpack_from(">II", said, 6)
        expect(version == complement ^ 0xffffffff, f"{version:#x}, {complement:#x}")
        return version


def _kept(board):
    with Direct(board.machine.tpm) as tpm:
        return tpm.lowest()


def _told(version, lowest):
    return rf"^ashlar: version {version}, the lowest that may start is {lowest} \(kept by tpm, against who writes the card\)"


def _release(board):
    """From now on the U-Boot of a release: it makes no index."""
    control, folder = board.ctx.work / "control.dtb", board.machine.folder
    control.write_bytes(board.machine.control.read_bytes())
    board.ctx.run("fdtput", "-t", "u", control, "/config", "ashlar,rollback-required", "1")
    board.machine.u_boot = board.ctx.work / "u-boot.bin"
    board.machine.u_boot.write_bytes((folder / "u-boot-nodtb.bin").read_bytes() + control.read_bytes())


def _rollback(board):
    """Committed once, an older image never starts again, though the whole disk is put back as the factory made it."""
    factory = board.card.read_bytes()
    board.start("^launcher: the TPM kept no lowest version, it is 0 now", _slot("a"), told=_told(0, 0))
    _release(board)
    board.slots.install(board.newer())
    board.start("^launcher: the TPM keeps the lowest version: 0", _slot("b"), told=_told(NEWER, 0))
    expect(_kept(board) == 0, "raised while on trial")
    board.slots.confirm()
    board.put("a", b"nothing")
    board.slots.commit()
    board.start(_slot("b"), "^launcher: the TPM's lowest version is 2 now, it was 0", told=_told(NEWER, NEWER))
    expect(_kept(board) == NEWER, "not raised")
    now = board.card.read_bytes()
    board.card.write_bytes(factory)
    board.start("^launcher: the TPM keeps the lowest version: 2", _slot("a"), "^launcher: slot a: refused: version 0x00000000, the lowest that may start is 2",
                _slot("b"), "^launcher: slot b: refused: version 0x00000000", "^launcher: stopped", starts=False)
    board.card.write_bytes(now)
    board.slots.environment.write({"slot": "b", "upgrade_available": "0", "ashlar_min": "4000000000"})
    board.start(_slot("b"), "^launcher: slot b: refused: version 0x00000002, the lowest that may start is 4000000000", starts=False)
    expect(_kept(board) == NEWER, "raised above what was verified")
    board.slots.environment.write({"slot": "b", "kept": "0", "floor": "0", "required": "0x00000000"})
    board.start(_slot("b"), told=_told(NEWER, NEWER))


def _foreign(board):
    """A release starts nothing by a TPM that has no index, none at all, an index that others can write, or a damaged value."""
    _release(board)
    board.start(STOPPED, starts=False)
    board.machine.board.config.remove_option("emulator", "tpm")
    board.start(r"^\s*resetting \.\.\.", starts=False)       # nothing at all at its address: the access ends so
    board.machine.board.config.set("emulator", "tpm", "tpm-tis-device")
    with Direct(board.machine.tpm) as tpm:
        tpm.define(OWNER_WRITE | OWNER_READ | NO_DA, OWNER)
        expect(tpm.write(struct.pack(">II", 0, 0xffffffff), OWNER) == 0, "the owner cannot write its own index")
    board.start(STOPPED, starts=False)


def _damaged(board):
    """Nobody but the platform writes the index; a value that is not whole starts nothing, in no build."""
    board.start("^launcher: the TPM kept no lowest version, it is 0 now", _slot("a"))
    with Direct(board.machine.tpm) as tpm:
        expect(tpm.write(struct.pack(">II", 0, 0xffffffff), OWNER) != 0, "the owner writes the platform's index")
        expect(tpm.write(struct.pack(">II", 1, 0xffffffff), PLATFORM) == 0, "the platform cannot write")
    board.start(STOPPED, starts=False)


CASES = {"rollback": _rollback, "foreign": _foreign, "damaged": _damaged}


def started(ctx):
    """See the head of this file."""
    board = Board(ctx)
    board.machine.tpm = ctx.work / "tpm"
    CASES[ctx.args["case"]](board)
