// SPDX-License-Identifier: Apache-2.0
/*
 * Which MSRs a guest has, and what they do: asm/vmsr.h. A row each; the first that fits counts.
 *
 * Constants that are not zero: MTRRCAP has 8 variable ranges, the fixed ones and write-combining; AMD's HWCR says that
 * the TSC counts at the P0 rate, its DE_CFG that LFENCE serialises (which the core sets on each CPU that has the bit).
 */
#include <asm/vmsr.h>

enum kind {
	CORE,	/* the caller's */
	CONST,	/* reads as value; a write is a #GP */
	IGNORE, /* reads as value; writes do nothing */
	MTRR_DEF,
	MTRR_FIXED,
	MTRR_VARIABLE,
	MISC_ENABLE,
	MCG_STATUS,
};

enum vendors {
	INTEL = 1,
	AMD = 2,
	ALL = 3
};

struct row {
	uint32_t first, last;
	enum kind kind;
	enum vendors vendors;
	uint64_t value;
};

#define MTRRCAP	     0x508U
#define MTRR_DEF_SET 0xc06U /* on, fixed ranges on, write-back */
#define ALL_WB	     0x0606060606060606ULL
#define MISC_FIXED   0x1800U /* neither BTS nor PEBS */
#define MISC_STRINGS 1U	     /* fast strings: the only bit that may change */
#define MCG_MASK     7U
#define TSC_AUX	     0xc0000103U
#define DEADLINE     0x6e0U

static const struct row rows[] = {
	{ 0x010, 0x010, CORE, ALL, 0 },	   /* TSC */
	{ 0x017, 0x017, CONST, INTEL, 0 }, /* platform ID */
	{ 0x01b, 0x01b, CORE, ALL, 0 },	   /* APIC base */
	{ 0x08b, 0x08b, IGNORE, ALL, 0 },  /* microcode's revision */
	{ 0x0fe, 0x0fe, CONST, ALL, MTRRCAP },
	{ 0x174, 0x176, CORE, ALL, 0 },	 /* SYSENTER */
	{ 0x179, 0x179, CONST, ALL, 0 }, /* MCG_CAP: no bank */
	{ 0x17a, 0x17a, MCG_STATUS, ALL, 0 },
	{ 0x1a0, 0x1a0, MISC_ENABLE, INTEL, 0 },
	{ 0x1d9, 0x1d9, CORE, ALL, 0 }, /* DEBUGCTL */
	{ 0x200, 0x20f, MTRR_VARIABLE, ALL, 0 },
	{ 0x250, 0x250, MTRR_FIXED, ALL, 0 },
	{ 0x258, 0x259, MTRR_FIXED, ALL, 0 },
	{ 0x268, 0x26f, MTRR_FIXED, ALL, 0 },
	{ 0x277, 0x277, CORE, ALL, 0 }, /* PAT */
	{ 0x2ff, 0x2ff, MTRR_DEF, ALL, 0 },
	{ DEADLINE, DEADLINE, CORE, ALL, 0 },
	{ 0x800, 0x8ff, CORE, ALL, 0 }, /* x2APIC */
	{ VCPUID_HYPERCALL_MSR, VCPUID_HYPERCALL_MSR, CORE, ALL, 0 },
	{ 0xc0000080, 0xc0000084, CORE, ALL, 0 }, /* EFER, STAR, LSTAR, CSTAR, SFMASK */
	{ 0xc0000100, 0xc0000102, CORE, ALL, 0 }, /* FS.base, GS.base, kernel's GS.base */
	{ TSC_AUX, TSC_AUX, CORE, ALL, 0 },
	{ 0xc0010010, 0xc0010010, IGNORE, AMD, 0 },	   /* SYSCFG */
	{ 0xc0010015, 0xc0010015, IGNORE, AMD, 1U << 24 }, /* HWCR */
	{ 0xc001001f, 0xc001001f, IGNORE, AMD, 0 },	   /* NB_CFG */
	{ 0xc0010055, 0xc0010055, CONST, AMD, 0 },	   /* pending interrupt messages: no C1E */
	{ 0xc0011029, 0xc0011029, IGNORE, AMD, 2 },	   /* DE_CFG */
};

/* MSRs that are there only with a feature. */
static bool is_there(const struct vcpuid *c, uint32_t msr)
{
	if (msr == TSC_AUX) {
		return vcpuid_has(c, VCPUID_E1_EDX, 27) || vcpuid_has(c, VCPUID_7_ECX, 22);
	}
	return msr != DEADLINE || vcpuid_has(c, VCPUID_1_ECX, 24);
}

