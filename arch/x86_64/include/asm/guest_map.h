/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PVH guest's physical space, as a PC has it: memory from 0 to 3 GiB, then from 4 GiB; the local APIC where it always
 * is. The PV pages lie where Xen's tools put them, below the APIC.
 */
#ifndef ASM_GUEST_MAP_H
#define ASM_GUEST_MAP_H

#define GUEST_RAM0_BASE 0x0UL
#define GUEST_RAM0_SIZE 0xc0000000UL
#define GUEST_RAM1_BASE 0x100000000UL
#define GUEST_RAM1_SIZE 0xff00000000UL

#define GUEST_MAGIC_BASE 0xfeff8000UL
#define GUEST_MAGIC_SIZE 0x00008000UL
#define GUEST_APIC_BASE	 0xfee00000UL
#define GUEST_APIC_SIZE	 0x00001000UL

/* Where a PC's firmware has its ROM, some look for one (GRUB: coreboot's): guests have none, and read ones. */
#define GUEST_NO_ROM_BASE 0xffff0000UL
#define GUEST_NO_ROM_SIZE 0x00010000UL

#endif
