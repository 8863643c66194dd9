// SPDX-License-Identifier: Apache-2.0
/*
 * What a network front end must not do, one after the other. A packet that is wrong in itself is answered with an error;
 * who lies about a ring or where a packet ends is cut off, and may begin anew. Others' packets come all the while.
 */
#include "liar.h"

#include <string.h>

#define TOO_MANY 21u

static enum outcome producer(struct nic *n)
{
	n->tx_prod += 1000;
	return nic_push(n);
}

static enum outcome beyond_page(struct nic *n)
{
	nic_slot(n)->offset = PAGE - 10;
	return nic_push(n);
}

static enum outcome no_end(struct nic *n)
{
	nic_slot(n)->flags = NETTXF_more_data;
	return nic_push(n);
}

static enum outcome too_many_pieces(struct nic *n)
{
	for (unsigned int i = 0; i < TOO_MANY; i++) {
		netif_tx_request_t *q = nic_slot(n);

		q->flags = i + 1 < TOO_MANY ? NETTXF_more_data : 0;
		q->size = i == 0 ? 1000 : 10;
	}
	return nic_push(n);
}

static enum outcome extra_missing(struct nic *n)
{
	nic_slot(n)->flags = NETTXF_extra_info;
	return nic_push(n);
}

static enum outcome extra_unknown(struct nic *n)
{
	struct netif_extra_info *e;

	nic_slot(n)->flags = NETTXF_extra_info;
	e = (struct netif_extra_info *)(void *)nic_slot(n);
	memset(e, 0, sizeof(*e));
	e->type = XEN_NETIF_EXTRA_TYPE_MAX + 3;
	return nic_push(n);
}

static enum outcome not_granted(struct nic *n)
{
	nic_slot(n)->gref = REF_NOTHING;
	return nic_push(n);
}

static enum outcome too_short(struct nic *n)
{
	nic_slot(n)->size = 3;
	return nic_push(n);
}

static enum outcome parts_larger_than_all(struct nic *n)
{
	nic_slot(n)->flags = NETTXF_more_data;
	nic_slot(n)->size = 2000;
	return nic_push(n);
}

static enum outcome receive_producer(struct nic *n)
{
	return nic_receive(n, REF_BUFFER, 5000);
}

static enum outcome receive_nowhere(struct nic *n)
{
	return nic_receive(n, REF_NOTHING, 1);
}

#define EACH_LIE(LIE)                                                                         \
	LIE(producer, CUT_OFF, 0, "more packets than the ring holds")                         \
	LIE(beyond_page, CUT_OFF, 0, "a packet beyond its page")                              \
	LIE(no_end, CUT_OFF, 0, "a packet without its end")                                   \
	LIE(too_many_pieces, CUT_OFF, 0, "a packet of 21 pieces")                             \
	LIE(extra_missing, CUT_OFF, 0, "more to say, and nothing there")                      \
	LIE(extra_unknown, CUT_OFF, 0, "more to say, of no known kind")                       \
	LIE(not_granted, ANSWERED, NETIF_RSP_ERROR, "a packet that is not granted")           \
	LIE(too_short, ANSWERED, NETIF_RSP_ERROR, "a packet of three bytes")                  \
	LIE(parts_larger_than_all, ANSWERED, NETIF_RSP_ERROR, "parts that are more than all") \
	LIE(receive_producer, CUT_OFF, 0, "more room than the ring holds")                    \
	LIE(receive_nowhere, ANSWERED, NETIF_RSP_ERROR, "room that is not granted")

enum {
	EACH_LIE(LIE_NUMBER) NR_LIES
};

static const struct lie lies[NR_LIES] = { EACH_LIE(LIE_ROW) };

static enum outcome tell(struct nic *dev, unsigned int lie)
{
	switch (lie) {
		EACH_LIE(LIE_CASE)
	default:
		return CUT_OFF;
	}
}

/* Does a packet leave, for who behaves? And does one come? */
static bool is_served(struct nic *n, enum outcome o)
{
	if (o == CUT_OFF && !nic_connect(n, REF_TX)) {
		return false;
	}
	(void)nic_slot(n);
	return nic_push(n) == ANSWERED && n->status == NETIF_RSP_OKAY &&
	       nic_receive(n, REF_BUFFER, 1) == ANSWERED && n->status > 0;
}

unsigned int nic_lies(struct nic *n)
{
	unsigned int bad = 0;

	if (nic_connect(n, REF_NOTHING)) {
		print("packets' ring that is not granted: CONNECTED\n");
		bad++;
	}
	if (!nic_connect(n, REF_TX)) {
		print("not connected\n");
		return bad + 1;
	}
	for (unsigned int i = 0; i < NR_LIES; i++) {
		enum outcome o = tell(n, i);
		int16_t status = n->status;

		bad += !lie_ended(&lies[i], o, status, is_served(n, o));
	}
	return bad;
}
