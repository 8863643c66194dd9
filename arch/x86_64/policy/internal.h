/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the CPUID policy share. */
#ifndef POLICY_INTERNAL_H
#define POLICY_INTERNAL_H

#include <asm/vcpuid.h>

/** vcpuid_mask[] - the features that guests may see, if the CPU has them. */
extern const uint32_t vcpuid_mask[VCPUID_NR_REGS];

/** vcpuid_reg() - where the view has the feature bits @reg. */
uint32_t *vcpuid_reg(struct vcpuid *c, enum vcpuid_reg reg);

/** vcpuid_settle() - take away what stands on what is not there, state components of XSAVE too. */
void vcpuid_settle(struct vcpuid *c);

/** vcpuid_xsave() - leaf 0xd. */
void vcpuid_xsave(const struct vcpuid *c, const struct vcpuid_vcpu *v, uint32_t subleaf,
		  struct cpuid_regs *r);

#endif
