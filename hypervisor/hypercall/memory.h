/* SPDX-License-Identifier: Apache-2.0 */
/* What memory_op's files share. */
#ifndef HYPERCALL_MEMORY_H
#define HYPERCALL_MEMORY_H

#include "hypercall.h"

/* How far a long call is stands above its number when it comes again; guests make it with nothing there. */
#define MEMORY_OP_BITS	   6
#define MEMORY_OP_MASK	   (BIT(MEMORY_OP_BITS) - 1)
#define MEMORY_MAX_EXTENTS BIT(40)

/** memory_decrease() / memory_populate() - XENMEM_decrease_reservation, XENMEM_populate_physmap. */
int64_t memory_decrease(struct vcpu *v, const uint64_t args[5]);
int64_t memory_populate(struct vcpu *v, const uint64_t args[5]);

/* A line of the map of memory; INT 15h E820h's, which the public headers do not have. */
struct memory_line {
	uint32_t base[2], size[2]; /* lower half first: they lie on multiples of 4 */
	uint32_t type;
};

static inline void memory_line_set(struct memory_line *to, uint64_t base, uint64_t size,
				   uint32_t type)
{
	*to = (struct memory_line){ { (uint32_t)base, (uint32_t)(base >> 32) },
				    { (uint32_t)size, (uint32_t)(size >> 32) },
				    type };
}

#define MEMORY_RAM	 1U
#define MEMORY_MAX_LINES (DOMAIN_MAX_RAM + 2)

/**
 * memory_lines() - what @d's guest is told of its memory, MEMORY_MAX_LINES at most. Return: how many.
 * GUEST_BLOCK of boards/Kconfig says whether the architecture has more to tell than where RAM is (lines_block.c, lines_ram.c).
 */
unsigned int memory_lines(const struct domain *d, struct memory_line *to);

/** memory_reservation() - XENMEM_current_reservation, XENMEM_maximum_reservation. */
int64_t memory_reservation(struct vcpu *v, uint64_t at, bool is_maximum);

#endif
