/* SPDX-License-Identifier: Apache-2.0 */
/* A call under way, between the files of this room. */
#ifndef COMPAT_INTERNAL_H
#define COMPAT_INTERNAL_H

#include <asm/compat.h>
#include <hyp/errno.h>
#include <hyp/types.h>
#include <hyp/xen.h>

/* How much of a long list is made the core's at once: as much as it does before it asks to be called again. */
#define COMPAT_AT_ONCE 16U

struct compat_call {
	struct vcpu *v;
	uint32_t nr;
	uint32_t *given;  /* the caller's registers; what it is to call again with */
	uint64_t args[5]; /* the core's */
	uint8_t *area;
	uint64_t area_at;
	size_t used;
	bool again;
};

/** compat_put() - @len bytes into the area, in a piece of @size, aligned. Return: where the core sees them. */
uint64_t compat_put(struct compat_call *c, const void *from, size_t len, size_t size);

/** compat_at() - what the core sees at @at. */
void *compat_at(const struct compat_call *c, uint64_t at);

/** compat_make() - the core's call with @c->args; registers that it changes are the caller's, if it asks again. */
int64_t compat_make(struct compat_call *c);

/** typedef compat_fn - one hypercall. Return: what the caller is told. */
typedef int64_t compat_fn(struct compat_call *c);

compat_fn compat_memory_op;
compat_fn compat_grant_table_op;
compat_fn compat_sched_op;
compat_fn compat_vcpu_op;
compat_fn compat_xen_version;

#endif
