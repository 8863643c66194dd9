# SPDX-License-Identifier: Apache-2.0
#
# Sorts what was asked for: goals that need a configuration ("build"), goals that make one, goals that
# need none. Also the goals of no other room: clean, help, setup.

plain-goals := misra trace help clean mrproper list-defconfigs cache-gc setup lint lint-% format check check-% tests-% bench coverage
asked := $(or $(MAKECMDGOALS),all)
asked-config := $(filter $(config-goals),$(asked))
asked-build := $(filter-out $(config-goals) $(plain-goals),$(asked))

goal-kind := plain
ifneq ($(asked-build),)
goal-kind := build
endif
ifneq ($(asked-config),)
goal-kind := $(if $(filter-out 1,$(words $(asked))),mixed,config)
endif
ifneq ($(filter clean mrproper,$(asked)),)
ifneq ($(words $(asked)),1)
goal-kind := mixed
endif
endif

# A missing tool: `make run`, `make check` and `make bench` install it, the other builds say what to type.
setup-groups := $(if $(filter plain,$(goal-kind)),,build) $(if $(filter run bench,$(asked)),build run)
setup-groups += $(if $(filter coverage,$(asked)),build check) $(if $(filter check,$(asked)),build run check lint) $(if $(filter lint,$(asked)),build lint)
setup-groups += $(if $(filter check iso,$(asked)),pc) $(if $(filter run,$(asked)),$(if $(or $(filter grub,$(FIRMWARE)),$(filter bochs,$(EMU))),pc))
setup-installs := $(filter run check bench coverage,$(asked))
ifneq ($(if $(MAKE_RESTARTS)$(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),,$(strip $(setup-groups))),)
setup-out := $(shell scripts/setup --quiet $(if $(setup-installs),,--check) $(sort $(setup-groups)) >&2)
ifneq ($(.SHELLSTATUS),0)
$(error $(if $(setup-installs),What is missing stands above,Run scripts/setup first: it installs what is named above))
endif
endif

setup:
	@scripts/setup

# What no tree's last fetch chose any more.
cache-gc:
	@$(PYTHON) scripts/fetch/gc.py

help:
	@sh scripts/build/help

# Only a folder that the build made and marked is ever emptied; a key is never in one.
clean:
	@sh scripts/build/clean $(if $(O),$(O_DIR),build)

mrproper: clean
	@rm -f compile_commands.json $(KCONFIG_CONFIG) $(KCONFIG_CONFIG).old
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
	@$(if $(O),rm -f $(O_DIR)/.ashlar-build; rmdir $(O_DIR) 2>/dev/null || :,rm -rf out)
