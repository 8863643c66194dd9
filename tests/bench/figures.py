# SPDX-License-Identifier: Apache-2.0
"""Our figures: rootfs/guests/bench alone on the machine's one CPU, and twice there, and two Linux domains there, under
an emulator that counts instructions.

The hypervisor is the one that everybody gets; nothing is built for this but the guests. With -icount each
instruction takes 16 ns, one tick of the counter, and nothing depends on the host: runs are the same to the digit.
Linux's start is counted with 1 ns an instruction, as upstream's was, for its drivers wait by the clock.
"""
import re
import tomllib
from pathlib import Path

from tests.bench.icount import Counter
from tests.boot.machine import Machine
from tests.fdt import Tree
from tests.runner.context import Failure, expect

BUILD = "bench"
PAIR = "bench-pair"
CONFIG = {"CONFIG_DOMAIN_SET_CUSTOM": "y", "CONFIG_DOMAIN_LINUX_A": "n", "CONFIG_DOMAIN_LINUX_B": "n",
          "CONFIG_DOMAIN_RTOS": "n", "CONFIG_DOMAIN_BENCH": "y"}
PAIR_CONFIG = {**CONFIG, "CONFIG_DOMAIN_BENCH": "n", "CONFIG_SHARE_CPUS": "y", "CONFIG_QEMU_ARM64_CPUS": "1",
               "CONFIG_DOMAIN_BENCH_PING": "y"}
LINUX = "bench-linux"
LINUX_CONFIG = {**PAIR_CONFIG, "CONFIG_DOMAIN_BENCH_PING": "n", "CONFIG_DOMAIN_BENCH_LINUX_A": "y",
                "CONFIG_DOMAIN_BENCH_LINUX_B": "y"}
RTC = ["-rtc", "base=2026-01-01T00:00:00,clock=vm"]
ICOUNT = ["-icount", "shift=4,sleep=off", *RTC]
NS_PER_INSTRUCTION = 16
LINUX_ICOUNT = ["-icount", "shift=0,sleep=off", *RTC]
MARK = 0x5a5a000000         # where rootfs/guests/bench-init/mark.c is linked to
SAMPLES = 1000
LINE = re.compile(r"^(?:(?:bench|probe)(?:-ping)?: )?BENCH (\S+) \S+ \S+ min=(\d+) p50=(\d+) max=(\d+) n=(\d+)$", re.M)
VERIFIED = re.compile(r"^ashlar: bundle verified: .*, (\d+) us\)$", re.M)
POOL = re.compile(r"^ashlar: \d+ domains? on .*, pool (\d+) of (\d+) KiB free", re.M)
BOOT = "boot_reset_to_guest_main_cntpct"
SECONDS = 120
LINUX_SECONDS = 600


def table(name="upstream.toml"):
    """The rows of a file of others' figures and of goals."""
    with open(Path(__file__).with_name(name), "rb") as f:
        return tomllib.load(f)["figure"]


def output(machine, argv, icount=None):
    """What a machine prints until it ends."""
    argv = argv + (icount or ICOUNT)
    print("$", *argv, flush=True)
    try:
        with machine.launcher.Emulator(argv, SECONDS) as emulator:
            emulator.wait_exit()
            text, status = emulator.text.replace("\r", ""), emulator.status
    except machine.launcher.EmulatorError as error:
        raise Failure(str(error)) from error
    print(text, flush=True)
    expect(status == 0, f"the emulator ended with {status}")
    return text


def medians(text, once=BOOT):
    """The medians of what the guest said, by name. @once: what is measured once."""
    found = {name: int(p50) for name, _, p50, _, _ in LINE.findall(text)}
    expect(found, "the guest printed no figure")
    for name, _, _, _, n in LINE.findall(text):
        expect(int(n) == (1 if name == once else SAMPLES), f"{name} has {n} samples")
    return found


def emulated(board, leave_out=""):
    """The board's emulated machine, giving its guest no random seed."""
    parts = board.config["emulator"]["machine"].split(",")
    return ",".join([p for p in parts if p.partition("=")[0] != leave_out] + ["dtb-randomness=off"])


def run(ctx, build=BUILD):
    """Boot it; what it printed."""
    machine = Machine(ctx, build)
    return output(machine, machine.command(direct=True, smp=1, machine=emulated(machine.board)))


def run_bare(ctx):
    """The same guest without a hypervisor; its medians."""
    machine = Machine(ctx, BUILD)
    argv = machine.board.direct_boot(
        str(machine.folder / "rule/bench"), append=f"icshift=4 n={SAMPLES}", smp=1,
        machine=emulated(machine.board, leave_out="virtualization"))
    return medians(output(machine, argv))


