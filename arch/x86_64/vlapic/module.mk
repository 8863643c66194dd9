# SPDX-License-Identifier: Apache-2.0
obj-y += vlapic.o timer.o ipi.o regs.o
