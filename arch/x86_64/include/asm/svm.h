/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD's virtualization: the control block of a vCPU, as the hardware has it, and what a CPU needs for it.
 * Spec: AMD APM vol. 2 chapter 15 and appendix B.
 */
#ifndef ASM_SVM_H
#define ASM_SVM_H

#include <hyp/types.h>

#define MSR_VM_CR	   0xc0010114U
#define MSR_VM_HSAVE_PA	   0xc0010117U
#define MSR_TSC_RATIO	   0xc0000104U
#define TSC_RATIO_ONE	   BIT(32)
#define VM_CR_SVMDIS	   BIT(4)
#define CPUID_SVM	   0x8000000aU
#define CPUID_E1_ECX_SVM   BIT(2)
#define CPUID_SVM_EDX_NPT  BIT(0)
#define CPUID_SVM_EDX_NRIP BIT(3)
#define CPUID_SVM_EDX_TSC  BIT(4) /* TSC ratio */
#define CPUID_E1_EDX_1GB   BIT(26)

struct vmcb_segment {
	uint16_t selector;
	uint16_t attributes; /* of the descriptor: bits 47:40 and 55:52, side by side */
	uint32_t limit;
	uint64_t base;
};

#define VMCB_SEG_CODE32 0xc9bU /* flat, accessed, present: what PVH guests start with */
#define VMCB_SEG_DATA32 0xc93U
#define VMCB_SEG_CODE16 0x09bU
#define VMCB_SEG_DATA16 0x093U
#define VMCB_SEG_TSS32	0x08bU
#define VMCB_SEG_LDT	0x082U
#define VMCB_SEG_LONG	BIT(9)
#define VMCB_SEG_BIG	BIT(10)

#define SVM_CR8 BIT(8) /* of accesses to control registers */

/* Intercepts of the third word, those of the fourth. */
#define SVM_INTR     BIT(0)
#define SVM_NMI	     BIT(1)
#define SVM_SMI	     BIT(2)
#define SVM_INIT     BIT(3)
#define SVM_VINTR    BIT(4)
#define SVM_RDPMC    BIT(15)
#define SVM_CPUID    BIT(18)
#define SVM_RSM	     BIT(19)
#define SVM_IRET     BIT(20)
#define SVM_SWINT    BIT(21) /* INT n */
#define SVM_INVD     BIT(22)
#define SVM_PAUSE    BIT(23)
#define SVM_HLT	     BIT(24)
#define SVM_INVLPGA  BIT(26)
#define SVM_IOIO     BIT(27)
#define SVM_MSR	     BIT(28)
#define SVM_TASK     BIT(29)
#define SVM_FERR     BIT(30)
#define SVM_SHUTDOWN BIT(31)
#define SVM2_ALL_SVM 0x7fU /* VMRUN, VMMCALL, VMLOAD, VMSAVE, STGI, CLGI, SKINIT */
#define SVM2_WBINVD  BIT(9)
#define SVM2_MONITOR BIT(10)
#define SVM2_MWAIT   (BIT(11) | BIT(12))
#define SVM2_XSETBV  BIT(13)

#define SVM_VINTR_TPR	  0xffUL
#define SVM_VINTR_PENDING BIT(8)
#define SVM_VINTR_IGN_TPR BIT(20)
#define SVM_VINTR_MASKING BIT(24)
#define SVM_VINTR_VECTOR  32 /* eight bits from here */

#define SVM_EVENT_INTR	0UL
#define SVM_EVENT_NMI	(2UL << 8)
#define SVM_EVENT_EXCP	(3UL << 8)
#define SVM_EVENT_SOFT	(4UL << 8)
#define SVM_EVENT_TYPE	(7UL << 8)
#define SVM_EVENT_ERROR BIT(11)
#define SVM_EVENT_VALID BIT(31)

#define SVM_TLB_FLUSH_ALL 1

