// SPDX-License-Identifier: Apache-2.0
/* XENMEM_memory_map where memory is all that there is to tell. */
#include "memory.h"

/* Pieces that follow each other for the guest are one. */
unsigned int memory_lines(const struct domain *d, struct memory_line *to)
{
	const struct domain_ram *ram = d->ram;
	uint64_t base = 0, end = UINT64_MAX;
	unsigned int i, n = 0;

	for (i = 0; i < d->nr_ram; i++, ram++) {
		if (ram->gpa != end) {
			base = ram->gpa;
			n++;
		}
		end = ram->gpa + ram->size;
		memory_line_set(&to[n - 1], base, end - base, MEMORY_RAM);
	}
	return n;
}
