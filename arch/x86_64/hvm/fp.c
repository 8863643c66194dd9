/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vCPU's x87, SSE and vector registers: in the hardware while it is on its CPU, for we never use any. Where the CPU has
 * XSAVE all that its domain may switch on is switched, whatever it has switched on; else FXSAVE's part is.
 *
 * XCR0 is nobody's but who runs: a guest may switch on XSAVE without having been shown it (CR4.OSXSAVE), and must then find
 * no more than is switched.
 * Spec: Intel SDM vol. 1, 13.3 (XCR0), 13.4 (layout); vol. 2, XSETBV; AMD APM vol. 2 section 11.5.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pool.h>
#include <string.h>

#define CPUID_ECX_XSAVE BIT(26)

#define FCW_RESET   0x37fU
#define MXCSR_RESET 0x1f80U
#define MXCSR_AT    24

#define XCR0_FP	    BIT(0)
#define XCR0_LEGACY (BIT(0) | BIT(1))

static bool has_xsave; /* the same on all CPUs */

static uint64_t xcr0_read(void)
{
	uint32_t lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return (uint64_t)hi << 32 | lo;
}

static void xcr0_set(uint64_t value)
{
	__asm__ volatile("xsetbv"
			 :
			 : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

void fp_cpu_init(void)
{
	has_xsave = (cpuid(1, 0).ecx & CPUID_ECX_XSAVE) != 0;
	if (has_xsave) {
		write_cr4(read_cr4() | CR4_OSXSAVE);
		xcr0_set(XCR0_LEGACY);
	}
}

bool fp_has_xsave(const struct vcpuid *c)
{
	struct cpuid_regs whole;
	const struct vcpuid_vcpu none = { 0 };

	if (!has_xsave || c->xcr0 == 0) {
		return false;
	}
	vcpuid_read(c, &none, 0xd, 0, &whole);
	return whole.ecx <= PAGE_SIZE;
}

int fp_vcpu_init(struct vcpu *v)
{
	if (v->domain->arch.cpuid.xcr0 == 0) {
		return 0;
	}
	v->arch.xsave = page_alloc(0);
	return v->arch.xsave == NULL ? -ENOMEM : 0;
}

/* Also so that nothing of the last life is left. An XSAVE area that names no component is one of initial ones. */
void fp_reset(struct vcpu *v)
{
	uint32_t mxcsr = MXCSR_RESET;
	uint16_t fcw = FCW_RESET;
	uint8_t *fp = v->arch.fp.bytes;

	v->arch.xcr0 = XCR0_FP;
	memset(fp, 0, sizeof(v->arch.fp.bytes));
	if (v->arch.xsave != NULL) {
		fp = v->arch.xsave;
		memset(fp, 0, PAGE_SIZE);
	}
	memcpy(fp, &fcw, sizeof(fcw));
	memcpy(fp + MXCSR_AT, &mxcsr, sizeof(mxcsr));
}

/*
 * FXRSTOR of a state without a pending exception leaves AMD's pointers to the last instruction and operand as they are:
 * they are ours then, not another guest's (AMD APM vol. 2 section 11.4.4). So does XRSTOR.
 */
void fp_load(const struct vcpu *v)
{
	uint64_t all = v->domain->arch.cpuid.xcr0;
	static const uint32_t zero;

	__asm__ volatile("fnclex\n\temms\n\tfildl %0" : : "m"(zero));
	if (v->arch.xsave == NULL) {
		__asm__ volatile("fxrstor64 %0" : : "m"(v->arch.fp));
	} else {
		xcr0_set(all);
		__asm__ volatile("xrstor64 (%0)"
				 :
				 : "r"(v->arch.xsave), "a"((uint32_t)all),
				   "d"((uint32_t)(all >> 32))
				 : "memory");
	}
	if (has_xsave) {
		xcr0_set(v->arch.xcr0);
	}
}

/* Read, not remembered: QEMU 7.2 lets XSETBV through, whatever is intercepted. */
uint64_t fp_xcr0(const struct vcpu *v)
{
	return v->arch.xsave == NULL ? 0 : xcr0_read() & v->domain->arch.cpuid.xcr0;
}

void fp_save(struct vcpu *v)
{
	uint64_t all = v->domain->arch.cpuid.xcr0;

	if (v->arch.xsave == NULL) {
		__asm__ volatile("fxsave64 %0" : "=m"(v->arch.fp));
		return;
	}
	v->arch.xcr0 = fp_xcr0(v);
	xcr0_set(all);
	__asm__ volatile("xsave64 (%0)"
			 :
			 : "r"(v->arch.xsave), "a"((uint32_t)all), "d"((uint32_t)(all >> 32))
			 : "memory");
}

unsigned int hvm_xsetbv(struct vcpu *v)
{
	const uint64_t *r = v->arch.gpr;
	uint64_t value = r[INSN_RDX] << 32 | (r[INSN_RAX] & UINT32_MAX);
	struct hvm_modes m;

	hvm->modes(v, &m);
	if ((m.cr4 & CR4_OSXSAVE) == 0 || v->arch.xsave == NULL) {
		return EXCP_UD;
	}
	if (m.cpl != 0 || (r[INSN_RCX] & UINT32_MAX) != 0 ||
	    !vcpuid_xcr0_is_valid(&v->domain->arch.cpuid, value)) {
		return EXCP_GP;
	}
	v->arch.xcr0 = value;
	xcr0_set(value);
	return 0;
}
