/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: hostile-guest */
/*
 * The hypercall table: one row a hypercall; what has no row does not exist.
 * Spec: Xen public xen.h, __HYPERVISOR_*.
 */
#include "hypercall.h"

#include <hyp/arch/trap.h>

static hypercall_fn *const table[] = {
	[__HYPERVISOR_memory_op] = do_memory_op,
	[__HYPERVISOR_xen_version] = do_xen_version,
	[__HYPERVISOR_console_io] = do_console_io,
	[__HYPERVISOR_grant_table_op] = do_grant_table_op,
	[__HYPERVISOR_vm_assist] = do_vm_assist,
	[__HYPERVISOR_vcpu_op] = do_vcpu_op,
	[__HYPERVISOR_sched_op] = do_sched_op,
	[__HYPERVISOR_event_channel_op] = do_event_channel_op,
	[__HYPERVISOR_hvm_op] = do_hvm_op,
	[__HYPERVISOR_domctl] = do_domctl,
};

int64_t trap_hypercall(struct vcpu *v, uint64_t nr, const uint64_t args[5])
{
	if (nr >= ARRAY_SIZE(table) || table[nr] == NULL) {
		return -ENOSYS;
	}
	return table[nr](v, args);
}
