/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's space, what is x86's; the tables are made in arch/common/mm/p2m.c. What is taken out changes the domain's
 * age: a vCPU that is of another age starts with nothing cached before it enters its guest, and those that are in their
 * guests are brought out by NMI first.
 * Spec: AMD APM vol. 2 section 15.16 (ASIDs).
 */
#include <asm/arch.h>
#include <asm/p2m_format.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pool.h>

/* No two spaces ever have the same age: what a CPU remembers by it (p2m_format.h) is one domain's. */
static void age(struct domain *d)
{
	static uint64_t last;

	__atomic_store_n(&d->arch.p2m_age, __atomic_add_fetch(&last, 1, __ATOMIC_SEQ_CST),
			 __ATOMIC_SEQ_CST);
}

int arch_p2m_init(struct domain *d)
{
	d->arch.p2m_root = page_alloc(0);
	age(d);
	return d->arch.p2m_root == NULL ? -ENOMEM : 0;
}

void p2m_forget(struct domain *d)
{
	age(d);
	tables_sync_others();
}
