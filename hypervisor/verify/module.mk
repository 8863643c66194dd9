# SPDX-License-Identifier: Apache-2.0
obj-y += digest.o digest_insn.o fit_regions.o fit_tree.o rsa.o verify.o
objs += $(B)/obj/generated/builtin_key.o
# Small rather than fast: once in a boot. What runs over every byte is mbedtls's.
cflags-y += -Os
