# SPDX-License-Identifier: Apache-2.0
obj-y += vcpu.o state.o
small-y += ptimer.o debug.o controls.o controls_cpu.o fdt.o
