/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grant tables: the frames, and what is in them before their guest runs, which is of version 1.
 *
 * Lock: struct gnttab's own, see internal.h; domain.lock for where the guest put its frames.
 * Spec: Xen public grant_table.h.
 */
#include "internal.h"

#include <hyp/errno.h>
#include <hyp/gnttab.h>
#include <hyp/pool.h>

#include <string.h>

_Static_assert(sizeof(struct track) == 16, "256 mappings a frame are promised in the plan");

static int init_frames(struct gnttab *g, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		g->frame[i] = (struct grant_frame){ page_alloc(0), UINT64_MAX };
		g->pins[i] = pool_alloc(sizeof(struct pins) * GRANTS_PER_FRAME);
		if (g->frame[i].page == NULL || g->pins[i] == NULL) {
			return -ENOMEM;
		}
	}
	g->nr_frames = nr;
	return 0;
}

static int init_tracks(struct gnttab *g, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		g->track[i] = page_alloc(0);
		g->bucket[i] = pool_alloc(sizeof(*g->bucket[i]) * TRACKS_PER_FRAME);
		if (g->track[i] == NULL || g->bucket[i] == NULL) {
			return -ENOMEM;
		}
	}
	g->nr_tracks = nr * (uint32_t)TRACKS_PER_FRAME;
	g->scratch = page_alloc(0);
	for (i = 0; i < g->nr_tracks; i++) {
		track_reset(g, i);
	}
	return g->scratch == NULL ? -ENOMEM : 0;
}

int gnttab_init(struct domain *d)
{
	int rc;

	d->gnttab = pool_alloc(sizeof(*d->gnttab));
	if (d->gnttab == NULL) {
		return -ENOMEM;
	}
	rc = init_frames(d->gnttab, d->plan->pv.grant_frames);
	rc = rc == 0 ? grant_v2_init(d) : rc;
	return rc == 0 ? init_tracks(d->gnttab, d->plan->pv.maptrack_frames) : rc;
}

bool gnttab_restart(struct domain *d, uint32_t step)
{
	struct gnttab *g = d->gnttab;

	if (step < g->nr_frames) {
		memset(g->frame[step].page, 0, PAGE_SIZE);
		memset(g->pins[step], 0, sizeof(struct pins) * GRANTS_PER_FRAME);
		g->frame[step].gfn = UINT64_MAX;
		return true;
	}
	if (grant_v2_restart(g, step - g->nr_frames)) {
		return true;
	}
	memset(g->scratch, 0, PAGE_SIZE);
	__atomic_store_n(&g->is_dead, false, __ATOMIC_RELEASE);
	return false;
}

/* As one word: its server may be waiting for it on another CPU. */
void gnttab_seed(struct domain *d, grant_ref_t ref, domid_t to, uint64_t gfn)
{
	union entry e = { .v1 = { GTF_permit_access, to, (uint32_t)gfn } };
	uint64_t *entries = d->gnttab->frame[0].page;

	__atomic_store_n(&entries[ref], e.word, __ATOMIC_RELEASE);
}

uint32_t gnttab_nr_frames(const struct domain *d)
{
	return d->gnttab->nr_frames;
}

static struct grant_frame *frame_of(const struct domain *d, uint64_t idx)
{
	struct gnttab *g = d->gnttab;

	if ((idx & XENMAPIDX_grant_table_status) != 0) {
		return grant_v2_frame(g, idx & ~XENMAPIDX_grant_table_status);
	}
	return idx < g->nr_frames ? &g->frame[idx] : NULL;
}

void *gnttab_frame(struct domain *d, uint64_t idx)
{
	struct grant_frame *f = frame_of(d, idx);

	return f == NULL ? NULL : f->page;
}

void gnttab_set_gfn(struct domain *d, uint64_t idx, uint64_t gfn)
{
	struct grant_frame *f = frame_of(d, idx);

	if (f != NULL) {
		f->gfn = gfn;
	}
}

uint64_t gnttab_gfn(const struct domain *d, uint64_t idx)
{
	struct grant_frame *f = frame_of(d, idx);

	return f == NULL ? UINT64_MAX : f->gfn;
}

uint32_t gnttab_version(const struct domain *d)
{
	return is_version_2(d->gnttab) ? 2 : 1;
}

int gnttab_set_version(struct domain *d, uint32_t version)
{
	return version == 1 || version == 2 ? grant_v2_switch(d->gnttab, version == 2) : -ENOSYS;
}
