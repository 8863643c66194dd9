# SPDX-License-Identifier: Apache-2.0
"""`make run`'s front end on an emulator of ours: each way to end, and its exit status."""
import os
import pty
import re
import select
import signal
import subprocess
import time

from tests.runner.context import expect

BOARD = """[u-boot]
hardened = yes
[emulator]
program = {program}
machine = none
cpu = none
smp = 1
memory = 1
disk-device = none
"""

# Takes the serial line as the real one does; what it prints is the case's, then it echoes.
EMULATOR = """
import os, re, socket, sys, time
fd = int(re.search(r"fd=(\\d+)", " ".join(sys.argv))[1])
line = socket.socket(fileno=os.dup(fd))
os.close(fd)
open(os.environ["PID_FILE"], "w").write(str(os.getpid()))
for part in os.environ["SAYS"].split("|"):
    line.sendall(part.encode())
    time.sleep(0.2)
while os.environ["THEN"] == "stay":
    typed = line.recv(100)
    if not typed:
        time.sleep(60)  # like the real one: a closed line does not end it
    line.sendall(b"<" + typed + b">")
"""

# What it says, whether it stays, RUN_UNTIL, RUN_TIMEOUT; exit status, what the front end says.
CASES = {
    "until": ("one\r\n|linux-a: ready\r\n", "stay", "^linux-a: ready$", "20", 0, ""),
    "until-both": ("a ready\r\n|b ready\r\n", "stay", "^b ready && ^a ready", "20", 0, ""),
    "until-one-of-two": ("a ready\r\n", "end", "^b ready && ^a ready", "20", 1, "ended before RUN_UNTIL"),
    "until-half-line": ("login|: ", "stay", "^login: ", "20", 0, ""),
    "ended-early": ("one\r\n", "end", "two", "20", 1, "ended before RUN_UNTIL"),
    "time-over": ("one\r\n", "stay", "two", "1", 124, "RUN_UNTIL was not seen"),
    "time-only": ("one\r\n", "stay", "", "1", 0, "RUN_TIMEOUT"),
    "refused": ("ashlar: refused: the bundle\r\n", "stay", "two", "20", 1, ""),
    "launcher-stopped": ("launcher: stopped: no\r\n", "stay", "two", "20", 1, ""),
    "panic": ("ashlar: panic: CPU 0: why\r\n|ashlar:   Ashlar, build id 1\r\n|ashlar: panic: resetting in 3 s\r\n",
              "stay", "two", "20", 1, "build id"),
    "panic-only": ("ashlar: panic: CPU 0: why\r\n", "end", "", "20", 1, ""),
    "own-line": ("half a line", "stay", "two", "1", 124, "half a line\nrun: time over"),
    "bad-regex": ("one\r\n", "stay", "(", "20", 1, "not a regular expression"),
    "bad-seconds": ("one\r\n", "stay", "one", "soon", 2, "number of seconds"),
    "endless": ("one\r\n", "stay", "one", "inf", 2, "number of seconds"),
    "no-emulator": ("", "end", "", "5", 1, "No such file or directory"),
}


def _prepare(ctx, says, then, program=None):
    """A board whose emulator is the one above; command line and environment."""
    script, wrapper = ctx.work / "emulator.py", ctx.work / "emulator"
    script.write_text(EMULATOR, encoding="utf-8")
    wrapper.write_text(f'#!/bin/sh\nexec {ctx.python} {script} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    (ctx.work / "image.cfg").write_text(BOARD.format(program=program or wrapper), encoding="utf-8")
    env = ctx.env(SAYS=says, THEN=then, PID_FILE=ctx.work / "pid")
    return [ctx.python, str(ctx.root / "scripts/run/run.py"), "--board-dir", str(ctx.work), "--kernel", "none"], env


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_gone(pid):
    end = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    expect(not _alive(pid), "the emulator is still there")


def verdict(ctx):
    """On a pipe: it streams, stops by itself, and the exit status says how it went."""
    case = ctx.args["case"]
    says, then, until, seconds, status, words = CASES[case]
    argv, env = _prepare(ctx, says, then, "/nowhere/emulator" if case == "no-emulator" else None)
    env.update(RUN_UNTIL=until, RUN_TIMEOUT=seconds)
    text = ctx.run(*argv, env=env, status=status)
    expect(words in text, f'"{words}" was not said')
    expect("\r" not in text, "a carriage return reached the pipe")
    if status in (0, 124):
        expect(says.split("\r")[0].replace("|", "") in text, "the output did not come through")
    if (ctx.work / "pid").exists():
        _wait_gone(int((ctx.work / "pid").read_text()))


def streams(ctx):
    """Without an input, without an output, with one that is full: a verdict or a reason, and an end."""
    argv, env = _prepare(ctx, "up\r\n", "stay")
    env.update(RUN_TIMEOUT="1")
    for change, status, words in (("<&-", 0, "up"), (">&-", 0, "RUN_TIMEOUT"), ("<&- >&- 2>&-", 0, ""),
                                  ("> /dev/full", 1, "cannot be written: No space left")):
        text = ctx.run("sh", "-c", f'"$@" {change}', "sh", *argv, env=env, status=status)
        expect(words in text and "Traceback" not in text, f"with {change} it says: {text}")
        _wait_gone(int((ctx.work / "pid").read_text()))


def killed(ctx):
    """Killed outright, it takes its emulator with it."""
    argv, env = _prepare(ctx, "up\r\n", "stay")
    with subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as run:
        expect(run.stdout.readline() == b"up\n", "nothing came through")
        pid = int((ctx.work / "pid").read_text())
        run.send_signal(signal.SIGKILL)
        run.wait()
    _wait_gone(pid)


def _read_until(fd, pattern):
    out, end = b"", time.monotonic() + 20
    while not re.search(pattern, out):
        expect(time.monotonic() < end, f"not seen on the terminal: {pattern!r}, only {out!r}")
        if select.select([fd], [], [], 0.5)[0]:
            out += os.read(fd, 4096)
    return out


def terminal(ctx):
    """On a terminal: the keys are explained first, what is typed goes through, Ctrl-] ends it."""
    argv, env = _prepare(ctx, "up\r\n", "stay")
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(argv[0], argv, env)
    first = _read_until(fd, rb"up\r\n")
    expect(first.startswith(b"run: Ctrl-] ends"), f"the first line is {first!r}")
    os.write(fd, b"\x01\x03k")
    _read_until(fd, rb"<\x01\x03k>")
    os.write(fd, b"\x1d")
    expect(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, "Ctrl-] is not a failure")
    _wait_gone(int((ctx.work / "pid").read_text()))
