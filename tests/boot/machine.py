# SPDX-License-Identifier: Apache-2.0
"""The board of a build that the tests share, and the ways to start it."""
import sys
from contextlib import contextmanager

from tests.boot.console import Console, echo
from tests.runner.context import Failure

BOARD = "qemu_arm64"


def launcher(root):
    """The module that `make run` uses too."""
    path = str(root / "scripts/run")
    if path not in sys.path:
        sys.path.insert(0, path)
    import emulator              # found only now that the path is set
    return emulator


def _bochs(root):
    launcher(root)
    import bochs
    return bochs


class Machine:
    """Where a build's pieces lie; each may be replaced before start()."""

    def __init__(self, ctx, build, board=BOARD):
        self.root = ctx.root
        self.launcher = launcher(ctx.root)
        self.board = self.launcher.Board(str(ctx.root / "boards" / board))
        self.folder = ctx.out / build
        images = self.folder / "images"
        self.disk = images / "sdcard.img"
        self.disc = self.folder / "ashlar.iso"
        self.data = None                # of a direct boot: its disk, for domains
        self.tpm = None                 # where the board's TPM, if it has one, keeps its state
        self.keeps = False              # what is written to the disk stays there
        self.outer = images / "ashlar.itb"
        self.kernel = images / "ashlar.bin"
        self.plan = images / "plan.dtb"
        self.tree = self.folder / "board.dtb"
        self.bundle = self.folder / "bundle.itb"
        self.is_xen = False             # upstream Xen, which takes the bundle where the plan has it
        self.control = self.folder / "control.dtb"
        self.u_boot = self.folder / "u-boot.bin"
        if (images / "firmware.bin").exists():
            self.u_boot = images / "firmware.bin"       # another stage begins, and has U-Boot in it

    def command(self, direct=False, **machine):
        """The emulator's command line."""
        if direct:
            bundle = str(self.bundle) if self.bundle else None
            data = str(self.data) if self.data else None
            return self.board.direct_boot(str(self.kernel), bundle, disk=data, keep=self.keeps, tree=str(self.tree),
                                          plan=str(self.plan) if self.is_xen else None, **machine)
        return self.board.disk_boot(str(self.u_boot), str(self.control), str(self.disk), keep=self.keeps, **machine)

    @contextmanager
    def start_cd(self, timeout=300, bochs=None, **machine):
        """A PC that GRUB starts from the build's CD: in QEMU, or in Bochs with that CPU; gone when the block ends."""
        iso = self.disc
        if bochs:
            module = _bochs(self.root)
            print("$ bochs", bochs, iso, flush=True)
            emulator = module.Bochs(module.model(self.board, bochs), str(iso), timeout, echo)
        else:
            argv = self.board.cd_boot(str(iso), **machine)
            print("$", *argv, flush=True)
            emulator = self.launcher.Emulator(argv, timeout, echo)
        with self._running(emulator) as console:
            yield console

    @contextmanager
    def start(self, direct=False, timeout=300, extra=(), **machine):
        """A running board; it is gone when the block ends, whatever happens in it."""
        argv = [*self.command(direct, **machine), *map(str, extra)]
        print("$", *argv, flush=True)
        tpm = None if direct else self.board.tpm(self.tpm and str(self.tpm))
        with self._running(self.launcher.Emulator(argv, timeout, echo, tpm)) as console:
            yield console

    @contextmanager
    def _running(self, emulator):
        try:
            with emulator as running:
                yield Console(running)
        except self.launcher.EmulatorError as error:
            raise Failure(str(error)) from error
        finally:
            print("\n-- the emulator is gone", flush=True)
