# SPDX-License-Identifier: Apache-2.0
"""layers.py FILE...: prove that each file includes only headers of its own layer or of lower ones.

 L4 hypercall contract    L3 domain evtchn gnttab console sched policy verify    L2 mm    L1 core lib    L0 arch/<arch>

The contract hyp/arch/*.h and the headers of L1 are for all. So are some of higher layers, for the contract
itself is written in their structures: hyp/domain.h (struct domain, struct vcpu, and in it hyp/mmio.h and
hyp/sched.h) and hyp/plan.h. core/main.c is the boot
order and calls every layer; core/bundle.c is its step that verifies. boards/ holds data, not code.
"""

import re
import sys

INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
ROOMS = {"core": 1, "lib": 1, "mm": 2, "domain": 3, "evtchn": 3, "gnttab": 3, "console": 3, "sched": 3,
         "policy": 3, "verify": 3, "hypercall": 4, "contract": 4}
HEADERS = {"types": 1, "errno": 1, "log": 1, "crash": 1, "hwdog": 1, "lock": 1, "percpu": 1, "timer": 1, "loader": 1, "arena": 1, "fdt": 1,
           "xen": 1, "entropy": 1, "domain": 1, "sched": 1, "plan": 1, "mmio": 1, "verify": 1, "rollback": 1, "pool": 2, "guest_copy": 2}
BOOT = {"hypervisor/core/main.c", "hypervisor/core/bundle.c"}
# What arch may use besides L1: its page tables come from the pool.
ARCH_MAY = {"pool"}


def header_layer(name):
    """Layer of hyp/<name>.h; headers of modules are named after them."""
    return HEADERS.get(name, ROOMS.get(name, 3))


def own_layer(path):
    parts = path.split("/")
    if parts[0] == "arch":
        return 0
    if parts[1] == "include":
        return header_layer(parts[-1].removesuffix(".h")) if parts[3] != "arch" else 1
    return ROOMS[parts[1]]


def problem(path, included):
    """Why @path must not include @included; None when it may."""
    if included.startswith("asm/"):
        if path.startswith("hypervisor/") and path.endswith(".c"):
            return "hypervisor code reaches arch headers through hyp/*.h only"
        return None
    match = re.fullmatch(r"hyp/(\w+)\.h", included)
    if not match or path in BOOT:
        return None
    own, name = own_layer(path), match[1]
    if own == 0:
        allowed = header_layer(name) <= 1 or name in ARCH_MAY
    else:
        allowed = header_layer(name) <= own or path.endswith(f"/{name}.h")
    return None if allowed else f"a file of layer {own} includes a header of layer {header_layer(name)}"


def check(path):
    if path.startswith("boards/"):
        return [f"{path}:1: code in boards/, which holds data only"] if path.endswith((".c", ".h", ".S")) else []
    if path.startswith("hypervisor/") and path.split("/")[1] not in {*ROOMS, "include"}:
        return [f"{path}:1: a room that scripts/lint/layers.py gives no layer"]
    found = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            why = match and problem(path, match[1])
            if why:
                found.append(f"{path}:{number}: {match[1]}: {why}")
    return found


findings = [text for path in sys.argv[1:] if not path.startswith("arch/host/") for text in check(path)]
print("\n".join(findings))
sys.exit(bool(findings))