enum svm_exit {
	SVM_EXIT_CR8_WRITE = 0x18,
	SVM_EXIT_EXCP = 0x40,
	SVM_EXIT_EXCP_LAST = 0x5f,
	SVM_EXIT_INTR = 0x60,
	SVM_EXIT_NMI = 0x61,
	SVM_EXIT_SMI = 0x62,
	SVM_EXIT_INIT = 0x63,
	SVM_EXIT_VINTR = 0x64,
	SVM_EXIT_RDPMC = 0x6f,
	SVM_EXIT_CPUID = 0x72,
	SVM_EXIT_RSM = 0x73,
	SVM_EXIT_IRET = 0x74,
	SVM_EXIT_SWINT = 0x75,
	SVM_EXIT_INVD = 0x76,
	SVM_EXIT_HLT = 0x78,
	SVM_EXIT_INVLPGA = 0x7a,
	SVM_EXIT_IOIO = 0x7b,
	SVM_EXIT_MSR = 0x7c,
	SVM_EXIT_TASK = 0x7d,
	SVM_EXIT_FERR = 0x7e,
	SVM_EXIT_SHUTDOWN = 0x7f,
	SVM_EXIT_VMRUN = 0x80,
	SVM_EXIT_VMMCALL = 0x81,
	SVM_EXIT_SKINIT = 0x86,
	SVM_EXIT_WBINVD = 0x89,
	SVM_EXIT_MONITOR = 0x8a,
	SVM_EXIT_MWAIT_ARMED = 0x8c,
	SVM_EXIT_XSETBV = 0x8d,
	SVM_EXIT_NPF = 0x400,
};

struct vmcb {
	uint16_t cr_reads, cr_writes;
	uint16_t dr_reads, dr_writes;
	uint32_t exceptions;
	uint32_t misc1;
	uint32_t misc2;
	uint32_t misc3;
	uint8_t reserved1[0x03c - 0x018];
	uint16_t pause_threshold, pause_count;
	uint64_t iopm_pa;
	uint64_t msrpm_pa;
	uint64_t tsc_offset;
	uint32_t asid;
	uint32_t tlb_control;
	uint64_t vintr;
	uint64_t interrupt_shadow;
	uint64_t exit_code;
	uint64_t exit_info1;
	uint64_t exit_info2;
	uint64_t exit_int_info;
	uint64_t np_enable;
	uint8_t reserved2[0x0a8 - 0x098];
	uint64_t event_inj;
	uint64_t n_cr3;
	uint64_t lbr_control;
	uint64_t clean;
	uint64_t next_rip;
	uint8_t reserved3[0x400 - 0x0d0];

	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved4[0x4cb - 0x4a0];
	uint8_t cpl;
	uint8_t reserved5[4];
	uint64_t efer;
	uint8_t reserved6[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0;
	uint64_t dr7, dr6;
	uint64_t rflags;
	uint64_t rip;
	uint8_t reserved7[0x5d8 - 0x580];
	uint64_t rsp;
	uint8_t reserved8[0x5f8 - 0x5e0];
	uint64_t rax;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t cr2;
	uint8_t reserved9[0x668 - 0x648];
	uint64_t pat;
	uint8_t reserved10[0x1000 - 0x670];
};

_Static_assert(offsetof(struct vmcb, iopm_pa) == 0x040, "VMCB");
_Static_assert(offsetof(struct vmcb, vintr) == 0x060, "VMCB");
_Static_assert(offsetof(struct vmcb, exit_code) == 0x070, "VMCB");
_Static_assert(offsetof(struct vmcb, event_inj) == 0x0a8, "VMCB");
_Static_assert(offsetof(struct vmcb, next_rip) == 0x0c8, "VMCB");
_Static_assert(offsetof(struct vmcb, tr) == 0x490, "VMCB");
_Static_assert(offsetof(struct vmcb, efer) == 0x4d0, "VMCB");
_Static_assert(offsetof(struct vmcb, cr0) == 0x558, "VMCB");
_Static_assert(offsetof(struct vmcb, rip) == 0x578, "VMCB");
_Static_assert(offsetof(struct vmcb, rax) == 0x5f8, "VMCB");
_Static_assert(offsetof(struct vmcb, cr2) == 0x640, "VMCB");
_Static_assert(sizeof(struct vmcb) == 0x1000, "VMCB");

#endif
