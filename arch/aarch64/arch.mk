# SPDX-License-Identifier: Apache-2.0
# What the top-level build must know of this architecture.

ARCH_CLANG_TARGET := aarch64-linux-gnu
# FP registers belong to the guests; no helper library is linked, so atomics are inline.
ARCH_CFLAGS := -march=armv8-a -mgeneral-regs-only -mstrict-align -mno-outline-atomics
ARCH_AFLAGS := -march=armv8-a
ARCH_LDFLAGS := -z max-page-size=4096
