// SPDX-License-Identifier: Apache-2.0
/*
 * Event channels between two domains: what a send costs whose port the peer has masked, and how long an answer takes.
 *
 * Both have two channels of the plan, PORT_RING and PORT_MASKED. Pong masks the second one and answers each ring of the
 * first; it takes all events at each upcall, so that each masked send finds its port without an event. Ping counts.
 */
#include "probe.h"

#define PORT_RING   10U
#define PORT_MASKED 11U
#define ROUNDS	    (3U * (WARM_UP + wanted)) /* rings that pong answers */

static void ring_and_wait(void)
{
	uint64_t count = irq_count;

	event_send(PORT_RING);
	wait(count, true);
}

static void measure_masked(void)
{
	for (unsigned int i = 0; i < WARM_UP + wanted; i++) {
		uint64_t from = counter();

		event_send(PORT_MASKED);
		if (i >= WARM_UP) {
			add_sample(counter() - from);
		}
		ring_and_wait();
	}
	report("evtchn_pair_send_masked");
}

static void measure_send(void)
{
	for (unsigned int i = 0; i < WARM_UP + wanted; i++) {
		uint64_t count = irq_count, from = counter();

		event_send(PORT_RING);
		if (i >= WARM_UP) {
			add_sample(counter() - from);
		}
		wait(count, true);
	}
	report("evtchn_pair_send");
}

static void measure_round_trip(void)
{
	for (unsigned int i = 0; i < WARM_UP + wanted; i++) {
		uint64_t from = counter();

		ring_and_wait();
		if (i >= WARM_UP) {
			add_sample(counter() - from);
		}
	}
	report("evtchn_pair_roundtrip_hlt");
}

void pair_ping(void)
{
	events_init();
	sti();
	wait(0, true); /* until pong says that it is there */
	measure_masked();
	measure_send();
	measure_round_trip();
	cli();
}

void pair_pong(void)
{
	uint64_t count = 0;

	events_init();
	events_mask(PORT_MASKED, true);
	sti();
	event_send(PORT_RING);
	while (count < ROUNDS) {
		wait(count, true);
		count++;
		event_send(PORT_RING);
	}
	cli();
}
