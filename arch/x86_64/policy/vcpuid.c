// SPDX-License-Identifier: Apache-2.0
/*
 * What a guest's CPUID answers: asm/vcpuid.h.
 *
 * vcpuid_init() makes the constant part from the host's leaves; vcpuid_read() adds what is the vCPU's. Topology is one
 * package of nr_vcpus cores without SMT, APIC IDs from 0 on.
 */
#include "internal.h"

#include <asm/vlapic.h>
#include <string.h>
#include <xen/arch-x86/cpuid.h>

#define EXTENDED       0x80000000U
#define HYPERVISOR     0x40000000U
#define HYPERVISOR_END 0x40010000U
#define F_X2APIC       (1U << 21) /* leaf 1, ECX */
#define F_DEADLINE     (1U << 24)
#define F_OSXSAVE      (1U << 27)
#define F_HYPERVISOR   (1U << 31)
#define F_APIC	       (1U << 9) /* leaf 1, EDX; and 0x80000001's on AMD */
#define F_HTT	       (1U << 28)
#define F_CMP_LEGACY   (1U << 1) /* leaf 0x80000001, ECX */
#define F_ARAT	       (1U << 2) /* leaf 6, EAX: the APIC's timer never stops */
#define XCR0_KNOWN     0xe7U	 /* x87, SSE, AVX, AVX-512 */
#define XEN_VERSION    (4U << 16 | 20U)

static bool is_vendor(const struct cpuid_regs *r, const char *name)
{
	return memcmp(&r->ebx, name, 4) == 0 && memcmp(&r->edx, name + 4, 4) == 0 &&
	       memcmp(&r->ecx, name + 8, 4) == 0;
}

static enum vcpuid_vendor vendor_of(const struct cpuid_regs *r)
{
	if (is_vendor(r, "GenuineIntel")) {
		return VCPUID_INTEL;
	}
	return is_vendor(r, "AuthenticAMD") || is_vendor(r, "HygonGenuine") ? VCPUID_AMD
									    : VCPUID_OTHER;
}

/* Leaves of the basic range that come from the host, masked or as they are: vendor, version, caches. */
static void read_basic(struct vcpuid *c, vcpuid_host_fn host)
{
	static const uint8_t from_host[] = { 1, 2, 7 };
	struct cpuid_regs *top = &c->basic[0];

	host(0, 0, top);
	c->vendor = vendor_of(top);
	top->eax = MIN(top->eax, VCPUID_NR_BASIC - 1);
	for (size_t n = 0; n < ARRAY_SIZE(from_host); n++) {
		if (from_host[n] <= top->eax) {
			host(from_host[n], 0, &c->basic[from_host[n]]);
		}
	}
	for (uint32_t n = 0; top->eax >= 4 && n < VCPUID_NR_CACHE; n++) {
		host(4, n, &c->cache[n]);
	}
	if (top->eax >= 7 && c->basic[7].eax >= 1) {
		host(7, 1, &c->seven_1);
		c->seven_1 = (struct cpuid_regs){ .eax = c->seven_1.eax };
	}
	c->basic[7].eax = MIN(c->basic[7].eax, 1);
}

static void read_xsave(struct vcpuid *c, vcpuid_host_fn host)
{
	if (c->basic[0].eax < 0xd) {
		return;
	}
	for (uint32_t n = 0; n < VCPUID_NR_XSAVE; n++) {
		host(0xd, n, &c->xsave[n]);
	}
	c->xcr0 = c->xsave[0].eax & XCR0_KNOWN;
	c->xsave[1] = (struct cpuid_regs){ .eax = c->xsave[1].eax };
}

static void read_extended(struct vcpuid *c, vcpuid_host_fn host)
{
	struct cpuid_regs *e = c->extended;

	host(EXTENDED, 0, &e[0]);
	if (e[0].eax < EXTENDED + 1) {
		e[0] = (struct cpuid_regs){ 0 };
		return;
	}
	e[0].eax = MIN(e[0].eax, EXTENDED + VCPUID_NR_EXTENDED - 1);
	for (uint32_t n = 1; n <= e[0].eax - EXTENDED; n++) {
		host(EXTENDED + n, 0, &e[n]);
	}
	e[7] = (struct cpuid_regs){ .edx = e[7].edx };
	e[8] = (struct cpuid_regs){ .eax = e[8].eax & 0xffff, .ebx = e[8].ebx };
}

