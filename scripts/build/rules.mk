# SPDX-License-Identifier: Apache-2.0
#
# How things are made, and when again. For the writers of module.mk and *.mk:
#
#   obj-y += main.o                 (module.mk) hypervisor object of this folder, from main.c or main.S
#   obj-$(CONFIG_X) += y.o          ... only when X is set
#   cflags-main.o += -Os            ... flags of one object; cflags-y += ... of all objects of the folder
#   objs += $(B)/obj/a/b.o          an object from elsewhere, with a rule of its own:
#
#       $(B)/obj/a/b.o: $(DIR)/b.c FORCE
#       	$(call if_changed,cc)          object-flags-<target> holds flags of its own
#       targets += $(B)/obj/a/b.o
#
#   host programs: $(B)/host/<path>.o is made from <path>.c by HOSTCC; set host-flags-<object>
#   and name the objects in host-objs and targets.
#   images-y += $(B)/images/x       `make` makes it
#   prepare-y += file               must exist before anything is compiled (a generated header)
#
# if_changed runs cmd_<name> when a prerequisite is newer, or when the command differs from the saved one
# (see cmd-file). Such a rule needs FORCE as a prerequisite and its target in `targets`.
# quiet_<name> is the short line's word and object.
#
# Dependencies on Kconfig: an object depends on the values it (or a header of it) names, not on all of them:
# scripts/build/fixdep.awk replaces autoconf.h by $(B)/include/config/<SYMBOL>, touched when the value changes.

pound := \#
# Begins each command whose output carries the build's only clock: it runs again when the clock was changed.
clock := SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH)
squote := '
empty :=
space := $(empty) $(empty)
comma := ,

# A path as it is shown: relative to the project or to the build folder.
show = $(patsubst $(CURDIR)/%,%,$(patsubst $(B)/%,%,$1))
# $(call msg,CC,file): the short line, as a line of a recipe.
msg = @$(short)
short = $(if $(filter 1,$(V)),:,printf '  %-8s%s\n' '$1' '$(call show,$2)')
Q := $(if $(filter 1,$(V)),,@)

escaped = $(subst $(pound),$$(pound),$(subst $$,$$$$,$(strip $1)))
differs = $(filter-out $(subst $(space),_,$(strip $(cmd_$1))),$(subst $(space),_,$(strip $(saved-$@))))$(if $(saved-$@),,new)
newer = $(filter-out FORCE $(PHONY),$?)
reasons = $(newer)$(differs)$(if $(wildcard $@),,gone)

quoted = '$(subst $(squote),'\$(squote)',$1)'
say = $(if $(filter 1,$(V)),printf '%s\n' $(call quoted,$(strip $(cmd_$1))),$(call short,$(quiet_$1),$@))
# Where a target's command is saved: beside it, but images/ holds images alone.
cmd-file = $(patsubst $(B)/images/%,$(B)/obj/images/%,$1).cmd
# A process less where the folder is there: there are hundreds of targets.
make-folder = [ -d $1 ] || mkdir -p $1
save = $(call make-folder,$(dir $(call cmd-file,$@))); \
	printf '%s\n' $(call quoted,saved-$@ := $(call escaped,$(cmd_$1))) > $(call cmd-file,$@)
if_changed = $(if $(reasons),@set -e; $(call make-folder,$(@D)); $(say); ( $(cmd_$1) ); $(save),@:)
# The same for a command that leaves a dependency file in $@.d.
if_changed_dep = $(if $(reasons),@set -e; $(call make-folder,$(@D)); $(say); ( $(cmd_$1) ); \
	$(save); awk -f scripts/build/fixdep.awk $@ $(B) >> $(call cmd-file,$@); rm -f $@.d,@:)

cflags-of = $(CFLAGS) $(object-flags-$@)
quiet_cc = CC
cmd_cc = $(CC) $(cflags-of) $(CPPFLAGS) -MMD -MF $@.d -c -o $@ $<
quiet_as = AS
cmd_as = $(CC) $(AFLAGS) $(CPPFLAGS) $(object-flags-$@) -MMD -MF $@.d -c -o $@ $<
quiet_lds = LDS
cmd_lds = $(CC) $(CC_TARGET) -E -P -x assembler-with-cpp -D__ASSEMBLY__ $(CPPFLAGS) -MMD -MF $@.d -MT $@ -o $@ $<
quiet_hostcc = HOSTCC
cmd_hostcc = $(HOSTCC) $(HOST_CFLAGS) $(HOST_CPPFLAGS) $(host-flags-$@) -MMD -MF $@.d -c -o $@ $<
quiet_objcopy = OBJCOPY
cmd_objcopy = $(OBJCOPY) $(ARCH_OBJCOPY_FLAGS) $< $@.tmp && mv $@.tmp $@

$(B)/obj/%.o: %.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc)
$(B)/obj/%.o: $(B)/obj/%.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc)
$(B)/obj/%.o: %.S FORCE | $(prepare-y)
	$(call if_changed_dep,as)
$(B)/obj/%.lds: %.lds.S FORCE | $(prepare-y)
	$(call if_changed_dep,lds)
$(B)/host/%.o: %.c FORCE | $(prepare-y)
	$(call if_changed_dep,hostcc)
