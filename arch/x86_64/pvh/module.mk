# SPDX-License-Identifier: Apache-2.0
small-y += elf.o place.o start_info.o guest_acpi.o dsdt.o guest_mp.o
