// SPDX-License-Identifier: Apache-2.0
/*
 * Runstate areas of code whose words have 32 bits. Its 64-bit numbers lie on multiples of 4, so the padding behind the state is
 * missing there: that goes where state_entry_time begins, which is written next. Whatever becomes of its domain's words, all is
 * within the area.
 * Spec: Xen public vcpu.h, struct vcpu_runstate_info; arch-x86/xen-x86_32.h.
 */
#include "hypercall.h"

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/lifecycle.h>

#define STATE_BYTES sizeof(uint32_t)
#define TIMES	    offsetof(struct vcpu_runstate_info, state_entry_time)
#define TIMES_BYTES (sizeof(struct vcpu_runstate_info) - TIMES)

_Static_assert(TIMES == 2 * STATE_BYTES && ARCH_RUNSTATE_PIECES >= 4,
	       "the state, the padding, and the times, which may lie in two pages");

static int find(struct vcpu *v, uint64_t at, bool is_virt, paddr_t *pa)
{
	enum p2m_type type = P2M_RAM;
	int rc = is_virt ? arch_vcpu_translate(v, at, true, pa)
			 : arch_p2m_lookup(v->domain, gpa(at), pa, &type);

	return rc != 0 || type != P2M_RAM ? -EFAULT : 0;
}

/* Aligned, so that only the times can cross a page. */
static int find_all(struct vcpu *v, uint64_t at, bool is_virt, struct vcpu_runstate *found)
{
	uint64_t times = at + STATE_BYTES, next = ALIGN_DOWN(times, PAGE_SIZE) + PAGE_SIZE;
	uint32_t here = (uint32_t)MIN(TIMES_BYTES, next - times);

	if (find(v, at, is_virt, &found->area[0].pa) != 0 ||
	    find(v, times, is_virt, &found->area[2].pa) != 0) {
		return -EFAULT;
	}
	if (here < TIMES_BYTES && find(v, next, is_virt, &found->area[3].pa) != 0) {
		return -EFAULT;
	}
	found->area[0].len = STATE_BYTES;
	found->area[1].pa = found->area[2].pa;
	found->area[1].len = TIMES - STATE_BYTES;
	found->area[2].len = here;
	found->area[3].len = (uint32_t)TIMES_BYTES - here;
	return 0;
}

int64_t trap_register_narrow_runstate(struct vcpu *v, uint32_t target, uint64_t at, bool is_virt)
{
	struct vcpu_runstate found = { 0 };

	if (target >= v->domain->nr_vcpus) {
		return -ENOENT;
	}
	if (!IS_ALIGNED(at, STATE_BYTES)) {
		return -EINVAL;
	}
	if (at + STATE_BYTES + TIMES_BYTES < at || find_all(v, at, is_virt, &found) != 0) {
		return -EFAULT;
	}
	vcpu_runstate_register(v->domain->vcpus[target], &found);
	return 0;
}
