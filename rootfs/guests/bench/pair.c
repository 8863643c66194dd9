// SPDX-License-Identifier: Apache-2.0
/*
 * Event channels between two domains: what a send costs whose port the peer has masked, and how long an answer takes.
 *
 * Both have two channels of the plan, PORT_RING and PORT_MASKED. Pong masks the second one and answers each ring of the
 * first; it takes all events at each upcall, so that each masked send finds its port without an event. Ping counts.
 * For the guests that measure, of both architectures: how each sends and waits its pair.h says.
 */
#include <pair.h> /* of the guest */

#define PORT_RING   10U
#define PORT_MASKED 11U
#define ROUNDS	    (3U * (WARM_UP + wanted)) /* rings that pong answers */

static void ring_and_wait(void)
{
	uint64_t count = irq_count;

	pair_send(PORT_RING);
	pair_sleep(count);
}

static void measure_masked(void)
{
	for (unsigned int i = 0; i < WARM_UP + wanted; i++) {
		uint64_t from = counter();

		pair_send(PORT_MASKED);
		if (i >= WARM_UP) {
			add_sample(counter() - from);
		}
		ring_and_wait();
	}
	report(PAIR_SEND_MASKED);
}

static void measure_send(void)
{
	for (unsigned int i = 0; i < WARM_UP + wanted; i++) {
		uint64_t count = irq_count, from = counter();

		pair_send(PORT_RING);
		if (i >= WARM_UP) {
			add_sample(counter() - from);
		}
		pair_sleep(count);
	}
	report(PAIR_SEND);
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
	report(PAIR_ROUND_TRIP);
}

void pair_ping(void)
{
	pair_begin();
	pair_sleep(0); /* until pong says that it is there */
	measure_masked();
	measure_send();
	measure_round_trip();
	pair_end();
}

void pair_pong(void)
{
	uint64_t count = 0;

	pair_begin();
	pair_mask(PORT_MASKED);
	pair_send(PORT_RING);
	while (count < ROUNDS) {
		pair_sleep(count);
		count++;
		pair_send(PORT_RING);
	}
	pair_end();
}
