/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Networks: a learning switch, and the rings of the front ends that are plugged into it.
 *
 * Portable and single-threaded; all memory is given at start, none is taken later. Who uses it calls net_turn() until it
 * returns false, then sleeps until an event, or the time of net_wake_us().
 *
 * Spec: Xen public io/netif.h; IEEE 802.1Q for tags and for addresses that no bridge forwards.
 */
#ifndef NET_H
#define NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/netif.h>
#include <xen/xen.h>

#define NET_MAX_PORTS	32u
#define NET_MAX_BRIDGES 8u
#define NET_MAX_ADDRS	4u  /* IP addresses of a port */
#define NET_MAX_TRUNK	16u /* tagged VLANs of a port */
#define NET_MAX_MCAST	64u /* multicast addresses that a front end asks for */
#define NET_NAME_LEN	16u
#define NET_NO_VLAN	1u /* the VLAN of ports that name none */

#define NET_QUEUE	64u /* packets that wait for a port */
#define NET_QUEUE_PAGES 60u /* and the pages that they lie in: with all else 256 KiB for a port */
#define NET_BATCH	32u /* packets on their way */
#define NET_BATCH_PAGES 128u
#define NET_PKT_PAGES	17u
#define NET_COPIES	128u /* grant copies in one call */

#define NET_MTU	      1500u
#define NET_MAX_FRAME (NET_MTU + 14u)

/** struct net_addr - an IP address in network order; @len 4 or 16. */
struct net_addr {
	uint8_t len;
	uint8_t bytes[16];
};

/** struct net_port_config - what the plan says of a port. Numbers that are 0 mean the default. */
struct net_port_config {
	char name[NET_NAME_LEN];
	char bridge[NET_NAME_LEN];
	uint64_t mac;	      /* the first byte of six is the highest */
	bool may_use_any_mac; /* else every frame must come from @mac */
	uint32_t nr_addrs;    /* 0: any IP address */
	struct net_addr addrs[NET_MAX_ADDRS];
	uint16_t vlan; /* of untagged frames */
	uint32_t nr_trunk;
	uint16_t trunk[NET_MAX_TRUNK];
	uint64_t rate_bytes; /* so many bytes in each @rate_us; 0: no limit */
	uint32_t rate_us;
};

/** struct net_features - what a receiver takes as it is; all else is worked out for it. */
struct net_features {
	bool has_csum4, has_csum6; /* packets whose checksum is left blank */
	bool has_gso4, has_gso6;   /* TCP segments larger than the wire's */
	bool has_mcast_control;	   /* it says which multicasts it wants */
};

/** struct net_vif - a front end that has connected. */
struct net_vif {
	uint16_t domid;
	uint32_t tx_event,
		rx_event; /* our ports; the same one twice if the front end has one for both */
	netif_tx_sring_t *tx;
	netif_rx_sring_t *rx;
	struct net_features features;
};

/** struct net_counters - of a port, seen from the switch: "in" is what its owner sent. */
struct net_counters {
	uint64_t in_packets, in_bytes, out_packets, out_bytes;
	uint64_t spoofed;   /* a source that is not this port's */
	uint64_t malformed; /* too short, too long, headers that are not whole */
	uint64_t vlan;	    /* a tag that this port may not use */
	uint64_t copy;	    /* the front end's grants did not allow a copy */
	uint64_t full;	    /* nobody fetched */
};

struct net;

/** struct net_ops - what the core cannot do by itself. */
struct net_ops {
	/* GNTTABOP_copy; our own pages are named by their address / 4096 and DOMID_SELF */
	void (*copy)(struct gnttab_copy *ops, uint32_t nr);
	void (*notify)(uint32_t event);
	uint64_t (*now_us)(void);
	/* told once: the front end of @port broke the rules and is cut off */
	void (*cut_off)(struct net *n, uint32_t port, const char *why);
};

struct net_pkt;
struct net_fdb;
struct net_port;

/** struct net - all of it. */
struct net {
	struct net_ops ops;
	uint32_t nr_ports, nr_bridges, first, max_ports;
	char bridges[NET_MAX_BRIDGES][NET_NAME_LEN];
	struct net_port *ports;
	struct net_fdb *fdb;
	uint8_t *pages;
	struct net_pkt *pkts;
	uint16_t *free_pages, *free_pkts;
	uint32_t nr_free_pages, nr_free_pkts, nr_pages, nr_pkts;
	struct gnttab_copy copies[NET_COPIES];
	uint32_t nr_copies;
	uint64_t wake_us;
};

/** net_memory() - bytes that net_init() needs for so many ports. */
size_t net_memory(uint32_t max_ports);

/** net_init() - @memory, aligned to 4096 and of net_memory() bytes, becomes the switch's. */
void net_init(struct net *n, const struct net_ops *ops, void *memory, uint32_t max_ports);

/** net_add_port() - Return: its number, or -1: no room for it or its bridge, or its MAC address is another's. */
int net_add_port(struct net *n, const struct net_port_config *config);

/** net_connect() - the front end of @port is there; its rings go on behind the last answer that they hold. */
void net_connect(struct net *n, uint32_t port, const struct net_vif *vif);

/** net_disconnect() - let go of it and of what waits for it. The rings are not touched any more. */
void net_disconnect(struct net *n, uint32_t port);

/** net_is_connected() - and was not cut off. */
bool net_is_connected(const struct net *n, uint32_t port);

/** net_turn() - move some packets. Return: whether there may be more to do at once. */
bool net_turn(struct net *n);

/** net_wake_us() - when somebody's rate lets go on; UINT64_MAX: nobody waits for that. */
uint64_t net_wake_us(const struct net *n);

/** net_uplink_set() - make @port one that a driver serves, with the features of its device. */
void net_uplink_set(struct net *n, uint32_t port, const struct net_features *features);

/** net_uplink_put() - a frame of @len bytes has come. Return: false: no room; try again after a turn. */
bool net_uplink_put(struct net *n, uint32_t port, const void *frame, size_t len);

/** net_uplink_get() - the next frame to send, with its tag, into @room bytes. Return: its length, 0: none. */
size_t net_uplink_get(struct net *n, uint32_t port, void *frame, size_t room);

/** net_counters() - of @port. */
struct net_counters net_counters(const struct net *n, uint32_t port);

#endif
