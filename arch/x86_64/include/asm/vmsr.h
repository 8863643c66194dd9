/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest's RDMSR and WRMSR do, for those that the hardware does not do itself: one table, and what is not in it
 * is a #GP. No value of the host's is ever shown.
 *
 * Registers that are the guest's own and live in VMCB, VMCS or the CPU are in the table too, as VMSR_CORE: so that one
 * table says which MSRs there are.
 *
 * Spec: Intel SDM vol. 4; vol. 3A, 11.11 (MTRRs); AMD APM vol. 2, appendix A.
 */
#ifndef ASM_VMSR_H
#define ASM_VMSR_H

#include <asm/vcpuid.h>
#include <hyp/types.h>

#define VMSR_NR_VARIABLE_MTRRS 8
#define VMSR_NR_FIXED_MTRRS    11

/** struct vmsr - MSRs of a vCPU that only remember what is written. */
struct vmsr {
	uint64_t mtrr_def;
	uint64_t mtrr_fixed[VMSR_NR_FIXED_MTRRS];
	uint64_t mtrr_variable[2 * VMSR_NR_VARIABLE_MTRRS]; /* base, mask, and so on */
	uint64_t misc_enable;
	uint64_t mcg_status;
};

enum vmsr_result {
	VMSR_DONE, /* *value is the answer; or it was written */
	VMSR_GP,   /* the guest takes a #GP(0), and nothing changed */
	VMSR_CORE, /* the caller has it: FS.base, EFER, PAT, the TSC, the APIC, the hypercall page, ... */
};

/** vmsr_reset() - as at power-on: MTRRs say write-back for all memory, as Xen's do for PVH guests. */
void vmsr_reset(struct vmsr *m);

/** vmsr_read() / vmsr_write() - @c: the guest's CPUID, which says what there is. */
enum vmsr_result __must_check vmsr_read(const struct vmsr *m, const struct vcpuid *c, uint32_t msr,
					uint64_t *value);
enum vmsr_result __must_check vmsr_write(struct vmsr *m, const struct vcpuid *c, uint32_t msr,
					 uint64_t value);

/** vmsr_pat_is_valid() - is @value a PAT that WRMSR takes? Spec: Intel SDM vol. 3A, 12.12.2. */
bool vmsr_pat_is_valid(uint64_t value);

#endif
