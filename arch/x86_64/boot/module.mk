# SPDX-License-Identifier: Apache-2.0
obj-y += head.o trampoline.o
small-y += boot.o loader.o multiboot2.o firmware.o cpus.o clock.o cmos.o
