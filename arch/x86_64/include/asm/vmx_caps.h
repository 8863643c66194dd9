/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a CPU's VMX can do, and the controls that are made of it: pure, so that the rules of the capability registers are
 * tested on any build host.
 * Spec: Intel SDM vol. 3, appendix A.
 */
#ifndef ASM_VMX_CAPS_H
#define ASM_VMX_CAPS_H

#include <hyp/types.h>

/** struct vmx_caps - the capability registers, as read. Each pair: low half what must be 1, high half what may be 1. */
struct vmx_caps {
	uint64_t pin, primary, secondary, exit, entry;
	uint64_t cr0_fixed0, cr0_fixed1, cr4_fixed0, cr4_fixed1;
	uint64_t ept_vpid;
};

struct vmx_controls {
	uint32_t pin, primary, secondary, exit, entry;
	bool has_vpid;
};

/**
 * vmx_controls_make() - the controls that we run guests with.
 * Return: NULL; what the CPU cannot do that nothing works without.
 */
const char *vmx_controls_make(const struct vmx_caps *caps, struct vmx_controls *out);

/** vmx_cr0_real() - CR0 as it is while the guest has @value: what VMX wants besides, never uncached. */
uint64_t vmx_cr0_real(const struct vmx_caps *caps, uint64_t value);
/** vmx_cr0_mask() - the bits of CR0 that the guest sees a shadow of. */
uint64_t vmx_cr0_mask(const struct vmx_caps *caps);
uint64_t vmx_cr4_real(const struct vmx_caps *caps, uint64_t value);

/**
 * vmx_must_give() - is an event whose delivery an exit cut short to be given again?
 * @cut:       IDT-vectoring information
 * @has_other: the exit was for an exception that is to be injected now
 * What an instruction made (INT n, INT3, INTO, INT1) it makes again, for RIP is at it, and so does one at fault, if
 * something else comes first. Spec: Intel SDM vol. 3 section 28.2.4.
 */
bool vmx_must_give(uint32_t cut, bool has_other);

#endif
