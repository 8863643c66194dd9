# SPDX-License-Identifier: Apache-2.0
obj-y += vioapic.o v16550.o
