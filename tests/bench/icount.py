# SPDX-License-Identifier: Apache-2.0
"""Which instructions are the hypervisor's: the emulator's plugin tests/bench/icount.c, built, told where, and read.

One CPU, and an emulator that counts: then what it says is the same in every run.
"""
import re
import struct
import subprocess

from tests.fdt import Tree
from tests.runner.context import expect

LINE = re.compile(r"^(\w+) total=(\d+) hyp=(\d+) stretch=(\d+) kernel=(\d+)$", re.M)
# Where the hypervisor takes the interrupts that wait, with none of its guests between.
BREATHS = ("arch_cpu_serve", "trap_irq")


def symbols(elf, prefix="aarch64-linux-gnu-"):
    """Addresses by name. @prefix: of the binutils that know the file."""
    rows = subprocess.run([prefix + "nm", str(elf)], capture_output=True, text=True, check=True).stdout
    return {name: int(at, 16) for at, _, name in (row.split() for row in rows.splitlines() if len(row.split()) == 3)}


def entry(machine):
    """Where the hypervisor's first instruction lies in memory: the plan says where it is loaded. Spec: ELF-64, 2 and 5."""
    data = (machine.folder / "ashlar.elf").read_bytes()
    start, headers = struct.unpack_from("<QQ", data, 24)
    size, count = struct.unpack_from("<HH", data, 54)
    first = min(struct.unpack_from("<Q", data, at + 16)[0] for at in range(headers, headers + size * count, size)
                if struct.unpack_from("<I", data, at)[0] == 1)
    place = Tree(machine.plan.read_bytes()).compatible("ashlar,hypervisor-memory")[0].cells("reg")
    return (place[0] << 32 | place[1]) + start - first


def _interface(program):
    """The plugin interface's version: 9.0 took the first one away."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return 2 if int(re.search(r"version (\d+)", said)[1]) >= 9 else 1


class Counter:
    """The plugin for one run of a build's hypervisor. @mark: an address in a guest that is to be told of.

    @profile: count each instruction of the hypervisor's, for inside(). @to: count from the hypervisor's entry only, for until().
    """

    def __init__(self, ctx, machine, mark=None, prefix="aarch64-linux-gnu-", profile=False, to=None):
        interface = _interface(machine.board.executable)
        ctx.make("icount-plugin", f"PLUGIN_INTERFACE={interface}", o=machine.folder)
        at = symbols(machine.folder / "ashlar.elf", prefix)
        self.at = at
        self.file = ctx.work / f"{machine.folder.name}.icount"
        self.profile = self.file.with_suffix(".profile")
        words = [machine.folder / f"bench/icount-{interface}.so", f"out={self.file}",
                 f"low={at['__image_start']:#x}", f"high={at['__image_end']:#x}"]
        words += [f"breath={at[name]:#x}" for name in BREATHS if name in at]
        words += [f"profile={self.profile}"] if profile else []
        words += [f"mark={mark:#x}"] if mark else []
        words += [f"from={entry(machine):#x}", f"to={at[to]:#x}"] if to else []
        self.options = ["-plugin", ",".join(map(str, words))]

    def lines(self, kind):
        """(all instructions, the hypervisor's) at each line of that kind."""
        return [row[:2] for row in self.shares(kind)]

    def shares(self, kind):
        """The same, with those of guests' kernels."""
        return [(int(total), int(hyp), int(kernel)) for what, total, hyp, _, kernel in LINE.findall(self.file.read_text())
                if what == kind]

    def until(self):
        """How many instructions of all CPUs lie between the hypervisor's entry and its function @to."""
        begin, end = self.lines("from"), self.lines("to")
        expect(begin and len(end) == 1, f"entered {len(begin)} times, and {len(end)} times at the end")
        return end[0][0] - begin[-1][0]

    def stretch(self):
        """The longest run of the hypervisor's instructions so far in which it took no interrupt."""
        found = [int(row[3]) for row in LINE.findall(self.file.read_text())]
        expect(found, "the plugin counted nothing")
        return max(found)

    def inside(self, name):
        """How many instructions of that function ran, once the emulator has ended."""
        low = self.at[name]
        high = min((a for a in self.at.values() if a > low), default=low)
        rows = (line.split() for line in self.profile.read_text().splitlines())
        return sum(int(n) for at, n in rows if low <= int(at, 16) < high)
