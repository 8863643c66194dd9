/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crash records: what was said of a crash, kept in a range of memory that a warm reset leaves alone, and said again by
 * the next boot. The board's tree names the range ("ashlar,crash-record"); without one nothing is kept.
 */
#ifndef HYP_CRASH_H
#define HYP_CRASH_H

#include <hyp/plan.h>
#include <hyp/types.h>

/* A record has a page, its head included; so many are enough. */
#define CRASH_MAX_RECORDS 16U

enum crash_kind {
	CRASH_HYPERVISOR,
	CRASH_DOMAIN
};

/**
 * crash_init() - say what the boot before left, once, and keep records from now on.
 * Context: boot CPU, once; the others are off. What is in the memory is believed only if its checksum is right.
 */
void crash_init(const struct plan *plan);

/**
 * crash_begin() - what this CPU says from now on goes into a new record; in one already, it goes on with that.
 * Context: interrupts masked. The hypervisor's own end has a place of its own that no domain's takes; only one CPU may
 * be at its end.
 */
void crash_begin(enum crash_kind kind);

/** crash_line() - a line of the log. Each line counts at once: a record is good, if short, whatever happens next. */
void crash_line(const char *line, size_t len);

/** crash_end() - this CPU's record is whole. */
void crash_end(void);

#endif
