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


def figures(ctx):
    """Code and data as linked, and all memory that the plan sets aside for the hypervisor."""
    out = ctx.out / "demo"
    rows = subprocess.run(["aarch64-linux-gnu-size", "-B", str(out / "ashlar.elf")], capture_output=True,
                          text=True, check=True).stdout.splitlines()
    text, data, bss = map(int, rows[1].split()[:3])
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
