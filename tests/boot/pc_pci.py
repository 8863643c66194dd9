# SPDX-License-Identifier: Apache-2.0
"""A PC's functions in the hands of domains, behind an IOMMU or refused."""
import struct

from tests.boot.machine import Machine

BOARD = "qemu_x86_64"
SECONDS = 240
IOMMUS = {"intel-iommu": "VT-d", "amd-iommu": "AMD-Vi"}     # QEMU's names of devices, the hypervisor's


def machine_with_disk(ctx):
    """A machine whose disk is the build's, seen through an IOMMU if there is one."""
    machine = Machine(ctx, ctx.args["build"], BOARD)
    machine.data = machine.folder / "images/disk.img"
    machine.board.config["emulator"]["disk-device"] += ",iommu_platform=on"
    return machine


def _works(console, pattern):
    """Its driver reads what it has written, and is told so by a message."""
    console.wait_shell("linux-a", SECONDS)
    console.ask("linux-a", "echo driver=$(basename $(readlink /sys/bus/pci/devices/0000:00:04.0/driver))", "driver=virtio-pci")
    console.ask("linux-a", "echo parts=$(ls -d /sys/block/vda/vda* | wc -l)", "parts=3")
    console.ask("linux-a", f"yes {pattern} | dd of=/dev/vda2 bs=64k count=8 conv=fsync iflag=fullblock; "
                f"echo same=$(dd if=/dev/vda2 bs=64k count=8 iflag=direct | grep -c {pattern})",
                f"same={512 * 1024 // (len(pattern) + 1)}")
    console.ask("linux-a", "test $(awk '/virtio0-req/ {n += $2 + $3} END {print n}' /proc/interrupts) -gt 4 && echo told-$((40+2))",
                "told-42")
    console.ask("linux-a", "echo others=$(ls /sys/bus/pci/devices | wc -l)", "others=1")


PAGE = 384 * 1024 * 1024 - 4096     # of ACPI's tables in a domain of 384 MiB: memory that a process may write (iomem=relaxed)
AVAIL, DESC, HEADER, STATUS, USED, DATA = 0x400, 0x500, 0x600, 0x700, 0x800, 0x900  # what is put into it
OTHERS = 0x40000000                 # not a place of the domain's
APIC = 0xfee00000                   # of the first CPU: what is written there is an interrupt
INIT = bytes((0, 5, 0, 0))          # one that ends what that CPU does
REGISTERS = 0xd0000000              # of the disk: common ones, and from 0x3000 on doorbells
START = (                           # offset, bits, value: reset, features 32 and 33, a queue of 4 in that page, go
    (0x14, 8, 0), (0x14, 8, 3), (0x08, 32, 1), (0x0c, 32, 3), (0x08, 32, 0), (0x0c, 32, 0), (0x14, 8, 11), (0x16, 16, 0),
    (0x18, 16, 4), (0x20, 32, PAGE + DESC), (0x24, 32, 0), (0x28, 32, PAGE + AVAIL), (0x2c, 32, 0), (0x30, 32, PAGE + USED),
    (0x34, 32, 0), (0x1c, 16, 1), (0x14, 8, 15), (0x3000, 16, 0))


def _put(console, offset, data):
    escaped = "".join(f"\\x{byte:02x}" for byte in data)
    console.ask("linux-a", f"printf '{escaped}' | dd of=/dev/mem bs=1 seek={PAGE + offset} conv=notrunc 2>/dev/null; "
                "echo put-$((40+2))", "put-42")


def _get(offset, count):
    return f"$(dd if=/dev/mem bs=1 skip={PAGE + offset} count={count} 2>/dev/null | hexdump -e '8/1 \"%02x\"')"


