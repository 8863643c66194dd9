# SPDX-License-Identifier: Apache-2.0
"""What a disk request and a packet cost, by our back end and by Linux's own: the same front ends, the same emulator.

rootfs/guests/bench-io does fixed work between two marks, in a Linux domain that shares the machine's one CPU with its
back end, its neighbour and the store. All that is executed from one mark to the other is counted: both sides, and the
hypervisor between them. Waiting costs nothing, for a CPU that sleeps executes nothing.
"""
import re

from tests.bench import figures
from tests.bench.icount import Counter, symbols
from tests.boot.machine import Machine
from tests.runner.context import Failure, expect

BUILDS = {"io": "bench-io", "net-dom": "bench-net-dom"}
COMMON = {**figures.PAIR_CONFIG, "CONFIG_DOMAIN_BENCH_PING": "n", "CONFIG_DOMAIN_STORE": "y",
          "CONFIG_DOMAIN_BENCH_FRONT_A": "y"}
CONFIGS = {"io": {**COMMON, "CONFIG_DOMAIN_IO": "y", "CONFIG_IO_MEMORY_MIB": "32"},
           "net-dom": {**COMMON, "CONFIG_DOMAIN_NET_DOM": "y"}}
COUNT = 2048                # rootfs/guests/bench-io/main.c
# In the order in which rootfs/guests/bench-io/init has them, as the program says them when they are done.
WORK = {"read 1": "4 KiB read, one at a time", "write 1": "4 KiB written, one at a time",
        "read 32": "4 KiB read, 32 at a time", "write 32": "4 KiB written, 32 at a time",
        "send": "1,500-byte packet, domain to domain"}
WHY = "two switches and two events, some 2,800, and a copy of 4 KiB, 1,100"
# Known to be above half of Linux's, the front ends apart, and why.
OPEN = {"read 1": WHY, "read 32": WHY, "write 32": WHY}
SECONDS = 900


def run(ctx, back):
    """Both front ends until all work is done; (all instructions, the hypervisor's, Linux kernels') for a piece of each work."""
    machine = Machine(ctx, BUILDS[back])
    counter = Counter(ctx, machine, symbols(machine.folder / "rule/bench-io.elf")["bench_mark"])
    argv = [*machine.command(direct=True, smp=1, machine=figures.emulated(machine.board)), *figures.LINUX_ICOUNT,
            *counter.options]
    print("$", *argv, flush=True)
    try:
        with machine.launcher.Emulator(argv, SECONDS) as emulator:
            emulator.expect(r"^bench-front-a: BENCH (done|failed)")
            text = emulator.text
    except machine.launcher.EmulatorError as error:
        raise Failure(str(error)) from error
    print(text, flush=True)
    return _share_out(text, counter.shares("mark"))


def _share_out(text, marks):
    said = re.findall(r"^bench-front-a: BENCH (.*?)\r?$", text, re.M)
    expect(said == [*WORK, "done"], f"the guest said {said}")
    expect(len(marks) == 2 * len(WORK), f"{len(marks)} marks for {len(WORK)} kinds of work")
    return {what: tuple(round((end - begin) / COUNT) for begin, end in zip(marks[2 * i], marks[2 * i + 1]))
            for i, what in enumerate(WORK)}


def compare(ours, theirs):
    """For each work (all, the back end's and hypervisor's part, the hypervisor's) by io, and by Linux.

    Where io serves, the kernels are those of the front ends; where Linux does, the same are taken off: they do the same.
    """
    return {what: tuple((side[what][0], side[what][0] - ours[what][2], side[what][1]) for side in (ours, theirs))
            for what in WORK}


def verdict(ours, theirs):
    """What is to be said of ours, of which half of theirs is wanted."""
    away = ours - theirs // 2
    return f"NOT REACHED: {away:,} too many" if away > 0 else f"reached, {-away:,} to spare"


def lines(found):
    """The table, as lines of text."""
    shape = "{:42} {:>12} {:>12} {:>14} {:>8}  {}".format
    yield shape("instructions, both sides together", "io", "goal", "Linux's own", "", "").rstrip()
    for what, text in WORK.items():
        (whole, part, inside), (their_whole, their_part, their_inside) = found[what]
        yield shape(text, f"{whole:,}", f"{their_whole // 2:,}", f"{their_whole:,}", "",
                    f"{verdict(whole, their_whole)} (the front ends' kernels alone take {whole - part:,})")
        yield shape("  the front ends' kernels apart", f"{part:,}", f"{their_part // 2:,}", f"{their_part:,}", "",
                    verdict(part, their_part) + (f" ({OPEN[what]})" if what in OPEN else ""))
        yield shape("  of which in the hypervisor", f"{inside:,}", "", f"{their_inside:,}", "", "").rstrip()


def check(ctx):
    """Ours never costs more than Linux's; half of it, the front ends apart, but where that is known to be open."""
    ours = run(ctx, "io")
    expect(ours == run(ctx, "io"), "two runs differ")
    found = compare(ours, run(ctx, "net-dom"))
    print(*lines(found), sep="\n")
    for what, ((whole, part, _), (their_whole, their_part, _)) in found.items():
        expect(whole < their_whole and part < their_part, f"{what}: {whole} and {part}, by Linux {their_whole} and {their_part}")
        expect((part > their_part // 2) == (what in OPEN), f"{what}: {part} of {their_part}, which is not what OPEN says")
