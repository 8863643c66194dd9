# SPDX-License-Identifier: Apache-2.0
obj-y += vcpu.o fdt.o
