# SPDX-License-Identifier: Apache-2.0
"""A PC's functions in the hands of domains, behind an IOMMU or refused."""
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


def own_disk(ctx):
    """A Linux drives the board's disk by itself: DMA through the IOMMU, MSI-X through its local APICs."""
    with machine_with_disk(ctx).start(direct=True, timeout=300, extra=["-device", ctx.args["iommu"]]) as console:
        console.wait(rf"^ashlar: PC: 1 IOMMU \({IOMMUS[ctx.args['iommu']]}\)$", 60)
        _works(console, "0123456")
        console.type("linux-a", "poweroff -f")
        console.wait_power_off(60)
        console.never(r"^ashlar: .*(panic|kept from|crash)")


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
    """With no IOMMU in the machine the plan's promise is broken, and nothing starts."""
    with machine_with_disk(ctx).start(direct=True, timeout=90) as console:
        console.wait(r"^ashlar: linux-a: PCI function 00:04\.0 is guarded by no IOMMU, and its domain does not say ", 60)
        console.wait(r"^ashlar: linux-a: cannot be built", 60)
        console.never(r"^ashlar: .*: started$")
