// SPDX-License-Identifier: Apache-2.0
/*
 * The back end's part in xenbus: features are offered, the front end names its ring and its port, both go to Connected.
 *
 * What is done follows from the two states as they are now, not from what they were: events only say that one changed.
 * So it does not matter what was missed, of the front end's earlier life or while we were not there. A front end that
 * is connected when we begin was served by an earlier life of ours, and goes on where that ended (ring.h).
 * Spec: Xen public io/xenbus.h, io/blkif.h.
 */
#include "io.h"

#include "platform.h"
#include "text.h"

#include <string.h>
#include <xen/io/xenbus.h>

static const char *node(const char *of, const char *name)
{
	static char path[IO_PATH + 48];
	char *at = path + text_put(path, of);

	at += text_put(at, "/");
	(void)text_put(at, name);
	return path;
}

static uint32_t state_of(struct xs *xs, const char *of)
{
	uint32_t state;

	return xs_read_number(xs, node(of, "state"), &state) ? state : XenbusStateUnknown;
}

static void put(struct xs *xs, const struct vbd *v, const char *name, uint64_t value)
{
	char text[24] = { 0 };

	(void)text_put_number(text, value);
	(void)xs_write(xs, node(v->back, name), text);
}

static void set_state(struct xs *xs, const struct vbd *v, uint32_t state)
{
	put(xs, v, "state", state);
}

static void fail(struct xs *xs, struct vbd *v, const char *why)
{
	vbd_disconnect(v);
	v->is_shut = true;
	(void)xs_write(xs, node(v->back, "error"), why);
	set_state(xs, v, XenbusStateClosed);
	plat_say("disk %u of domain %u: %s\n", (uint64_t)v->number, (uint64_t)v->domid, why);
}

static void offer(struct xs *xs, struct vbd *v)
{
	v->is_shut = false;
	if (!v->is_there) {
		fail(xs, v, "there is no such source");
		return;
	}
	put(xs, v, "feature-flush-cache", 1);
	put(xs, v, "feature-discard", v->disk.can_discard && v->is_writable);
	put(xs, v, "feature-persistent", 1);
	put(xs, v, "feature-max-indirect-segments", RING_MAX_SEGS);
	put(xs, v, "max-ring-page-order", RING_MAX_ORDER);
	set_state(xs, v, XenbusStateInitWait);
}

/* "ring-ref", or with an order "ring-ref0" and so on. Return: how many; 0: they are not said, or too many. */
static uint32_t read_refs(struct xs *xs, const struct vbd *v, uint32_t *refs)
{
	char name[32];
	uint32_t order, n;

	if (!xs_read_number(xs, node(v->front, "ring-page-order"), &order)) {
		return xs_read_number(xs, node(v->front, "ring-ref"), &refs[0]) ? 1 : 0;
	}
	for (n = 0; order <= RING_MAX_ORDER && n < 1u << order; n++) {
		(void)text_put_number(name + text_put(name, "ring-ref"), n);
		if (!xs_read_number(xs, node(v->front, name), &refs[n])) {
			return 0;
		}
	}
	return n;
}

/* Those that ring.c knows; not said: the same as ours. */
static bool knows_protocol(struct xs *xs, struct vbd *v)
{
	char text[XS_VALUE];
	bool is_said = xs_read(xs, node(v->front, "protocol"), text, sizeof(text));

	v->is_narrow = is_said && strcmp(text, "x86_32-abi") == 0;
	return !is_said || v->is_narrow || strcmp(text, "arm-abi") == 0 ||
	       strcmp(text, "x86_64-abi") == 0;
}

static bool is_connecting(uint32_t state)
{
	return state == XenbusStateInitialised || state == XenbusStateConnected;
}

/* What a domain that has ended meanwhile said before is not all there any more: it is not its fault. */
static void refuse(struct xs *xs, struct vbd *v, const char *why)
{
	if (plat_is_alive(v->domid, 0) && is_connecting(state_of(xs, v->front))) {
		fail(xs, v, why);
	}
}

static void connect(struct xs *xs, struct vbd *v)
{
	uint32_t refs[RING_MAX_PAGES], port, nr = read_refs(xs, v, refs);

	if (nr == 0 || !xs_read_number(xs, node(v->front, "event-channel"), &port)) {
		refuse(xs, v, "it names no ring or no port");
	} else if (!knows_protocol(xs, v)) {
		refuse(xs, v, "its protocol is not known here");
	} else if (!vbd_connect(v, refs, nr, port)) {
		refuse(xs, v, "its ring or its port cannot be reached");
	} else {
		put(xs, v, "sectors", v->disk.sectors);
		put(xs, v, "sector-size", SECTOR);
		put(xs, v, "info", v->is_writable ? 0 : VDISK_READONLY);
		set_state(xs, v, XenbusStateConnected);
		plat_say("disk %u of domain %u: connected\n", (uint64_t)v->number,
			 (uint64_t)v->domid);
	}
}

static void close_as(struct xs *xs, struct vbd *v, uint32_t state)
{
	vbd_disconnect(v);
	if (state_of(xs, v->back) != state) {
		set_state(xs, v, state);
	}
}

void bus_look(struct xs *xs, struct vbd *v)
{
	uint32_t state = state_of(xs, v->front);

	switch (state) {
	case XenbusStateInitialising:
		vbd_disconnect(v);
		if (state_of(xs, v->back) != XenbusStateInitWait) {
			offer(xs, v);
		}
		break;
	case XenbusStateInitialised:
	case XenbusStateConnected:
		if (v->is_connected && !plat_is_bound(v->port)) {
			vbd_disconnect(v); /* it was suspended, and has made its end anew */
		}
		v->is_look_due = !v->is_connected && !v->is_shut && !vbd_is_idle(v);
		if (!v->is_connected && !v->is_shut && !v->is_look_due) {
			connect(xs, v);
		}
		break;
	case XenbusStateClosing:
	case XenbusStateClosed:
		close_as(xs, v, state);
		break;
	default: /* its domain is not there, or has no such node */
		vbd_disconnect(v);
		break;
	}
}

void bus_begin(struct xs *xs, struct vbd *v, uint32_t index)
{
	(void)xs_watch(xs, node(v->front, "state"), index);
	bus_look(xs, v); /* who starts when we are ready finds what we offer */
}

/* Where its domain has begun anew meanwhile there is nobody to tell. */
void bus_cut_off(struct xs *xs, struct vbd *v)
{
	uint32_t state = state_of(xs, v->front);

	vbd_disconnect(v);
	v->is_shut = true;
	if (is_connecting(state)) {
		fail(xs, v, "it broke the rules of its ring and is cut off");
	}
}
