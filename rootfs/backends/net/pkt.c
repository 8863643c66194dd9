// SPDX-License-Identifier: Apache-2.0
/*
 * Packets and the pages that they lie in.
 *
 * There are as many as all ports' queues hold, and a batch more: while a queue keeps to its limits, whoever makes a batch
 * gets what it needs. A packet in two queues is counted in both.
 */
#include "internal.h"

#include <string.h>

uint16_t pkt_new(struct net *n, uint32_t len)
{
	/* a tag may have to be cut off the front, so pages are counted with one */
	uint32_t pages = (len + TAG_BYTES + NET_PAGE - 1) / NET_PAGE;
	struct net_pkt *p;
	uint16_t pkt;

	if (n->nr_free_pkts == 0 || pages > n->nr_free_pages || pages > NET_PKT_PAGES) {
		return NO_PKT;
	}
	pkt = n->free_pkts[--n->nr_free_pkts];
	p = &n->pkts[pkt];
	memset(p, 0, sizeof(*p));
	p->len = len;
	p->refs = 1;
	p->nr_pages = (uint16_t)pages;
	for (uint32_t i = 0; i < pages; i++) {
		p->pages[i] = n->free_pages[--n->nr_free_pages];
	}
	return pkt;
}

void pkt_get(struct net *n, uint16_t pkt)
{
	n->pkts[pkt].refs++;
}

void pkt_put(struct net *n, uint16_t pkt)
{
	struct net_pkt *p = &n->pkts[pkt];

	if (--p->refs > 0) {
		return;
	}
	for (uint32_t i = 0; i < p->nr_pages; i++) {
		n->free_pages[n->nr_free_pages++] = p->pages[i];
	}
	n->free_pkts[n->nr_free_pkts++] = pkt;
}

uint8_t *pkt_at(const struct net *n, const struct net_pkt *p, uint32_t at, uint32_t *run)
{
	uint32_t place = p->start + at;

	*run = NET_PAGE - place % NET_PAGE;
	return n->pages + (size_t)p->pages[place / NET_PAGE] * NET_PAGE + place % NET_PAGE;
}

void pkt_copy(const struct net *n, const struct net_pkt *p, uint32_t at, void *to, uint32_t len)
{
	uint8_t *out = to;
	uint32_t run;

	while (len > 0) {
		const uint8_t *from = pkt_at(n, p, at, &run);

		run = run < len ? run : len;
		memcpy(out, from, run);
		out += run;
		at += run;
		len -= run;
	}
}

void pkt_fill(const struct net *n, const struct net_pkt *p, uint32_t at, const void *from,
	      uint32_t len)
{
	const uint8_t *in = from;
	uint32_t run;

	while (len > 0) {
		uint8_t *to = pkt_at(n, p, at, &run);

		run = run < len ? run : len;
		memcpy(to, in, run);
		in += run;
		at += run;
		len -= run;
	}
}
