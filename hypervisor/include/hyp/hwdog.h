/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board's hardware watchdog: it resets the board unless it is fed in time, and it is fed only while every CPU that
 * runs the hypervisor has lately taken an interrupt there.
 */
#ifndef HYP_HWDOG_H
#define HYP_HWDOG_H

#include <hyp/plan.h>
#include <hyp/types.h>

/** struct hwdog - what a driver works on. */
struct hwdog {
	volatile void *
		regs; /* SBSA: the control frame; TCO: where a reset may be forbidden; else its one frame */
	volatile void *refresh; /* SBSA: the refresh frame */
	uint64_t hz;		/* of the clock that it counts */
	uint16_t port;		/* TCO alone: the first of its ports */
};

/** struct hwdog_ops - a driver; one file each. */
struct hwdog_ops {
	const char *name;
	/* It bites after @timeout_s from now on, or after the longest time that it can: that is returned, in ms. 0: it cannot, which is told of. */
	uint64_t (*start)(const struct hwdog *w, uint32_t timeout_s);
	void (*feed)(const struct hwdog *w);
};

extern const struct hwdog_ops hwdog_sp805_ops;
extern const struct hwdog_ops hwdog_sbsa_ops;
extern const struct hwdog_ops hwdog_imx2_ops;

/** hwdog_drivers - by the plan's type; NULL: not built in. Of which there are, the build decides (architecture, CONFIG_HWDOG_IMX2). */
extern const struct hwdog_ops *const hwdog_drivers[PLAN_WATCHDOGS];

/**
 * hwdog_find() - find and map what the plan names: hwdog_place.c, or the architecture's, where the plan does not say the place.
 * Return: false: it is not there, which is told of.
 */
bool __must_check hwdog_find(const struct plan_watchdog *w, struct hwdog *dog);

/** hwdog_init() - find and map what the plan names, which does not bite yet; one that is not there is told of. Context: boot CPU, the others off. */
void hwdog_init(const struct plan *plan);

/** hwdog_cpu_start() - this CPU is one that must prove its progress from now on. Context: each CPU, once, before it waits for work. */
void hwdog_cpu_start(void);

/** hwdog_vouched() - whether no domain that the plan names for it is down for good. Context: any; says so once, if one is. */
bool hwdog_vouched(void);

/** hwdog_start() - from now on the watchdog bites unless all do. Context: boot CPU, before domains run. */
void hwdog_start(void);

#endif
