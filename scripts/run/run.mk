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
#   FIRMWARE=uefi      the board's UEFI firmware starts it, with Secure Boot; FIRMWARE=ovmf and aavmf say the same
#   RUN_DISK=file      the disk, which keeps what is written to it; a copy of the built one if it is not there yet.
#                      Without it the built one is used, and what is written is gone at the end
#   RUN_TPM=folder     the TPM of a board that has one, which keeps its state there. Without it each run has a new one

PHONY += run
export RUN_UNTIL RUN_TIMEOUT RUN_DISK RUN_TPM BOCHS_CPU

# Domains' symbols lie where the guest sees itself: its memory starts at GUEST_RAM0_BASE of Xen's <arch-arm.h>.
run-guests = $(filter $(patsubst rule:%,$(B)/rule/%.elf,$(filter rule:%,$(plan-images))),$(targets))
run-symbols = --symbols $(B)/ashlar.elf $(patsubst %,--symbols %@0x40000000,$(run-guests))
run-firmware = --u-boot $(firmware) --control-dtb $(u-boot-control)
run-direct = --kernel $(hyp-image) --initrd $(bundle) $(if $(CONFIG_HYPERVISOR_XEN),--xen-plan $(B)/images/plan.dtb) --board-tree $(board-tree)

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

run-uefi = --uefi-code $(uefi-code) --uefi-vars $(uefi-vars)
run-disk := $(if $(CONFIG_IMAGE_SDCARD)$(CONFIG_IMAGE_KERNEL_CARD),sdcard.img,$(if $(CONFIG_IMAGE_EFI),disk.img))

# What starts the board: as it says itself, else a loader of its own, else nobody but the emulator.
run-with := $(or $(if $(filter-out 0,$(DIRECT)),direct),$(filter-out grub,$(FIRMWARE)),$(call image-cfg,firmware),$(if $(CONFIG_IMAGE_SDCARD),u-boot,direct))
run-with := $(if $(filter ovmf aavmf,$(run-with)),uefi,$(run-with))
run-can := $(strip direct $(if $(CONFIG_IMAGE_SDCARD),u-boot) $(if $(CONFIG_IMAGE_EFI),uefi) $(if $(CONFIG_ARCH_X86_64),grub))
run-how = $(if $(filter direct,$(run-with)),$(run-direct),$(if $(filter uefi,$(run-with)),$(run-uefi),$(run-firmware)))

run: all $(run-cd)
	$(if $(filter $(run-can),$(run-with)),,$(error FIRMWARE=$(FIRMWARE): the emulator of $(CONFIG_BOARD) cannot be started by that; it can by: $(run-can)))
	@$(PYTHON) scripts/run/run.py --board-dir $(board-dir) $(addprefix --disk $(B)/images/,$(run-disk)) \
		$(if $(run-cd),--iso $(run-cd) $(if $(filter bochs,$(EMU)),--bochs),$(run-how)) \
		$(if $(filter-out 0,$(GDB)),--gdb $(run-symbols))

# `make flash DEV=/dev/sdX`: the image onto a card. FORCE=1 overrides what can be overridden, YES=1 answers the question.
PHONY += flash
export FORCE YES
flash: all
	@$(if $(run-disk),,echo "flash: $(CONFIG_BOARD) has no image of a card or disk" >&2; exit 1;) \
	$(PYTHON) scripts/run/flash.py --image $(B)/images/$(run-disk) --needs "$(image-needs)" "$(DEV)"

# For test labs, what `make run` does: a job of LAVA, which fetches the files from LAB_URL, and an environment of labgrid.
PHONY += lab
lab-places = disk=$(B)/images/$(run-disk) loader=$(firmware) control=$(u-boot-control) code=$(uefi-code) variables=$(uefi-vars) \
	kernel=$(hyp-image) initrd=$(bundle) tree=$(board-tree)
lab: all
	@$(PYTHON) scripts/ci/lab.py --board-dir $(board-dir) --out $(B)/lab $(addprefix --url ,$(LAB_URL)) \
		$(addprefix --place ,$(filter-out %=,$(lab-places)))
	@printf '  %-8s%s\n' LAB $(B)/lab/lava-job.yaml LAB $(B)/lab/labgrid.yaml
