# SPDX-License-Identifier: Apache-2.0
"""Bochs in the place of QEMU: for a PC whose CPU has VMX, or SVM with all that QEMU's lacks.

It starts from a CD image. Its serial line is a connection to us on the loopback address. Debian's Bochs begins in its
debugger and has no display that shows nothing: a file tells it to go on, and the display is a terminal's, whose
characters nobody reads. (Its others are windows, or VNC for everybody.)
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time

from emulator import Emulator, EmulatorError

CONFIG = """\
config_interface: textconfig
display_library: term
memory: guest={mib}, host={mib}
romimage: file=/usr/share/bochs/BIOS-bochs-latest, options=fastboot
vgaromimage: file=/usr/share/seabios/vgabios-stdvga.bin
cpu: model={cpu}, count={smp}:1:1, ips=100000000, reset_on_triple_fault=0, ignore_bad_msrs=1
clock: sync=none
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
speaker: enabled=0
ata0-master: type=cdrom, path="{iso}", status=inserted
boot: cdrom
com1: enabled=1, mode=socket-client, dev="127.0.0.1:{port}"
log: {log}
panic: action=report
error: action=report
info: action=ignore
"""
TERMINAL = "linux"      # known on every Debian
OFF = "soft power off"  # of a machine that switches itself off Bochs says this, and fails
CONNECT = 60            # seconds


def model(board, cpu=None):
    """CPUs and memory as Bochs calls them."""
    if not board.config.has_section("bochs"):
        raise EmulatorError("this board's image.cfg has no section [bochs]: Bochs cannot stand in for it")
    cfg = board.config["bochs"]
    return {"cpu": cpu or cfg["cpu"], "smp": cfg["smp"], "mib": cfg["memory-mib"]}


class Bochs(Emulator):
    """One running Bochs. @machine: what model() says; @iso: what it starts from."""

    def __init__(self, machine, iso, timeout, on_output=None):
        super().__init__(["bochs", "-q"], timeout, on_output)
        self.machine = machine
        self.iso = os.path.abspath(iso)
        self._folder = None

    def _connect(self):
        self._folder = tempfile.mkdtemp(prefix="bochs-")
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        paths = {name: os.path.join(self._folder, name) for name in ("config", "commands", "log")}
        with open(paths["config"], "w", encoding="utf-8") as f:
            f.write(CONFIG.format(iso=self.iso, port=listener.getsockname()[1], log=paths["log"], **self.machine))
        with open(paths["commands"], "w", encoding="utf-8") as f:
            f.write("c\n")
        with listener:
            self._spawn(self.argv + ["-f", paths["config"], "-rc", paths["commands"]],
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "TERM": TERMINAL})
            return self._accept(listener)

    def _accept(self, listener):
        listener.settimeout(0.5)
        end = time.monotonic() + CONNECT
        while time.monotonic() < end and self._process.poll() is None:
            try:
                return listener.accept()[0]
            except socket.timeout:
                continue
        self._process.kill()
        self._process.wait()
        why = self._last_words()
        shutil.rmtree(self._folder, ignore_errors=True)
        raise EmulatorError(f"bochs did not start: {why}")

    def _last_words(self):
        path = os.path.join(self._folder, "log")
        if not os.path.exists(path):
            return "it says nothing"
        with open(path, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-5:]).strip()

    def _ended(self, status):
        return 0 if OFF in self._last_words() else status

    def stop(self):
        """End it, and what it was told by files."""
        super().stop()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
