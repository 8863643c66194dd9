// SPDX-License-Identifier: Apache-2.0
/*
 * The end that uses what was granted: maps a page to write and one to read, copies both ways, and keeps its mappings
 * until the other end dies; then it says what they show. Key: r reboots, mappings and all.
 */
#include "grant.h"

#include "xen_guest.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/sched.h>
#include <xen/xen.h>

#define LAST_WORD 0xdeadu

static uint32_t own[WORDS] __attribute__((aligned(4096)));
static domid_t front;
static uint64_t place; /* of the ring, then of the page to write, then of the one to read */

static struct {
	uint32_t port;
	grant_handle_t ring, write, read;
	bool is_mapped; /* the last two */
} link;

static volatile uint32_t *page(unsigned int n)
{
	return (void *)(uintptr_t)(place + n * PAGE);
}

static int16_t map(grant_ref_t ref, unsigned int n, uint32_t flags, grant_handle_t *handle)
{
	struct gnttab_map_grant_ref m = { .host_addr = place + n * PAGE,
					  .flags = GNTMAP_host_map | flags,
					  .ref = ref,
					  .dom = front };

	(void)grant_op(GNTTABOP_map_grant_ref, &m);
	*handle = m.handle;
	return m.status;
}

static int16_t unmap(unsigned int n, grant_handle_t handle)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = place + n * PAGE, .handle = handle };

	(void)grant_op(GNTTABOP_unmap_grant_ref, &u);
	return u.status;
}

/* From the page that is only read to ours, and on to the one that is for it. */
static bool copy_both_ways(void)
{
	struct gnttab_copy in = { .source = { .u.ref = REF_READ, .domid = front },
				  .dest = { .u.gmfn = (uintptr_t)own / PAGE, .domid = DOMID_SELF },
				  .len = PAGE,
				  .flags = GNTCOPY_source_gref };
	struct gnttab_copy out = { .source = { .u.gmfn = (uintptr_t)own / PAGE,
					       .domid = DOMID_SELF },
				   .dest = { .u.ref = REF_COPY, .domid = front },
				   .len = PAGE,
				   .flags = GNTCOPY_dest_gref };

	fill(own, 0);
	(void)grant_op(GNTTABOP_copy, &in);
	(void)grant_op(GNTTABOP_copy, &out);
	return in.status == GNTST_okay && out.status == GNTST_okay && has_words(own, PATTERN);
}

static void work(volatile struct ring *ring)
{
	grant_handle_t none;
	bool is_refused = map(REF_READ, 3, 0, &none) == GNTST_general_error;
	bool was_there;

	link.is_mapped = map(REF_WRITE, 1, 0, &link.write) == GNTST_okay &&
			 map(REF_READ, 2, GNTMAP_readonly, &link.read) == GNTST_okay;
	if (!link.is_mapped) {
		print("a map was refused\n");
		return;
	}
	was_there = has_words(page(1), PATTERN) && has_words(page(2), PATTERN);
	fill(page(1), ANSWER);
	print("mapped: %s, copied: %s, writing what is to be read: %s\n",
	      was_there ? "right" : "WRONG", copy_both_ways() ? "right" : "WRONG",
	      is_refused ? "refused" : "ALLOWED");
	ring->back_is_done = READY;
	xen_event_send(link.port);
}

/* Empty, or what we wrote there ourselves when the last one went: the page is ours alone. */
static bool is_the_fronts(uint32_t word)
{
	return word != 0 && word != LAST_WORD;
}

/* Nobody's memory is behind them any more: writing harms nobody, and the handles are good to the end. */
static void let_go(void)
{
	int16_t status = GNTST_okay;

	xen_event_close(link.port);
	link.port = 0;
	if (link.is_mapped) {
		bool is_seen = is_the_fronts(page(1)[7]) || is_the_fronts(page(2)[7]);

		page(1)[7] = LAST_WORD;
		print("the front is gone: its pages are %s\n", is_seen ? "STILL SEEN" : "empty");
		status = unmap(1, link.write);
		status = status == GNTST_okay ? unmap(2, link.read) : status;
		link.is_mapped = false;
	}
	status = status == GNTST_okay ? unmap(0, link.ring) : status;
	print("unmapped: %s\n", status == GNTST_okay ? "yes" : "NO");
}

static void greet(uint32_t front_port)
{
	if (map(RING_REF, 0, 0, &link.ring) != GNTST_okay) {
		return;
	}
	link.port = xen_event_bind(front, front_port);
	if (link.port == 0) {
		(void)unmap(0, link.ring);
	} else {
		print("bound to port %u of domain %u\n", (uint64_t)front_port, (uint64_t)front);
	}
}

_Noreturn void back_main(const struct machine *m, uint16_t front_domid, uint32_t front_port)
{
	front = front_domid;
	place = m->grants;
	if (xen_event_bind_virq(VIRQ_DOM_EXC) == 0) {
		print("not told of others' ends\n");
	}
	for (;;) {
		volatile struct ring *ring = (void *)page(0);

		(void)xen_events_take();
		if (link.port != 0 && !xen_event_is_bound(link.port)) {
			let_go();
		}
		if (link.port == 0) {
			greet(front_port);
		}
		if (link.port != 0 && !link.is_mapped && ring->front_is_ready == READY) {
			work(ring);
		}
		if (take_key() == FRONT_REBOOT) {
			xen_shutdown(SHUTDOWN_reboot);
		}
		wait_a_while();
	}
}
