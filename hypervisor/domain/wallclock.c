// SPDX-License-Identifier: Apache-2.0
/*
 * The wallclock in the shared info page (hyp/wallclock.h). Linux adds the time since its own start, so what a domain
 * is told is the time at which it starts; it keeps the time itself from then on.
 *
 * Spec: Xen public xen.h.
 */
#include <hyp/arch/time.h>
#include <hyp/domain.h>
#include <hyp/wallclock.h>
#include <hyp/xen.h>

#define NS_PER_S 1000000000UL
/* Of the wall clock's 32-bit numbers; where the seconds' upper half is, the architecture says. */
#define WC_VERSION 0
#define WC_SEC	   1
#define WC_NSEC	   2

static uint64_t zero_ns; /* the world's time when arch_now_ns() was 0 */

void wallclock_init(const struct plan *plan)
{
	uint64_t seconds = clock_read(plan);

	/* Beyond what fits in nanoseconds no build is dated: it would only be a wrong number. */
	seconds = MAX(seconds, MIN(plan->build_time, UINT64_MAX / NS_PER_S / 2));
	zero_ns = seconds * NS_PER_S - arch_now_ns();
}

/* Behind two arrays of as many of the guest's words as one has bits. */
static uint32_t *place(const struct domain *d, unsigned int word)
{
	return (uint32_t *)d->shared_info +
	       (offsetof(struct shared_info, evtchn_pending) + 2 * word * word / 8) /
		       sizeof(uint32_t);
}

void wallclock_set(struct domain *d)
{
	unsigned int word = arch_domain_word_bits(&d->arch);
	uint32_t *wc = place(d, word);
	uint64_t now = zero_ns + arch_now_ns();
	uint32_t version = wc[WC_VERSION] |
			   1; /* the guest's to scribble on: never used for anything else */

	__atomic_store_n(&wc[WC_VERSION], version, __ATOMIC_SEQ_CST);
	wc[WC_SEC] = (uint32_t)(now / NS_PER_S);
	wc[XEN_WC_SEC_HI(word)] = (uint32_t)(now / NS_PER_S >> 32);
	wc[WC_NSEC] = (uint32_t)(now % NS_PER_S);
	__atomic_store_n(&wc[WC_VERSION], version + 1, __ATOMIC_SEQ_CST);
}
