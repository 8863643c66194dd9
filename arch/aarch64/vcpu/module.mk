# SPDX-License-Identifier: Apache-2.0
obj-y += vcpu.o state.o ptimer.o
small-y += debug.o controls.o controls_cpu.o fdt.o
