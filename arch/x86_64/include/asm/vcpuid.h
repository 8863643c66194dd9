/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest is told by CPUID: the host's leaves through masks, topology as flat as it is, Xen's leaves.
 *
 * A feature that the masks in arch/x86_64/policy/vcpuid_masks.c do not name reads as zero, on a CPU of next year too. The vendor is
 * never faked: guests choose VMCALL or VMMCALL by it. No PMU, no MONITOR, no nested virtualization.
 *
 * Spec: Intel SDM vol. 2A, CPUID; AMD APM vol. 3, appendix E; Xen public arch-x86/cpuid.h.
 */
#ifndef ASM_VCPUID_H
#define ASM_VCPUID_H

#include <hyp/types.h>

#define VCPUID_XEN_BASE	     0x40000000U
#define VCPUID_XEN_LEAVES    5U		 /* behind the first */
#define VCPUID_HYPERCALL_MSR 0x40000000U /* where a guest says where its hypercall page goes */

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

/** typedef vcpuid_host_fn - CPUID of the machine: @leaf with @subleaf in ECX. */
typedef void (*vcpuid_host_fn)(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r);

enum vcpuid_vendor {
	VCPUID_OTHER,
	VCPUID_INTEL,
	VCPUID_AMD
};

#define VCPUID_NR_BASIC	   0x17U /* leaves 0 ... 0x16 */
#define VCPUID_NR_EXTENDED 9U	 /* leaves 0x80000000 ... 0x80000008 */
#define VCPUID_NR_CACHE	   4U	 /* sub-leaves of leaf 4 */
#define VCPUID_NR_XSAVE	   10U	 /* sub-leaves of leaf 0xd: state components below this */

/** struct vcpuid - a domain's view. Constant once vcpuid_init() and the core's wishes are done. */
struct vcpuid {
	enum vcpuid_vendor vendor;
	struct cpuid_regs basic[VCPUID_NR_BASIC]; /* sub-leaf 0 */
	struct cpuid_regs seven_1;		  /* leaf 7, sub-leaf 1 */
	struct cpuid_regs cache[VCPUID_NR_CACHE]; /* leaf 4 */
	struct cpuid_regs xsave[VCPUID_NR_XSAVE]; /* leaf 0xd */
	struct cpuid_regs extended[VCPUID_NR_EXTENDED];
	uint64_t xcr0; /* what the guest may set; 0: no XSAVE */
	uint32_t nr_vcpus;
	uint16_t domid;
	uint32_t tsc_khz;
	uint32_t machine_khz; /* its TSC's rate: the same, unless the core says otherwise */
	uint32_t xen_version; /* major << 16 | minor */
};

/** struct vcpuid_vcpu - what CPUID says that changes, or differs between vCPUs. */
struct vcpuid_vcpu {
	uint32_t vcpu_id;
	uint32_t apic_id;
	bool is_osxsave; /* its CR4.OSXSAVE */
	bool has_apic;	 /* its IA32_APIC_BASE.EN */
	uint64_t xcr0;	 /* as it set it */
};

/**
 * vcpuid_init() - the view of a domain of @nr_vcpus on this machine.
 * @host:    the machine's CPUID
 * @tsc_khz: the rate of the guest's TSC
 * Context: construction. What is to be taken away besides is done by vcpuid_clear().
 */
void vcpuid_init(struct vcpuid *c, vcpuid_host_fn host, uint16_t domid, uint32_t nr_vcpus,
		 uint32_t tsc_khz);

/** enum vcpuid_reg - a register of feature bits, for vcpuid_has() and vcpuid_clear(). */
enum vcpuid_reg {
	VCPUID_1_ECX,
	VCPUID_1_EDX,
	VCPUID_7_EBX,
	VCPUID_7_ECX,
	VCPUID_7_EDX,
	VCPUID_E1_ECX, /* 0x80000001 */
	VCPUID_E1_EDX,
	VCPUID_E7_EDX, /* 0x80000007 */
	VCPUID_E8_EBX, /* 0x80000008 */
	VCPUID_7_1_EAX,
	VCPUID_D_1_EAX,
	VCPUID_NR_REGS
};

/** vcpuid_has() - does the guest see feature @bit of @reg? */
bool vcpuid_has(const struct vcpuid *c, enum vcpuid_reg reg, unsigned int bit);

/** vcpuid_clear() - let it not see @bits of @reg, and what stands on them. Context: construction. */
void vcpuid_clear(struct vcpuid *c, enum vcpuid_reg reg, uint32_t bits);

/** vcpuid_read() - the guest's CPUID. Unknown leaves read as zero; on Intel those beyond the last as the last, as in hardware. */
void vcpuid_read(const struct vcpuid *c, const struct vcpuid_vcpu *v, uint32_t leaf,
		 uint32_t subleaf, struct cpuid_regs *r);

/** vcpuid_xcr0_is_valid() - may the guest set XCR0 to @value? Spec: Intel SDM vol. 1, 13.3; vol. 2, XSETBV. */
bool vcpuid_xcr0_is_valid(const struct vcpuid *c, uint64_t value);

/**
 * vcpuid_hypercall_page() - write the stubs of the hypercall page: one of 32 bytes for each hypercall number, with the
 * instruction of this vendor; a guest's call of IRET (23), which no such guest has, is an invalid instruction.
 * @page: PAGE_SIZE bytes
 */
void vcpuid_hypercall_page(const struct vcpuid *c, uint8_t *page);

#endif
