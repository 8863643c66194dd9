# SPDX-License-Identifier: Apache-2.0
obj-y += vcpu.o state.o ptimer.o controls.o controls_cpu.o debug.o fdt.o
