# SPDX-License-Identifier: Apache-2.0
#
# Configuration goals, and the way from .config to what the build reads. Kconfig is read again when .config
# or a Kconfig file changed, never otherwise.
#
# CONFIG_MK says which board and so which folder (B); it is remade first, and make then starts again.

# A file that ends in .config is a goal too: a fragment, merged into the configuration. Several goals are made in turn.
fragment-goals := $(filter-out .config %/.config,$(filter %.config,$(MAKECMDGOALS)))
ui-goals := menuconfig guiconfig oldconfig olddefconfig savedefconfig listnewconfig alldefconfig randconfig defconfig-diff
config-goals := %_defconfig $(ui-goals) syncconfig $(fragment-goals)
CONFIG_MK := $(if $(O),$(O_DIR),build)/config.mk

KCONFIG := $(PYTHON) scripts/kconfig/kconfig.py --config $(KCONFIG_CONFIG) $(if $(O),--output $(O_DIR))
kconfig-rooms := arch boards hypervisor rootfs scripts
kconfig-files := $(wildcard Kconfig $(foreach r,$(kconfig-rooms),$r/Kconfig $r/*/Kconfig $r/*/*/Kconfig) scripts/kconfig/*.py \
	$(if $(ASHLAR_EXTERNAL),$(addprefix $(ASHLAR_EXTERNAL)/,Kconfig boards/*/Kconfig domains/*/Kconfig)))

PHONY += $(ui-goals) syncconfig $(fragment-goals)

%_defconfig: FORCE
	@$(KCONFIG) defconfig $@

$(ui-goals): FORCE
	@$(if $(filter guiconfig,$@),scripts/setup --quiet gui;) $(KCONFIG) $@ $(if $(filter savedefconfig,$@),$(if $(O),$(O_DIR)/)defconfig)

$(fragment-goals): FORCE
	@$(KCONFIG) merge $@

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

# What was read is the configuration before: nothing is made by it that the new one makes otherwise.
config-changed = $(shell find $(KCONFIG_CONFIG) $(kconfig-files) -newer $(CONFIG_MK) 2>&1)

# Gone with its folder while CONFIG_MK stayed: write it again.
%/include/config/auto.conf:
	@$(KCONFIG) sync
