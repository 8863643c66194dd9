/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: shared-memory */
/*
 * Static shared memory: pieces of the machine that several domains have in their physical spaces.
 *
 * It is cleared once, before anybody runs. A restart leaves it as it is as long as another domain that has it is not
 * down for good, for that one may be using it, or as the plan says `ashlar,keep` for a domain that has it; else it is
 * cleared like the domain's own memory. Which end was its owner does not matter.
 */
#include "internal.h"

#include <hyp/arch/p2m.h>
#include <hyp/errno.h>
#include <hyp/log.h>

#include <libfdt.h>
#include <string.h>

static const struct plan_shm *view(const struct domain *d, uint32_t n)
{
	return n < d->plan->nr_shms ? &d->board->shms[d->plan->first_shm + n] : NULL;
}

int shm_map(struct domain *d)
{
	const struct plan_shm *s;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && (s = view(d, i)) != NULL; i++) {
		rc = arch_p2m_map(d, gpa(s->at), paddr(s->host), s->size, P2M_RAM);
	}
	return rc;
}

int shm_build(struct domain *d)
{
	const struct plan_shm *s;
	uint32_t i;
	int rc = shm_map(d);

	for (i = 0; rc == 0 && (s = view(d, i)) != NULL; i++) {
		if (plan_shm_first(d->board, d->plan->first_shm + i) == d->plan->first_shm + i) {
			rc = ram_clear_range(s->host, s->size);
		}
	}
	return rc;
}

/* Does the plan keep it for @d, or may another domain that has it be using it, now or later? */
static bool must_stay(const struct domain *d, const struct plan_shm *mine)
{
	const struct plan *p = d->board;
	uint32_t i;

	for (i = 0; i < p->nr_shms; i++) {
		const struct plan_shm *s = &p->shms[i];
		const struct domain *other = domain_get(s->domid);

		if (strcmp(s->id, mine->id) != 0 || other == NULL) {
			continue;
		}
		if (s->is_kept || (other != d && __atomic_load_n(&other->state, __ATOMIC_ACQUIRE) !=
							 DOMAIN_DEAD)) {
			return true;
		}
	}
	return false;
}

int shm_clear_step(struct domain *d, uint64_t *done)
{
	const struct plan_shm *s;
	uint64_t before = 0, n;
	uint32_t i;
	int rc;

	for (i = 0; (s = view(d, i)) != NULL && *done >= before + s->size; i++) {
		before += s->size;
	}
	if (s == NULL) {
		return 0;
	}
	if (must_stay(d, s)) {
		*done = before + s->size;
		return 1;
	}
	n = MIN(before + s->size - *done, RAM_STEP_BYTES);
	rc = ram_clear_range(s->host + (*done - before), n);
	*done += n;
	return rc == 0 ? 1 : rc;
}

static int write_node(const struct plan_shm *s, void *fdt)
{
	fdt64_t reg[2] = { cpu_to_fdt64(s->at), cpu_to_fdt64(s->size) };
	char name[32];
	int err;

	hyp_snprintf(name, sizeof(name), "xen-shmem@%llx", (unsigned long long)s->at);
	err = fdt_begin_node(fdt, name);
	if (err == 0) {
		err = fdt_property(fdt, "compatible", "xen,shared-memory-v1",
				   sizeof("xen,shared-memory-v1"));
	}
	if (err == 0) {
		err = fdt_property(fdt, "reg", reg, sizeof(reg));
	}
	if (err == 0) {
		err = fdt_property(fdt, "xen,id", s->id, (int)strlen(s->id) + 1);
	}
	if (err == 0) {
		err = fdt_property_u64(fdt, "xen,offset", 0);
	}
	return err == 0 ? fdt_end_node(fdt) : err;
}

int guest_fdt_shms(const struct domain *d, void *fdt)
{
	const struct plan_shm *s;
	uint32_t i;
	int err;

	if (d->plan->nr_shms == 0) {
		return 0;
	}
	err = fdt_begin_node(fdt, "reserved-memory");
	if (err == 0) {
		err = fdt_property_u32(fdt, "#address-cells", 2);
	}
	if (err == 0) {
		err = fdt_property_u32(fdt, "#size-cells", 2);
	}
	if (err == 0) {
		err = fdt_property(fdt, "ranges", "", 0);
	}
	for (i = 0; err == 0 && (s = view(d, i)) != NULL; i++) {
		err = write_node(s, fdt);
	}
	return err == 0 ? fdt_end_node(fdt) : err;
}
