// SPDX-License-Identifier: Apache-2.0
/*
 * Whether the store of a plan holds all its clients at their quotas. Only our own store is asked about, by the layout and
 * the limits that it is built with: what another program needs, nobody here knows.
 */
#include <string.h>

#include "../../rootfs/backends/limits.h"
#include "ashlar.h"

#define STORE_IMAGE "rule:backend"
#define BEFORE	    (2 * MIB) /* what the program has of its domain's own memory */

/* The memory that it keeps over its restart, or NULL: it works with its domain's. */
static const struct plan_shm *kept(const struct plan *plan, const struct plan_domain *d)
{
	uint32_t i;

	for (i = 0; i < plan->nr_shms; i++) {
		if (plan->shms[i].domid == d->domid && plan->shms[i].id != NULL &&
		    strcmp(plan->shms[i].id, STORE_KEPT_ID) == 0) {
			return &plan->shms[i];
		}
	}
	return NULL;
}

static uint32_t nr_clients(const struct plan *plan)
{
	uint32_t i, nr = 0;

	for (i = 0; i < plan->nr_domains; i++) {
		nr += plan->domains[i].pv.has_store ? 1 : 0;
	}
	return nr;
}

static void check(const struct plan *plan, const struct plan_domain *d, struct findings *f)
{
	const struct store_limits limits = store_limits_configured();
	const struct plan_shm *shm = kept(plan, d);
	uint32_t nr = nr_clients(plan);
	uint64_t need = store_memory(&limits, nr);
	uint64_t own = d->memory_bytes > BEFORE ? d->memory_bytes - BEFORE : 0;
	uint64_t have = shm != NULL ? shm->size : own;

	if (need <= have) {
		return;
	}
	finding(f, shm != NULL ? shm->node : d->node, shm != NULL ? "xen,shared-mem" : "memory",
		"domain \"%s\": %u clients at their quotas need %lu KiB, %s has %lu KiB; give it %lu MiB (CONFIG_STORE_MEMORY_MIB) or lower the quotas (CONFIG_STORE_QUOTA_KIB, CONFIG_STORE_QUOTA_EVENT_KIB)",
		d->name, nr, (need + KIB - 1) / KIB,
		shm != NULL ? "the memory that it keeps" : "what its program leaves of its memory",
		have / KIB, (need + (shm != NULL ? 0 : BEFORE) + MIB - 1) / MIB);
}

void store_check(const struct plan *plan, struct findings *f)
{
	uint32_t i;

	for (i = 0; i < plan->nr_domains; i++) {
		const struct plan_domain *d = &plan->domains[i];

		if (d->pv.is_store && d->kernel.name != NULL &&
		    strcmp(d->kernel.name, STORE_IMAGE) == 0) {
			check(plan, d, f);
		}
	}
}
