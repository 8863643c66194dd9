/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercalls with any number and any argument. */
#include "poke.h"

/* A pointer: into RAM, to its end, to nothing, misaligned, or anything. */
static uint64_t some_pointer(void)
{
	switch (next_random() & 7) {
	case 0:
		return HOLE;
	case 1:
		return GICD;
	case 2:
		return 0;
	case 3:
		return next_random();
	case 4:
		return ~0UL - 3;
	default:
		return RAM + 0x800000 + (next_random() & 0x3fffff);
	}
}

void poke_hypercalls(void)
{
	for (unsigned int i = 0; i < 20000; i++) {
		uint64_t nr = next_random() % 64;
		uint64_t cmd = next_random() % 40;

		/* leave the domain running and its own pages where they are */
		if (nr == HYPERCALL_SCHED_OP || nr == HYPERCALL_MEMORY_OP) {
			continue;
		}
		accesses++;
		(void)xen_call(nr, cmd, some_pointer(), some_pointer(), next_random());
	}
	(void)xen_call(~0UL, 0, 0, 0, 0);
	done("hypercalls");
}
