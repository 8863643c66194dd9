# SPDX-License-Identifier: Apache-2.0
"""A PC's figures: rootfs/guests/probe alone on the machine's one CPU, and twice there, under an emulator that counts.

As figures.py, but that an instruction takes 1 ns, one tick of the TSC: upstream's were measured so.
"""
from tests.bench import figures
from tests.bench.icount import Counter
from tests.boot.machine import Machine
from tests.fdt import Tree
from tests.runner.context import expect

BOARD = "qemu_x86_64"
BUILD = "probe"
PAIR = "probe-pair"
CONFIG = {"CONFIG_DOMAIN_SET_CUSTOM": "y", "CONFIG_DOMAIN_LINUX_A": "n", "CONFIG_DOMAIN_LINUX_B": "n",
          "CONFIG_DOMAIN_TICKER": "n", "CONFIG_QEMU_X86_64_CPUS": "1", "CONFIG_DOMAIN_PROBE": "y"}
PAIR_CONFIG = {**CONFIG, "CONFIG_DOMAIN_PROBE": "n", "CONFIG_SHARE_CPUS": "y", "CONFIG_DOMAIN_PROBE_PING": "y"}
BOOT = "boot_ns_to_guest_main"
# The CPU has RDRAND: -seed makes its numbers the same in each run.
ICOUNT = ["-icount", "shift=0,sleep=off", *figures.RTC, "-seed", "1"]
WAITS = ("time_calibrate", "delay_us")


def table():
    """The rows of upstream_pc.toml."""
    return figures.table("upstream_pc.toml")


def run(ctx, build=BUILD, extra=()):
    """Boot it; what it printed."""
    machine = Machine(ctx, build, BOARD)
    return figures.output(machine, [*machine.command(direct=True, smp=1), *extra], ICOUNT)


def run_counted(ctx):
    """The same by the plugin: what it printed, and the instructions that waited for a clock."""
    counter = Counter(ctx, Machine(ctx, BUILD, BOARD), prefix="x86_64-linux-gnu-", profile=True)
    text = run(ctx, extra=counter.options)
    return text, sum(counter.inside(name) for name in WAITS)


def medians(text):
    """By name."""
    return figures.medians(text, BOOT)


def measure(ctx, text, waiting, pair):
    """Every figure by its name."""
    found = {**medians(text), **medians(pair)}
    verifying = figures.us_verifying(text) * 1000          # an instruction takes 1 ns
    found |= {"boot_waiting": waiting, "boot_verification": verifying,
              "boot_at_work": found.pop(BOOT) - waiting - verifying}
    out = ctx.out / BUILD
    found["binary"] = (out / "images/ashlar.bin").stat().st_size
    plan = Tree((out / "images/plan.dtb").read_bytes())
    found["memory"] = figures.kib(plan, "ashlar,hypervisor-memory")
    found["bundle"] = figures.kib(plan, "ashlar,bundle")
    found["memory_further"] = figures.pool_used(pair) - figures.pool_used(text)
    return found


def lines(found):
    """The table, as lines of text."""
    shape = "{:58} {:>12} {:>12} {:>12} {:>14} {:>10}  {}"

    def number(value):
        return "-" if value is None else f"{value:,}"

    yield shape.format("a PC: median, instructions unless said", "Ashlar", "goal", "Xen 4.20", "net of decode", "bare", "")
    for row in table():
        unit = f" ({row['unit']})" if "unit" in row else ""
        expect(row["name"] in found, f"no figure for {row['name']}")
        value = found[row["name"]]
        others = [number(row.get(key)) for key in ("goal", "xen", "net", "bare")]
        yield shape.format(row["what"] + unit, number(value), *others, figures.verdict(row, value)).rstrip()


def check(ctx):
    """Each goal is kept, but those known to be open; and two runs say the same."""
    text, waiting = run_counted(ctx)
    expect(medians(text) == medians(run(ctx)), "two runs differ")
    figures.goals_are_kept(measure(ctx, text, waiting, run(ctx, PAIR)), table())
