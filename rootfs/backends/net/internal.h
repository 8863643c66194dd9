/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the switch share. */
#ifndef NET_INTERNAL_H
#define NET_INTERNAL_H

#include "net.h"

#define NET_PAGE       4096u
#define ETH_HEAD       14u
#define TAG_BYTES      4u
#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_ARP  0x0806u
#define ETHERTYPE_VLAN 0x8100u
#define ETHERTYPE_IPV6 0x86ddu
#define IP_ICMPV6      58u
#define IP_TCP	       6u
#define IP_UDP	       17u
#define MAC_MULTICAST  (UINT64_C(1) << 40)
#define MAC_BROADCAST  UINT64_C(0xffffffffffff)
#define NO_PKT	       0xffffu
#define MIN_GSO	       8u /* Linux cuts TCP no finer */
#define AGE_US	       300000000u

/**
 * struct net_pkt - a packet, without a VLAN tag, one run of bytes over its pages.
 *
 * Everything here was read and checked once; the bytes are ours and nobody else's.
 */
struct net_pkt {
	uint32_t len;	   /* with the Ethernet header */
	uint16_t refs;	   /* whoever holds it */
	uint16_t start;	   /* in the first page: 4 where a tag was */
	uint16_t vid;	   /* of its VLAN */
	uint8_t tag[4];	   /* as it would stand in the frame */
	uint16_t gso_size; /* 0: as it is */
	uint8_t gso_type;  /* XEN_NETIF_GSO_TYPE_* */
	uint16_t l4;	   /* offset of TCP's or UDP's header, once frame_offload() found it */
	uint32_t ip_end;   /* offset behind what IP carries */
	uint8_t ip_protocol;
	bool is_ipv6;
	bool is_csum_blank, is_validated;
	uint16_t nr_pages;
	uint16_t pages[NET_PKT_PAGES];
};

/** struct net_bucket - a rate, by bytes in each period; what is not used is kept up to a limit. */
struct net_bucket {
	uint64_t credit, per, max, at_us;
	uint32_t period_us;
};

/** struct net_ring_state - our side of a front end's rings. */
struct net_ring_state {
	uint32_t tx_cons,
		rx_cons; /* requests taken; as many answers have been put, or will be before we return */
	bool must_notify_tx, must_notify_rx;
};

enum net_kind {
	NET_VIF,
	NET_UPLINK,
};

/** struct net_port - a port of the switch. */
struct net_port {
	struct net_port_config config;
	enum net_kind kind;
	uint32_t bridge;
	bool is_up, is_broken, is_owed; /* owed: it waits for its rate */
	struct net_features features;
	struct net_vif vif;
	struct net_ring_state ring;
	struct net_bucket bucket;
	struct net_counters counters;
	uint16_t queue[NET_QUEUE];
	uint32_t queue_first, queue_len, queue_pages;
	uint32_t nr_mcast;
	uint64_t mcast[NET_MAX_MCAST];
};

/* pkt.c: pages and packets */

/** pkt_new() - for @len bytes, all else 0. Return: its number; NO_PKT: no room. */
uint16_t pkt_new(struct net *n, uint32_t len);
/** pkt_get(), pkt_put() - one more holder, one less; the last one frees it. */
void pkt_get(struct net *n, uint16_t pkt);
void pkt_put(struct net *n, uint16_t pkt);
/** pkt_at() - the bytes from offset @at. @run: how many lie together. */
uint8_t *pkt_at(const struct net *n, const struct net_pkt *p, uint32_t at, uint32_t *run);
/** pkt_copy() - @len bytes from offset @at. */
void pkt_copy(const struct net *n, const struct net_pkt *p, uint32_t at, void *to, uint32_t len);
/** pkt_fill() - the same, the other way. */
void pkt_fill(const struct net *n, const struct net_pkt *p, uint32_t at, const void *from,
	      uint32_t len);

/* frame.c: what the headers say */

/** struct net_frame - the addresses and the tag of a frame. */
struct net_frame {
	uint64_t dst, src;
	uint32_t ethertype;
	bool is_tagged;
	uint16_t tci;
};

