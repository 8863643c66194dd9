# SPDX-License-Identifier: Apache-2.0
"""Our figures: rootfs/guests/bench alone on the machine's one CPU, and twice there, under an emulator that counts
instructions.

The hypervisor is the one that everybody gets; nothing is built for this but the guest. With -icount each
instruction takes 16 ns, one tick of the counter, and nothing depends on the host: runs are the same to the digit.
"""
import re
import tomllib
from pathlib import Path

from tests.boot.machine import Machine
from tests.fdt import Tree
from tests.runner.context import Failure, expect

BUILD = "bench"
PAIR = "bench-pair"
CONFIG = {"CONFIG_DOMAIN_SET_CUSTOM": "y", "CONFIG_DOMAIN_LINUX_A": "n", "CONFIG_DOMAIN_LINUX_B": "n",
          "CONFIG_DOMAIN_RTOS": "n", "CONFIG_DOMAIN_BENCH": "y"}
PAIR_CONFIG = {**CONFIG, "CONFIG_DOMAIN_BENCH": "n", "CONFIG_SHARE_CPUS": "y", "CONFIG_QEMU_ARM64_CPUS": "1",
               "CONFIG_DOMAIN_BENCH_PING": "y"}
ICOUNT = ["-icount", "shift=4,sleep=off", "-rtc", "base=2026-01-01T00:00:00,clock=vm"]
NS_PER_INSTRUCTION = 16
SAMPLES = 1000
LINE = re.compile(r"^(?:bench(?:-ping)?: )?BENCH (\S+) \S+ \S+ min=(\d+) p50=(\d+) max=(\d+) n=(\d+)$", re.M)
VERIFIED = re.compile(r"^ashlar: bundle verified: .*, (\d+) us\)$", re.M)
BOOT = "boot_reset_to_guest_main_cntpct"
SECONDS = 120


def table():
    """The rows of upstream.toml."""
    with open(Path(__file__).with_name("upstream.toml"), "rb") as f:
        return tomllib.load(f)["figure"]


def _output(machine, argv):
    argv = argv + ICOUNT
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


def _medians(text):
    found = {name: int(p50) for name, _, p50, _, _ in LINE.findall(text)}
    expect(found, "the guest printed no figure")
    for name, _, _, _, n in LINE.findall(text):
        expect(int(n) == (1 if name == BOOT else SAMPLES), f"{name} has {n} samples")
    return found


def _machine(board, leave_out=""):
    """The board's emulated machine, giving its guest no random seed."""
    parts = board.config["emulator"]["machine"].split(",")
    return ",".join([p for p in parts if p.partition("=")[0] != leave_out] + ["dtb-randomness=off"])


def run(ctx, build=BUILD):
    """Boot it; what it printed."""
    machine = Machine(ctx, build)
    return _output(machine, machine.command(direct=True, smp=1, machine=_machine(machine.board)))


def run_bare(ctx):
    """The same guest without a hypervisor; its medians."""
    machine = Machine(ctx, BUILD)
    argv = machine.board.direct_boot(
        str(machine.folder / "rule/bench"), append=f"icshift=4 n={SAMPLES}", smp=1,
        machine=_machine(machine.board, leave_out="virtualization"))
    return _medians(_output(machine, argv))


def _kib(tree, compatible):
    cells = tree.compatible(compatible)[0].cells("reg")
    return (cells[2] << 32 | cells[3]) // 1024


def measure(ctx, text, pair):
    """Every figure by its name, from the outputs of both runs and from the build."""
    found = {**_medians(text), **_medians(pair)}
    expect(BOOT in found, f"no figure for {BOOT}")
    verified = VERIFIED.search(text)
    expect(verified, "the hypervisor did not say how long verifying took")
    found["boot_verification"] = int(verified[1]) * 1000 // NS_PER_INSTRUCTION
    found["boot_without_verification"] = found.pop(BOOT) - found["boot_verification"]
    images = ctx.out / BUILD / "images"
    found["binary"] = (images / "ashlar.bin").stat().st_size
    plan = Tree((images / "plan.dtb").read_bytes())
    found["memory"] = _kib(plan, "ashlar,hypervisor-memory")
    found["bundle"] = _kib(plan, "ashlar,bundle")
    lacking = [row["name"] for row in table() if "not_measured" not in row and row["name"] not in found]
    expect(not lacking, f"no figure for {', '.join(lacking)}")
    return found


def verdict(row, value):
    """What is to be said of a figure."""
    if "not_measured" in row:
        return f"not measured: {row['not_measured']}"
    if "goal" not in row:
        return ""
    away = value - row["goal"]
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
        value = None if "not_measured" in row else found[row["name"]]
        yield shape(row["what"] + unit, number(value), number(row.get("goal")), number(row.get("xen")),
                    number(bare.get(row["name"])), verdict(row, value)).rstrip()


def check(ctx):
    """Each goal is kept, but those known to be open; and two runs say the same."""
    text, pair = run(ctx), run(ctx, PAIR)
    expect(_medians(text) == _medians(run(ctx)), "two runs differ")
    found = measure(ctx, text, pair)
    print(*lines(found, {}), sep="\n")
    missed = []
    for row in table():
        if "goal" in row and "not_measured" not in row and found[row["name"]] > row["goal"]:
            print(f"{row['what']}: {verdict(row, found[row['name']])}")
            if "open" not in row:
                missed.append(f"{row['what']}: {found[row['name']]}, not {row['goal']}")
    expect(not missed, "; ".join(missed))