static unsigned int bits_for(uint32_t nr)
{
	return nr <= 1 ? 0 : 32 - (unsigned int)__builtin_clz(nr - 1);
}

/* What is ours to say, whatever the host has. */
static void add_ours(struct vcpuid *c)
{
	uint32_t cores = c->nr_vcpus - 1;

	c->basic[1].ecx |= F_X2APIC | F_HYPERVISOR;
	if (vcpuid_has(c, VCPUID_E7_EDX, 8)) {
		c->basic[1].ecx |= F_DEADLINE;
	}
	if (cores > 0) {
		c->basic[1].edx |= F_HTT;
	}
	c->basic[6].eax = F_ARAT;
	c->basic[0x15] =
		(struct cpuid_regs){ VLAPIC_BUS_HZ / 1000, c->tsc_khz, VLAPIC_BUS_HZ,
				     0 }; /* the TSC as a ratio to what the APIC's timer counts */
	c->basic[0x16].eax = c->tsc_khz / 1000;
	for (size_t n = 0; n < VCPUID_NR_CACHE; n++) {
		c->cache[n].eax &= 0x3ff; /* shared with nobody */
		c->cache[n].eax |= (c->cache[n].eax & 0x1f) != 0 ? MIN(cores, 63) << 26 : 0;
	}
	if (c->vendor == VCPUID_AMD) {
		c->extended[1].ecx |= cores > 0 ? F_CMP_LEGACY : 0;
		c->extended[8].ecx = MIN(cores, 255) | bits_for(c->nr_vcpus) << 12;
	}
}

void vcpuid_init(struct vcpuid *c, vcpuid_host_fn host, uint16_t domid, uint32_t nr_vcpus,
		 uint32_t tsc_khz)
{
	*c = (struct vcpuid){
		.domid = domid,
		.nr_vcpus = nr_vcpus,
		.tsc_khz = tsc_khz,
		.machine_khz = tsc_khz,
		.xen_version = XEN_VERSION,
	};
	read_basic(c, host);
	read_xsave(c, host);
	read_extended(c, host);
	for (unsigned int reg = 0; reg < VCPUID_NR_REGS; reg++) {
		*vcpuid_reg(c, reg) &= vcpuid_mask[reg];
	}
	vcpuid_settle(c);
	add_ours(c);
}

static void read_leaf_1(const struct vcpuid_vcpu *v, uint32_t nr_vcpus, struct cpuid_regs *r)
{
	r->ebx = (r->ebx & 0xff00) | v->apic_id << 24 | MIN(nr_vcpus, 255) << 16;
	r->ecx |= v->is_osxsave ? F_OSXSAVE : 0;
	r->edx &= v->has_apic ? UINT32_MAX : ~F_APIC;
}

/* Level 0: one thread in a core; level 1: the cores of the package. Spec: Intel SDM vol. 3A, 9.9. */
static void read_topology(const struct vcpuid *c, const struct vcpuid_vcpu *v, uint32_t subleaf,
			  struct cpuid_regs *r)
{
	r->ecx = subleaf & 0xff;
	r->edx = v->apic_id;
	if (subleaf == 0) {
		r->ebx = 1;
		r->ecx |= 1 << 8;
	} else if (subleaf == 1) {
		r->eax = bits_for(c->nr_vcpus);
		r->ebx = c->nr_vcpus;
		r->ecx |= 2 << 8;
	}
}

