# SPDX-License-Identifier: Apache-2.0
#
# make check, make check-list, make bench, the emulator's plugin for it, and the rules that compile the unit tests.

# Everything that tests write goes here: never the user's .config or build/.
CHECK_O ?= $(CURDIR)/out/check

run-tests = $(PYTHON) tests/run.py --out "$(CHECK_O)" --select "$(T)" $(if $(filter 1,$(SLOW)),--slow)

.PHONY: check check-list
check:
	@$(run-tests)

check-list:
	@$(run-tests) --list

# What the hypervisor costs, measured in a build of its own.
BENCH_O ?= $(CURDIR)/out/bench

.PHONY: bench
bench:
	@$(PYTHON) tests/bench/main.py "$(BENCH_O)"

# How much of the hypervisor the unit tests run.
.PHONY: coverage
coverage:
	@$(PYTHON) -B -m tests.runner.coverage "$(CHECK_O)"

# The rest compiles, and so needs a configuration.
ifeq ($(goal-kind),build)

# Unit tests: `unit-NAME := sources` in tests/unit/sources.mk makes $(B)/unit/NAME; fuzzers likewise.
include tests/unit/sources.mk tests/fuzz/sources.mk

rows = $(patsubst $1-%,%,$(filter $1-%,$(.VARIABLES)))

FUZZCC ?= clang
test-cc-unit = $(HOSTCC)
test-cc-fuzz = $(FUZZCC)
test-sanitize-unit = -fsanitize=address,undefined $(if $(filter 1,$(COVERAGE)),--coverage)
test-sanitize-fuzz = -fsanitize=fuzzer,address,undefined
test-libs-unit = -lcmocka
test-libs-fuzz =

test-cflags = -std=gnu11 -O1 -g -Wall -Wextra -Wconversion -Werror -fno-omit-frame-pointer \
	-fno-sanitize-recover=all -fstack-protector-strong -fno-common -DASHLAR_VERSION='"$(ASHLAR_VERSION)"' \
	-Ihypervisor/include -Iarch/host/include -Itests/unit -I$(B)/include/generated \
	-isystem $(PAYLOAD_xen-headers_DIR)/usr/include -isystem $(PAYLOAD_libfdt-src_DIR)/libfdt \
	-isystem $(PAYLOAD_mbedtls-src_DIR)/include -include $(B)/include/generated/autoconf.h
test-libfdt-src := $(wildcard $(PAYLOAD_libfdt-src_DIR)/libfdt/fdt*.c)

test-objects = $(patsubst %.c,$(B)/$1/obj/%.o,$(filter %.c,$($1-$2))) \
	$(if $(filter libfdt,$($1-$2)),$(B)/$1/libfdt.a)

# $1: unit or fuzz. The word "libfdt" in a row links the library that the hypervisor links.
define test-kind
$(B)/$1/libfdt.a: $(test-libfdt-src)
	@$$(call msg,AR,$$@)
	$$(Q)rm -rf $(B)/$1/libfdt && mkdir -p $(B)/$1/libfdt
	$$(Q)cd $(B)/$1/libfdt && $$(test-cc-$1) -g -O1 $$(test-sanitize-$1) \
		-I$(PAYLOAD_libfdt-src_DIR)/libfdt -c $(test-libfdt-src)
	$$(Q)rm -f $$@ && ar rcs $$@ $(B)/$1/libfdt/*.o

$(B)/$1/obj/%.o: %.c $(B)/include/generated/autoconf.h tests/tests.mk tests/$1/sources.mk
	@$$(call msg,HOSTCC,$$<)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(test-cc-$1) $$(test-cflags) $$(test-sanitize-$1) $$(cflags-$$<) -MMD -MP -c -o $$@ $$<

.PHONY: $1-tests
$1-tests: $(addprefix $(B)/$1/,$(call rows,$1))

-include $(patsubst %.c,$(B)/$1/obj/%.d,$(filter %.c,$(sort $(foreach name,$(call rows,$1),$($1-$(name))))))
endef

# $1: unit or fuzz, $2: a test's name
define test-program
$(B)/$1/$2: $(call test-objects,$1,$2)
	@$$(call msg,HOSTLD,$$@)
	$$(Q)$$(test-cc-$1) $$(test-sanitize-$1) -o $$@ $$^ $$(libs-$1-$2) $$(test-libs-$1)
endef

# The emulator's plugin that counts instructions. PLUGIN_INTERFACE: the version that the emulator asks for.
icount-so := $(B)/bench/icount$(addprefix -,$(PLUGIN_INTERFACE)).so

.PHONY: icount-plugin
icount-plugin: $(icount-so)
$(icount-so): tests/bench/icount.c tests/tests.mk
	@$(call msg,HOSTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -Wall -Wextra -Wconversion -Werror -fPIC -shared -fvisibility=hidden \
		$(addprefix -DINTERFACE_VERSION=,$(PLUGIN_INTERFACE)) -o $@ $<

$(foreach kind,unit fuzz,$(eval $(call test-kind,$(kind))))
$(foreach kind,unit fuzz,$(foreach name,$(call rows,$(kind)),$(eval $(call test-program,$(kind),$(name)))))

endif
