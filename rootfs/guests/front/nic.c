// SPDX-License-Identifier: Apache-2.0
/* A network front end with one packet at a time. Spec: Xen public io/netif.h. */
#include "front.h"

#include "xen_guest.h"

#include <string.h>
#include <xen/io/xenbus.h>

#define TOKEN	   2u
#define TX_ENTRIES ((uint32_t)__CONST_RING_SIZE(netif_tx, PAGE))
#define RX_ENTRIES ((uint32_t)__CONST_RING_SIZE(netif_rx, PAGE))
#define FRAME	   60u

static uint8_t tx_page[PAGE] __attribute__((aligned(4096)));
static uint8_t rx_page[PAGE] __attribute__((aligned(4096)));
static uint8_t frame_page[PAGE] __attribute__((aligned(4096)));
static uint8_t buffer_page[PAGE] __attribute__((aligned(4096)));

/* "00:16:3e:..." Return: false: it is none. */
static bool read_mac(struct nic *n)
{
	char text[XS_VALUE];

	if (!xs_read(n->bus.xs, "device/vif/0/mac", text, sizeof(text))) {
		return false;
	}
	for (unsigned int i = 0; i < 6; i++) {
		unsigned int byte = 0;

		for (unsigned int k = 0; k < 2; k++) {
			char c = text[3 * i + k];

			byte = byte << 4 |
			       (unsigned int)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
		}
		n->frame[6 + i] = (uint8_t)byte;
	}
	return true;
}

bool nic_open(struct nic *n, struct xs *xs)
{
	*n = (struct nic){ .frame = frame_page };
	if (!bus_open(&n->bus, xs, "device/vif/0", TOKEN) || !read_mac(n)) {
		return false;
	}
	memset(frame_page, 0xff, 6); /* to everybody */
	frame_page[12] = 0x88;	     /* a type for experiments: IEEE 802, local experimental */
	frame_page[13] = 0xb5;
	grant(REF_FRAME, n->bus.back, frame_page, 0);
	grant(REF_BUFFER, n->bus.back, buffer_page, 0);
	return true;
}

bool nic_connect(struct nic *n, uint32_t tx_ref)
{
	if (!bus_begin(&n->bus)) {
		return false;
	}
	memset(tx_page, 0, sizeof(tx_page));
	memset(rx_page, 0, sizeof(rx_page));
	n->tx = (netif_tx_sring_t *)(void *)tx_page;
	n->rx = (netif_rx_sring_t *)(void *)rx_page;
	n->tx->req_event = n->tx->rsp_event = n->rx->req_event = n->rx->rsp_event = 1;
	n->tx_prod = n->tx_cons = n->rx_prod = n->rx_cons = 0;
	grant(REF_TX, n->bus.back, tx_page, 0);
	grant(REF_RX, n->bus.back, rx_page, 0);
	return bus_write(&n->bus, "tx-ring-ref", tx_ref) &&
	       bus_write(&n->bus, "rx-ring-ref", REF_RX) &&
	       bus_write(&n->bus, "request-rx-copy", 1) &&
	       bus_write(&n->bus, "feature-rx-notify", 1) &&
	       bus_connect(&n->bus, XenbusStateConnected);
}

netif_tx_request_t *nic_slot(struct nic *n)
{
	netif_tx_request_t *q = &n->tx->ring[n->tx_prod++ % TX_ENTRIES].req;

	*q = (netif_tx_request_t){ .gref = REF_FRAME, .id = (uint16_t)n->tx_prod, .size = FRAME };
	return q;
}

/* Return: false: we are cut off. */
static bool wait_for_answer(struct nic *n, const RING_IDX *prod, uint32_t cons)
{
	while (__atomic_load_n(prod, __ATOMIC_ACQUIRE) == cons) {
		if (bus_is_cut(&n->bus)) {
			return false;
		}
		bus_rest(&n->bus);
	}
	return true;
}

enum outcome nic_push(struct nic *n)
{
	__atomic_store_n(&n->tx->req_prod, n->tx_prod, __ATOMIC_SEQ_CST);
	xen_event_send(n->bus.port);
	if (!wait_for_answer(n, &n->tx->rsp_prod, n->tx_cons)) {
		return CUT_OFF;
	}
	n->status = n->tx->ring[n->tx_cons % TX_ENTRIES].rsp.status;
	n->tx_cons = __atomic_load_n(&n->tx->rsp_prod, __ATOMIC_ACQUIRE);
	n->tx->rsp_event = n->tx_cons + 1;
	return ANSWERED;
}

enum outcome nic_receive(struct nic *n, uint32_t ref, uint32_t prod)
{
	for (uint32_t i = 0; i < prod && i < RX_ENTRIES; i++) {
		n->rx->ring[(n->rx_prod + i) % RX_ENTRIES].req =
			(netif_rx_request_t){ .id = (uint16_t)(n->rx_prod + i), .gref = ref };
	}
	n->rx_prod += prod;
	__atomic_store_n(&n->rx->req_prod, n->rx_prod, __ATOMIC_SEQ_CST);
	xen_event_send(n->bus.port);
	if (!wait_for_answer(n, &n->rx->rsp_prod, n->rx_cons)) {
		return CUT_OFF;
	}
	n->status = n->rx->ring[n->rx_cons % RX_ENTRIES].rsp.status;
	n->rx_cons = __atomic_load_n(&n->rx->rsp_prod, __ATOMIC_ACQUIRE);
	n->rx->rsp_event = n->rx_cons + 1;
	return ANSWERED;
}
