// SPDX-License-Identifier: Apache-2.0
/* Guests' side of the rings, their grants, and the books of the switch. */
#include "net_world.h"

#include <stdlib.h>
#include <string.h>

#define RING	 256u
#define TX_PAGES 256u /* the rest are for receiving */

struct net nw;
uint8_t nw_page[NW_PORTS][NW_PAGES][NET_PAGE];
uint32_t nw_notified[NW_PORTS][2];
uint32_t nw_copies;
uint64_t nw_now_us;
const char *nw_cut_off[NW_PORTS];
struct nw_ring nw_ring[NW_PORTS];
const struct net_features nw_all = {
	.has_csum4 = true, .has_csum6 = true, .has_gso4 = true, .has_gso6 = true
};

static uint8_t ring_pages[NW_PORTS][2][NET_PAGE] __attribute__((aligned(64)));
static uint8_t *memory;
static size_t memory_size;
static uint32_t next_page[NW_PORTS];

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static uint8_t *place(const struct gnttab_copy_ptr *p, bool is_grant, uint32_t len)
{
	must(p->offset < NET_PAGE && len <= NET_PAGE - p->offset && len > 0);
	if (is_grant) {
		must(p->domid >= 1 && p->domid <= NW_PORTS);
		return p->u.ref < NW_PAGES ? &nw_page[p->domid - 1][p->u.ref][p->offset] : NULL;
	}
	must(p->domid == DOMID_SELF);
	must(p->u.gmfn * NET_PAGE >= (uintptr_t)memory &&
	     p->u.gmfn * NET_PAGE < (uintptr_t)memory + memory_size);
	return (uint8_t *)(uintptr_t)(p->u.gmfn * NET_PAGE + p->offset);
}

static void copy(struct gnttab_copy *ops, uint32_t nr)
{
	must(nr <= NET_COPIES);
	nw_copies += nr;
	for (uint32_t i = 0; i < nr; i++) {
		uint8_t *from = place(&ops[i].source, (ops[i].flags & GNTCOPY_source_gref) != 0,
				      ops[i].len);
		uint8_t *to =
			place(&ops[i].dest, (ops[i].flags & GNTCOPY_dest_gref) != 0, ops[i].len);

		ops[i].status = GNTST_okay;
		if (from == NULL || to == NULL) {
			ops[i].status = GNTST_bad_gntref;
		} else {
			memmove(to, from, ops[i].len);
		}
	}
}

static void notify(uint32_t event)
{
	must(event / 2 < NW_PORTS);
	nw_notified[event / 2][event % 2]++;
}

static uint64_t now_us(void)
{
	return nw_now_us;
}

static void cut_off(struct net *n, uint32_t port, const char *why)
{
	must(n == &nw && nw_cut_off[port] == NULL);
	nw_cut_off[port] = why;
}

struct net_port_config nw_config(uint32_t i)
{
	struct net_port_config c = { .name = "vif1.0", .bridge = "br0", .mac = nw_mac(i) };

	c.name[3] = (char)('1' + i);
	return c;
}

void nw_start(void)
{
	const struct net_ops ops = {
		.copy = copy, .notify = notify, .now_us = now_us, .cut_off = cut_off
	};

	memory_size = net_memory(NW_PORTS);
	if (memory == NULL) {
		memory = aligned_alloc(NET_PAGE, memory_size);
		must(memory != NULL);
		memset(memory, 0xa5, memory_size);
	}
	memset(nw_notified, 0, sizeof(nw_notified));
	memset(nw_cut_off, 0, sizeof(nw_cut_off));
	nw_copies = 0;
	nw_now_us = 1000000;
	net_init(&nw, &ops, memory, NW_PORTS);
}

static struct nw_ring *fresh_ring(uint32_t i)
{
	memset(ring_pages[i], 0, sizeof(ring_pages[i]));
	nw_ring[i] = (struct nw_ring){ .tx = (netif_tx_sring_t *)(void *)ring_pages[i][0],
				       .rx = (netif_rx_sring_t *)(void *)ring_pages[i][1] };
	return &nw_ring[i];
}

void nw_connect(uint32_t i, const struct net_features *features)
{
	struct nw_ring *r = fresh_ring(i);
	struct net_vif vif = { .domid = (uint16_t)(i + 1),
			       .tx_event = i * 2,
			       .rx_event = i * 2 + 1,
			       .tx = r->tx,
			       .rx = r->rx,
			       .features = *features };

	r->tx->req_event = r->tx->rsp_event = r->rx->req_event = r->rx->rsp_event = 1;
	next_page[i] = 0;
	nw_cut_off[i] = NULL;
	net_connect(&nw, i, &vif);
}

