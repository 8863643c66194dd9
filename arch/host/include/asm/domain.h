/* SPDX-License-Identifier: Apache-2.0 */
/* What the fake machine keeps of a domain and of a vCPU: everything that a test may want to look at. */
#ifndef ASM_DOMAIN_H
#define ASM_DOMAIN_H

#include <hyp/arch/p2m.h>

#define HOST_P2M_EXTENTS 400
#define HOST_INTIDS	 64

/** struct host_extent - a contiguous piece of a guest's physical space. */
struct host_extent {
	uint64_t gpa;
	uint64_t pa;
	uint64_t size;
	enum p2m_type type;
};

struct arch_vcpu {
	uint64_t entry;
	uint64_t arg;
	unsigned int upcalls; /* arch_vcpu_set_upcall() calls */
	unsigned int dumps;   /* arch_vcpu_dump() calls */
	uint64_t again[5];    /* arch_vcpu_call_again() */
	unsigned int agains;  /* its calls */
	bool has_pending;     /* what arch_vcpu_has_pending() says */
};

struct arch_domain {
	struct host_extent extent[HOST_P2M_EXTENTS]; /* ascending */
	unsigned int nr_extents;
	bool is_sealed; /* arch_p2m_reserve() */
	unsigned int tables_left;
	bool irq[HOST_INTIDS]; /* levels */
	bool is_narrow;	       /* its words have 32 bits, as on a PC they may */
};

#define ARCH_RUNSTATE_PIECES 4

static inline unsigned int arch_domain_word_bits(const struct arch_domain *a)
{
	return a->is_narrow ? 32 : 64;
}

#endif
