/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts that assembly, the linker script and C share: where the hypervisor is loaded and linked, its virtual address
 * space, page table bits, selectors, structure offsets (checked by assertions in boot/boot.c).
 */
#ifndef ASM_LAYOUT_H
#define ASM_LAYOUT_H

#ifdef __ASSEMBLER__
#define L_UL(x) x
#else
#define L_UL(x) x##UL
#endif

/* Linked in the top 2 GiB, so that addresses fit instructions; loaded at one machine address. */
#define HYP_VIRT_BASE L_UL(0xffffffff80000000) /* image and pool */
#define HYP_LOAD_BASE L_UL(0x2000000) /* above what UEFI firmware keeps at the start of memory */

/* Level-4 slot 510: mappings that come and go. */
#define HYP_SMALL_BASE	L_UL(0xffffff0000000000) /* arch_map(): page granular, up to 1 MiB each */
#define HYP_SMALL_PAGES 16384
#define HYP_WINDOW_BASE \
	L_UL(0xffffff0080000000) /* arch_window(): two pages a CPU, every other page unmapped */
#define HYP_WINDOW_STEP 8192	 /* from one to the other */
#define HYP_LARGE_BASE	L_UL(0xffffff0100000000) /* arch_map(): 2 MiB granular */
#define HYP_LARGE_UNITS 32768

#define HYP_STACK_SIZE 16384

/* Page table entries: AMD APM vol. 2 section 5.4. */
#define PTE_P	L_UL(0x001)
#define PTE_W	L_UL(0x002)
#define PTE_U	L_UL(0x004)
#define PTE_PWT L_UL(0x008)
#define PTE_PCD L_UL(0x010)
#define PTE_A	L_UL(0x020)
#define PTE_D	L_UL(0x040)
#define PTE_PS	L_UL(0x080)
#define PTE_NX	L_UL(0x8000000000000000)

/* Accessed and dirty are set from the start: the CPU never writes our tables. */
#define PTE_TABLE   (PTE_P | PTE_W | PTE_A)
#define PTE_HYP_RX  (PTE_P | PTE_A | PTE_D)
#define PTE_HYP_RO  (PTE_P | PTE_A | PTE_D | PTE_NX)
#define PTE_HYP_RW  (PTE_P | PTE_A | PTE_D | PTE_W | PTE_NX)
#define PTE_HYP_DEV (PTE_HYP_RW | PTE_PCD | PTE_PWT)

#define CR0_PE L_UL(0x00000001)
#define CR0_MP L_UL(0x00000002)
#define CR0_EM L_UL(0x00000004)
#define CR0_TS L_UL(0x00000008)
#define CR0_ET L_UL(0x00000010)
#define CR0_NE L_UL(0x00000020)
#define CR0_WP L_UL(0x00010000)
#define CR0_NW L_UL(0x20000000)
#define CR0_CD L_UL(0x40000000)
#define CR0_PG L_UL(0x80000000)

#define CR4_PSE	       L_UL(0x000010)
#define CR4_PAE	       L_UL(0x000020)
#define CR4_MCE	       L_UL(0x000040)
#define CR4_OSFXSR     L_UL(0x000200)
#define CR4_VMXE       L_UL(0x002000)
#define CR4_OSXMMEXCPT L_UL(0x000400)
#define CR4_OSXSAVE    L_UL(0x040000)
#define CR4_SMEP       L_UL(0x100000)
#define CR4_SMAP       L_UL(0x200000)

#define MSR_EFER  0xc0000080
#define EFER_SCE  L_UL(0x0001)
#define EFER_LME  L_UL(0x0100)
#define EFER_LMA  L_UL(0x0400)
#define EFER_NXE  L_UL(0x0800)
#define EFER_SVME L_UL(0x1000)

/* Selectors of the GDT: boot_gdt has the first four, each CPU's own all. */
#define SEL_CODE32 0x08
#define SEL_CODE   0x10
#define SEL_DATA   0x18
#define SEL_TSS	   0x20

/* Interrupt stacks of the TSS. */
#define IST_FAULT  1
#define IST_NMI	   2
#define IST_DOUBLE 3
#define IST_MCE	   4
#define IST_COUNT  4

/* struct cpu as the assembly sees it */
#define CPU_SELF  16
#define CPU_STACK 24

#endif