static const struct row *find(const struct vcpuid *c, uint32_t msr)
{
	enum vendors vendor = c->vendor == VCPUID_AMD ? AMD : INTEL;

	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		const struct row *r = &rows[n];

		if (msr >= r->first && msr <= r->last && (r->vendors & vendor) != 0) {
			return is_there(c, msr) ? r : NULL;
		}
	}
	return NULL;
}

/* The fixed ranges' MSRs as they are numbered: 1 of 64 KiB, 2 of 16 KiB, 8 of 4 KiB pieces. */
static unsigned int fixed_index(uint32_t msr)
{
	return msr == 0x250 ? 0 : msr < 0x260 ? msr - 0x258 + 1 : msr - 0x268 + 3;
}

void vmsr_reset(struct vmsr *m)
{
	*m = (struct vmsr){ .mtrr_def = MTRR_DEF_SET, .misc_enable = MISC_FIXED | MISC_STRINGS };
	for (size_t n = 0; n < VMSR_NR_FIXED_MTRRS; n++) {
		m->mtrr_fixed[n] = ALL_WB;
	}
}

enum vmsr_result vmsr_read(const struct vmsr *m, const struct vcpuid *c, uint32_t msr,
			   uint64_t *value)
{
	const struct row *r = find(c, msr);

	if (r == NULL) {
		return VMSR_GP;
	}
	switch (r->kind) {
	case CORE:
		return VMSR_CORE;
	case MTRR_DEF:
		*value = m->mtrr_def;
		break;
	case MTRR_FIXED:
		*value = m->mtrr_fixed[fixed_index(msr)];
		break;
	case MTRR_VARIABLE:
		*value = m->mtrr_variable[msr - r->first];
		break;
	case MISC_ENABLE:
		*value = m->misc_enable;
		break;
	case MCG_STATUS:
		*value = m->mcg_status;
		break;
	default:
		*value = r->value;
		break;
	}
	return VMSR_DONE;
}

/* Uncached, write-combining, write-through, write-protected, write-back. */
static bool is_type(uint64_t type)
{
	return type < 7 && (1U << type & 0x73U) != 0;
}

static bool are_types(uint64_t value)
{
	for (unsigned int n = 0; n < 8; n++, value >>= 8) {
		if (!is_type(value & 0xff)) {
			return false;
		}
	}
	return true;
}

bool vmsr_pat_is_valid(uint64_t value)
{
	for (unsigned int n = 0; n < 8; n++, value >>= 8) {
		if ((value & 0xff) != 7 &&
		    !is_type(value & 0xff)) { /* 7: uncached, may be overridden */
			return false;
		}
	}
	return true;
}

static bool write_variable(struct vmsr *m, const struct vcpuid *c, unsigned int n, uint64_t value)
{
	unsigned int bits = c->extended[8].eax & 0xff;
	uint64_t address = bits > PAGE_SHIFT && bits < 64 ? (1UL << bits) - PAGE_SIZE
							  : (1UL << 36) - PAGE_SIZE;
	uint64_t others = n % 2 == 0 ? 0xff : BIT(11); /* a base has a type, a mask is valid */

	if ((value & ~(address | others)) != 0 || (n % 2 == 0 && !is_type(value & 0xff))) {
		return false;
	}
	m->mtrr_variable[n] = value;
	return true;
}

static bool write_kept(uint64_t *to, uint64_t value, bool is_valid)
{
	if (is_valid) {
		*to = value;
	}
	return is_valid;
}

enum vmsr_result vmsr_write(struct vmsr *m, const struct vcpuid *c, uint32_t msr, uint64_t value)
{
	const struct row *r = find(c, msr);
	bool is_done;

	if (r == NULL) {
		return VMSR_GP;
	}
	switch (r->kind) {
	case CORE:
		return VMSR_CORE;
	case IGNORE:
		return VMSR_DONE;
	case MTRR_DEF:
		is_done = write_kept(&m->mtrr_def, value,
				     (value & ~0xcffUL) == 0 && is_type(value & 0xff));
		break;
	case MTRR_FIXED:
		is_done = write_kept(&m->mtrr_fixed[fixed_index(msr)], value, are_types(value));
		break;
	case MTRR_VARIABLE:
		is_done = write_variable(m, c, msr - r->first, value);
		break;
	case MISC_ENABLE:
		is_done = write_kept(&m->misc_enable, value,
				     (value & ~(uint64_t)MISC_STRINGS) == MISC_FIXED);
		break;
	case MCG_STATUS:
		is_done = write_kept(&m->mcg_status, value, (value & ~(uint64_t)MCG_MASK) == 0);
		break;
	default:
		is_done = false;
		break;
	}
	return is_done ? VMSR_DONE : VMSR_GP;
}
