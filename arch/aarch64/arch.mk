# SPDX-License-Identifier: Apache-2.0
# What the top-level build must know of this architecture.

ARCH_CLANG_TARGET := aarch64-linux-gnu
# FP registers belong to the guests; no helper library is linked, so atomics are inline.
# Two errata of Cortex-A53 are mended by compiler and linker, for every board.
ARCH_CFLAGS := -march=armv8-a -mgeneral-regs-only -mstrict-align -mno-outline-atomics -mfix-cortex-a53-835769
ARCH_AFLAGS := -march=armv8-a
# The erratum's sequences are mended in place: all that we refer to is within ADR's reach, or the linker says so. Veneers
# would take whole pages, as many as chance wants.
ARCH_LDFLAGS := -z max-page-size=4096 --fix-cortex-a53-843419=adr
# A loader takes an Image as it is in memory.
ARCH_OBJCOPY_FLAGS := -O binary
