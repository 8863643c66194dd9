/* SPDX-License-Identifier: Apache-2.0 */
/* VMX's capability registers: what must be 1, what may be, and what we make of it; events. See asm/vmx_caps.h. */
#include <asm/layout.h>
#include <asm/vmx.h>
#include <asm/vmx_caps.h>

#define CR0_FREE (CR0_PE | CR0_PG) /* an unrestricted guest's, whatever CR0_FIXED0 says */

struct want {
	uint32_t must;	   /* be 1 */
	uint32_t may;	   /* be 1 where the CPU has it */
	uint32_t must_not; /* be 1 */
};

static bool adjust(uint64_t cap, const struct want *w, uint32_t *out)
{
	uint32_t ones = (uint32_t)cap, allowed = (uint32_t)(cap >> 32);

	*out = ((w->must | w->may) & allowed) | ones;
	return (w->must & ~allowed) == 0 && (ones & w->must_not) == 0;
}

static const struct want pin = {
	.must = (uint32_t)(VMX_PIN_INTR | VMX_PIN_NMI | VMX_PIN_VIRTUAL_NMIS),
};
static const struct want primary = {
	.must = (uint32_t)(VMX_PRI_HLT | VMX_PRI_MWAIT | VMX_PRI_RDPMC | VMX_PRI_CR8_LOAD |
			   VMX_PRI_CR8_STORE | VMX_PRI_IO_BITMAPS | VMX_PRI_MSR_BITMAPS |
			   VMX_PRI_MONITOR | VMX_PRI_SECONDARY | VMX_PRI_TSC_OFFSET),
	.must_not = (uint32_t)(VMX_PRI_CR3_LOAD | VMX_PRI_CR3_STORE),
};
static const struct want secondary = {
	.must = (uint32_t)(VMX_SEC_EPT | VMX_SEC_UNRESTRICTED),
	.may = (uint32_t)(VMX_SEC_RDTSCP | VMX_SEC_VPID | VMX_SEC_WBINVD | VMX_SEC_INVPCID |
			  VMX_SEC_TSC_SCALING),
};
static const struct want on_exit = {
	.must = (uint32_t)(VMX_EXIT_SAVE_DEBUG | VMX_EXIT_HOST_64 | VMX_EXIT_SAVE_PAT |
			   VMX_EXIT_LOAD_PAT | VMX_EXIT_SAVE_EFER | VMX_EXIT_LOAD_EFER),
};
static const struct want on_entry = {
	.must = (uint32_t)(VMX_ENTRY_LOAD_DEBUG | VMX_ENTRY_LOAD_PAT | VMX_ENTRY_LOAD_EFER),
	.must_not = (uint32_t)VMX_ENTRY_LONG,
};

const char *vmx_controls_make(const struct vmx_caps *caps, struct vmx_controls *out)
{
	const uint64_t ept = EPT_CAP_WALK_4 | EPT_CAP_WB | EPT_CAP_2M | EPT_CAP_INVEPT |
			     EPT_CAP_INVEPT_ALL;
	const uint64_t vpid = VPID_CAP_INVVPID | VPID_CAP_INVVPID_SINGLE;

	if (!adjust(caps->pin, &pin, &out->pin)) {
		return "NMI control";
	}
	if (!adjust(caps->primary, &primary, &out->primary)) {
		return "controls of execution";
	}
	if (!adjust(caps->secondary, &secondary, &out->secondary)) {
		return "EPT or unrestricted guests";
	}
	if (!adjust(caps->exit, &on_exit, &out->exit) ||
	    !adjust(caps->entry, &on_entry, &out->entry)) {
		return "switching of EFER or PAT";
	}
	if ((caps->ept_vpid & ept) != ept) {
		return "EPT of four levels with its flush";
	}
	if ((caps->ept_vpid & vpid) != vpid) {
		out->secondary &= (uint32_t)~VMX_SEC_VPID;
	}
	out->has_vpid = (out->secondary & VMX_SEC_VPID) != 0;
	return NULL;
}

uint64_t vmx_cr0_real(const struct vmx_caps *caps, uint64_t value)
{
	value &= ~(CR0_CD | CR0_NW);
	return ((value | CR0_ET | (caps->cr0_fixed0 & ~CR0_FREE)) & caps->cr0_fixed1);
}

/* An exit loads CD and NW no more than an entry does: a guest's would stay ours (Intel SDM vol. 3 section 28.5.1). */
uint64_t vmx_cr0_mask(const struct vmx_caps *caps)
{
	return CR0_CD | CR0_NW | (caps->cr0_fixed0 & ~CR0_FREE) | ~caps->cr0_fixed1;
}

uint64_t vmx_cr4_real(const struct vmx_caps *caps, uint64_t value)
{
	return (value | caps->cr4_fixed0) & caps->cr4_fixed1;
}

bool vmx_must_give(uint32_t cut, bool has_other)
{
	uint32_t type = cut & VMX_EVENT_TYPE;

	if ((cut & VMX_EVENT_VALID) == 0) {
		return false;
	}
	return type == VMX_EVENT_INTR || type == VMX_EVENT_NMI ||
	       (type == VMX_EVENT_EXCP && !has_other);
}