void nw_plug(const struct net_port_config *config)
{
	int port = net_add_port(&nw, config);

	must(port >= 0);
	nw_connect((uint32_t)port, &nw_all);
}

void nw_restart(void)
{
	struct net old = nw;
	struct net_port_config configs[NW_PORTS];
	struct net_vif vifs[NW_PORTS];

	for (uint32_t i = 0; i < old.nr_ports; i++) {
		configs[i] = old.ports[i].config;
		vifs[i] = old.ports[i].vif;
	}
	net_init(&nw, &old.ops, memory, NW_PORTS);
	for (uint32_t i = 0; i < old.nr_ports; i++) {
		must(net_add_port(&nw, &configs[i]) == (int)i);
		net_connect(&nw, i, &vifs[i]);
	}
}

void nw_setup(uint32_t nr, uint32_t nr_rx)
{
	nw_start();
	for (uint32_t i = 0; i < nr; i++) {
		struct net_port_config c = nw_config(i);

		nw_plug(&c);
		nw_post(i, nr_rx);
	}
}

void nw_run(void)
{
	uint32_t turns = 0;

	while (net_turn(&nw)) {
		must(++turns < 10000);
	}
	nw_check();
}

void nw_request(uint32_t i, const struct netif_tx_request *r)
{
	nw_ring[i].tx->ring[nw_ring[i].tx_prod++ % RING].req = *r;
}

void nw_extra(uint32_t i, const struct netif_extra_info *e)
{
	memcpy(&nw_ring[i].tx->ring[nw_ring[i].tx_prod++ % RING], e, sizeof(*e));
}

void nw_tell(uint32_t i)
{
	nw_ring[i].tx->req_prod = nw_ring[i].tx_prod;
}

void nw_post(uint32_t i, uint32_t nr)
{
	struct nw_ring *r = &nw_ring[i];

	for (uint32_t k = 0; k < nr; k++, r->rx_prod++) {
		netif_rx_request_t *req = &r->rx->ring[r->rx_prod % RING].req;

		req->id = (uint16_t)(r->rx_prod % RING);
		req->gref = TX_PAGES + r->rx_prod % (NW_PAGES - TX_PAGES);
	}
	r->rx->req_prod = r->rx_prod;
}

static void put_gso(uint32_t i, const struct nw_packet *p)
{
	struct netif_extra_info e = { .type = XEN_NETIF_EXTRA_TYPE_GSO };

	e.u.gso.size = (uint16_t)p->gso_size;
	e.u.gso.type = (uint8_t)p->gso_type;
	nw_extra(i, &e);
}

void nw_send(uint32_t i, const struct nw_packet *p, uint32_t piece)
{
	uint32_t done = 0;

	while (done < p->len) {
		uint32_t page = next_page[i]++ % TX_PAGES, offset = page % 7 * 100,
			 n = p->len - done;
		struct netif_tx_request r = { .gref = page, .id = (uint16_t)page };

		n = n < piece ? n : piece;
		n = n < NET_PAGE - offset ? n : NET_PAGE - offset;
		memcpy(nw_page[i][page] + offset, p->bytes + done, n);
		r.offset = (uint16_t)offset;
		r.size = (uint16_t)(done == 0 ? p->len : n);
		r.flags = (uint16_t)((done == 0 ? p->flags : 0) |
				     (done + n < p->len ? NETTXF_more_data : 0) |
				     (done == 0 && p->gso_size != 0 ? NETTXF_extra_info : 0));
		nw_request(i, &r);
		if (done == 0 && p->gso_size != 0) {
			put_gso(i, p);
		}
		done += n;
	}
	nw_tell(i);
}

int nw_answer(uint32_t i)
{
	struct nw_ring *r = &nw_ring[i];

	return r->tx_cons == r->tx->rsp_prod ? 99 : r->tx->ring[r->tx_cons++ % RING].rsp.status;
}

static netif_rx_response_t next_response(struct nw_ring *r)
{
	must(r->rx_cons != r->rx->rsp_prod);
	return r->rx->ring[r->rx_cons++ % RING].rsp;
}

static void get_gso(struct nw_ring *r, struct nw_packet *p)
{
	struct netif_extra_info e;

	must(r->rx_cons != r->rx->rsp_prod);
	memcpy(&e, &r->rx->ring[r->rx_cons++ % RING], sizeof(e));
	must(e.type == XEN_NETIF_EXTRA_TYPE_GSO && e.flags == 0);
	p->gso_size = e.u.gso.size;
	p->gso_type = e.u.gso.type;
}

