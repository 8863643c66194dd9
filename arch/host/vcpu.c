/* SPDX-License-Identifier: Apache-2.0 */
/* vCPUs that never run: what the core asks of them is written down for the test. */
#include <hyp/arch/vcpu.h>

#include <hyp/arch/p2m.h>
#include <hyp/domain.h>
#include <hyp/errno.h>

#include <string.h>

int arch_domain_init(struct domain *d)
{
	(void)d;
	return 0;
}

int arch_domain_reset(struct domain *d)
{
	memset(d->arch.irq, 0, sizeof(d->arch.irq));
	return 0;
}

int arch_vcpu_init(struct vcpu *v)
{
	(void)v;
	return 0;
}

void arch_vcpu_set_entry(struct vcpu *v, gpa_t entry, uint64_t arg)
{
	v->arch.entry = entry.v;
	v->arch.arg = arg;
}

void arch_vcpu_set_upcall(struct vcpu *v)
{
	v->arch.upcalls++;
	vcpu_wake(v);
}

void arch_domain_set_irq(struct domain *d, unsigned int intid, bool level)
{
	d->arch.irq[intid] = level;
}

int arch_vcpu_translate(struct vcpu *v, uint64_t va, bool is_write, paddr_t *pa)
{
	enum p2m_type type;

	if (arch_p2m_lookup(v->domain, gpa(va), pa, &type) != 0 ||
	    (type != P2M_RAM && (is_write || type != P2M_RAM_RO))) {
		return -EFAULT;
	}
	return 0;
}

int64_t arch_vcpu_call_again(struct vcpu *v, const uint64_t args[5])
{
	memcpy(v->arch.again, args, sizeof(v->arch.again));
	v->arch.agains++;
	return (int64_t)args[0];
}

void arch_vcpu_dump(struct vcpu *v)
{
	v->arch.dumps++;
}

bool arch_vcpu_has_pending(struct vcpu *v)
{
	return v->arch.has_pending;
}
