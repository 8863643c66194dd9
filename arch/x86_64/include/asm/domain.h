/* SPDX-License-Identifier: Apache-2.0 */
/* The architecture's part of a domain and of a vCPU. */
#ifndef ASM_DOMAIN_H
#define ASM_DOMAIN_H

#include <asm/tsc.h>
#include <asm/vcpuid.h>
#include <asm/vlapic.h>
#include <asm/vmsr.h>
#include <hyp/plan.h>
#include <hyp/timer.h>
#include <hyp/types.h>

struct hvm_modes;
struct iommu_tables;
struct vmcb;
struct vmx_vcpu;

/* What FXSAVE writes: AMD APM vol. 5, "FXSAVE". */
struct fp_state {
	uint8_t bytes[512];
} __aligned(16);

struct arch_vcpu {
	uint64_t gpr
		[16]; /* general ones, by their numbers in instructions; RAX and RSP only while it is handled */
	uint64_t dr[4];	   /* DR0 to DR3 */
	struct vmcb *vmcb; /* SVM's */
	uint64_t vmcb_pa;
	struct vmx_vcpu *vmx; /* VMX's */
	struct fp_state fp;
	uint8_t *
		xsave; /* a page, instead of fp; NULL: the CPU has no XSAVE, or the domain may not have it */
	uint64_t xcr0;
	uint64_t entry; /* where it starts, and with what in EBX */
	uint64_t arg;
	bool is_fresh;	/* (a) it starts there when it runs next; else it goes on */
	bool is_loaded; /* its registers are those that an exit left: arch_vcpu_dump() may look */
	bool is_stepping; /* its next instruction is awaited by a single step, not asked for by the guest */
	bool steps_iret;
	bool steps_itself; /* the guest's own TF meanwhile, and its DR6 */
	bool is_at_int; /* what is at step_at is an INT n, and made without a step; irets_int: its handler's IRET is to exit for that */
	bool irets_int;
	uint64_t step_dr6;
	uint64_t
		step_at; /* an instruction that is stepped over because it is in an interrupt shadow */
	uint64_t tsc_moved; /* its guest has, its TSC */
	uint32_t tsc_aux;
	uint32_t asid;	       /* of this CPU's */
	uint64_t asid_age;     /* the generation of ASIDs that it is of; 0: none */
	uint64_t p2m_age;      /* domain's p2m_age when it was given */
	bool is_halted;	       /* HLT with interrupts masked */
	bool must_init;	       /* (a) an INIT has come: its own CPU stops it */
	bool awaits_sipi;      /* (a) it is stopped, and starts where a SIPI says */
	uint8_t upcall_vector; /* (a) for event channels, by its APIC; 0: the domain's */
	bool must_upcall;      /* (a) that is to be raised, once the APIC takes something */
	uint8_t *compat;       /* a page: structures of its 32-bit code as the core has them */
	const struct hvm_modes *
		modes; /* while it makes a hypercall, which changes none of them; NULL: hvm->modes() says */
	bool is_by_apic; /* what hvm_pending() found last: of its APIC, not the domain's own vector */
	bool is_compat;	   /* a hypercall of such code is under way */
	bool compat_again; /* ... which the core wants to be made again, with these */
	uint64_t compat_args[5];
	struct vlapic vlapic;
	struct vmsr vmsr;
	struct soft_timer apic_timer;
	const void *timed_info; /* the vcpu_info that has been told the time */
};

struct arch_domain {
	uint64_t *p2m_root;  /* level-4 table */
	uint64_t *p2m_spare; /* table pages set aside, each pointing to the next */
	unsigned int nr_p2m_spare;
	bool p2m_is_sealed;	    /* it has no others any more */
	uint64_t p2m_age;	    /* (a) changes whenever something was taken out of its space */
	struct iommu_tables *iommu; /* what its PCI functions reach; NULL: none is guarded */
	struct vlapic_set apics;
	struct vcpuid cpuid;
	struct tsc tsc;
	uint8_t callback_vector; /* HVM_PARAM_CALLBACK_IRQ; 0: none */
	bool is_narrow;		 /* (a) its words have 32 bits */
};

#define ARCH_RUNSTATE_PIECES 4

static inline unsigned int arch_domain_word_bits(const struct arch_domain *a)
{
	return __atomic_load_n(&a->is_narrow, __ATOMIC_RELAXED) ? 32 : 64;
}

#endif
