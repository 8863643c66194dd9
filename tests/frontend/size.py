# SPDX-License-Identifier: Apache-2.0
"""How much of the board the hypervisor takes."""
import subprocess

from tests.fdt import Tree, domains
from tests.runner.context import expect

KIB = 1 << 10
MIB = 1 << 20
LIMIT_IMAGE = 200 * KIB
LIMIT_MEMORY = 4 * MIB
LIMIT_DOMAIN = 512 * KIB
LIMIT_BACKEND = 128 * KIB
LIMIT_BACKEND_LINES = 12000
LIMIT_BACKEND_IMAGE = 2 * MIB       # what is behind is given to its core: half of the 4 MiB that it has beside its clients'


def _sizes(elf):
    """Text, data and bss of a program as linked."""
    rows = subprocess.run(["aarch64-linux-gnu-size", "-B", str(elf)], capture_output=True, text=True,
                          check=True).stdout.splitlines()
    return map(int, rows[1].split()[:3])


def backend(ctx):
    """The program that is store and io: what it takes, and how much there is to read."""
    text, data, bss = _sizes(ctx.out / "disks/rule/backend.elf")
    sources = list((ctx.root / "rootfs/backends").rglob("*.[ch]"))
    lines = sum(1 for p in sources for line in p.read_text(encoding="utf-8").splitlines() if line.strip())
    print(f"text {text}, data {data}, bss {bss}; {lines} lines that are not empty in {len(sources)} files")
    expect(len(sources) > 40 and text > 32 * KIB, "that is not all of it")
    expect(text + data <= LIMIT_BACKEND, f"text and data are {text + data} bytes, more than {LIMIT_BACKEND}")
    expect(text + data + bss <= LIMIT_BACKEND_IMAGE, f"it takes {text + data + bss} bytes, more than {LIMIT_BACKEND_IMAGE}")
    expect(lines <= LIMIT_BACKEND_LINES, f"{lines} lines, more than {LIMIT_BACKEND_LINES}")


def figures(ctx):
    """Code and data as linked, and all memory that the plan sets aside for the hypervisor."""
    out = ctx.out / "demo"
    text, data, bss = _sizes(out / "ashlar.elf")
    plan = Tree((out / "images/plan.dtb").read_bytes())
    cells = plan.compatible("ashlar,hypervisor-memory")[0].cells("reg")
    memory, count = cells[2] << 32 | cells[3], len(domains(plan))
    print(f"text {text}, data {data}, bss {bss}, memory {memory} for {count} domains")
    expect(memory >= text + data + bss, "the plan gives the hypervisor less than it needs")
    expect(text + data <= LIMIT_IMAGE, f"text and data are {text + data} bytes, more than {LIMIT_IMAGE}")
    limit = LIMIT_MEMORY + count * LIMIT_DOMAIN
    expect(memory <= limit, f"{memory} bytes are set aside for the hypervisor, more than {limit}")
    binary = (out / "images/ashlar.bin").stat().st_size
    expect(binary <= LIMIT_IMAGE + 64 * KIB, f"images/ashlar.bin has {binary} bytes")
