# SPDX-License-Identifier: Apache-2.0
# What the top-level build must know of this architecture.

ARCH_CLANG_TARGET := x86_64-linux-gnu
# FP registers belong to the guests. No red zone: interrupts come on our own stack. The image lies in the top 2 GiB.
ARCH_CFLAGS := -m64 -march=x86-64 -mgeneral-regs-only -mno-red-zone -mcmodel=kernel -mstack-protector-guard=global \
	-fcf-protection=none
ARCH_AFLAGS := -m64
ARCH_LDFLAGS := -m elf_x86_64 -z max-page-size=4096
# A loader takes an ELF file with a note.
ARCH_OBJCOPY_FLAGS := --strip-all
