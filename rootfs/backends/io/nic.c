// SPDX-License-Identifier: Apache-2.0
/*
 * The back end's part in xenbus for networks: features are offered, the front end names its two rings and its ports, both
 * go to Connected. As with disks (bus.c), what is done follows from the two states as they are now.
 *
 * A front end that is connected when we begin was served by an earlier life of ours; what its rings held unanswered then is
 * taken again.
 * Spec: Xen public io/xenbus.h; io/netif.h, for the names.
 */
#include "nic.h"

#include "platform.h"
#include "text.h"
#include "virtio_net.h"

#include <string.h>
#include <xen/io/xenbus.h>

#define PAGE	  4096u
#define PATH	  96u
#define MIN_FRAME 60u
#define NIC_PAGES 2u /* of a front end: a ring to send, one to receive */

/** struct nic - one interface. */
struct nic {
	const char *lie; /* NULL: it was none, its domain has ended */
	uint8_t *pages;	 /* where they are mapped */
	struct net_vif vif;
	struct net_port_config config;
	char front[PATH]; /* its nodes in the store */
	char back[PATH];
	uint32_t handle[NIC_PAGES];
	uint32_t number;
	uint32_t port; /* of the switch */
	uint16_t domid;
	bool is_shut;  /* until the front end starts anew: it lied, or could not be reached */
	bool is_lying; /* found out; the store is not told yet */
	bool is_connected;
};

static struct nic nics[NET_MAX_PORTS];
static uint32_t nr_nics, first_token;
static uint16_t own_domid;
static struct net net;
static struct net_port_config uplink_config;
static bool has_uplink;
static uint32_t uplink; /* its port */
static struct xs *store;
static bool has_liar; /* one is_lying */

void nic_reset(void)
{
	memset(nics, 0, sizeof(nics));
	memset(&net, 0, sizeof(net));
	nr_nics = 0;
	has_uplink = false;
}

void nic_uplink(const struct net_port_config *config)
{
	uplink_config = *config;
	has_uplink = true;
}

bool nic_add(uint16_t self, uint16_t domid, uint32_t number, const struct net_port_config *config)
{
	struct nic *v = &nics[nr_nics];

	if (nr_nics == NET_MAX_PORTS) {
		return false;
	}
	own_domid = self;
	nr_nics++;
	v->domid = domid;
	v->number = number;
	v->config = *config;
	return true;
}

size_t nic_memory(void)
{
	return nr_nics == 0 ? 0 : net_memory(nr_nics + has_uplink);
}

uint32_t nic_maps(void)
{
	return nr_nics * NIC_PAGES;
}

static const char *node(const char *of, const char *name)
{
	static char path[PATH + 48];
	char *at = path + text_put(path, of);

	at += text_put(at, "/");
	(void)text_put(at, name);
	return path;
}

static uint32_t state_of(const char *of)
{
	uint32_t state;

	return xs_read_number(store, node(of, "state"), &state) ? state : XenbusStateUnknown;
}

static void put(const struct nic *v, const char *name, uint64_t value)
{
	char text[24];

	(void)text_put_number(text, value);
	(void)xs_write(store, node(v->back, name), text);
}

/* Ports that are 0 were not bound. */
static void drop_link(struct nic *v)
{
	if (v->vif.tx_event != 0) {
		plat_close(v->vif.tx_event);
	}
	if (v->vif.rx_event != 0 && v->vif.rx_event != v->vif.tx_event) {
		plat_close(v->vif.rx_event);
	}
	for (uint32_t i = 0; i < NIC_PAGES; i++) {
		plat_unmap(v->pages + (size_t)i * PAGE, v->handle[i]);
	}
}

static void disconnect(struct nic *v)
{
	if (v->is_connected) {
		net_disconnect(&net, v->port);
		drop_link(v);
		v->is_connected = false;
	}
}

static void fail(struct nic *v, const char *why)
{
	disconnect(v);
	v->is_shut = true;
	(void)xs_write(store, node(v->back, "error"), why);
	put(v, "state", XenbusStateClosed);
	plat_say("%s: %s\n", v->config.name, why);
}

static void offer(struct nic *v)
{
	static const char features[][32] = {
		/* no pointers: nothing is relocated */
		"feature-sg",
		"feature-gso-tcpv4",
		"feature-gso-tcpv6",
		"feature-rx-copy",
		"feature-ipv6-csum-offload",
		"feature-multicast-control",
		"feature-split-event-channels",
	};

	v->is_shut = false;
	for (uint32_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		put(v, features[i], 1);
	}
	put(v, "feature-rx-flip", 0);
	put(v, "state", XenbusStateInitWait);
}

/* Whether the front end says so; it may leave it out. */
static bool says(const struct nic *v, const char *name)
{
	uint32_t value;

	return xs_read_number(store, node(v->front, name), &value) && value != 0;
}

