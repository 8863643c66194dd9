# SPDX-License-Identifier: Apache-2.0
obj-y += time.o apic.o
small-y += irq.o msi.o
