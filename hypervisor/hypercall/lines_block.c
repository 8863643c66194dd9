// SPDX-License-Identifier: Apache-2.0
/* XENMEM_memory_map as the architecture's block says it: some of the memory is what the block's other parts lie in. */
#include "memory.h"

#include <hyp/arch/image.h>

unsigned int memory_lines(const struct domain *d, struct memory_line *to)
{
	struct guest_memory line;
	unsigned int n = 0;

	while (n < MEMORY_MAX_LINES && arch_guest_memory(d, n, &line)) {
		memory_line_set(&to[n++], line.base, line.bytes, line.type);
	}
	return n;
}
