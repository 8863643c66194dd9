/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EPT: the bits of a domain's tables that are Intel's (mm/p2m.c does the rest), and what is flushed when. VPIDs are a
 * vCPU's for good. Memory is write-back for the guest's own types to narrow; accessed and dirty bits are not used.
 * Spec: Intel SDM vol. 3 sections 29.3.2 (entries), 29.4.3.3 (operations that invalidate), 31.3 (INVEPT, INVVPID).
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/domain.h>

#define INVEPT_ALL     2UL
#define INVVPID_SINGLE 1UL

uint64_t ept_leaf(enum p2m_type type)
{
	switch (type) {
	case P2M_RAM:
		return EPT_R | EPT_W | EPT_X | EPT_WB;
	case P2M_DEVICE:
		return EPT_R | EPT_W | EPT_UC;
	case P2M_GRANT:
		return EPT_R | EPT_W | EPT_WB;
	case P2M_RAM_RO:
	case P2M_GRANT_RO:
	default:
		return EPT_R | EPT_WB;
	}
}

unsigned int ept_max_level(void)
{
	return (vmx_caps.ept_vpid & EPT_CAP_1G) != 0 ? 3 : 2;
}

uint64_t ept_pointer(const struct domain *d)
{
	return arch_virt_to_phys(d->arch.p2m_root).v | EPTP_WB | EPTP_WALK4;
}

void ept_flush(void)
{
	const struct {
		uint64_t pointer, reserved;
	} all = { 0, 0 };

	__asm__ volatile("invept %0, %1" : : "m"(all), "r"(INVEPT_ALL) : "cc", "memory");
}

uint16_t vpid_of(const struct vcpu *v)
{
	return (uint16_t)(v->domain->id * PLAN_MAX_VCPUS + v->id + 1);
}

/* Without VPIDs every entry starts with nothing. */
void vpid_flush(const struct vcpu *v)
{
	const struct {
		uint64_t vpid, address;
	} single = { vpid_of(v), 0 };

	if (vmx_controls.has_vpid) {
		__asm__ volatile("invvpid %0, %1"
				 :
				 : "m"(single), "r"(INVVPID_SINGLE)
				 : "cc", "memory");
	}
}
