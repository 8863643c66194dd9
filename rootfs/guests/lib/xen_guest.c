// SPDX-License-Identifier: Apache-2.0
/* Event channels (two levels) and grants, as a guest with one CPU uses them. Spec: Xen public event_channel.h, grant_table.h. */
#include "xen_guest.h"

#include "guest.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/xen.h>

#define WORD_BITS (8 * sizeof(xen_ulong_t))

/* The shared info page takes the place of this one in our physical space. */
static union {
	struct shared_info info;
	uint8_t page[4096];
} shared __attribute__((aligned(4096)));

static int64_t event_op(uint64_t op, void *arg)
{
	return (int64_t)xen_hypercall2(__HYPERVISOR_event_channel_op, op, arg);
}

bool xen_events_init(void)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info };

	x.gpfn = (uintptr_t)&shared >> 12;
	return xen_hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x) == 0;
}

void xen_events_quiet(void)
{
	/* What comes from here on raises the interrupt again. */
	__atomic_store_n(&shared.info.vcpu_info[0].evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
}

/* What was pending when it was forgotten; what is never forgotten; the words that a handler took out of the selector. */
static xen_ulong_t seen[WORD_BITS], kept[WORD_BITS], selected;

static xen_ulong_t take_selector(void)
{
	return __atomic_exchange_n(&shared.info.vcpu_info[0].evtchn_pending_sel, 0,
				   __ATOMIC_SEQ_CST);
}

void xen_events_note(void)
{
	xen_events_quiet();
	__atomic_fetch_or(&selected, take_selector(), __ATOMIC_SEQ_CST);
}

bool xen_events_are_new(void)
{
	return __atomic_load_n(&shared.info.vcpu_info[0].evtchn_pending_sel, __ATOMIC_SEQ_CST) != 0;
}

bool xen_events_take(void)
{
	xen_ulong_t words = take_selector() | __atomic_exchange_n(&selected, 0, __ATOMIC_SEQ_CST);

	for (xen_ulong_t left = words; left != 0; left &= left - 1) {
		unsigned int i = (unsigned int)__builtin_ctzl(left);

		seen[i] |= __atomic_fetch_and(&shared.info.evtchn_pending[i], kept[i],
					      __ATOMIC_SEQ_CST) &
			   ~kept[i];
	}
	return words != 0;
}

void xen_events_keep(uint32_t port)
{
	kept[port / WORD_BITS % WORD_BITS] |= (xen_ulong_t)1 << port % WORD_BITS;
}

bool xen_event_take_kept(uint32_t port)
{
	xen_ulong_t bit = (xen_ulong_t)1 << port % WORD_BITS;

	return (__atomic_fetch_and(&shared.info.evtchn_pending[port / WORD_BITS % WORD_BITS], ~bit,
				   __ATOMIC_SEQ_CST) &
		bit) != 0;
}

bool xen_events_are_pending(void)
{
	for (unsigned int i = 0; i < WORD_BITS; i++) {
		if ((__atomic_load_n(&shared.info.evtchn_pending[i], __ATOMIC_ACQUIRE) &
		     ~kept[i]) != 0) {
			return true;
		}
	}
	return false;
}

const struct vcpu_info *xen_vcpu_info(void)
{
	return &shared.info.vcpu_info[0];
}

bool xen_event_was_seen(uint32_t port)
{
	xen_ulong_t bit = (xen_ulong_t)1 << port % WORD_BITS;
	xen_ulong_t *word = &seen[port / WORD_BITS % WORD_BITS];
	bool was_seen = (*word & bit) != 0;

	*word &= ~bit;
	return was_seen;
}

uint32_t xen_event_bind(uint16_t domid, uint32_t port)
{
	struct evtchn_bind_interdomain b = { .remote_dom = domid, .remote_port = port };

	return event_op(EVTCHNOP_bind_interdomain, &b) == 0 ? b.local_port : 0;
}

uint32_t xen_event_bind_virq(uint32_t virq)
{
	struct evtchn_bind_virq b = { .virq = virq };

	return event_op(EVTCHNOP_bind_virq, &b) == 0 ? b.port : 0;
}

bool xen_event_is_bound(uint32_t port)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };

	return event_op(EVTCHNOP_status, &s) == 0 && s.status == EVTCHNSTAT_interdomain;
}

void xen_event_send(uint32_t port)
{
	struct evtchn_send s = { .port = port };

	(void)event_op(EVTCHNOP_send, &s);
}

void xen_event_close(uint32_t port)
{
	struct evtchn_close c = { .port = port };

	(void)event_op(EVTCHNOP_close, &c);
}

bool xen_domain_restart(uint16_t domid)
{
	struct sched_remote_shutdown s = { .domain_id = domid, .reason = SHUTDOWN_reboot };

	return xen_hypercall2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &s) == 0;
}

bool xen_grant_map(uint16_t domid, uint32_t ref, uint64_t addr, uint32_t *handle)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = addr, .flags = GNTMAP_host_map, .ref = ref, .dom = domid
	};

	if (xen_hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &m, 1) != 0 ||
	    m.status != GNTST_okay) {
		return false;
	}
	*handle = m.handle;
	return true;
}

void xen_grant_unmap(uint64_t addr, uint32_t handle)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = addr, .handle = handle };

	(void)xen_hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
}

uint64_t xen_hvm_param(uint32_t index)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index };

	return xen_hypercall2(__HYPERVISOR_hvm_op, HVMOP_get_param, &p) == 0 ? p.value : 0;
}

bool xen_grant_copy(struct gnttab_copy *ops, uint32_t nr)
{
	if (xen_hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, ops, nr) != 0) {
		return false;
	}
	for (uint32_t i = 0; i < nr; i++) {
		if (ops[i].status != GNTST_okay) {
			return false;
		}
	}
	return true;
}

/* An entry that nobody need have granted to us: only a domain without any is answered so. */
bool xen_grants_are_gone(uint16_t domid)
{
	static uint8_t byte;
	struct gnttab_copy c = { .source = { .u.ref = 0, .domid = domid },
				 .dest = { .u.gmfn = (uintptr_t)&byte / 4096,
					   .offset = (uint16_t)((uintptr_t)&byte % 4096),
					   .domid = DOMID_SELF },
				 .len = 1,
				 .flags = GNTCOPY_source_gref };

	(void)xen_hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, &c, 1);
	return c.status == GNTST_bad_domain;
}
