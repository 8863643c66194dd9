# SPDX-License-Identifier: Apache-2.0
obj-$(CONFIG_V16550) += vioapic.o v16550.o com1.o
