/* SPDX-License-Identifier: Apache-2.0 */
/* What time it is in the world: the board's clock, else the time of the build, as guests are told at their start. */
#ifndef HYP_WALLCLOCK_H
#define HYP_WALLCLOCK_H

#include <hyp/types.h>

struct domain;
struct plan;

/**
 * clock_read() - the board's clock: a PL031 that its description names, or the architecture's, whichever is linked.
 * Context: boot, once.
 * Return:  seconds since 1970; 0: there is none, or it says no time.
 */
uint64_t clock_read(const struct plan *plan);

/** wallclock_init() - ask the board's clock, once; a clock behind the build has lost its time and is not believed. */
void wallclock_init(const struct plan *plan);

/**
 * wallclock_set() - @d, which is about to start, is told the time: that of its own clock's zero.
 * Context: shared info page there; no vCPU of it runs.
 * Spec:    Xen public xen.h, struct shared_info, wc_*.
 */
void wallclock_set(struct domain *d);

#endif
