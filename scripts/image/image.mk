# SPDX-License-Identifier: Apache-2.0
#
# From the signed ashlar.itb (scripts/ashlar/tool.mk makes it) to what is written to a board, and what its U-Boot
# must hold: the public key, in the control tree.
#
#   emulator's own tree --board_tree.py--> control.nokey.dtb --ashlar sign--> control.dtb
#   images/ashlar.itb + boot.scr --disk.py (genimage, bmaptool)--> images/sdcard.img, .bmap

root-of-trust := $(call image-cfg,root-of-trust)
$(if $(filter-out 1,$(words $(filter none rom tfa uefi,$(root-of-trust)))),\
	$(error $(board-dir)/image.cfg: root-of-trust is "$(root-of-trust)"; say none, rom, tfa or uefi: who verifies what starts first))

bundle := $(B)/bundle.itb

quiet_copy = COPY
cmd_copy = cp $< $@

ifneq ($(CONFIG_IMAGE_SDCARD),)

itb := $(B)/images/ashlar.itb
u-boot-payload := $(PAYLOAD_$(call image-cfg,payload)_DIR)/$(call image-cfg,binary)
u-boot-bin := $(B)/u-boot.bin
u-boot-control := $(B)/control.dtb

quiet_board_tree = TREE
cmd_board_tree = $(PYTHON) scripts/image/board_tree.py --board-dir $(board-dir) --output $@
$(B)/control.nokey.dtb: $(board-dir)/image.cfg scripts/image/board_tree.py scripts/run/emulator.py FORCE
	$(call if_changed,board_tree)

quiet_control = SIGN
cmd_control = $(ASHLAR) sign --key $(SIGN_KEY_FILE) --output $@ --control $<
$(u-boot-control): $(B)/control.nokey.dtb $(SIGN_KEY_FILE) $(ASHLAR) FORCE
	$(call if_changed,control)

$(u-boot-bin): $(u-boot-payload) FORCE
	$(call if_changed,copy)

quiet_script = SCRIPT
cmd_script = $(PYTHON) scripts/image/fill.py $< $@.txt ITB=$(notdir $(itb)) LOAD_ADDRESS=$(call image-cfg,load-address) && \
	$(clock) mkimage -q -A $(if $(filter aarch64,$(ARCH)),arm64,$(ARCH)) -T script -C none -n launcher -d $@.txt $@ >/dev/null
$(B)/boot.scr: scripts/image/boot.cmd $(board-dir)/image.cfg scripts/image/fill.py FORCE
	$(call if_changed,script)

quiet_disk = DISK
cmd_disk = $(clock) $(PYTHON) scripts/image/disk.py --board-dir $(board-dir) --output $@ $(notdir $(itb))=$(itb) boot.scr=$(B)/boot.scr
$(B)/images/sdcard.img: $(itb) $(B)/boot.scr $(board-dir)/image.cfg scripts/image/disk.py FORCE
	$(call if_changed,disk)
$(B)/images/sdcard.img.bmap: $(B)/images/sdcard.img ;

targets += $(B)/control.nokey.dtb $(u-boot-control) $(u-boot-bin) $(B)/boot.scr $(B)/images/sdcard.img
images-y += $(B)/images/sdcard.img $(B)/images/sdcard.img.bmap $(u-boot-control) $(u-boot-bin)

else

# The emulator, or a boot loader, takes hypervisor and bundle as they are.
$(B)/images/bundle.itb: $(bundle) FORCE
	$(call if_changed,copy)
targets += $(B)/images/bundle.itb
images-y += $(B)/images/bundle.itb

# On Arm's boards it also hands over a device tree; that of a PC is its ACPI tables.
ifneq ($(CONFIG_ARCH_AARCH64),)
$(B)/images/board.dtb: $(B)/board.dtb FORCE
	$(call if_changed,copy)
targets += $(B)/images/board.dtb
images-y += $(B)/images/board.dtb
endif

endif

include scripts/image/manifest.mk

# Last of all, and only when something was made.
summary-of := $(filter $(B)/images/%,$(images-y))
all:
	@if [ -n "$$(find $(summary-of) -newer $(B)/.summary 2>&1)" ]; then \
		$(PYTHON) scripts/image/summary.py --key "$$($(ASHLAR) keyinfo $(SIGN_KEY_FILE))" --root-of-trust $(root-of-trust) $(summary-of) && \
		touch $(B)/.summary; \
	fi