uint32_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);
void put16(uint8_t *p, uint32_t v);
void put32(uint8_t *p, uint32_t v);
uint64_t get_mac(const uint8_t *p);
/** frame_read() - take the tag off, tell what is there. Return: false: too short. */
bool frame_read(const struct net *n, struct net_pkt *p, struct net_frame *f);
/** frame_offload() - if the sender left work to us, find the headers for it. Return: false: they are not sound. */
bool frame_offload(const struct net *n, struct net_pkt *p, const struct net_frame *f);

/* offload.c, segment.c */

/** offload_csum() - work out the checksum that was left blank. */
void offload_csum(const struct net *n, struct net_pkt *p);
/** segment_count() - how many packets of the wire's size it makes. */
uint32_t segment_count(const struct net *n, const struct net_pkt *p);
/** segment_make() - the @i-th of them, checksum and all. Return: NO_PKT: no room. */
uint16_t segment_make(struct net *n, uint16_t pkt, uint32_t i);

/* guard.c */

/** guard_allows() - whether @port may send this: its own addresses only. */
bool guard_allows(const struct net *n, const struct net_port *port, const struct net_pkt *p,
		  const struct net_frame *f);

/* bucket.c */
void bucket_init(struct net_bucket *b, uint64_t bytes, uint32_t period_us, uint64_t now_us);
/** bucket_take() - Return: false: not now, but when bucket_when() says. */
bool bucket_take(struct net_bucket *b, uint32_t bytes, uint64_t now_us);
uint64_t bucket_when(const struct net_bucket *b, uint32_t bytes);

/* fdb.c: who is where */
size_t fdb_memory(uint32_t max_ports);
void fdb_init(struct net_fdb *f, uint32_t max_ports);
/** fdb_pin() - @mac is @port's for good. Return: false: it is another's. */
bool fdb_pin(struct net_fdb *f, uint32_t bridge, uint64_t mac, uint32_t port);
/** fdb_learn() - @mac has sent from @port. Return: false: it cannot have, it is pinned elsewhere. */
bool fdb_learn(struct net_fdb *f, uint32_t bridge, uint16_t vid, uint64_t mac, uint32_t port,
	       uint64_t now_us);
/** fdb_find() - Return: the port, or -1: nobody knows. */
int fdb_find(const struct net_fdb *f, uint32_t bridge, uint16_t vid, uint64_t mac, uint64_t now_us);
/** fdb_forget() - what was learned of @port. */
void fdb_forget(struct net_fdb *f, uint32_t port);

/* switch.c */

/** switch_input() - @port sent @pkt: check it and queue it where it goes. Takes the caller's hold of it. */
void switch_input(struct net *n, uint32_t port, uint16_t pkt);
/** switch_next() - the first in @port's queue, NO_PKT: none. */
uint16_t switch_next(const struct net_port *port);
/** switch_pop() - it has left; the hold of it is the caller's now. */
void switch_pop(struct net *n, struct net_port *port);
/** switch_is_tagged() - whether the packet bears its tag when it leaves at @port. */
bool switch_is_tagged(const struct net_port *port, const struct net_pkt *p);

/* tx.c, rx.c, vif.c; "tx" is the front end's sending. All return whether they did something. */
bool tx_serve(struct net *n, uint32_t port);
bool rx_serve(struct net *n, uint32_t port);
/** vif_cut_off() - it lied: its rings are not looked at any more. */
void vif_cut_off(struct net *n, uint32_t port, const char *why);
/** vif_push() - publish the answers from @old to @rsp. Return: whether the front end wants to be told. */
bool vif_push(uint32_t *rsp_prod, const uint32_t *rsp_event, uint32_t old, uint32_t rsp);

/** struct net_place - bytes in a page: by grant of @domid, or by frame number of ours. */
struct net_place {
	uint16_t domid; /* DOMID_SELF */
	uint64_t page;
	uint32_t offset;
};

/** copy_add() - one more grant copy, within one page at each end. */
void copy_add(struct net *n, const struct net_place *from, const struct net_place *to,
	      uint32_t len);
/** copy_run() - do them all; what came out stands in n->copies. Return: how many there were. */
uint32_t copy_run(struct net *n);
/** copy_own() - the place of our own byte at @p. */
struct net_place copy_own(const void *p);

static inline uint32_t shared_load(const uint32_t *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static inline void shared_store(uint32_t *to, uint32_t value)
{
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
}

/** shared_fence() - what we wrote is seen before what we read next was written. */
static inline void shared_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#endif
