// SPDX-License-Identifier: Apache-2.0
/*
 * The networks as a whole: memory, ports, turns.
 *
 * A turn takes one batch of each port that sends, and then fills the rings of those that receive. Who begins changes from
 * turn to turn.
 */
#include "internal.h"

#include <string.h>

static uint32_t nr_pkts(uint32_t max_ports)
{
	return max_ports * NET_QUEUE + NET_BATCH + NET_QUEUE;
}

static uint32_t nr_pages(uint32_t max_ports)
{
	return max_ports * NET_QUEUE_PAGES + NET_BATCH_PAGES;
}

static size_t round_up(size_t n)
{
	return (n + NET_PAGE - 1) / NET_PAGE * NET_PAGE;
}

size_t net_memory(uint32_t max_ports)
{
	return (size_t)nr_pages(max_ports) * NET_PAGE +
	       round_up(nr_pkts(max_ports) * sizeof(struct net_pkt)) +
	       round_up(max_ports * sizeof(struct net_port)) + round_up(fdb_memory(max_ports)) +
	       round_up((nr_pkts(max_ports) + nr_pages(max_ports)) * sizeof(uint16_t));
}

static void *carve(uint8_t **memory, size_t bytes)
{
	void *p = *memory;

	*memory += round_up(bytes);
	return p;
}

void net_init(struct net *n, const struct net_ops *ops, void *memory, uint32_t max_ports)
{
	uint8_t *at = memory;

	memset(n, 0, sizeof(*n));
	n->ops = *ops;
	n->max_ports = max_ports;
	n->wake_us = UINT64_MAX;
	n->nr_pages = n->nr_free_pages = nr_pages(max_ports);
	n->nr_pkts = n->nr_free_pkts = nr_pkts(max_ports);
	n->pages = carve(&at, (size_t)n->nr_pages * NET_PAGE);
	n->pkts = carve(&at, n->nr_pkts * sizeof(struct net_pkt));
	n->ports = carve(&at, max_ports * sizeof(struct net_port));
	n->fdb = carve(&at, fdb_memory(max_ports));
	n->free_pages = carve(&at, (n->nr_pages + n->nr_pkts) * sizeof(uint16_t));
	n->free_pkts = n->free_pages + n->nr_pages;
	memset(n->ports, 0, max_ports * sizeof(struct net_port));
	fdb_init(n->fdb, max_ports);
	for (uint32_t i = 0; i < n->nr_pages; i++) {
		n->free_pages[i] = (uint16_t)i;
	}
	for (uint32_t i = 0; i < n->nr_pkts; i++) {
		n->free_pkts[i] = (uint16_t)i;
	}
}

/* Return: its number, NET_MAX_BRIDGES: no room. */
static uint32_t find_bridge(struct net *n, const char *name)
{
	uint32_t i = 0;

	while (i < n->nr_bridges && strcmp(n->bridges[i], name) != 0) {
		i++;
	}
	if (i == n->nr_bridges && i < NET_MAX_BRIDGES) {
		memcpy(n->bridges[n->nr_bridges++], name, NET_NAME_LEN);
	}
	return i;
}

int net_add_port(struct net *n, const struct net_port_config *config)
{
	struct net_port *port = &n->ports[n->nr_ports];
	uint32_t bridge;

	if (n->nr_ports == n->max_ports) {
		return -1;
	}
	bridge = find_bridge(n, config->bridge);
	if (bridge == NET_MAX_BRIDGES ||
	    (!config->may_use_any_mac && !fdb_pin(n->fdb, bridge, config->mac, n->nr_ports))) {
		return -1;
	}
	memset(port, 0, sizeof(*port));
	port->config = *config;
	port->config.vlan = config->vlan != 0 ? config->vlan : NET_NO_VLAN;
	port->bridge = bridge;
	bucket_init(&port->bucket, config->rate_bytes, config->rate_us, n->ops.now_us());
	return (int)n->nr_ports++;
}

static void flush(struct net *n, struct net_port *port)
{
	while (switch_next(port) != NO_PKT) {
		uint16_t pkt = switch_next(port);

		switch_pop(n, port);
		pkt_put(n, pkt);
	}
}

void net_connect(struct net *n, uint32_t port, const struct net_vif *vif)
{
	struct net_port *p = &n->ports[port];

	flush(n, p);
	p->kind = NET_VIF;
	p->vif = *vif;
	p->features = vif->features;
	/* whoever served it before us answered so far, in order: the rest is taken again */
	p->ring = (struct net_ring_state){ .tx_cons = shared_load(&vif->tx->rsp_prod),
					   .rx_cons = shared_load(&vif->rx->rsp_prod),
					   .must_notify_tx = true,
					   .must_notify_rx = true };
	p->nr_mcast = 0;
	p->is_broken = false;
	p->is_up = true;
}

void net_disconnect(struct net *n, uint32_t port)
{
	struct net_port *p = &n->ports[port];

	flush(n, p);
	fdb_forget(n->fdb, port);
	p->is_up = false;
	p->is_owed = false;
}

bool net_is_connected(const struct net *n, uint32_t port)
{
	return n->ports[port].is_up && !n->ports[port].is_broken;
}

static void notify(struct net *n, struct net_port *port)
{
	bool tx = port->ring.must_notify_tx, rx = port->ring.must_notify_rx;

	port->ring.must_notify_tx = port->ring.must_notify_rx = false;
	if (!port->is_up || port->is_broken) {
		return;
	}
	if (tx) {
		n->ops.notify(port->vif.tx_event);
	}
	if (rx && !(tx && port->vif.tx_event == port->vif.rx_event)) {
		n->ops.notify(port->vif.rx_event);
	}
}

bool net_turn(struct net *n)
{
	bool is_more = false;

	n->wake_us = UINT64_MAX;
	for (uint32_t i = 0; i < n->nr_ports; i++) {
		is_more = tx_serve(n, (n->first + i) % n->nr_ports) || is_more;
	}
	for (uint32_t i = 0; i < n->nr_ports; i++) {
		is_more = rx_serve(n, i) || is_more;
	}
	for (uint32_t i = 0; i < n->nr_ports; i++) {
		notify(n, &n->ports[i]);
	}
	n->first = n->nr_ports != 0 ? (n->first + 1) % n->nr_ports : 0;
	return is_more;
}

uint64_t net_wake_us(const struct net *n)
{
	return n->wake_us;
}

struct net_counters net_counters(const struct net *n, uint32_t port)
{
	return n->ports[port].counters;
}
