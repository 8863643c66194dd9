/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a guest makes time of its TSC, which is the machine's: the same everywhere and for ever, so it is told once.
 * Its clock is arch_now_ns(), by which its timers are set.
 * Spec: Xen public xen.h, struct vcpu_time_info.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <hyp/arch/time.h>
#include <hyp/domain.h>
#include <hyp/xen.h>

#define NS_PER_S 1000000000UL

/* A multiplier of 32 bits below the point: a TSC slower than 1 GHz is doubled until it is not. */
static __noinline void tell(struct vcpu_info *info)
{
	uint64_t hz = arch_counter_hz();
	int8_t shift = 0;

	while (hz <= NS_PER_S) {
		hz *= 2;
		shift++;
	}
	info->time.version = 1;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	info->time.tsc_timestamp = 0;
	info->time.system_time = 0;
	info->time.tsc_to_system_mul = (uint32_t)((NS_PER_S << 32) / hz);
	info->time.tsc_shift = shift;
	info->time.flags = XEN_PVCLOCK_TSC_STABLE_BIT;
	__atomic_store_n(&info->time.version, 2, __ATOMIC_SEQ_CST);
}

void hvm_time_tell(struct vcpu *v)
{
	if (unlikely(v->vcpu_info != v->arch.timed_info) && v->vcpu_info != NULL) {
		v->arch.timed_info = v->vcpu_info;
		tell(v->vcpu_info);
	}
}
