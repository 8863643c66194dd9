# SPDX-License-Identifier: Apache-2.0
#
# From the signed ashlar.itb (scripts/ashlar/tool.mk makes it) to what is written to a board, and what its U-Boot
# must hold: the public key, in the control tree.
#
#   emulator's own tree --board_tree.py--> control.nokey.dtb --ashlar sign--> control.dtb
#   U-Boot's source --u_boot.py--> u-boot-nodtb.bin, u-boot.made-config --u_boot_holes.py--> u-boot.bin, or nothing
#   images/ashlar.itb + boot.scr --disk.py (genimage, bmaptool)--> images/sdcard.img, .bmap
#   images/ashlar.efi, selector.efi --disk.py--> images/disk.img, .bmap

root-of-trust := $(call image-cfg,root-of-trust)
$(if $(filter-out 1,$(words $(filter none rom tfa uefi,$(root-of-trust)))),\
	$(error $(board-dir)/image.cfg: root-of-trust is "$(root-of-trust)"; say none, rom, tfa or uefi: who verifies what starts first))

bundle := $(B)/bundle.itb

# What no distribution may ship is taken from BLOBS_DIR, all of it or nothing.
blobs-py = $(PYTHON) scripts/image/blobs.py --board-dir $(board-dir) --blobs-dir "$(if $(BLOBS_DIR),$(abspath $(BLOBS_DIR)))"
has-blobs := $(shell sed -n '/^\[blob /p' $(board-dir)/image.cfg)
blob-files := $(if $(has-blobs),$(shell $(blobs-py) found))
image-needs := $(if $(has-blobs),$(shell $(blobs-py) missing),$(call image-cfg,needs))
blob-paths := $(foreach f,$(blob-files),$(lastword $(subst =, ,$f)))

# Before anything is packed or signed.
ifneq ($(CONFIG_RELEASE),)
release-debug := $(if $(CONFIG_RELEASE_CONSOLE_INPUT),,CONSOLE_INPUT) PANIC_HALT STORE_TEST_END STORE_TEST_EAGAIN \
	$(addprefix DOMAIN_,POKE HOSTILE LIAR TRIAL PROBE PROBE_PING)
PHONY += release-check
release-check: $(ASHLAR) $(sort $(foreach role,$(key-roles),$($(role)_KEY_FILE)))
	@$(PYTHON) scripts/image/release.py --board-cfg $(board-dir)/image.cfg --key "$$($(ASHLAR) keyinfo $(SIGN_KEY_FILE))" \
		$(foreach role,BUNDLE EFI ROOT UPDATE,$(if $(CONFIG_$(role)_KEY),--role-key "$(role)=$$($(ASHLAR) keyinfo $($(role)_KEY_FILE))")) \
		$(if $(CONFIG_RELEASE_KEY_FILE),--allow-key-file) --hardened "$(if $(CONFIG_IMAGE_SDCARD),$(call image-cfg,hardened),$(if $(filter uefi,$(root-of-trust)),yes))" \
		$(addprefix --debug ,$(foreach name,$(release-debug),$(if $(CONFIG_$(name)),$(name)))) \
		--store $(if $(CONFIG_RELEASE_WITHOUT_ROLLBACK),ignored,$(CONFIG_ROLLBACK_STORE))
$(B)/bundle.unsigned: | release-check
endif

quiet_copy = COPY
cmd_copy = cp $< $@

ifneq ($(CONFIG_IMAGE_SDCARD),)

itb := $(B)/images/ashlar.itb
u-boot-bin := $(B)/u-boot.bin
u-boot-control := $(B)/control.dtb

ifneq ($(CONFIG_U_BOOT_SOURCE),)

# Built here: the boot command is compiled in, and the control tree lies behind it, where U-Boot looks for it.
card-script :=
u-boot-dir := $(or $(addprefix boards/,$(call image-cfg,u-boot-of)),$(board-dir))

# A board's own C file in U-Boot, in the place of the one that image.cfg names.
u-boot-file := $(call image-cfg,board-file)
u-boot-own := $(if $(u-boot-file),scripts/image/u_boot/$(notdir $(patsubst %/,%,$(u-boot-dir))).c)

