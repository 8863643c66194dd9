// SPDX-License-Identifier: Apache-2.0
/*
 * Which hypercalls have structures that differ for 32-bit code; those of all others are the same for both.
 *
 * A structure is read once, into the area, and what the core decides on is there: the caller cannot change it meanwhile.
 * Spec: Xen public arch-x86/xen-x86_32.h: long, pointers and frame numbers have 32 bits, 64-bit numbers are aligned to 4.
 */
#include "internal.h"

#include <hyp/arch/trap.h>

#include <string.h>

uint64_t compat_put(struct compat_call *c, const void *from, size_t len, size_t size)
{
	size_t at = ALIGN_UP(c->used, sizeof(uint64_t));

	memset(c->area + at, 0, size);
	memcpy(c->area + at, from, len);
	c->used = at + size;
	return c->area_at + at;
}

void *compat_at(const struct compat_call *c, uint64_t at)
{
	return c->area + (at - c->area_at);
}

int64_t compat_make(struct compat_call *c)
{
	int64_t rc = trap_hypercall(c->v, c->nr, c->args);
	uint64_t again[5];

	c->again = compat_took_again(c->v, again);
	for (unsigned int i = 0; c->again && i < 5; i++) {
		if (again[i] != c->args[i]) {
			c->given[i] = (uint32_t)again[i];
		}
	}
	return rc;
}

static compat_fn *const table[] = {
	[__HYPERVISOR_memory_op] = compat_memory_op,
	[__HYPERVISOR_xen_version] = compat_xen_version,
	[__HYPERVISOR_grant_table_op] = compat_grant_table_op,
	[__HYPERVISOR_vcpu_op] = compat_vcpu_op,
	[__HYPERVISOR_sched_op] = compat_sched_op,
};

int64_t compat_hypercall(struct vcpu *v, uint32_t nr, uint32_t args[5], bool *again)
{
	struct compat_call c = { .v = v, .nr = nr, .given = args };
	int64_t rc;

	c.area = compat_area(v, &c.area_at);
	for (unsigned int i = 0; i < 5; i++) {
		c.args[i] = args[i];
	}
	if (nr < ARRAY_SIZE(table) && table[nr] != NULL) {
		rc = table[nr](&c);
	} else {
		rc = compat_make(&c);
	}
	*again = c.again;
	return rc;
}
