# SPDX-License-Identifier: Apache-2.0
#
# `make run`: the image in the board's emulator.
#
#   RUN_UNTIL='regex'  stop with status 0 once a line matches; 'one && two' waits for both, in any order
#   RUN_TIMEOUT=s      stop after so many seconds: a failure if RUN_UNTIL was given
#   GDB=1              wait for a debugger, and print the line to type
#   DIRECT=1           no boot loader: the emulator loads hypervisor and bundle itself; so it is on a board without one
#   FIRMWARE=grub      a PC: its BIOS starts GRUB from a CD, which loads both
#   EMU=bochs          a PC with Intel's VMX, from the same CD, in Bochs; BOCHS_CPU=ryzen: another of its CPUs
#   RUN_DISK=file      the disk, which keeps what is written to it; a copy of the built one if it is not there yet.
#                      Without it the built one is used, and what is written is gone at the end

PHONY += run
export RUN_UNTIL RUN_TIMEOUT RUN_DISK BOCHS_CPU

# Domains' symbols lie where the guest sees itself: its memory starts at GUEST_RAM0_BASE of Xen's <arch-arm.h>.
run-guests = $(filter $(patsubst rule:%,$(B)/rule/%.elf,$(filter rule:%,$(plan-images))),$(targets))
run-symbols = --symbols $(B)/ashlar.elf $(patsubst %,--symbols %@0x40000000,$(run-guests))
run-firmware = --u-boot $(u-boot-bin) --control-dtb $(u-boot-control)
run-direct = --kernel $(B)/images/ashlar.bin --initrd $(bundle) --board-tree $(B)/board.dtb

# The CD is made when somebody wants to start from it.
run-cd := $(if $(or $(filter grub,$(FIRMWARE)),$(filter bochs,$(EMU))),$(B)/ashlar.iso)
ifneq ($(run-cd),)
$(if $(CONFIG_ARCH_X86_64),,$(error FIRMWARE=grub and EMU=bochs are a PC's; $(CONFIG_BOARD) is none))
$(if $(filter-out 0,$(GDB)),$(if $(filter bochs,$(EMU)),$(error GDB=1: Debian's Bochs does not wait for gdb; leave EMU=bochs or GDB=1)))
endif
ifneq ($(filter-out bochs qemu,$(EMU)),)
$(error EMU=$(EMU): there are qemu and bochs)
endif

iso: $(B)/ashlar.iso
quiet_grub_iso = CD
cmd_grub_iso = $(clock) $(PYTHON) scripts/image/grub_iso.py --kernel $(B)/images/ashlar.bin --bundle $(bundle) --output $@
$(B)/ashlar.iso: $(B)/images/ashlar.bin $(bundle) scripts/image/grub_iso.py FORCE
	$(call if_changed,grub_iso)
targets += $(B)/ashlar.iso
PHONY += iso

run: all $(run-cd)
	@$(PYTHON) scripts/run/run.py --board-dir $(board-dir) $(if $(CONFIG_IMAGE_SDCARD),--disk $(B)/images/sdcard.img) \
		$(if $(run-cd),--iso $(run-cd) $(if $(filter bochs,$(EMU)),--bochs),\
			$(if $(or $(filter-out 0,$(DIRECT)),$(if $(CONFIG_IMAGE_SDCARD),,direct)),$(run-direct),$(run-firmware))) \
		$(if $(filter-out 0,$(GDB)),--gdb $(run-symbols))
