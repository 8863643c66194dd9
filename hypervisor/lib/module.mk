# SPDX-License-Identifier: Apache-2.0
# Freestanding strings, the arena, and the two libraries from source: libfdt and mbedtls.

obj-y += fdt.o string.o
small-y += arena.o
# All that is copied is normal memory, and the MMU is on before anything is.
$(B)/obj/$(here)/string.o: private CFLAGS := $(filter-out -mstrict-align,$(CFLAGS)) -DWORDS_ANYWHERE

LIBFDT_DIR = $(PAYLOAD_libfdt-src_DIR)/libfdt
MBEDTLS_DIR = $(PAYLOAD_mbedtls-src_DIR)

CPPFLAGS += -Ihypervisor/lib/config -isystem $(MBEDTLS_DIR)/include

# Our warnings are for our code. -Os: an image is hashed faster than it was loaded, so size matters more.
lib-cflags = $(filter-out $(WARNINGS) -O2,$(CFLAGS)) -Os -w
mbedtls-config := -DMBEDTLS_CONFIG_FILE='"$(if $(CONFIG_BUNDLE_ECDSA),mbedtls_target_ecdsa_config.h,mbedtls_target_config.h)"'
sha-insn-config := -DMBEDTLS_CONFIG_FILE='"mbedtls_sha_insn_config.h"'
CPPFLAGS += $(mbedtls-config)

quiet_cc_lib = CC
cmd_cc_lib = $(CC) $(lib-cflags) $(CPPFLAGS) -MMD -MF $@.d -c -o $@ $<
# A plan is read by hundreds of thousands of big-endian loads: -O2, for they are calls of their own otherwise, and
# -mno-strict-align, or each is four loads. Trees lie in normal memory, and caches are on before one is read. What writes
# trees, or looks at one once, is small.
quiet_cc_fdt = CC
cmd_cc_fdt = $(CC) $(filter-out -mstrict-align,$(lib-cflags)) $(if $(filter sha256.o,$(@F)),-O2) \
	$(CPPFLAGS) -MMD -MF $@.d -c -o $@ $<
# The only object that may use FP and SIMD registers; -O2, for it runs over every byte of the bundle, and as above: else
# half of its instructions would load single bytes.
quiet_cc_sha = CC
cmd_cc_sha = $(CC) $(filter-out -mgeneral-regs-only -mstrict-align -Os,$(lib-cflags)) -O2 -march=armv8-a+crypto \
	$(filter-out $(mbedtls-config),$(CPPFLAGS)) $(sha-insn-config) -MMD -MF $@.d -c -o $@ $<

libfdt-objs := $(addprefix $(B)/obj/libfdt/,fdt.o fdt_addresses.o fdt_check.o fdt_empty_tree.o fdt_ro.o \
	fdt_rw.o fdt_sw.o fdt_wip.o)
mbedtls-objs := $(addprefix $(B)/obj/mbedtls/,asn1parse.o asn1write.o bignum.o bignum_core.o \
	constant_time.o hmac_drbg.o md.o oid.o platform.o platform_util.o sha256.o \
	$(if $(CONFIG_BUNDLE_ECDSA),bignum_mod.o bignum_mod_raw.o ecdsa.o ecp.o ecp_curves.o,rsa.o rsa_alt_helpers.o))
sha-insn-obj := $(B)/obj/mbedtls/sha256_insn.o

$(libfdt-objs): $(B)/obj/libfdt/%.o: $(LIBFDT_DIR)/%.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc_fdt)
# Every image, where a CPU has no instructions for it, and every guest's seeds go through this one.
$(B)/obj/mbedtls/sha256.o: $(MBEDTLS_DIR)/library/sha256.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc_fdt)
$(filter-out %/sha256.o,$(mbedtls-objs)): $(B)/obj/mbedtls/%.o: $(MBEDTLS_DIR)/library/%.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc_lib)
$(sha-insn-obj): $(MBEDTLS_DIR)/library/sha256.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc_sha)
# The compiler takes what a system header includes for one, and does not name it.
$(mbedtls-objs) $(sha-insn-obj): $(wildcard hypervisor/lib/config/*.h)

objs += $(libfdt-objs) $(mbedtls-objs) $(if $(CONFIG_SHA_INSTRUCTIONS),$(sha-insn-obj))
