# SPDX-License-Identifier: Apache-2.0
"""A TPM 2.0 beside an emulator: Debian's swtpm, spoken to over a pair of sockets that nobody else sees.

What it keeps lies in a folder of its own, or in none that outlives it. It ends with the emulator's end, or with its parent's.
"""

import ctypes
import os
import signal
import socket
import subprocess
import tempfile

PR_SET_PDEATHSIG = 1


class TpmError(Exception):
    """There is none, in one sentence."""


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Tpm:
    """One TPM. @device: the emulator's name of it. @folder: where it keeps its state, made if it is not there; None: nowhere."""

    def __init__(self, device, folder=None):
        self.device, self.folder = device, folder
        self._process = self._aside = None

    def start(self):
        """Start it; the socket that the emulator is to have."""
        if self.folder:
            os.makedirs(self.folder, exist_ok=True)
        else:
            self._aside = tempfile.TemporaryDirectory(prefix="ashlar-tpm-")     # pylint: disable=consider-using-with
        ours, theirs = socket.socketpair()
        argv = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder or self._aside.name}",
                "--ctrl", f"type=unixio,clientfd={theirs.fileno()}"]
        try:
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,    # pylint: disable=consider-using-with
                                             pass_fds=[theirs.fileno()], start_new_session=True, preexec_fn=_die_with_parent)
        except OSError as err:
            ours.close()
            self.stop()
            raise TpmError(f"this board has a TPM, and there is no swtpm to stand in for it: {err.strerror} (package swtpm)") from err
        finally:
            theirs.close()
        return ours

    def options(self, fd):
        """The emulator's options."""
        return ["-chardev", f"socket,id=tpm0,fd={fd}", "-tpmdev", "emulator,id=tpm0,chardev=tpm0", "-device", f"{self.device},tpmdev=tpm0"]

    def stop(self):
        """End it; it has written what it keeps when it answered."""
        if self._process:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            self._process = None
        if self._aside:
            self._aside.cleanup()
            self._aside = None
