/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rtos shares with linux-a: a page and an event channel, as their domain.dtsi place them, and what stands in the page.
 */
#ifndef RTOS_SHARED_H
#define RTOS_SHARED_H

/* Where each has the page; each end's port. */
#define RTOS_SHARED_OWN	  0x30000000
#define RTOS_SHARED_LINUX 0x30000000
#define RTOS_SHARED_SIZE  0x1000
#define RTOS_PORT_OWN	  5
#define RTOS_PORT_LINUX	  10

#ifndef __DTS__
#include <stdint.h>

/**
 * struct rtos_statistics - the page's first cache line: the ticks of the last whole second; nanoseconds.
 *
 * @version is odd while rtos writes the rest: who reads takes it before and after.
 */
struct rtos_statistics {
	uint64_t version;
	uint64_t seconds; /* how many so far */
	uint64_t ticks;
	uint64_t worst_ns;
	uint64_t mean_ns;
	uint64_t late; /* a whole period or more */
};
#endif

#endif
