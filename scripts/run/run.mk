# SPDX-License-Identifier: Apache-2.0
#
# `make run`: the image in the board's emulator.
#
#   RUN_UNTIL='regex'  stop with status 0 once a line matches; 'one && two' waits for both, in any order
#   RUN_TIMEOUT=s      stop after so many seconds: a failure if RUN_UNTIL was given
#   GDB=1              wait for a debugger, and print the line to type
#   DIRECT=1           no boot loader: the emulator loads hypervisor and bundle itself; so it is on a board without one
#   RUN_DISK=file      the disk, which keeps what is written to it; a copy of the built one if it is not there yet.
#                      Without it the built one is used, and what is written is gone at the end

PHONY += run
export RUN_UNTIL RUN_TIMEOUT RUN_DISK

# Domains' symbols lie where the guest sees itself: its memory starts at GUEST_RAM0_BASE of Xen's <arch-arm.h>.
run-guests = $(filter $(patsubst rule:%,$(B)/rule/%.elf,$(filter rule:%,$(plan-images))),$(targets))
run-symbols = --symbols $(B)/ashlar.elf $(patsubst %,--symbols %@0x40000000,$(run-guests))
run-firmware = --u-boot $(u-boot-bin) --control-dtb $(u-boot-control)
run-direct = --kernel $(B)/images/ashlar.bin --initrd $(bundle) --board-tree $(B)/board.dtb

run: all
	@$(PYTHON) scripts/run/run.py --board-dir $(board-dir) $(if $(CONFIG_IMAGE_SDCARD),--disk $(B)/images/sdcard.img) \
		$(if $(or $(filter-out 0,$(DIRECT)),$(if $(CONFIG_IMAGE_SDCARD),,direct)),$(run-direct),$(run-firmware)) \
		$(if $(filter-out 0,$(GDB)),--gdb $(run-symbols))