quiet_u_boot = UBOOT
cmd_u_boot = $(PYTHON) scripts/image/u_boot.py --source $(PAYLOAD_u-boot-src_DIR) --defconfig $(call image-cfg,defconfig) \
	--config $(u-boot-dir)/u-boot.config --command $(board-dir)/u-boot.cmd $(addprefix --writable ,$(call image-cfg,writable)) \
	$(if $(u-boot-file),--board-source $(u-boot-own) --board-file $(u-boot-file)) \
	--cross $(CROSS_COMPILE) --cache $(fetch-cache)/built --output $@ --made-config $(B)/u-boot.made-config
$(B)/u-boot-nodtb.bin: $(u-boot-dir)/u-boot.config $(u-boot-own) $(board-dir)/u-boot.cmd $(board-dir)/image.cfg scripts/image/u_boot.py FORCE
	$(call if_changed,u_boot)

# Room is left for the key. A release starts nothing where it cannot read the lowest version, which a new card therefore has.
release-store := $(if $(CONFIG_RELEASE),$(filter env tpm,$(CONFIG_ROLLBACK_STORE)))
quiet_control_source = DTC
cmd_control_source = $(DTC) -q -p 8192 -I dts -O dtb -o $@ $<$(if $(release-store), && fdtput -t u $@ /config ashlar$(comma)rollback-required 1)
$(B)/control.nokey.dtb: $(u-boot-dir)/u-boot.dts $(wildcard boards/*/u-boot.dts) FORCE
	$(call if_changed,control_source)

# That it is hardened is believed of no board: what was built is looked at.
check-holes := $(if $(filter yes,$(call image-cfg,hardened)),$(PYTHON) scripts/image/u_boot_holes.py --board $(board-dir)/image.cfg \
	--config $(B)/u-boot.made-config --control $(u-boot-control) &&)
quiet_append = JOIN
cmd_append = $(check-holes) cat $(B)/u-boot-nodtb.bin $(u-boot-control) > $@
$(u-boot-bin): $(B)/u-boot-nodtb.bin $(u-boot-control) scripts/image/u_boot_holes.py FORCE
	$(call if_changed,append)

targets += $(B)/u-boot-nodtb.bin

else ifneq ($(CONFIG_U_BOOT_ROCKCHIP),)

# Debian's, with the stages before it: a control tree of ours goes into the FIT that the SPL loads.
card-script :=
u-boot-folder := $(PAYLOAD_$(call image-cfg,payload)_DIR)/$(call image-cfg,folder)
u-boot-bin := $(B)/u-boot.itb
card-raw := raw:idbloader.img=$(u-boot-folder)/idbloader.img raw:u-boot.itb=$(u-boot-bin)

quiet_rockchip_tree = TREE
cmd_rockchip_tree = $(PYTHON) scripts/image/rockchip.py control --tree $< --board-dir $(board-dir) --output $@
$(B)/control.nokey.dtb: $(u-boot-folder)/$(call image-cfg,tree) $(board-dir)/image.cfg scripts/image/rockchip.py FORCE
	$(call if_changed,rockchip_tree)

quiet_rockchip_itb = JOIN
cmd_rockchip_itb = $(clock) $(PYTHON) scripts/image/rockchip.py itb --itb $< --control $(u-boot-control) --output $@
$(u-boot-bin): $(u-boot-folder)/u-boot.itb $(u-boot-control) scripts/image/rockchip.py FORCE
	$(call if_changed,rockchip_itb)

else

card-script := $(B)/boot.scr
u-boot-payload := $(PAYLOAD_$(call image-cfg,payload)_DIR)/$(call image-cfg,binary)

quiet_board_tree = TREE
cmd_board_tree = $(PYTHON) scripts/image/board_tree.py --board-dir $(board-dir) --output $@
$(B)/control.nokey.dtb: $(board-dir)/image.cfg scripts/image/board_tree.py scripts/run/emulator.py FORCE
	$(call if_changed,board_tree)

$(u-boot-bin): $(u-boot-payload) FORCE
	$(call if_changed,copy)

endif

quiet_control = SIGN
cmd_control = $(ashlar-sign) $(SIGN_KEY_FILE) --output $@ --control $<
$(u-boot-control): $(B)/control.nokey.dtb $(SIGN_KEY_FILE) $(ASHLAR) FORCE
	$(call if_changed,control)

quiet_script = SCRIPT
cmd_script = $(PYTHON) scripts/image/fill.py $< $@.txt ITB=$(notdir $(itb)) LOAD_ADDRESS=$(call image-cfg,load-address) && \
	$(clock) mkimage -q -A $(if $(filter aarch64,$(ARCH)),arm64,$(ARCH)) -T script -C none -n launcher -d $@.txt $@ >/dev/null
$(B)/boot.scr: scripts/image/boot.cmd $(board-dir)/image.cfg scripts/image/fill.py FORCE
	$(call if_changed,script)

# What the machine enters first.
firmware := $(u-boot-bin)
ifneq ($(CONFIG_TF_A),)
firmware := $(B)/images/firmware.bin
quiet_tf_a = TF-A
cmd_tf_a = $(clock) $(PYTHON) scripts/image/tf_a.py --source $(PAYLOAD_tf-a-src_DIR) --mbedtls $(PAYLOAD_mbedtls-src_DIR) \
	--platform $(call image-cfg,tf-a-platform) $(addprefix --option ,$(call image-cfg,tf-a-options)) --key $(ROOT_KEY_FILE) \
	--bl33 $< --cross $(CROSS_COMPILE) --output $@
$(firmware): $(u-boot-bin) $(ROOT_KEY_FILE) scripts/image/tf_a.py scripts/image/tf_a_certs.py $(board-dir)/image.cfg FORCE
	$(call if_changed,tf_a)
targets += $(firmware)
images-y += $(firmware)
endif

quiet_disk = DISK
cmd_disk = $(clock) $(PYTHON) scripts/image/disk.py --board-dir $(board-dir) --slots $(B)/slots.txt $(if $(filter env,$(release-store)),--environment) --output $@ $(notdir $(itb))=$(itb) $(addprefix --system ,$(system-disk)) $(addprefix boot.scr=,$(card-script)) $(card-raw) $(blob-files)
$(B)/images/sdcard.img: $(itb) $(system-disk) $(card-script) $(if $(card-raw),$(u-boot-bin)) $(blob-paths) $(board-dir)/image.cfg scripts/image/disk.py FORCE
	$(call if_changed,disk)
$(B)/images/sdcard.img.bmap: $(B)/images/sdcard.img ;

targets += $(B)/control.nokey.dtb $(u-boot-control) $(u-boot-bin) $(card-script) $(B)/images/sdcard.img
images-y += $(B)/images/sdcard.img $(B)/images/sdcard.img.bmap $(u-boot-control) $(u-boot-bin)

else

# The emulator, or a boot loader, takes hypervisor and bundle as they are.
$(B)/images/bundle.itb: $(bundle) FORCE
	$(call if_changed,copy)
targets += $(B)/images/bundle.itb
images-y += $(B)/images/bundle.itb

# On Arm's boards it also hands over a device tree; that of a PC is its ACPI tables.
ifneq ($(CONFIG_ARCH_AARCH64),)
$(B)/images/board.dtb: $(board-tree) FORCE
	$(call if_changed,copy)
targets += $(B)/images/board.dtb
images-y += $(B)/images/board.dtb
endif

endif

# Where the boot ROM takes its first stage from a boot partition of the eMMC: what goes there, and how.
emmc-boot0 := $(filter raw:$(call image-cfg,emmc-boot0)=%,$(blob-files))
ifneq ($(emmc-boot0),)
$(B)/images/emmc-boot0.img: $(lastword $(subst =, ,$(emmc-boot0))) FORCE
	$(call if_changed,copy)
$(B)/images/flash-emmc.sh: scripts/image/flash_emmc.sh FORCE
	$(call if_changed,copy)
targets += $(B)/images/emmc-boot0.img $(B)/images/flash-emmc.sh
images-y += $(B)/images/emmc-boot0.img $(B)/images/flash-emmc.sh
endif

# The SoC's own firmware takes the hypervisor from the card, as it takes a kernel.
ifneq ($(CONFIG_IMAGE_KERNEL_CARD),)
quiet_kernel_card = DISK
cmd_kernel_card = $(clock) $(PYTHON) scripts/image/disk.py --board-dir $(board-dir) --output $@ \
	$(call image-cfg,kernel-name)=$(hyp-image) board.dtb=$(board-tree) bundle.itb=$(bundle) \
	$(foreach f,$(call image-cfg,board-files),$f=$(board-dir)/$f) $(blob-files)
$(B)/images/sdcard.img: $(hyp-image) $(board-tree) $(bundle) $(blob-paths) $(board-dir)/image.cfg scripts/image/disk.py \
		$(addprefix $(board-dir)/,$(call image-cfg,board-files)) FORCE
	$(call if_changed,kernel_card)
$(B)/images/sdcard.img.bmap: $(B)/images/sdcard.img ;
targets += $(B)/images/sdcard.img
images-y += $(B)/images/sdcard.img $(B)/images/sdcard.img.bmap
endif

ifneq ($(CONFIG_IMAGE_EFI),)

# What a UEFI firmware starts: a disk with ashlar.efi where it looks for it; or, of a board with two slots, with the selector there,
# and ashlar.efi in each slot. And, for the emulator, the flash of the
# firmware's variables, with the key enrolled and Secure Boot on.
quiet_efi_disk = DISK
cmd_efi_disk = $(clock) $(PYTHON) scripts/image/disk.py --board-dir $(board-dir) --slots $(B)/slots.txt --output $@ $(addprefix --system ,$(system-disk)) $(patsubst %,--fill data-a:%,$(disk-fill)) \
	$(if $(CONFIG_BOARD_SLOTS),--fill selector:$(call image-cfg,boot-file)=$(B)/images/selector.efi ashlar.efi,$(call image-cfg,boot-file))=$(B)/images/ashlar.efi
$(B)/images/disk.img: $(B)/images/ashlar.efi $(if $(CONFIG_BOARD_SLOTS),$(B)/images/selector.efi) $(disk-fill-needs) $(system-disk) $(board-dir)/image.cfg scripts/image/disk.py FORCE
	$(call if_changed,efi_disk)
$(B)/images/disk.img.bmap: $(B)/images/disk.img ;

uefi-dir := $(PAYLOAD_$(call image-cfg,firmware-payload)_DIR)
uefi-code := $(uefi-dir)/$(call image-cfg,firmware-code)
uefi-vars := $(B)/uefi-vars.fd

quiet_uefi_vars = VARS
cmd_uefi_vars = $(PYTHON) scripts/image/efi_vars.py --template $(uefi-dir)/$(call image-cfg,firmware-vars) --certificate $(B)/images/db.cer --output $@
$(uefi-vars): $(B)/images/db.cer $(board-dir)/image.cfg scripts/image/efi_vars.py FORCE
	$(call if_changed,uefi_vars)

targets += $(B)/images/disk.img $(uefi-vars)
images-y += $(B)/images/disk.img $(B)/images/disk.img.bmap $(uefi-vars)

endif

include scripts/image/manifest.mk

# Last of all, and only when something was made.
summary-of := $(filter $(B)/images/%,$(images-y))
all:
	@if [ -n "$$(find $(summary-of) -newer $(B)/.summary 2>&1)" ]; then \
		$(PYTHON) scripts/image/summary.py --key "$$($(ASHLAR) keyinfo $(SIGN_KEY_FILE))$(if $(CONFIG_BUNDLE_ECDSA),; bundle: $$($(ASHLAR) keyinfo $(BUNDLE_KEY_FILE)))" --root-of-trust $(root-of-trust) \
			--needs "$(image-needs)" $(if $(has-blobs),--tell "$$($(blobs-py) tell)") $(summary-of) && \
		touch $(B)/.summary; \
	fi
