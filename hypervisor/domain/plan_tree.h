/* SPDX-License-Identifier: Apache-2.0 */
/* A partial device tree that is being read, between plan_tree.c and plan_tree_words.c. */
#ifndef DOMAIN_PLAN_TREE_H
#define DOMAIN_PLAN_TREE_H

#include "plan_reader.h"

/** struct plan_partial - the tree of a domain. */
struct plan_partial {
	struct plan_reader *r;
	struct plan_domain *d;
	const void *fdt;
	int top; /* /passthrough */
};

static inline const char *plan_partial_name(const struct plan_partial *t, int node)
{
	return fdt_get_name(t->fdt, node, NULL);
}

/** plan_partial_at() - a node as reports name it. */
static inline int plan_partial_at(const struct plan_partial *t, int node)
{
	return PLAN_TREE_NODE(t->d->domid, node);
}

/** plan_is_covered() - is every page of @size bytes from @base on among those of the @n ranges @by? */
bool plan_is_covered(const struct plan_range *by, uint32_t n, uint64_t base, uint64_t size);

/** plan_each_node() - every node below /passthrough. Return: false, reported: there are too many, one below the other. */
bool plan_each_node(const struct plan_partial *t,
		    void (*visit)(const struct plan_partial *t, int node));

/** plan_check_partial() - what the nodes say to the guest; all that they give was read. */
void plan_check_partial(const struct plan_partial *t);

#if defined(PLAN_IS_BRIEF) && !defined(__clang_analyzer__)
#define plan_check_partial(t) ((void)(t))
#endif

#endif
