# SPDX-License-Identifier: Apache-2.0
#
# Refuses, before anything is done, what was given by hand and cannot work: a path that make or the shell would take
# for something else, a time that is none.

path-hash := \#
path-open := (
path-close := )
odd-characters := : ; % = & * ? [ ] { } | < > ' " ` \ $$ $(path-hash) $(path-open) $(path-close)
is-odd = $(or $(filter-out 0 1,$(words $1)),$(strip $(foreach character,$(odd-characters),$(findstring $(character),$1))))

# $(call usable-path,what it is,the path,the way out)
usable-path = $(if $(call is-odd,$2),$(error $1 is "$2": make cannot use a path with a space or one of $(odd-characters). $3))

$(call usable-path,The project's folder,$(CURDIR),Move the project)
$(call usable-path,O,$(O),Let O= name another folder)
$(call usable-path,ASHLAR_EXTERNAL,$(ASHLAR_EXTERNAL),Move it)
$(if $(ASHLAR_EXTERNAL),$(if $(wildcard $(ASHLAR_EXTERNAL)/.),,$(error ASHLAR_EXTERNAL: there is no folder $(ASHLAR_EXTERNAL))))
$(call usable-path,LOCK,$(LOCK),Copy the lock to another place)

# What is left of a number without its digits.
without-digits = $(subst 0,,$(subst 1,,$(subst 2,,$(subst 3,,$(subst 4,,$(subst 5,,$(subst 6,,$(subst 7,,$(subst 8,,$(subst 9,,$1))))))))))
ifneq ($(call without-digits,$(SOURCE_DATE_EPOCH)),)
$(error SOURCE_DATE_EPOCH is "$(SOURCE_DATE_EPOCH)": it must be seconds since 1970, in digits)
endif
