// SPDX-License-Identifier: Apache-2.0
/*
 * The end that grants: three pages for the other to write, to read and to copy to; then it looks at what was done to
 * them. Before that it tries what no link allows. Its table is of version 2 where it may be. Keys: s says what is in use,
 * r reboots.
 */
#include "grant.h"

#include "xen_guest.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/xen.h>

static uint32_t written[WORDS] __attribute__((aligned(4096)));
static uint32_t only_read[WORDS] __attribute__((aligned(4096)));
static uint32_t copied[WORDS] __attribute__((aligned(4096)));
static volatile struct grant_entry_v1 *table;
static volatile union grant_entry_v2 *table2; /* the same place */
static volatile grant_status_t *status;	      /* NULL: version 1 */

static void grant_v2(grant_ref_t ref, domid_t to, const void *page, uint16_t flags)
{
	table2[ref].hdr.domid = to;
	table2[ref].full_page.frame = (uintptr_t)page / PAGE;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	table2[ref].hdr.flags = (uint16_t)(GTF_permit_access | flags);
}

static void grant(grant_ref_t ref, domid_t to, const void *page, uint16_t flags)
{
	if (status != NULL) {
		grant_v2(ref, to, page, flags);
		return;
	}
	table[ref].domid = to;
	table[ref].frame = (uint32_t)((uintptr_t)page / PAGE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	table[ref].flags = (uint16_t)(GTF_permit_access | flags);
}

static bool put_frame(uint64_t idx, uint64_t at)
{
	struct xen_add_to_physmap x = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .idx = idx, .gpfn = at / PAGE
	};

	return xen_hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x) == 0;
}

static bool find_table(const struct machine *m)
{
	struct gnttab_set_version s = { .version = 2 };
	bool is_v2 = grant_op(GNTTABOP_set_version, &s) == 0;

	print("grants are of version %u\n", s.version);
	table = (void *)(uintptr_t)m->grants;
	table2 = (void *)(uintptr_t)m->grants;
	if (is_v2) {
		status = (void *)(uintptr_t)(m->grants + PAGE);
	}
	return put_frame(0, m->grants) &&
	       (!is_v2 || put_frame(XENMAPIDX_grant_table_status, m->grants + PAGE));
}

static bool is_seeded(domid_t *store)
{
	*store = status != NULL ? table2[RING_REF].hdr.domid : table[RING_REF].domid;
	return *store != 0 && (status != NULL ? table2[RING_REF].full_page.frame
					      : table[RING_REF].frame) == RING_ADDR / PAGE;
}

#define UNLINKED 9u /* no domain at all here, and none that we may ask after */

/* What a link from us to the store does not give, and what none gives. */
static void try_what_is_refused(domid_t store, uint64_t free)
{
	struct gnttab_map_grant_ref map = {
		.host_addr = free, .flags = GNTMAP_host_map, .ref = RING_REF, .dom = store
	};
	struct gnttab_copy copy = { .source = { .u.gmfn = 0x40000, .domid = store },
				    .dest = { .u.gmfn = (uintptr_t)copied / PAGE,
					      .domid = DOMID_SELF },
				    .len = 8 };
	struct evtchn_bind_interdomain bind = { .remote_dom = UNLINKED, .remote_port = 1 };
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = UNLINKED };

	(void)grant_op(GNTTABOP_map_grant_ref, &map);
	(void)grant_op(GNTTABOP_copy, &copy);
	print("refused: map %s, copy %s, channel %s, offer %s\n",
	      map.status == GNTST_permission_denied ? "yes" : "NO",
	      copy.status == GNTST_permission_denied ? "yes" : "NO",
	      (int64_t)xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain,
				      &bind) == -1
		      ? "yes"
		      : "NO",
	      (int64_t)xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
				      &alloc) == -1
		      ? "yes"
		      : "NO");
}

static const char *use(grant_ref_t ref)
{
	uint16_t marks = status != NULL ? status[ref] : table[ref].flags;

	switch (marks & (GTF_reading | GTF_writing)) {
	case GTF_reading | GTF_writing:
		return "written";
	case GTF_reading:
		return "read";
	default:
		return "free";
	}
}

static void say_use(void)
{
	print("in use: %s, %s, %s\n", use(REF_WRITE), use(REF_READ), use(REF_COPY));
}

static void look(volatile struct ring *ring)
{
	print("the page is %s, the copy is %s\n", has_words(written, ANSWER) ? "answered" : "WRONG",
	      has_words(copied, PATTERN) ? "right" : "WRONG");
	say_use();
	ring->back_is_done = 0;
	fill(written, PATTERN); /* as the next one expects it */
	fill(copied, 0);
}

_Noreturn void front_main(const struct machine *m, uint32_t store_port)
{
	volatile struct ring *ring = (void *)(uintptr_t)RING_ADDR;
	domid_t store;

	if (store_port == 0 || !find_table(m)) {
		print("no store, or no grant table\n");
		machine_power_off(m, true);
	}
	print("the store's grant is %s\n", is_seeded(&store) ? "seeded" : "MISSING");
	try_what_is_refused(store, m->grants + 64ul * PAGE);
	fill(written, PATTERN);
	fill(only_read, PATTERN);
	grant(REF_WRITE, store, written, 0);
	grant(REF_READ, store, only_read, GTF_readonly);
	grant(REF_COPY, store, copied, 0);
	ring->front_is_ready = READY;
	for (;;) {
		int c = take_key();

		xen_event_send(store_port);
		(void)xen_events_take();
		if (ring->back_is_done == READY) {
			look(ring);
		}
		if (c == 's') {
			say_use();
		} else if (c == FRONT_REBOOT) {
			xen_shutdown(SHUTDOWN_reboot);
		}
		wait_a_while();
	}
}
