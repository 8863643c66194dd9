/* SPDX-License-Identifier: Apache-2.0 */
/* How bench sends and waits, for pair.c. */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include "bench.h"

#include <xen/event_channel.h>
#include <xen/xen.h>

#define PAIR_SEND_MASKED "evtchn_send_masked"
#define PAIR_SEND	 "evtchn_send_hypercall"
#define PAIR_ROUND_TRIP	 "evtchn_roundtrip_wfi"

/** pair_begin() - the shared info page and the upcall; interrupts are let in. */
void pair_begin(void);

/** pair_mask() - nothing is said of @port. */
void pair_mask(uint32_t port);

static inline void pair_end(void)
{
	irq_mask(true);
}

static inline void pair_send(evtchn_port_t port)
{
	struct evtchn_send s = { .port = port };

	(void)xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &s);
}

static inline void pair_sleep(uint64_t count)
{
	sleep(count);
}

#endif
