/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts that assembly, the linker script and C share: the hypervisor's virtual address space,
 * translation table bits and structure offsets (checked by assertions in boot/boot.c).
 *
 * EL2 without VHE has one table base, so there is only the lower half. Level-0 slot 511 is the
 * hypervisor's: no machine has memory there, so the identity mapping of the boot code never meets
 * it.
 */
#ifndef ASM_LAYOUT_H
#define ASM_LAYOUT_H

#ifdef __ASSEMBLER__
#define L_UL(x) x
#else
#define L_UL(x) x##UL
#endif

#define HYP_VIRT_BASE	L_UL(0xff8000000000) /* image and pool */
#define HYP_SMALL_BASE	L_UL(0xff8040000000) /* arch_map(): page granular, up to 1 MiB each */
#define HYP_SMALL_PAGES 16384
#define HYP_WINDOW_BASE \
	L_UL(0xff8080000000) /* arch_window(): two pages a CPU, every other page unmapped */
#define HYP_WINDOW_STEP 8192 /* from one to the other */
#define HYP_LARGE_BASE	L_UL(0xff8100000000) /* arch_map(): 2 MiB granular */
#define HYP_LARGE_UNITS 32768

#define HYP_STACK_SIZE 16384

/*
 * Stage 1 descriptors of the EL2 regime (Arm ARM D8.3): valid, type, MAIR index, access,
 * shareability.
 */
#define PTE_VALID   L_UL(0x1)
#define PTE_TABLE   L_UL(0x3)
#define PTE_PAGE    L_UL(0x3)
#define PTE_BLOCK   L_UL(0x1)
#define PTE_ATTR(i) (L_UL(i) << 2)
#define PTE_AP_RES1 L_UL(0x40)
#define PTE_RO	    L_UL(0x80)
#define PTE_SH_IN   L_UL(0x300)
#define PTE_AF	    L_UL(0x400)
#define PTE_XN	    L_UL(0x40000000000000)

#define MAIR_DEVICE 0
#define MAIR_NORMAL 1
#define MAIR_VALUE  0xff04 /* 0: Device-nGnRE, 1: Normal write-back */

#define PTE_NORMAL  (PTE_AF | PTE_SH_IN | PTE_ATTR(MAIR_NORMAL) | PTE_AP_RES1)
#define PTE_HYP_RX  (PTE_NORMAL | PTE_RO)
#define PTE_HYP_RO  (PTE_NORMAL | PTE_RO | PTE_XN)
#define PTE_HYP_RW  (PTE_NORMAL | PTE_XN)
#define PTE_HYP_DEV (PTE_AF | PTE_ATTR(MAIR_DEVICE) | PTE_AP_RES1 | PTE_XN)

/* struct cpu and struct guest_regs as the assembly sees them */
#define CPU_FAULT_STACK 16
#define CPU_STACK	24
#define CPU_SPECTRE_ARG 32
#define GUEST_REGS_SIZE 256

#endif
