// SPDX-License-Identifier: Apache-2.0
/*
 * Xen's PV console. Lines are sent when they end; the hypervisor empties the ring before that call returns, so there is
 * always room after it. Spec: Xen public io/console.h.
 */
#include "guest.h"

#include "xen_guest.h"

#include <xen/xen.h>

#include <xen/hvm/params.h>
#include <xen/io/console.h>

#define PAGE_SHIFT 12

static struct xencons_interface *ring;
static uint32_t port;

void uart_init(const struct machine *m)
{
	(void)m;
	port = (uint32_t)xen_hvm_param(HVM_PARAM_CONSOLE_EVTCHN);
	if (port != 0) {
		ring = (void *)(uintptr_t)(xen_hvm_param(HVM_PARAM_CONSOLE_PFN) << PAGE_SHIFT);
	}
}

static bool is_full(void)
{
	return ring->out_prod - __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) ==
	       sizeof(ring->out);
}

void uart_put(char c)
{
	if (ring == NULL) {
		return;
	}
	while (is_full()) {
		xen_event_send(port);
	}
	ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = c;
	__atomic_store_n(&ring->out_prod, ring->out_prod + 1, __ATOMIC_RELEASE);
	if (c == '\n') {
		xen_event_send(port);
	}
}

int uart_get(void)
{
	static bool has_taken;
	char c;

	if (ring == NULL || __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE) == ring->in_cons) {
		if (has_taken) {
			has_taken = false;
			xen_event_send(port); /* there is room again */
		}
		return -1;
	}
	c = ring->in[MASK_XENCONS_IDX(ring->in_cons, ring->in)];
	__atomic_store_n(&ring->in_cons, ring->in_cons + 1, __ATOMIC_RELEASE);
	has_taken = true;
	return (uint8_t)c;
}
