/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much is said of a domain that ends again and again: its first ends in full, then so many in a time, and the rest
 * is counted. A domain without a back-off could else fill the log, and hide in it what others have to say.
 *
 * Each kind of message has a time that is moved on by each one said, never behind now; far enough ahead, nothing is.
 */
#include "internal.h"

#include <hyp/arch/time.h>
#include <hyp/log.h>

#define END_NS	(100 * NS_PER_MS) /* ten ends a second, after ... */
#define ENDS	100U
#define DUMP_NS (10 * NS_PER_S) /* registers are a screen each: one in ten seconds, after ... */
#define DUMPS	4U

static bool may_say(uint64_t *until_ns, uint64_t each_ns, uint32_t burst)
{
	uint64_t now = arch_now_ns();
	uint64_t from = MAX(*until_ns, now);

	if (from - now >= each_ns * burst) {
		return false;
	}
	*until_ns = from + each_ns;
	return true;
}

void telling_end(struct domain *d)
{
	bool is_last = d->next != PLAN_RESTART;

	d->telling.is_quiet = !may_say(&d->telling.ends_ns, END_NS, ENDS) && !is_last;
	if (d->telling.is_quiet) {
		d->telling.untold++;
	}
}

bool telling_is_on(struct domain *d)
{
	return !d->telling.is_quiet;
}

bool telling_dump(struct domain *d)
{
	return !d->telling.is_quiet && may_say(&d->telling.dumps_ns, DUMP_NS, DUMPS);
}

void telling_rest(struct domain *d)
{
	if (!d->telling.is_quiet && d->telling.untold > 0) {
		hyp_printf("%s: ended %u times more, of which nothing was said\n", d->name,
			   d->telling.untold);
		d->telling.untold = 0;
	}
}
