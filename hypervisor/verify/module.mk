# SPDX-License-Identifier: Apache-2.0
small-y += digest.o digest_insn.o fit_regions.o fit_tree.o rsa.o verify.o
objs += $(B)/obj/generated/builtin_key.o