static void read_features(const struct nic *v, struct net_features *f)
{
	bool has_sg = says(v, "feature-sg");

	f->has_csum4 = !says(v, "feature-no-csum-offload");
	f->has_csum6 = says(v, "feature-ipv6-csum-offload");
	f->has_gso4 = has_sg && says(v, "feature-gso-tcpv4");
	f->has_gso6 = has_sg && says(v, "feature-gso-tcpv6");
	f->has_mcast_control = says(v, "request-multicast-control");
}

/* One port for both rings, or one for each. */
static bool read_ports(const struct nic *v, uint32_t *tx, uint32_t *rx)
{
	if (xs_read_number(store, node(v->front, "event-channel-tx"), tx)) {
		return xs_read_number(store, node(v->front, "event-channel-rx"), rx);
	}
	*rx = 0;
	return xs_read_number(store, node(v->front, "event-channel"), tx);
}

static bool map_rings(struct nic *v, const uint32_t *refs)
{
	for (uint32_t i = 0; i < NIC_PAGES; i++) {
		if (!plat_map(v->domid, refs[i], v->pages + (size_t)i * PAGE, &v->handle[i])) {
			while (i-- > 0) {
				plat_unmap(v->pages + (size_t)i * PAGE, v->handle[i]);
			}
			return false;
		}
	}
	v->vif.tx = (netif_tx_sring_t *)(void *)v->pages;
	v->vif.rx = (netif_rx_sring_t *)(void *)(v->pages + PAGE);
	return true;
}

/* All or nothing. */
static bool make_link(struct nic *v, const uint32_t *refs, uint32_t tx, uint32_t rx)
{
	if (!map_rings(v, refs)) {
		return false;
	}
	v->vif.tx_event = plat_bind(v->domid, tx);
	v->vif.rx_event = rx == 0 ? v->vif.tx_event : plat_bind(v->domid, rx);
	if (v->vif.tx_event != 0 && v->vif.rx_event != 0) {
		return true;
	}
	drop_link(v);
	return false;
}

static bool is_connecting(uint32_t state)
{
	return state == XenbusStateInitialised || state == XenbusStateConnected;
}

/* As with disks (bus.c). */
static void refuse(struct nic *v, const char *why)
{
	if (plat_is_alive(v->domid, 0) && is_connecting(state_of(v->front))) {
		fail(v, why);
	}
}

static void connect(struct nic *v)
{
	uint32_t refs[NIC_PAGES], tx, rx;

	if (!xs_read_number(store, node(v->front, "tx-ring-ref"), &refs[0]) ||
	    !xs_read_number(store, node(v->front, "rx-ring-ref"), &refs[1]) ||
	    !read_ports(v, &tx, &rx)) {
		refuse(v, "it names no rings or no port");
	} else if (!says(v, "request-rx-copy") || !says(v, "feature-rx-notify")) {
		refuse(v, "it does not receive by copies, or cannot be waited for");
	} else if (!make_link(v, refs, tx, rx)) {
		refuse(v, "its rings or its ports cannot be reached");
	} else {
		v->is_connected = true;
		v->vif.domid = v->domid;
		read_features(v, &v->vif.features);
		net_connect(&net, v->port, &v->vif);
		put(v, "state", XenbusStateConnected);
		plat_say("%s: connected\n", v->config.name);
	}
}

static void close_as(struct nic *v, uint32_t state)
{
	disconnect(v);
	if (state_of(v->back) != state) {
		put(v, "state", state);
	}
}

static void look(struct nic *v)
{
	uint32_t state = state_of(v->front);

	switch (state) {
	case XenbusStateInitialising:
		disconnect(v);
		if (state_of(v->back) != XenbusStateInitWait) {
			offer(v);
		}
		break;
	case XenbusStateInitialised:
	case XenbusStateConnected:
		if (!v->is_connected && !v->is_shut) {
			connect(v);
		}
		break;
	case XenbusStateClosing:
	case XenbusStateClosed:
		close_as(v, state);
		break;
	default: /* its domain is not there, or has no such node */
		disconnect(v);
		break;
	}
}

static void copy(struct gnttab_copy *ops, uint32_t nr)
{
	(void)plat_copy(ops, nr);
}

static bool is_alive(const struct nic *v)
{
	return plat_is_alive(v->domid, v->vif.tx_event);
}

/* The store must not be asked here: see nic_settle(). */
static void cut_off(struct net *n, uint32_t port, const char *why)
{
	(void)n;
	for (uint32_t i = 0; i < nr_nics; i++) {
		if (nics[i].port == port) {
			nics[i].is_lying = has_liar = true;
			nics[i].lie = is_alive(&nics[i]) ? why : NULL;
		}
	}
}

static void name_nodes(struct nic *v)
{
	char *at = v->front;

	at += text_put(at, "/local/domain/");
	at += text_put_number(at, v->domid);
	at += text_put(at, "/device/vif/");
	(void)text_put_number(at, v->number);
	at = v->back;
	at += text_put(at, "/local/domain/");
	at += text_put_number(at, own_domid);
	at += text_put(at, "/backend/vif/");
	at += text_put_number(at, v->domid);
	at += text_put(at, "/");
	(void)text_put_number(at, v->number);
}

