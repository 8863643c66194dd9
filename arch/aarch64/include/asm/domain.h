/* SPDX-License-Identifier: Apache-2.0 */
/* The architecture's part of a domain and of a vCPU. */
#ifndef ASM_DOMAIN_H
#define ASM_DOMAIN_H

#include <asm/debug.h>
#include <asm/vgic.h>
#include <hyp/plan.h>
#include <hyp/timer.h>
#include <hyp/types.h>

/* The general registers of a trapped guest, on the stack of its CPU; 16-byte multiple. */
struct guest_regs {
	uint64_t x[31];
	uint64_t unused;
};

/* The same of a guest that is off its CPU; vectors.S knows the order. */
struct guest_saved {
	uint64_t x[31];
	uint64_t pc;
	uint64_t pstate;
};

/* vcpu/state.S has the order. */
struct el1_state {
	uint64_t cntv_cval, cntv_ctl;
	uint64_t others[22];
	uint64_t tcr, sctlr;
};

struct fp_state {
	uint64_t q[64];
	uint64_t fpcr, fpsr;
} __aligned(16);

/* The EL1 physical timer, which is emulated. */
struct ptimer {
	uint64_t cval;
	uint64_t ctl; /* ENABLE and IMASK */
	struct soft_timer timer;
};

struct arch_vcpu {
	struct guest_regs *regs; /* frame of the last trap; valid while the vCPU is on its CPU */
	uint64_t entry;		 /* where it starts, and with what in x0 */
	uint64_t arg;
	struct debug_state debug;
	bool is_fresh; /* (a) it starts there when it runs next; else it goes on */
	struct guest_saved saved;
	struct el1_state el1;
	struct fp_state fp;
	struct soft_timer vtimer; /* while it is off its CPU, for its virtual timer */
	struct ptimer ptimer;
	struct vgic_cpu vgic;
};

struct arch_domain {
	uint64_t *p2m_root;  /* level-1 table, or two of them in a row */
	uint64_t vttbr;	     /* VTTBR_EL2: root and VMID */
	uint64_t *p2m_spare; /* table pages set aside, each pointing to the next */
	unsigned int nr_p2m_spare;
	bool p2m_is_sealed;		  /* it has no others any more */
	uint64_t cntvoff;		  /* the virtual counter starts when the domain is built */
	uint8_t last_vcpu[PLAN_MAX_CPUS]; /* (by that CPU) whose stage 1 its TLB may hold: id + 1 */
	struct vgic vgic;
};

#define ARCH_RUNSTATE_PIECES 2

/* Xen's longs have 64 bits for 32-bit guests, too. */
static inline unsigned int arch_domain_word_bits(const struct arch_domain *a)
{
	(void)a;
	return 64;
}

#endif
