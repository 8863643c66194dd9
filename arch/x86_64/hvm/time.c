/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a guest makes time of its TSC. Its clock is arch_now_ns(), by which its timers are set, and its TSC has one rate for ever:
 * so it is told once, and again when it has written its TSC. From then on its vCPUs' need not agree, which all are told.
 * Spec: Xen public xen.h, struct vcpu_time_info.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <hyp/arch/time.h>
#include <hyp/domain.h>
#include <hyp/xen.h>

static void make_unstable(struct vcpu_info *info)
{
	(void)__atomic_fetch_and(&info->time.flags, (uint8_t)~XEN_PVCLOCK_TSC_STABLE_BIT,
				 __ATOMIC_SEQ_CST);
}

/* Odd while it changes. Whoever makes the TSCs uneven meanwhile either finds this place or is found at the end. */
static __noinline void tell(const struct vcpu *v, struct vcpu_info *info)
{
	const struct tsc *t = &v->domain->arch.tsc;
	struct tsc_clock clock = tsc_clock(t);
	uint32_t version = (info->time.version + 1) | 1;

	__atomic_store_n(&info->time.version, version, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	info->time.tsc_timestamp = v->arch.tsc_moved;
	info->time.system_time = tsc_to_ns(t->start);
	info->time.tsc_to_system_mul = clock.mul;
	info->time.tsc_shift = clock.shift;
	__atomic_store_n(&info->time.flags, XEN_PVCLOCK_TSC_STABLE_BIT, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&t->is_uneven, __ATOMIC_SEQ_CST)) {
		make_unstable(info);
	}
	__atomic_store_n(&info->time.version, version + 1, __ATOMIC_SEQ_CST);
}

void hvm_time_tell(struct vcpu *v)
{
	if (unlikely(v->vcpu_info != v->arch.timed_info) && v->vcpu_info != NULL) {
		v->arch.timed_info = v->vcpu_info;
		tell(v, v->vcpu_info);
	}
}

void hvm_time_moved(struct vcpu *v)
{
	struct domain *d = v->domain;

	__atomic_store_n(&d->arch.tsc.is_uneven, true, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		struct vcpu_info *info = __atomic_load_n(&d->vcpus[i]->vcpu_info, __ATOMIC_SEQ_CST);

		if (info != NULL) {
			make_unstable(info);
		}
	}
	v->arch.timed_info = NULL;
	hvm_time_tell(v);
}
