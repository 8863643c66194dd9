/* SPDX-License-Identifier: Apache-2.0 */
/* How the probe sends and waits, for ../bench/pair.c. */
#ifndef PROBE_PAIR_H
#define PROBE_PAIR_H

#include "probe.h"

#define PAIR_SEND_MASKED "evtchn_pair_send_masked"
#define PAIR_SEND	 "evtchn_pair_send"
#define PAIR_ROUND_TRIP	 "evtchn_pair_roundtrip_hlt"

static inline void pair_begin(void)
{
	events_init();
	sti();
}

static inline void pair_mask(uint32_t port)
{
	events_mask(port, true);
}

static inline void pair_end(void)
{
	cli();
}

static inline void pair_send(uint32_t port)
{
	event_send(port);
}

static inline void pair_sleep(uint64_t count)
{
	wait(count, true);
}

#endif
