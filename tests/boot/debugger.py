# SPDX-License-Identifier: Apache-2.0
"""`make run GDB=1`: the machine waits, the line that is printed works as it stands, symbols are where the code is."""
import re
import select
import shlex
import subprocess
import time

from tests.runner.context import Failure, expect

STOPS = {"hyp_main": "hypervisor/core/main.c", "guest_main": "rootfs/guests/rtos/main.c"}


def _read(stream, pattern, seconds):
    """What the stream says up to the pattern, or for so long."""
    text, end = "", time.monotonic() + seconds
    while not re.search(pattern, text, re.M) and time.monotonic() < end:
        if select.select([stream], [], [], 0.2)[0]:
            chunk = stream.read1(65536).decode("utf-8", "replace")
            if not chunk:
                break
            print(chunk, end="", flush=True)
            text += chunk
    return text


def _debug(ctx, line):
    """What a debugger says that is started by the line, stops at each of STOPS, and leaves."""
    argv = [*shlex.split(line), "-batch"]
    for name in STOPS:
        argv += ["-ex", f"hbreak {name}"]
    for _ in STOPS:
        argv += ["-ex", "continue", "-ex", "backtrace 1"]
    return ctx.run(*argv, "-ex", "detach", cwd=ctx.work)


def run(ctx):
    """See the head of this file."""
    env = ctx.env(RUN_UNTIL="^rtos: tick", RUN_TIMEOUT=400)
    with subprocess.Popen(["make", "--no-print-directory", f"O={ctx.out}/demo", "run", "GDB=1"], cwd=ctx.root, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as make:
        try:
            said = _read(make.stdout, r"^  gdb-multiarch .*\n", 120)
            line = re.search(r"^  (gdb-multiarch .*)\n", said, re.M)
            expect(line, "no line to type was printed")
            expect(not _read(make.stdout, ".", 1), "the machine did not wait")
            told = _debug(ctx, line[1])
            for name, source in STOPS.items():
                expect(re.search(rf"^#0 +{name} \(.*\) at {source}:\d+$", told, re.M), f"no stop at {name} with its source")
            _read(make.stdout, r"^rtos: tick.*\n", 300)
            if make.wait(60) != 0:
                raise Failure("the machine did not go on")
        finally:
            make.terminate()
