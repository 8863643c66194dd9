/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest calls to use others' grants, for the tests of both versions of the table. */
#ifndef TESTS_GRANT_CALLS_H
#define TESTS_GRANT_CALLS_H

#include <hyp/domain.h>
#include <hyp/xen.h>

/** grant_op() - one operation of grant_table_op by @d's first vCPU, its arguments read and written back. */
int64_t grant_op(struct domain *d, uint64_t cmd, void *arg, size_t size);

/** grant_map() - @d wants to see grant @ref of domain @dom at frame @gfn. Return: the answer. */
struct gnttab_map_grant_ref grant_map(struct domain *d, domid_t dom, grant_ref_t ref, uint64_t gfn,
				      uint32_t flags);

/** grant_unmap() - the reverse. Return: the status. */
int16_t grant_unmap(struct domain *d, grant_handle_t handle, uint64_t gfn);

/**
 * grant_world() - three domains that run; what one grants, two may use. @version: the highest of tables that one may have, 0: as
 * plans have it that do not say.
 */
void grant_world(uint32_t version);

/** grant_world_anew() - as after all three were restarted, the mapper first; nothing is at @gfn and behind, where they map. */
void grant_world_anew(uint64_t gfn);

#endif
