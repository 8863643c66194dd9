/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grant tables, version 1 and perhaps 2: the frames a guest writes its grants into, and what others do with those.
 *
 * Tables, books of mappings and scratch pages are made while domains are built; how large they are the plan says.
 * Functions for one operation fill its status, GNTST_*, and never fail otherwise.
 */
#ifndef HYP_GNTTAB_H
#define HYP_GNTTAB_H

#include <hyp/types.h>
#include <hyp/xen.h>

struct domain;

/** gnttab_init() - empty frames, mapped nowhere. Context: building. Return: 0; -ENOMEM. */
int __must_check gnttab_init(struct domain *d);

/**
 * gnttab_domain_died() - nothing that @d granted is seen by anybody any more: each mapping shows a scratch page of its
 * mapper's, on all CPUs, and is still undone by its handle. What @d itself had mapped is not in use any more.
 * @done: how far it is, from 0; moved on
 * Context: @d is dead, no vCPU of it on a CPU; no lock held. Before @d's memory is scrubbed.
 * Return: is there more? Each call does a bounded piece, and the first sees to it that nothing more is granted.
 */
bool __must_check gnttab_domain_died(struct domain *d, uint64_t *done);

/**
 * gnttab_restart() - frames empty again, mapped nowhere; after the last grants can be used.
 * @step: counts from 0; a frame each
 * Context: after gnttab_domain_died(). Return: is there more?
 */
bool __must_check gnttab_restart(struct domain *d, uint32_t step);

/** gnttab_seed() - entry @ref grants @gfn of @d to domain @to, read and write. Context: no vCPU of @d runs. */
void gnttab_seed(struct domain *d, grant_ref_t ref, domid_t to, uint64_t gfn);

/** gnttab_nr_frames() - of @d's table. */
uint32_t gnttab_nr_frames(const struct domain *d);

/** gnttab_version() - of @d's table now: 1 or 2. */
uint32_t gnttab_version(const struct domain *d);

/**
 * gnttab_set_version() - @d's guest chooses. The reserved entries stay, the others are gone where it changes.
 * Return: 0; -ENOSYS the plan does not allow it; -EBUSY others use its grants. Spec: GNTTABOP_set_version.
 */
int __must_check gnttab_set_version(struct domain *d, uint32_t version);

/** gnttab_frame() - frame @idx of the table, with XENMAPIDX_grant_table_status of its statuses; NULL: none. */
void *gnttab_frame(struct domain *d, uint64_t idx);

/** gnttab_set_gfn() / gnttab_gfn() - where the guest sees frame @idx; UINT64_MAX: nowhere, or no such frame. Context: d->lock. */
void gnttab_set_gfn(struct domain *d, uint64_t idx, uint64_t gfn);
uint64_t gnttab_gfn(const struct domain *d, uint64_t idx);

/**
 * gnttab_map() - @d sees a page that another domain granted to it, where nothing was.
 * @op: GNTMAP_host_map, GNTMAP_device_map or both, with GNTMAP_readonly or not, and nothing else; with the second alone
 *      @d sees nothing, the page is its devices'
 * Context: hypercall of @d; takes track, grant and domain locks.
 * Spec:    Xen public grant_table.h, GNTTABOP_map_grant_ref.
 */
void gnttab_map(struct domain *d, struct gnttab_map_grant_ref *op);

/** gnttab_unmap() - the reverse, by handle. Context and spec as above: GNTTABOP_unmap_grant_ref. */
void gnttab_unmap(struct domain *d, struct gnttab_unmap_grant_ref *op);

/**
 * gnttab_is_with_devices() - may a device of some other domain still access what @d granted? Then @d's memory is not
 * touched, even when @d is dead.
 */
bool gnttab_is_with_devices(const struct domain *d);

/**
 * gnttab_cache_flush() - caches of a page, @d's own or mapped by it, to memory: for devices that do not look into them.
 * Return: 0; -EINVAL not inside a page, nothing that is known; -EPERM neither its own nor mapped by it; -EOPNOTSUPP by
 *         reference. Spec: GNTTABOP_cache_flush.
 */
int __must_check gnttab_cache_flush(struct domain *d, const struct gnttab_cache_flush *op);

/** gnttab_copy() - bytes between two pages, each @d's own or granted to it; never across a page's end. Spec: GNTTABOP_copy. */
void gnttab_copy(struct domain *d, struct gnttab_copy *op);

#endif
