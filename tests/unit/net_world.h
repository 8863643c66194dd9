/* SPDX-License-Identifier: Apache-2.0 */
/* A switch with front ends on the build host: each port's guest has pages, grants and rings that the test plays. */
#ifndef TESTS_NET_WORLD_H
#define TESTS_NET_WORLD_H

#include "../../rootfs/backends/net/internal.h"

#define NW_PORTS 4u
#define NW_PAGES 320u /* of each guest; reference i is page i */
#define NW_BIG	 65536u

extern struct net nw;
extern uint8_t nw_page[NW_PORTS][NW_PAGES][NET_PAGE];
extern uint32_t nw_notified[NW_PORTS][2]; /* sending, receiving */
extern uint32_t nw_copies;
extern uint64_t nw_now_us;
extern const char *nw_cut_off[NW_PORTS];

/** struct nw_ring - a guest's side of its rings. */
struct nw_ring {
	netif_tx_sring_t *tx;
	netif_rx_sring_t *rx;
	uint32_t tx_prod, tx_cons, rx_prod, rx_cons;
};

extern struct nw_ring nw_ring[NW_PORTS];

/** struct nw_packet - as a guest has sent or received it. */
struct nw_packet {
	uint32_t len, flags, gso_size, gso_type;
	int status;
	uint8_t bytes[NW_BIG];
};

/** nw_config() - port @i: bridge "br0", MAC 00:16:3e:00:00:@i+1, nothing else. */
struct net_port_config nw_config(uint32_t i);

/** nw_start() - a switch without ports; nw_plug() - one more, connected, all of the features. */
void nw_start(void);
void nw_plug(const struct net_port_config *config);

/** nw_setup() - both, for @nr ports of nw_config(), each with @nr_rx pages to receive into. */
void nw_setup(uint32_t nr, uint32_t nr_rx);

/** nw_connect() - again, with these features. */
void nw_connect(uint32_t i, const struct net_features *features);
extern const struct net_features nw_all;

/** nw_restart() - a new switch with the same ports; the guests do not notice. */
void nw_restart(void);

void nw_run(void);

/** nw_request() - one raw request; nw_tell() - make those so far visible. */
void nw_request(uint32_t i, const struct netif_tx_request *r);
void nw_extra(uint32_t i, const struct netif_extra_info *e);
void nw_tell(uint32_t i);

/** nw_post() - @nr more pages to receive into. */
void nw_post(uint32_t i, uint32_t nr);

/** nw_send() - a packet in pieces of at most @piece bytes; for GSO, @p->gso_size. */
void nw_send(uint32_t i, const struct nw_packet *p, uint32_t piece);

/** nw_answer() - the next answer to what was sent. Return: its status, or 99: none. */
int nw_answer(uint32_t i);

/** nw_receive() - the next packet. Return: false: none. */
bool nw_receive(uint32_t i, struct nw_packet *p);

/** nw_frame() - make @p a frame of @len bytes from port @from to the address @to, with a pattern after the headers. */
void nw_frame(struct nw_packet *p, uint32_t from, uint64_t to, uint32_t ethertype, uint32_t len);

/** nw_tcp() - IPv4 (10.0.0.from+1 to 10.0.0.to+1) or IPv6 and TCP, no checksum filled in. */
void nw_tcp(struct nw_packet *p, uint32_t from, uint32_t to, bool is_ipv6, uint32_t payload);

/** nw_is_tcp_sound() - whether lengths and checksums are as they must be on the wire. */
bool nw_is_tcp_sound(const struct nw_packet *p);

#define nw_mac(i) (UINT64_C(0x00163e000001) + (i))

/** nw_check() - the books of packets and pages add up; aborts if not. */
void nw_check(void);

#endif
