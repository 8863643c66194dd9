// SPDX-License-Identifier: Apache-2.0
/*
 * A port's rate, in Xen's way: so many bytes become free with each period, and who may not send waits; nothing is dropped.
 *
 * What was not used is kept, up to one period's bytes or the two largest packets there are: else those would never pass.
 */
#include "internal.h"

#define MIN_BURST 131072u

void bucket_init(struct net_bucket *b, uint64_t bytes, uint32_t period_us, uint64_t now_us)
{
	*b = (struct net_bucket){ .credit = bytes,
				  .per = bytes,
				  .max = bytes > MIN_BURST ? bytes : MIN_BURST,
				  .at_us = now_us,
				  .period_us = period_us };
}

static void refill(struct net_bucket *b, uint64_t now_us)
{
	uint64_t periods = now_us > b->at_us ? (now_us - b->at_us) / b->period_us : 0;
	uint64_t room = b->max - b->credit;

	if (periods == 0) {
		return;
	}
	b->at_us += periods * b->period_us;
	/* without a product that could overflow */
	b->credit = periods > room / b->per ? b->max : b->credit + periods * b->per;
}

bool bucket_take(struct net_bucket *b, uint32_t bytes, uint64_t now_us)
{
	if (b->per == 0 || b->period_us == 0) {
		return true;
	}
	refill(b, now_us);
	if (bytes > b->credit) {
		return false;
	}
	b->credit -= bytes;
	return true;
}

uint64_t bucket_when(const struct net_bucket *b, uint32_t bytes)
{
	uint64_t lacks = bytes > b->credit ? bytes - b->credit : 0;

	return b->at_us + (lacks + b->per - 1) / b->per * b->period_us;
}
