// SPDX-License-Identifier: Apache-2.0
/* The clock that every machine of the architecture has (clock_read() of hyp/wallclock.h). */
#include <hyp/arch/time.h>
#include <hyp/types.h>
#include <hyp/wallclock.h>

uint64_t clock_read(const struct plan *plan)
{
	(void)plan;
	return arch_clock_seconds();
}
