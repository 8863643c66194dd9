// SPDX-License-Identifier: Apache-2.0
/*
 * CPUID and MSRs of a guest, on any host at all: whatever the machine's CPUID says, and whatever features are taken away.
 *
 * The input: bytes from which the host's answers are made, then steps. The oracle knows what no guest may ever see, that
 * what it may set in XCR0 is what leaf 0xd names, that state fits into the size that it is told, and that an MSR reads as
 * reset left it or as the guest wrote it: never as the host.
 */
#include <asm/vmsr.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOST_BYTES 256U
#define MAX_STEPS  400

static uint8_t host_bytes[HOST_BYTES];

struct step {
	uint8_t what;
	uint8_t reg;
	uint16_t at;
	uint32_t value;
};

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

/* 16 bytes of the input for each leaf; half of them as they are, for the maxima and the vendor. */
static void host(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	uint32_t at = (leaf * 5 + (leaf >> 31) * 3 + subleaf * 7) % (HOST_BYTES / 16) * 16;

	memcpy(r, host_bytes + at, sizeof(*r));
	if (leaf == 0 || leaf == 0x80000000) {
		r->eax = (leaf & 0x80000000) | (r->eax & 0x1f);
	} else if (leaf == 0xd && subleaf > 1) {
		r->eax &= 0xfff; /* sizes of state that exist */
		r->ebx &= 0xffff;
	}
}

static void check_leaf(const struct vcpuid *c, const struct vcpuid_vcpu *v, uint32_t leaf,
		       uint32_t subleaf)
{
	struct cpuid_regs r, again;

	vcpuid_read(c, v, leaf, subleaf, &r);
	vcpuid_read(c, v, leaf, subleaf, &again);
	must(memcmp(&r, &again, sizeof(r)) == 0);
	if (leaf == 1 && c->basic[0].eax >= 1) {
		must((r.ecx & (1U << 3 | 1U << 5 | 1U << 6 | 1U << 15)) == 0 && (r.ecx >> 31) == 1);
		must((r.ecx >> 27 & 1) == v->is_osxsave && r.ebx >> 24 == v->apic_id);
		must(v->has_apic || (r.edx & 1U << 9) == 0);
	} else if (leaf == 7 && c->basic[0].eax >= 7) {
		must((r.ebx & (1U << 4 | 1U << 11 | 1U << 14 | 1U << 25)) == 0);
		must((r.edx & (1U << 26 | 1U << 27 | 1U << 29 | 1U << 31)) == 0);
	} else if (leaf == 0xa && c->basic[0].eax >= 0xa) {
		must((r.eax | r.ebx | r.ecx | r.edx) == 0);
	} else if (leaf == 0x80000001 && c->extended[0].eax != 0) {
		must((r.ecx & (1U << 2 | 1U << 10 | 1U << 12)) == 0);
	} else if (leaf == 0x40000000) {
		must(r.eax == 0x40000005 && memcmp(&r.ebx, "XenVMMXenVMM", 12) == 0);
	}
}

static void check_xsave(const struct vcpuid *c, const struct vcpuid_vcpu *v)
{
	struct cpuid_regs all, one;

	if (c->basic[0].eax < 0xd) {
		must(c->xcr0 == 0);
		return;
	}
	vcpuid_read(c, v, 0xd, 0, &all);
	must(all.eax == c->xcr0 && (c->xcr0 & ~0xe7UL) == 0);
	must(c->xcr0 == 0 || (c->xcr0 & 3) == 3);
	must((c->xcr0 != 0) == vcpuid_has(c, VCPUID_1_ECX, 26));
	for (uint32_t n = 2; n < 64; n++) {
		vcpuid_read(c, v, 0xd, n, &one);
		must((one.eax == 0 && one.ebx == 0) || (c->xcr0 >> n & 1) != 0);
		must(one.ebx + one.eax <= all.ecx || c->xcr0 == 0);
	}
	must(all.ebx <= all.ecx);
	for (uint64_t x = 0; x < 256; x++) {
		must(!vcpuid_xcr0_is_valid(c, x) || ((x & ~c->xcr0) == 0 && (x & 1) != 0));
	}
}

static void check_msr(struct vmsr *m, const struct vcpuid *c, uint32_t msr, uint64_t value)
{
	struct vmsr old = *m;
	uint64_t before = 0, after = 0;
	enum vmsr_result has = vmsr_read(m, c, msr, &before);
	enum vmsr_result rc = vmsr_write(m, c, msr, value);

	must((has == VMSR_CORE) == (rc == VMSR_CORE) && (has != VMSR_GP || rc == VMSR_GP));
	if (rc != VMSR_DONE) {
		must(memcmp(&old, m, sizeof(old)) == 0);
		return;
	}
	must(vmsr_read(m, c, msr, &after) == VMSR_DONE && (after == value || after == before));
}

static uint32_t msr_of(const struct step *s)
{
	static const uint32_t from[4] = { 0, 0xc0000000, 0xc0010000, 0x40000000 };

	return from[s->reg & 3] + s->at;
}

static void do_step(struct vcpuid *c, struct vmsr *m, struct vcpuid_vcpu *v, const struct step *s)
{
	static const uint32_t from[4] = { 0, 0x40000000, 0x80000000, 0xc0000000 };
	uint32_t bits;

	switch (s->what & 3) {
	case 0:
		check_leaf(c, v, from[s->reg & 3] + (s->at & 0x1f), s->value);
		break;
	case 1:
		bits = s->value & 0x7fffffff; /* that there is a hypervisor stays said */
		vcpuid_clear(c, s->reg % VCPUID_NR_REGS, bits);
		for (unsigned int n = 0; n < 31; n++) {
			must((bits >> n & 1) == 0 || !vcpuid_has(c, s->reg % VCPUID_NR_REGS, n));
		}
		check_xsave(c, v);
		break;
	case 2:
		check_msr(m, c, msr_of(s), s->value * ((s->what & 4) != 0 ? 0x100000001UL : 1));
		break;
	default:
		v->is_osxsave = (s->value & 1) != 0;
		v->has_apic = (s->value & 2) != 0;
		v->xcr0 = vcpuid_xcr0_is_valid(c, s->at & 0xff) ? s->at & 0xff : v->xcr0;
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t page[PAGE_SIZE];
	struct vcpuid c;
	struct vmsr m;
	struct vcpuid_vcpu v = { .vcpu_id = 1, .apic_id = 1, .xcr0 = 1 };
	struct step s;

	if (size < HOST_BYTES) {
		return 0;
	}
	memcpy(host_bytes, data, HOST_BYTES);
	vcpuid_init(&c, host, 3, 1 + data[0] % 64, 2400000);
	vmsr_reset(&m);
	vcpuid_hypercall_page(&c, page);
	check_xsave(&c, &v);
	data += HOST_BYTES;
	size -= HOST_BYTES;
	for (unsigned int n = 0; n < MAX_STEPS && size >= sizeof(s); n++) {
		memcpy(&s, data, sizeof(s));
		do_step(&c, &m, &v, &s);
		data += sizeof(s);
		size -= sizeof(s);
	}
	return 0;
}
