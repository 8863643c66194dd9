# SPDX-License-Identifier: Apache-2.0
small-y += digest.o $(if $(CONFIG_SHA_INSTRUCTIONS),digest_insn.o,digest_no_insn.o) fit_regions.o fit_tree.o rsa.o verify.o
objs += $(B)/obj/generated/builtin_key.o
