# SPDX-License-Identifier: Apache-2.0
"""As much of a debugger as a test needs: change a word of the machine's memory while it runs.

Spec: GDB manual, "Remote Serial Protocol"; QEMU manual, "GDB usage" (qqemu.PhyMemMode).
"""
import socket

from tests.runner.context import Failure


def _packet(text):
    return f"${text}#{sum(text.encode()) & 0xFF:02x}".encode()


def _reply(link):
    """The next packet's content; acknowledgements are skipped."""
    data = b""
    while not (b"#" in data and len(data) >= data.index(b"#") + 3):
        chunk = link.recv(1)
        if not chunk:
            raise Failure("the emulator's debugger port closed")
        data = (data + chunk).lstrip(b"+")
    link.sendall(b"+")
    return data[1:data.index(b"#")].decode()


def _ask(link, text, expected="OK"):
    link.sendall(_packet(text))
    answer = _reply(link)
    while answer.startswith("T"):       # it has stopped: said once, unasked
        answer = _reply(link)
    if answer != expected:
        raise Failure(f"the emulator's debugger port answers {answer!r} to {text!r}")


def options(path):
    """What the emulator is started with, so that write() can reach it by the socket `path`."""
    return ["-gdb", f"unix:{path},server=on,wait=off"]


def write(path, address, data):
    """Put `data` at machine address `address`; the machine stands still meanwhile, and then goes on."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(60)
        link.connect(str(path))
        _ask(link, "Qqemu.PhyMemMode:1")
        _ask(link, f"M{address:x},{len(data):x}:{data.hex()}")
        _ask(link, "D")
