# SPDX-License-Identifier: Apache-2.0
#
# Configuration goals, and the way from .config to what the build reads. Kconfig is read again when .config
# or a Kconfig file changed, never otherwise.
#
# CONFIG_MK says which board and so which folder (B); it is remade first, and make then starts again.

config-goals := %_defconfig menuconfig guiconfig oldconfig olddefconfig savedefconfig listnewconfig alldefconfig syncconfig
ui-goals := menuconfig guiconfig oldconfig olddefconfig savedefconfig listnewconfig alldefconfig
CONFIG_MK := $(if $(O),$(O_DIR),build)/config.mk

KCONFIG := $(PYTHON) scripts/kconfig/kconfig.py --config $(KCONFIG_CONFIG) $(if $(O),--output $(O_DIR))
kconfig-rooms := arch boards hypervisor rootfs scripts
kconfig-files := $(wildcard Kconfig $(foreach r,$(kconfig-rooms),$r/Kconfig $r/*/Kconfig $r/*/*/Kconfig) scripts/kconfig/*.py)

PHONY += $(ui-goals) syncconfig

%_defconfig: FORCE
	@$(KCONFIG) defconfig $@

$(ui-goals): FORCE
	@$(if $(filter guiconfig,$@),scripts/setup --quiet gui;) $(KCONFIG) $@ $(if $(filter savedefconfig,$@),$(if $(O),$(O_DIR)/)defconfig)

syncconfig: FORCE
	@$(KCONFIG) sync

list-defconfigs:
	@$(PYTHON) scripts/kconfig/kconfig.py list-defconfigs

ifneq ($(filter run fetch,$(MAKECMDGOALS)),)
$(KCONFIG_CONFIG):
	@echo "No configuration yet: taking qemu_arm64's."
	@$(KCONFIG) defconfig qemu_arm64_defconfig
else
$(KCONFIG_CONFIG):
	@echo "make: there is no $@ yet. Choose a board: make $(if $(O),O=$(O) )qemu_arm64_defconfig (make list-defconfigs shows all)," >&2
	@echo "make: or let \`make $(if $(O),O=$(O) )run\` take qemu_arm64 and start it." >&2
	@exit 1
endif
.PRECIOUS: $(KCONFIG_CONFIG)

$(CONFIG_MK): $(KCONFIG_CONFIG) $(kconfig-files)
	@$(KCONFIG) sync
$(kconfig-files):

# Gone with its folder while CONFIG_MK stayed: write it again.
%/include/config/auto.conf:
	@$(KCONFIG) sync
