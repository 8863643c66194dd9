# SPDX-License-Identifier: Apache-2.0
obj-y += vcpu.o state.o ptimer.o debug.o
small-y += controls.o controls_cpu.o fdt.o