static void plug_in(struct nic *v, uint8_t *maps)
{
	int port = net_add_port(&net, &v->config);

	v->pages = maps;
	name_nodes(v);
	if (port < 0) {
		/* the plan's reader allows none such */
		plat_say("%s: bridge %s has no room for it\n", v->config.name, v->config.bridge);
		v->is_shut = true;
		return;
	}
	v->port = (uint32_t)port;
	plat_say("%s: network %u of domain %u, in bridge %s\n", v->config.name, (uint64_t)v->number,
		 (uint64_t)v->domid, v->config.bridge);
}

static void plug_in_uplink(void)
{
	const struct net_features none = { 0 };
	int port = net_add_port(&net, &uplink_config);

	has_uplink = port >= 0;
	if (has_uplink) {
		uplink = (uint32_t)port;
		net_uplink_set(&net, uplink, &none);
	}
	plat_say("%s: the board's network%s\n", uplink_config.bridge,
		 has_uplink ? "" : " has no room in it");
}

void nic_init(struct xs *xs, void *memory, void *maps, uint32_t token)
{
	struct net_ops ops;

	store = xs;
	first_token = token;
	if (nr_nics == 0) {
		return;
	}
	ops.copy = copy;
	ops.notify = plat_notify;
	ops.now_us = plat_now_us;
	ops.cut_off = cut_off;
	net_init(&net, &ops, memory, nr_nics + has_uplink);
	for (uint32_t i = 0; i < nr_nics; i++) {
		plug_in(&nics[i], (uint8_t *)maps + (size_t)i * NIC_PAGES * PAGE);
	}
	if (has_uplink) {
		plug_in_uplink();
	}
	for (uint32_t i = 0; i < nr_nics; i++) {
		(void)xs_watch(store, node(nics[i].front, "state"), first_token + i);
	}
}

/* A frame has at least so many bytes on a wire. */
static size_t pad(uint8_t *frame, size_t len)
{
	if (len < MIN_FRAME) {
		memset(frame + len, 0, MIN_FRAME - len);
		return MIN_FRAME;
	}
	return len;
}

/* What the device has received, a batch at most, and what it has room to send. */
static bool serve_uplink(void)
{
	const uint8_t *frame;
	uint8_t *room;
	bool is_busy = false;
	size_t len;

	for (uint32_t i = 0; i < NET_BATCH; i++) {
		frame = virtio_net_received(&len);
		if (frame == NULL || !net_uplink_put(&net, uplink, frame, len)) {
			break;
		}
		virtio_net_next();
		is_busy = true;
	}
	while ((room = virtio_net_room()) != NULL) {
		len = net_uplink_get(&net, uplink, room, VIRTIO_NET_FRAME);
		if (len == 0) {
			break;
		}
		virtio_net_send(pad(room, len));
		is_busy = true;
	}
	return is_busy;
}

bool nic_serve(void)
{
	bool is_busy = net.nr_ports != 0 && net_turn(&net);

	/* after the turn, so that what it queued leaves */
	return (net.nr_ports != 0 && has_uplink && serve_uplink()) || is_busy;
}

/* As bus_cut_off(). */
static void tell(struct nic *v)
{
	uint32_t state = state_of(v->front);

	disconnect(v);
	v->is_shut = v->lie != NULL;
	if (!v->is_shut) {
		return;
	}
	if (is_connecting(state)) {
		fail(v, v->lie);
	}
}

static bool settle(struct nic *v, uint32_t token)
{
	bool has_event = (store->events >> token & 1) != 0;

	store->events &= ~(1u << token);
	if (v->is_lying) {
		v->is_lying = false;
		tell(v);
		return true;
	}
	if (has_event) {
		look(v);
	}
	return has_event;
}

bool nic_settle(void)
{
	bool is_busy = false;

	if (nr_nics == 0 || (!has_liar && store->events >> first_token == 0)) {
		return false;
	}
	has_liar = false;
	for (uint32_t i = 0; i < nr_nics; i++) {
		is_busy |= settle(&nics[i], first_token + i);
	}
	return is_busy;
}

uint64_t nic_wake_us(void)
{
	return net.nr_ports != 0 ? net_wake_us(&net) : UINT64_MAX;
}

static void say_port(const char *name, uint32_t port)
{
	struct net_counters c = net_counters(&net, port);

	plat_say("%s: sent %u packets, %u bytes; received %u, %u\n", name, c.in_packets, c.in_bytes,
		 c.out_packets, c.out_bytes);
	plat_say(
		"%s: refused %u spoofed, %u malformed, %u of other VLANs; lost %u not fetched, %u not granted\n",
		name, c.spoofed, c.malformed, c.vlan, c.full, c.copy);
}

void nic_say(void)
{
	for (uint32_t i = 0; i < nr_nics; i++) {
		say_port(nics[i].config.name, nics[i].port);
	}
	if (has_uplink) {
		say_port(uplink_config.name, uplink);
	}
}
