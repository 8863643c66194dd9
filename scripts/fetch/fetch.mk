# SPDX-License-Identifier: Apache-2.0
#
# Payloads: what the configuration needs from Debian, fetched once into the user's cache.
#
#   $(PAYLOAD_<name>_DIR)       folder of the payload's files, in the cache
#   $(PAYLOAD_<name>_FILE)      its main file
#   $(PAYLOAD_<name>_VERSION)   its package's version
#
# The folder's name changes with its content, so a rule whose command names it is made again
# through if_changed when the payload changes. apt runs only when something is missing, or for
# `make fetch`, which asks the mirror for newer versions.

PHONY += fetch fetch-all update-payloads
export ASHLAR_CACHE ASHLAR_MIRROR ASHLAR_SECURITY_MIRROR ASHLAR_KEYRING OFFLINE

FETCH = $(PYTHON) scripts/fetch/fetch.py --config $(B)/include/config/auto.conf \
	--plan $(B)/plan.src.dtb --out $(B)/payloads.mk $(if $(LOCK),--lock $(LOCK))
fetch-files := $(wildcard scripts/fetch/*.py scripts/fetch/payloads/*.conf)
fetch-cache-as-given := $(or $(ASHLAR_CACHE),$(HOME)/.cache/ashlar)
$(call usable-path,The payload cache,$(fetch-cache-as-given),Let ASHLAR_CACHE name another folder)
fetch-cache := $(abspath $(fetch-cache-as-given))

$(call include-made,$(B)/payloads.mk)

# Again if the cache was emptied, or another cache or lock is asked for now than last time.
payload-folders := $(foreach name,$(PAYLOADS),$(PAYLOAD_$(name)_DIR))
payloads-lost := $(filter-out $(wildcard $(payload-folders)),$(payload-folders))
ifneq ($(PAYLOADS_FROM)$(payloads-lost),$(fetch-cache)|$(if $(LOCK),$(abspath $(LOCK))))
$(B)/payloads.mk: FORCE
else ifneq ($(LOCK),)
$(B)/payloads.mk: FORCE
endif

# What the user's tree has patches for, <component>/NNNN-*.patch, is taken from a copy with them.
patch-components := u-boot tf-a mbedtls
patched-components := $(if $(ASHLAR_EXTERNAL),$(notdir $(wildcard $(ASHLAR_EXTERNAL)/patches/*)))
$(foreach c,$(filter-out $(patch-components),$(patched-components)),\
	$(error $(ASHLAR_EXTERNAL)/patches/$c: nothing that is built here is called so; patches may be for $(patch-components)))
patches-of = $(sort $(wildcard $(ASHLAR_EXTERNAL)/patches/$1/*.patch))
define patch-payload
ifneq ($(and $(call patches-of,$1),$(wildcard $(PAYLOAD_$1-src_DIR))),)
PAYLOAD_$1-src_DIR := $$(shell $(PYTHON) scripts/fetch/patched.py --cache $(fetch-cache) --files $(PAYLOAD_$1-src_DIR) $(call patches-of,$1))
$$(if $$(filter-out 0,$$(.SHELLSTATUS)),$$(error stopped, for a patch of $(ASHLAR_EXTERNAL)/patches/$1 cannot be taken))
endif
endef
$(foreach c,$(patched-components),$(eval $(call patch-payload,$c)))

PHONY += print-patched
print-patched:
	@printf '%s\n' $(foreach c,$(patch-components),$(if $(PAYLOAD_$c-src_DIR),'$c-src: $(or $(notdir $(if $(ASHLAR_EXTERNAL),$(call patches-of,$c))),none) $(PAYLOAD_$c-src_DIR)'))

# First what the configuration names; with that, once it is read, the plan can be made, and what its domains name comes too.
# With a lock all is compared each time (the lock may be the one this very build writes).
$(B)/payloads.mk: $(B)/include/config/auto.conf $(fetch-files) $(if $(PAYLOADS),$(if $(config-changed),,$(B)/plan.src.dtb))
	@$(FETCH)$(if $(LOCK),, && touch $@)
$(fetch-files):

ifeq ($(strip $(missing)),)
fetch: $(B)/payloads.mk
	@$(FETCH) --update

# As fetch, and then what is of another version than in the build before, and what the security suites offer.
update-payloads: $(B)/payloads.mk
	@cp $(B)/payloads.lock $(B)/payloads.lock.before
	@$(FETCH) --update
	@$(PYTHON) scripts/fetch/changes.py $(B)/payloads.lock.before $(B)/payloads.lock
	@$(PYTHON) scripts/fetch/security.py $(B)/payloads.lock

# Every payload there is, for `make check` without a network.
fetch-all:
	@$(PYTHON) scripts/fetch/fetch.py --update
endif

$(B)/images/payloads.lock: $(B)/payloads.lock
	@mkdir -p $(@D)
	@cp $< $@
$(B)/payloads.lock: $(B)/payloads.mk ;
images-y += $(B)/images/payloads.lock