bool nw_receive(uint32_t i, struct nw_packet *p)
{
	struct nw_ring *r = &nw_ring[i];
	netif_rx_response_t rsp;
	uint32_t at;

	memset(p, 0, offsetof(struct nw_packet, bytes));
	if (r->rx_cons == r->rx->rsp_prod) {
		return false;
	}
	do {
		at = r->rx_cons;
		rsp = next_response(r);
		must(rsp.id == at % RING); /* in the place of its request */
		if (p->len == 0) {
			p->flags = rsp.flags;
		}
		if ((rsp.flags & NETRXF_extra_info) != 0) {
			get_gso(r, p);
		}
		if (rsp.status < 0) {
			p->status = rsp.status;
			continue;
		}
		must(rsp.offset + rsp.status <= (int)NET_PAGE);
		memcpy(p->bytes + p->len,
		       nw_page[i][TX_PAGES + at % (NW_PAGES - TX_PAGES)] + rsp.offset,
		       (size_t)rsp.status);
		p->len += (uint16_t)rsp.status;
	} while ((rsp.flags & NETRXF_more_data) != 0);
	return true;
}

static void put_mac(uint8_t *p, uint64_t mac)
{
	put16(p, (uint32_t)(mac >> 32));
	put32(p + 2, (uint32_t)mac);
}

void nw_frame(struct nw_packet *p, uint32_t from, uint64_t to, uint32_t ethertype, uint32_t len)
{
	memset(p, 0, offsetof(struct nw_packet, bytes));
	p->len = len;
	put_mac(p->bytes, to);
	put_mac(p->bytes + 6, nw_mac(from));
	put16(p->bytes + 12, ethertype);
	for (uint32_t i = 14; i < len; i++) {
		p->bytes[i] = (uint8_t)(i * 7 + i / 256);
	}
}

static uint32_t sum_of(const uint8_t *p, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < len; i++) {
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

void nw_tcp(struct nw_packet *p, uint32_t from, uint32_t to, bool is_ipv6, uint32_t payload)
{
	uint32_t ip_len = is_ipv6 ? 40 : 20, all = ip_len + 20 + payload;
	uint8_t *ip = p->bytes + 14, *tcp = ip + ip_len;

	nw_frame(p, from, nw_mac(to), is_ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4, 14 + all);
	memset(ip, 0, ip_len + 20);
	if (is_ipv6) {
		ip[0] = 0x60;
		put16(ip + 4, 20 + payload);
		ip[6] = IP_TCP;
		ip[8] = ip[24] = 0xfd;
		ip[23] = (uint8_t)(from + 1);
		ip[39] = (uint8_t)(to + 1);
	} else {
		ip[0] = 0x45;
		put16(ip + 2, all);
		put16(ip + 4, 100);
		ip[9] = IP_TCP;
		ip[12] = ip[16] = 10;
		ip[15] = (uint8_t)(from + 1);
		ip[19] = (uint8_t)(to + 1);
		put16(ip + 10, ~sum_of(ip, 20));
	}
	put32(tcp + 4, 1000);
	tcp[12] = 5 << 4;
	tcp[13] = 0x89; /* CWR, PSH, FIN */
}

bool nw_is_tcp_sound(const struct nw_packet *p)
{
	const uint8_t *ip = p->bytes + 14;
	bool is_ipv6 = ip[0] >> 4 == 6;
	uint32_t ip_len = is_ipv6 ? 40 : 20, len = p->len - 14 - ip_len, sum;

	sum = sum_of(ip + (is_ipv6 ? 8 : 12), is_ipv6 ? 32 : 8) + IP_TCP + len +
	      sum_of(ip + ip_len, len);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	if (sum != 0xffff) {
		return false;
	}
	return is_ipv6 ? get16(ip + 4) == len
		       : get16(ip + 2) == len + ip_len && sum_of(ip, 20) == 0xffff;
}

void nw_check(void)
{
	uint32_t pages = nw.nr_free_pages, pkts = nw.nr_free_pkts;
	static uint32_t holds[NET_MAX_PORTS * NET_QUEUE + NET_BATCH + NET_QUEUE];

	memset(holds, 0, sizeof(holds));
	for (uint32_t i = 0; i < nw.nr_ports; i++) {
		const struct net_port *p = &nw.ports[i];
		uint32_t queued = 0;

		for (uint32_t k = 0; k < p->queue_len; k++) {
			uint16_t pkt = p->queue[(p->queue_first + k) % NET_QUEUE];

			queued += nw.pkts[pkt].nr_pages;
			if (holds[pkt]++ == 0) {
				pages += nw.pkts[pkt].nr_pages;
				pkts++;
			}
		}
		must(queued == p->queue_pages && queued <= NET_QUEUE_PAGES);
	}
	for (uint32_t i = 0; i < nw.nr_pkts; i++) {
		must(holds[i] == 0 || holds[i] == nw.pkts[i].refs);
	}
	must(pages == nw.nr_pages && pkts == nw.nr_pkts && nw.nr_copies == 0);
}