def run_linux(ctx):
    """Two Linux domains until each has begun its first program: what was printed, and the counter."""
    machine = Machine(ctx, LINUX)
    counter = Counter(ctx, machine, MARK)
    argv = [*machine.command(direct=True, smp=1, machine=emulated(machine.board)), *LINUX_ICOUNT, *counter.options]
    print("$", *argv, flush=True)
    try:
        with machine.launcher.Emulator(argv, LINUX_SECONDS) as emulator:
            for _ in range(2):
                emulator.expect(r"^bench-linux-[ab]: BENCH linux_init_cntvct \d+$")
            text = emulator.text
    except machine.launcher.EmulatorError as error:
        raise Failure(str(error)) from error
    print(text, flush=True)
    return text, counter


def us_verifying(text):
    """Microseconds that verifying the bundle took."""
    verified = VERIFIED.search(text)
    expect(verified, "the hypervisor did not say how long verifying took")
    return int(verified[1])


def measure_linux(ctx, text, counter):
    """The figures of run_linux(). Where the hypervisor's part ends is the plugin's to say: the mark of the last one."""
    marks = counter.lines("mark")
    expect(len(marks) == 2, f"{len(marks)} domains began their first program")
    total, inside = marks[-1]
    verifying = us_verifying(text) * 1000          # an instruction takes 1 ns
    found = {"linux_last_init": total - verifying, "linux_first_init": marks[0][0] - verifying,
             "linux_verification": verifying,
             "linux_in_hypervisor": round(100 * (inside - verifying) / (total - verifying), 2)}
    size = (ctx.out / LINUX / "bundle.itb").stat().st_size
    found["verification_per_byte"] = round(verifying / size, 2)
    plan = Tree((ctx.out / LINUX / "images/plan.dtb").read_bytes())
    found["memory"] = kib(plan, "ashlar,hypervisor-memory")
    found["bundle"] = kib(plan, "ashlar,bundle")
    return found


def kib(tree, compatible):
    """The size of a piece of memory that the plan names."""
    cells = tree.compatible(compatible)[0].cells("reg")
    return (cells[2] << 32 | cells[3]) // 1024


def pool_used(text):
    """KiB of the hypervisor's pool that domains, CPUs and all took."""
    free, total = map(int, POOL.search(text).groups())
    return total - free


def measure(ctx, text, pair):
    """Every figure by its name, from the outputs of both runs and from the build."""
    found = {**medians(text), **medians(pair)}
    expect(BOOT in found, f"no figure for {BOOT}")
    found["boot_verification"] = us_verifying(text) * 1000 // NS_PER_INSTRUCTION
    found["boot_without_verification"] = found.pop(BOOT) - found["boot_verification"]
    images = ctx.out / BUILD / "images"
    found["binary"] = (images / "ashlar.bin").stat().st_size
    found["memory_further"] = pool_used(pair) - pool_used(text)
    return found


def verdict(row, value):
    """What is to be said of a figure."""
    if "goal" not in row:
        return ""
    away = round(value - row["goal"], 2)
    if away > 0:
        return f"NOT REACHED: {away:,} too many" + (f" ({row['open']})" if "open" in row else "")
    return f"reached, {-away:,} to spare"


def lines(found, bare):
    """The table, as lines of text."""
    shape = "{:42} {:>12} {:>12} {:>14} {:>8}  {}".format

    def number(value):
        return "-" if value is None else f"{value:,}"

    yield shape("median, instructions unless said", "Ashlar", "goal", "Xen 4.20", "bare", "")
    for row in table():
        unit = f" ({row['unit']})" if "unit" in row else ""
        expect(row["name"] in found, f"no figure for {row['name']}")
        value = found[row["name"]]
        yield shape(row["what"] + unit, number(value), number(row.get("goal")), number(row.get("xen")),
                    number(bare.get(row["name"], row.get("bare"))), verdict(row, value)).rstrip()


def goals_are_kept(found, rows):
    """Each goal of what was found, but those known to be open; an open one that is reached is open no more."""
    missed = []
    for row in rows:
        if "goal" not in row or row["name"] not in found:
            continue
        value = found[row["name"]]
        print(f"{row['what']}: {value}, {verdict(row, value)}")
        if value > row["goal"] and "open" not in row:
            missed.append(f"{row['what']}: {value}, not {row['goal']}")
        if value <= row["goal"] and "open" in row:
            missed.append(f"{row['what']}: {value} is within {row['goal']}, but called open")
    expect(not missed, "; ".join(missed))


def check(ctx):
    """Each goal is kept, but those known to be open; and two runs say the same."""
    text, pair = run(ctx), run(ctx, PAIR)
    expect(medians(text) == medians(run(ctx)), "two runs differ")
    goals_are_kept(measure(ctx, text, pair), table())


def check_linux(ctx):
    """The same of two Linux domains on one CPU."""
    goals_are_kept(measure_linux(ctx, *run_linux(ctx)), table())
