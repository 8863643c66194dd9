/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's TSC: the machine's and an offset, which the vendor's control block adds. It begins when the domain's first vCPU
 * does, in each life anew, and is the same on all its vCPUs until one of them writes its own; an INIT changes nothing of it.
 * Spec: Intel SDM vol. 3, 18.17 (TSC), 25.6.5; AMD APM vol. 2, 15.30.5.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/vlapic.h>
#include <hyp/arch/time.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <libfdt.h>

/* The plan's reader has looked at its size and at what it may be. */
int hvm_tsc_init(struct domain *d)
{
	const fdt64_t *said =
		fdt_getprop(d->board->fdt, d->plan->node, "ashlar,tsc-frequency", NULL);
	const struct tsc_scaler *s = hvm->tsc_scaler();
	uint64_t hz = arch_counter_hz();

	tsc_init(&d->arch.tsc, hz);
	if (said == NULL || (s != NULL && tsc_set_rate(&d->arch.tsc, s, fdt64_ld(said)))) {
		return 0;
	}
	hyp_printf(
		"%s: ashlar,tsc-frequency: its TSC cannot run at %lu Hz: this CPU's is at %lu Hz, and %s has %s; leave it out",
		d->name, (unsigned long)fdt64_ld(said), (unsigned long)hz, hvm->name,
		s == NULL ? "no other rate for guests" : "no multiplier for that");
	return -EOPNOTSUPP;
}

static void set(struct vcpu *v)
{
	hvm->set_tsc(v, tsc_offset(&v->domain->arch.tsc, v->arch.tsc_moved));
}

/* The others wait for a SIPI yet. */
static void begin(struct domain *d)
{
	struct tsc *t = &d->arch.tsc;

	t->start = rdtsc();
	__atomic_store_n(&t->is_uneven, false, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		d->vcpus[i]->arch.tsc_moved = 0;
	}
}

void hvm_tsc_reset(struct vcpu *v)
{
	if (v->arch.arg != HVM_SIPI) {
		begin(v->domain);
	}
	set(v);
}

uint64_t hvm_tsc_read(const struct vcpu *v)
{
	return tsc_at(&v->domain->arch.tsc, rdtsc(), v->arch.tsc_moved);
}

void hvm_tsc_write(struct vcpu *v, uint64_t value)
{
	v->arch.tsc_moved = tsc_moved_to(&v->domain->arch.tsc, rdtsc(), value);
	set(v);
	hvm_time_moved(v);
	vlapic_tsc_moved(&v->arch.vlapic);
}

uint64_t vlapic_hw_tsc_ns(const struct vlapic *l, uint64_t tsc)
{
	const struct vcpu *v = container_of(l, struct vcpu, arch.vlapic);
	const struct tsc *t = &v->domain->arch.tsc;
	uint64_t machine = rdtsc(), now = tsc_to_ns(machine);
	uint64_t wait = tsc_wait_ns(t, tsc_at(t, machine, v->arch.tsc_moved), tsc);

	return wait < UINT64_MAX - 1 - now ? now + wait : UINT64_MAX - 1;
}
