/* SPDX-License-Identifier: Apache-2.0 */
/* The architecture's part of a domain and of a vCPU. */
#ifndef ASM_DOMAIN_H
#define ASM_DOMAIN_H

#include <asm/debug.h>
#include <asm/vgic.h>
#include <hyp/types.h>

/* The general registers of a trapped guest, on the stack of its CPU; 16-byte multiple. */
struct guest_regs {
	uint64_t x[31];
	uint64_t unused;
};

struct arch_vcpu {
	struct guest_regs *regs; /* frame of the last trap; valid while the vCPU is on its CPU */
	uint64_t entry;		 /* where it starts, and with what in x0 */
	uint64_t arg;
	struct debug_state debug;
	struct vgic_cpu vgic;
};

struct arch_domain {
	uint64_t *s2_root;  /* level-1 table, or two of them in a row */
	uint64_t vttbr;	    /* VTTBR_EL2: root and VMID */
	uint64_t *s2_spare; /* table pages set aside, each pointing to the next */
	unsigned int nr_s2_spare;
	bool s2_is_sealed; /* it has no others any more */
	uint64_t cntvoff;  /* the virtual counter starts when the domain is built */
	struct vgic vgic;
};

#endif
