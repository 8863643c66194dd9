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

int arch_p2m_init(struct domain *d)
{
	d->arch.p2m_root = page_alloc(0);
	d->arch.p2m_age = 1;
	return d->arch.p2m_root == NULL ? -ENOMEM : 0;
}

void p2m_forget(struct domain *d)
{
	__atomic_fetch_add(&d->arch.p2m_age, 1, __ATOMIC_SEQ_CST);
	tables_sync_others();
}
