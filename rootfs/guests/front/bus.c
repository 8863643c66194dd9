// SPDX-License-Identifier: Apache-2.0
/* A front end's way to its back end: what is said in the store, and the states of both. Spec: Xen public io/xenbus.h. */
#include "front.h"

#include "xen_guest.h"

#include "../../backends/io/platform.h"
#include "../../backends/io/text.h"

#include <string.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/xenbus.h>

static volatile struct grant_entry_v1 *grants;

void grants_are_at(volatile struct grant_entry_v1 *table)
{
	grants = table;
}

void grant(grant_ref_t ref, domid_t to, const void *page, uint16_t flags)
{
	grants[ref].domid = to;
	grants[ref].frame = (uint32_t)((uintptr_t)page / PAGE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	grants[ref].flags = (uint16_t)(GTF_permit_access | flags);
}

/* One path at a time. */
static const char *path_of(const struct bus *b, const char *name)
{
	static char path[128];
	size_t n = text_put(path, b->node);

	n += text_put(path + n, "/");
	(void)text_put(path + n, name);
	return path;
}

bool bus_write_text(struct bus *b, const char *name, const char *value)
{
	return xs_write(b->xs, path_of(b, name), value);
}

bool bus_write(struct bus *b, const char *name, uint32_t value)
{
	char text[24];

	(void)text_put_number(text, value);
	return bus_write_text(b, name, text);
}

bool bus_open(struct bus *b, struct xs *xs, const char *node, uint32_t token)
{
	uint32_t back;
	size_t n;

	*b = (struct bus){ .xs = xs, .node = node, .token = token };
	if (!xs_read(xs, path_of(b, "backend"), b->back_state,
		     sizeof(b->back_state) - sizeof("/state")) ||
	    !xs_read_number(xs, path_of(b, "backend-id"), &back)) {
		return false;
	}
	n = strlen(b->back_state);
	memcpy(b->back_state + n, "/state", sizeof("/state"));
	b->back = (domid_t)back;
	return xs_watch(xs, b->back_state, token);
}

static uint32_t back_state(struct bus *b)
{
	uint32_t state = XenbusStateUnknown;

	b->xs->events &= ~(1u << b->token);
	(void)xs_read_number(b->xs, b->back_state, &state);
	return state;
}

static bool has_moved(const struct bus *b)
{
	return (b->xs->events >> b->token & 1) != 0;
}

void bus_rest(struct bus *b)
{
	if (!xs_take(b->xs)) {
		io_wait();
	}
}

bool bus_is_cut(struct bus *b)
{
	return has_moved(b) && back_state(b) != XenbusStateConnected;
}

/* Return: false: it went somewhere else, from where it does not come back by itself. */
static bool wait_for(struct bus *b, uint32_t wanted)
{
	uint32_t state = back_state(b);

	while (state != wanted) {
		if (wanted == XenbusStateConnected && state >= XenbusStateClosing) {
			return false;
		}
		bus_rest(b);
		if (has_moved(b)) {
			state = back_state(b);
		}
	}
	return true;
}

bool bus_begin(struct bus *b)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = b->back };

	if (!bus_write(b, "state", XenbusStateInitialising) || !wait_for(b, XenbusStateInitWait)) {
		return false;
	}
	if (b->port != 0) {
		xen_event_close(b->port);
	}
	b->port = (int64_t)xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
					  &a) == 0
			  ? a.port
			  : 0;
	return b->port != 0 && bus_write(b, "event-channel", b->port);
}

bool bus_connect(struct bus *b, uint32_t state)
{
	return bus_write(b, "state", state) && wait_for(b, XenbusStateConnected) &&
	       bus_write(b, "state", XenbusStateConnected);
}
