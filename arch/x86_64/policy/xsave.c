// SPDX-License-Identifier: Apache-2.0
/*
 * CPUID's leaf 0xd, of the state components that a guest may have, and the hypercall page: asm/vcpuid.h.
 * Spec: Intel SDM vol. 1, 13.2 (enumeration), 13.4.2 and 13.4.3 (layout); Xen public arch-x86/xen.h (hypercalls).
 */
#include "internal.h"

#include <string.h>

#define LEGACY_BYTES 576U /* x87, SSE and the header */
#define FIRST_EXT    2U	  /* component behind the legacy ones */
#define COMP_ALIGN   2U	  /* ECX of a component: aligned to 64 in the compacted layout */
#define XSAVEC	     1U	  /* bit of sub-leaf 1's EAX */

/* The standard layout's size: components have fixed places. */
static uint32_t standard_bytes(const struct vcpuid *c, uint64_t xcr0)
{
	uint32_t bytes = LEGACY_BYTES;

	for (unsigned int n = FIRST_EXT; n < VCPUID_NR_XSAVE; n++) {
		if ((xcr0 >> n & 1) != 0) {
			bytes = MAX(bytes, c->xsave[n].ebx + c->xsave[n].eax);
		}
	}
	return bytes;
}

static uint32_t compacted_bytes(const struct vcpuid *c, uint64_t xcr0)
{
	uint32_t bytes = LEGACY_BYTES;

	for (unsigned int n = FIRST_EXT; n < VCPUID_NR_XSAVE; n++) {
		if ((xcr0 >> n & 1) != 0) {
			bytes = (c->xsave[n].ecx & COMP_ALIGN) != 0 ? ALIGN_UP(bytes, 64U) : bytes;
			bytes += c->xsave[n].eax;
		}
	}
	return bytes;
}

void vcpuid_xsave(const struct vcpuid *c, const struct vcpuid_vcpu *v, uint32_t subleaf,
		  struct cpuid_regs *r)
{
	if (c->xcr0 == 0) {
		return;
	}
	if (subleaf == 0) {
		r->eax = (uint32_t)c->xcr0;
		r->ebx = standard_bytes(c, v->xcr0 & c->xcr0);
		r->ecx = standard_bytes(c, c->xcr0);
	} else if (subleaf == 1) {
		r->eax = c->xsave[1].eax;
		r->ebx = vcpuid_has(c, VCPUID_D_1_EAX, XSAVEC)
				 ? compacted_bytes(c, v->xcr0 & c->xcr0)
				 : 0;
	} else if (subleaf < VCPUID_NR_XSAVE && (c->xcr0 >> subleaf & 1) != 0) {
		r->eax = c->xsave[subleaf].eax;
		r->ebx = c->xsave[subleaf].ebx;
		r->ecx = c->xsave[subleaf].ecx & COMP_ALIGN;
	}
}

#define STUB_BYTES 32U
#define HVC_IRET   23U

void vcpuid_hypercall_page(const struct vcpuid *c, uint8_t *page)
{
	uint8_t last = c->vendor == VCPUID_AMD ? 0xd9 : 0xc1; /* VMMCALL, VMCALL */

	memset(page, 0xcc, PAGE_SIZE);
	for (uint32_t n = 0; n < PAGE_SIZE / STUB_BYTES; n++) {
		uint8_t stub[9] = { 0xb8, (uint8_t)n, 0, 0, 0, 0x0f, 0x01, last, 0xc3 };

		memcpy(page + (size_t)n * STUB_BYTES, stub, sizeof(stub));
	}
	page[HVC_IRET * STUB_BYTES] = 0x0f; /* UD2 */
	page[HVC_IRET * STUB_BYTES + 1] = 0x0b;
}