def _read_to(console, target, pattern, sector=0):
    """A sector of the disk to @target, by a queue of our own making; @pattern: what its last bytes and the queue then say."""
    console.ask("linux-a", f"dd if=/dev/zero of=/dev/mem bs=1 seek={PAGE + AVAIL} count=1792 conv=notrunc 2>/dev/null; "
                "echo clear-$((40+2))", "clear-42")
    _put(console, HEADER, struct.pack("<IIQ", 0, 0, sector))
    _put(console, AVAIL, struct.pack("<HHH", 0, 1, 0))
    _put(console, DESC, struct.pack("<QIHH", PAGE + HEADER, 16, 1, 1) + struct.pack("<QIHH", target, 512, 3, 2)
         + struct.pack("<QIHH", PAGE + STATUS, 1, 2, 0))
    console.ask("linux-a", f"go; echo sector={_get(DATA + 510, 2)} used={_get(USED + 2, 2)}", pattern)


def _attack(console, is_told, sector):
    """Without its driver the device is told to write to the domain's memory, which works, and to what is not, which does not."""
    console.ask("linux-a", "cd /sys/bus/pci/devices/0000:00:04.0; echo 0000:00:04.0 >driver/unbind; "
                "printf '\\006\\004' | dd of=config bs=2 seek=2 conv=notrunc 2>/dev/null; cd /; echo mine-$((40+2))", "mine-42")
    steps = " ".join(f"devmem $((base+{at})) {bits} {value};" for at, bits, value in START)
    console.ask("linux-a", f"base={REGISTERS}; go() {{ {steps} sleep 1; }}; echo ready-$((40+2))", "ready-42")
    _read_to(console, PAGE + DATA, "sector=55aa used=0100")
    mark = console.mark()
    _read_to(console, OTHERS, "sector=0000 used=0.00")
    if is_told:
        console.wait(rf"^ashlar: PCI function 00:04\.0 was kept from writing to {OTHERS:#x} ", 30, mark)
    else:                           # QEMU 7.2's intel-iommu lets messages through that name no entry
        _read_to(console, APIC, "sector=0000 used=0.00", sector)
        console.ask("linux-a", "sleep 1; echo alive-$((40+2))", "alive-42")


def own_disk(ctx):
    """A Linux drives the board's disk by itself: DMA through the IOMMU, MSI-X through its local APICs; and not beyond its memory."""
    with machine_with_disk(ctx).start(direct=True, timeout=300, extra=["-device", ctx.args["iommu"]]) as console:
        console.wait(rf"^ashlar: PC: 1 IOMMU \({IOMMUS[ctx.args['iommu']]}\)$", 60)
        _works(console, "0123456")
        console.never(r"^ashlar: .*kept from")
        escaped = "".join(f"\\x{byte:02x}" for byte in INIT)
        found = console.ask("linux-a", f"(printf '{escaped}'; head -c 508 /dev/zero) | dd of=/dev/vda2 bs=512 conv=fsync; "
                            "echo first=$(cat /sys/block/vda/vda2/start)", r"first=(\d+)")
        _attack(console, ctx.args["iommu"] == "intel-iommu", int(found[1]))  # QEMU's amd-iommu does not tell of a page
        console.type("linux-a", "poweroff -f")
        console.wait_power_off(60)
        console.never(r"^ashlar: .*(panic|crash)")


def own_disk_again(ctx):
    """The same over a reboot in the middle of reading: what its first life left going on does not disturb the second."""
    with machine_with_disk(ctx).start(direct=True, timeout=500, extra=["-device", ctx.args["iommu"]]) as console:
        _works(console, "0123456")
        mark = console.type("linux-a", "dd if=/dev/vda of=/dev/null bs=1M & reboot -f")
        console.wait(r"^ashlar: linux-a: restarted \(1 of ", 120, mark)
        console.wait(r"^linux-a: shell ready: ", SECONDS, mark)
        _works(console, "abcdefg")
        console.type("linux-a", "poweroff -f")
        console.wait_power_off(60)
        console.never(r"^ashlar: .*(panic|kept from)")


def unguarded(ctx):
    """With no IOMMU in the machine, or one that lets any interrupt through, the plan's promise is broken, and nothing starts."""
    with machine_with_disk(ctx).start(direct=True, timeout=90, extra=ctx.args.get("extra", ())) as console:
        console.wait(r"^ashlar: linux-a: PCI function 00:04\.0 is guarded by no IOMMU, and its domain does not say ", 60)
        console.wait(r"^ashlar: linux-a: cannot be built", 60)
        console.never(r"^ashlar: .*: started$")
