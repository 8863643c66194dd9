/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypercalls' functions, one file a hypercall, one row each in table.c.
 *
 * Each decodes: copies what the guest points at once, checks all of it, changes nothing; then calls one module that
 * performs. Arguments are the guest's registers, unchecked. Context: the vCPU's own CPU, interrupts masked.
 * Return: what the guest gets.
 */
#ifndef HYPERCALL_H
#define HYPERCALL_H

#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/guest_copy.h>
#include <hyp/types.h>
#include <hyp/xen.h>

typedef int64_t hypercall_fn(struct vcpu *v, const uint64_t args[5]);

hypercall_fn do_memory_op;
hypercall_fn do_xen_version;
hypercall_fn do_console_io;
hypercall_fn do_grant_table_op;
hypercall_fn do_vm_assist;
hypercall_fn do_vcpu_op;
hypercall_fn do_sched_op;
hypercall_fn do_event_channel_op;
hypercall_fn do_hvm_op;
hypercall_fn do_domctl;

/** is_self() - does the caller mean its own domain? No other is ever allowed. */
static inline bool is_self(const struct vcpu *v, domid_t domid)
{
	return domid == DOMID_SELF || domid == v->domain->id;
}

#endif
