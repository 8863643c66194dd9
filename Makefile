# SPDX-License-Identifier: Apache-2.0
#
# Ashlar's build. `make help` lists what can be made.
#
# B is the build folder: O= if given, else build/<board>. Rooms join by a module.mk (hypervisor, arch) or by
# one of the .mk files included below; how to write them stands at the top of scripts/build/rules.mk.

ASHLAR_VERSION := 0.1.0

MAKEFLAGS += --no-print-directory -rR
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

include scripts/build/paths.mk

PYTHON ?= /usr/bin/python3
export PYTHON ASHLAR_VERSION
export PYTHONDONTWRITEBYTECODE := 1
export LC_ALL := C
ifeq ($(SOURCE_DATE_EPOCH),)
SOURCE_DATE_EPOCH := $(or $(shell git -c safe.directory='$(CURDIR)' log -1 --format=%ct 2>/dev/null),$(shell stat -c %Y Makefile))
endif
export SOURCE_DATE_EPOCH

ifneq ($(O),)
O_DIR := $(abspath $(O))
endif
# A tree of the user's own: boards, configs, domains.
override ASHLAR_EXTERNAL := $(if $(ASHLAR_EXTERNAL),$(abspath $(ASHLAR_EXTERNAL)))
export ASHLAR_EXTERNAL
KCONFIG_CONFIG := $(if $(O),$(O_DIR)/).config

PHONY := FORCE all clean mrproper help list-defconfigs cache-gc setup lint check run flash legal-info dist repro-check size update fetch compile_commands.json lab misra trace update-payloads
FORCE:

include scripts/kconfig/kconfig.mk
include scripts/build/goals.mk

ifeq ($(goal-kind),mixed)

# Cleaning first, then the configuration, then what is built from it.
PHONY += $(MAKECMDGOALS) in-turn
first-goals := $(filter mrproper clean,$(MAKECMDGOALS)) $(filter $(config-goals),$(MAKECMDGOALS))
last-goals := $(filter-out $(first-goals),$(MAKECMDGOALS))
$(MAKECMDGOALS): in-turn
	@:
in-turn:
	+@set -e; for goal in $(first-goals); do $(MAKE) -f Makefile $$goal; done
	$(if $(last-goals),+@$(MAKE) -f Makefile $(last-goals))

else ifeq ($(goal-kind),build)

# Makefiles that are made themselves: make makes them, then starts again. What needs them waits for that;
# a failure to make one is the end, whether an older one exists or not.
include-made = $(eval $(if $(wildcard $1),,-)include $1)$(eval missing += $(if $(wildcard $1),,$1))
missing :=

$(call include-made,$(CONFIG_MK))
$(CONFIG_MK): $(kconfig-read) # those that were read, so that one which is gone now counts too
$(filter-out $(kconfig-files),$(kconfig-read)):
# Read with another external tree: nothing of it counts before it is read again.
ifneq ($(external-read),$(ASHLAR_EXTERNAL))
$(CONFIG_MK): FORCE
override B :=
missing += $(CONFIG_MK)
endif
ifneq ($(B),)
$(call include-made,$(B)/include/config/auto.conf)
endif
ifeq ($(strip $(missing)),)
include scripts/build/toolchain.mk
include scripts/build/rules.mk
-include scripts/fetch/fetch.mk
ifeq ($(strip $(missing)),)
include scripts/build/hypervisor.mk
-include arch/efi/efi.mk
-include scripts/ashlar/tool.mk
-include rootfs/rootfs.mk
ifeq ($(strip $(missing)),)
-include scripts/image/image.mk
-include scripts/image/legal.mk
-include scripts/run/run.mk

all: $(images-y)
endif

# What HOSTCC compiles, not linked.
PHONY += host-objects
host-objects: $(host-objs)

include scripts/build/saved.mk
include scripts/build/rebuild.mk

endif
endif
ifneq ($(strip $(missing)),)
$(asked-build):
	@echo "make: stopped, for $(strip $(missing)) could not be made" >&2; exit 1
endif

endif

-include tests/tests.mk
include scripts/lint/lint.mk

.PHONY: $(PHONY)
