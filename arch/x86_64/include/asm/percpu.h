/* SPDX-License-Identifier: Apache-2.0 */
/* The architecture's part of struct cpu; the base of GS points to that. */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

#include <asm/layout.h>
#include <hyp/types.h>

struct cpu;
struct domain;
struct svm_cpu;
struct vmx_cpu;

/* AMD APM vol. 2 section 12.2.5, "64-Bit Task State Segment". */
struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} __attribute__((packed));

/** struct p2m_seen - what arch_p2m_lookup() found: a page or block of the domain's space that has this age. */
struct p2m_seen {
	uint64_t age;  /* 0: nothing */
	uint64_t base; /* guest-physical */
	uint64_t mask; /* of addresses within it */
	uint64_t pa;   /* and enum p2m_type in its lowest bits */
};

#define P2M_SEEN 16

struct arch_cpu {
	struct cpu *self;	 /* CPU_SELF */
	uint64_t stack;		 /* top of the ordinary stack (CPU_STACK) */
	uint64_t ist[IST_COUNT]; /* tops of those for faults, NMI, double faults, machine checks */
	uint64_t gdt[6];
	struct tss tss;
	uint32_t apic_id;
	bool must_flush;      /* (a) mappings were taken back: by NMI */
	uint64_t *window_pte; /* leaf of arch_window()'s page */
	void *window;
	const struct domain *last_domain; /* whose vCPU it ran last */
	struct svm_cpu *svm;
	struct vmx_cpu *vmx;
	struct p2m_seen p2m_seen[P2M_SEEN]; /* by the address's page */
};

static inline struct cpu *arch_this_cpu(void)
{
	struct cpu *cpu;

	/* not volatile: constant for the life of a CPU, so that the compiler may keep it */
	__asm__("movq %%gs:%c1, %0" : "=r"(cpu) : "i"(CPU_SELF));
	return cpu;
}

#endif