static void read_basic_leaf(const struct vcpuid *c, const struct vcpuid_vcpu *v, uint32_t leaf,
			    uint32_t subleaf, struct cpuid_regs *r)
{
	switch (leaf) {
	case 1:
		*r = c->basic[1];
		read_leaf_1(v, c->nr_vcpus, r);
		break;
	case 4:
		if (subleaf < VCPUID_NR_CACHE) {
			*r = c->cache[subleaf];
		}
		break;
	case 7:
		*r = subleaf == 0   ? c->basic[7]
		     : subleaf == 1 ? c->seven_1
				    : (struct cpuid_regs){ 0 };
		break;
	case 0xb:
		read_topology(c, v, subleaf, r);
		break;
	case 0xd:
		vcpuid_xsave(c, v, subleaf, r);
		break;
	default:
		*r = c->basic[leaf];
		break;
	}
}

/* Xen's time leaf: the hardware makes the TSC of its own, nothing is emulated. */
static void read_xen_time(const struct vcpuid *c, uint32_t subleaf, struct cpuid_regs *r)
{
	if (subleaf == 0) {
		r->eax = (vcpuid_has(c, VCPUID_E7_EDX, 8) ? XEN_CPUID_HOST_TSC_RELIABLE : 0) |
			 (vcpuid_has(c, VCPUID_E1_EDX, 27) ? XEN_CPUID_RDTSCP_INSTR_AVAIL : 0);
		r->ebx = XEN_CPUID_TSC_MODE_NEVER_EMULATE;
		r->ecx = c->tsc_khz;
	} else if (subleaf == 2) {
		r->eax = c->machine_khz;
	}
}

static void read_xen(const struct vcpuid *c, const struct vcpuid_vcpu *v, uint32_t leaf,
		     uint32_t subleaf, struct cpuid_regs *r)
{
	switch (leaf) {
	case VCPUID_XEN_BASE:
		r->eax = VCPUID_XEN_BASE + VCPUID_XEN_LEAVES;
		r->ebx = XEN_CPUID_SIGNATURE_EBX;
		r->ecx = XEN_CPUID_SIGNATURE_ECX;
		r->edx = XEN_CPUID_SIGNATURE_EDX;
		break;
	case VCPUID_XEN_BASE + 1:
		r->eax = c->xen_version;
		break;
	case VCPUID_XEN_BASE + 2:
		r->eax = 1;
		r->ebx = VCPUID_HYPERCALL_MSR;
		break;
	case VCPUID_XEN_BASE + 3:
		read_xen_time(c, subleaf, r);
		break;
	case VCPUID_XEN_BASE + 4:
		if (subleaf == 0) {
			r->eax = XEN_HVM_CPUID_VCPU_ID_PRESENT | XEN_HVM_CPUID_DOMID_PRESENT |
				 XEN_HVM_CPUID_UPCALL_VECTOR;
			r->ebx = v->vcpu_id;
			r->ecx = c->domid;
		}
		break;
	default:
		break;
	}
}

static void read_extended_leaf(const struct vcpuid *c, const struct vcpuid_vcpu *v, uint32_t n,
			       struct cpuid_regs *r)
{
	*r = c->extended[n];
	if (n == 1 && !v->has_apic) {
		r->edx &= ~F_APIC;
	}
}

void vcpuid_read(const struct vcpuid *c, const struct vcpuid_vcpu *v, uint32_t leaf,
		 uint32_t subleaf, struct cpuid_regs *r)
{
	uint32_t extended = leaf - EXTENDED;

	*r = (struct cpuid_regs){ 0 };
	if (leaf >= HYPERVISOR && leaf < HYPERVISOR_END) {
		read_xen(c, v, leaf, subleaf, r);
		return;
	}
	if (leaf >= EXTENDED && c->extended[0].eax != 0 &&
	    extended <= c->extended[0].eax - EXTENDED) {
		read_extended_leaf(c, v, extended, r);
		return;
	}
	if (leaf > c->basic[0].eax && c->vendor == VCPUID_INTEL) {
		leaf = c->basic[0].eax; /* Intel SDM vol. 2A, CPUID: "higher than the maximum" */
	}
	if (leaf <= c->basic[0].eax) {
		read_basic_leaf(c, v, leaf, subleaf, r);
	}
}
