# SPDX-License-Identifier: Apache-2.0
small-y += digest.o $(if $(CONFIG_SHA_INSTRUCTIONS),digest_insn.o,digest_no_insn.o) fit_regions.o fit_tree.o verify.o \
	$(if $(CONFIG_BUNDLE_ECDSA),ecdsa.o signature_ecdsa.o,rsa.o signature_rsa.o)
objs += $(B)/obj/generated/builtin_key.o
