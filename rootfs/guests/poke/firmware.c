/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI and SMCCC with sense: each answer is compared with the specification's, by HVC and by SMC. */
#include "poke.h"

#define WORKAROUND_1 0x80008000U
#define WORKAROUND_2 0x80007fffU
#define WORKAROUND_3 0x80003fffU
#define FEATURES     0x80000001U
#define GICR_PPIS    (GICR + 0x10000)

static const struct {
	uint32_t fn;
	uint64_t a1, a2;
	int64_t result;
} rows[] = {
	{ 0x80000000, 0, 0, 0x10002 },	/* SMCCC_VERSION */
	{ FEATURES, 0x80000000, 0, 0 }, /* of itself and its like */
	{ FEATURES, FEATURES, 0, 0 },
	{ FEATURES, 0x84000000, 0, -1 },
	{ 0x84000000, 0, 0, 0x10001 }, /* PSCI_VERSION */
	{ 0xc4000000, 0, 0, -1 },
	{ 0x84000006, 0, 0, 2 },  /* MIGRATE_INFO_TYPE */
	{ 0x84000005, 0, 0, -1 }, /* MIGRATE */
	{ 0x8400000e, 0, 0, -1 }, /* SYSTEM_SUSPEND */
	{ 0x84000004, 0, 0, 0 },  /* AFFINITY_INFO: on */
	{ 0xc4000004, 0, 3, 0 },
	{ 0xc4000004, 0, 4, -2 },
	{ 0xc4000004, 1, 0, -2 }, /* no such CPU */
	{ 0xc4000004, 1UL << 32, 0, -2 },
	{ 0x84000004, 1UL << 32, 1UL << 32, 0 }, /* upper halves do not count */
	{ 0x84000003, 0, RAM, -4 },		 /* CPU_ON of oneself */
	{ 0xc4000003, 1, RAM, -2 },
	{ 0xc4000003, 0, HOLE, -9 },
	{ 0xc4000001, 1UL << 24, RAM, -2 },  /* CPU_SUSPEND of a cluster */
	{ 0x84000001, 1UL << 16, HOLE, -9 }, /* power-down, to resume nowhere */
	{ 0x84000012, 1, 0, -2 },	     /* SYSTEM_RESET2 of no type */
	{ 0xc4000012, 0x80000000, 0, -2 },   /* of a vendor's */
	{ 0x8400000a, 0x84000000, 0, 0 },    /* PSCI_FEATURES */
	{ 0x8400000a, 0xc4000001, 0, 0 },
	{ 0x8400000a, 0xc4000002, 0, -1 },
	{ 0x8400000a, 0xc4000012, 0, 0 },
	{ 0x8400000a, 0x80000000, 0, 0 },
	{ 0x8600ff01, 0, 0, 0xdc1218a7 }, /* whose hypervisor: Xen's UID */
	{ 0x8600ff03, 0, 0, 0 },
	{ 0xbf00ff01, 0, 0, -1 }, /* a trusted OS */
	{ 0x04000000, 0, 0, -1 }, /* a yielding call */
};

/* What a workaround's feature promises, the call keeps. */
static unsigned int workarounds(void)
{
	static const uint32_t fns[] = { WORKAROUND_1, WORKAROUND_2, WORKAROUND_3 };
	unsigned int good = 0;

	for (unsigned int i = 0; i < sizeof(fns) / sizeof(fns[0]); i++) {
		int32_t told = (int32_t)hvc0(FEATURES, fns[i], 0, 0);
		int32_t done = (int32_t)smc0(fns[i], 1, 0, 0);

		good += told >= -2 && told <= 1 && done == (told < 0 ? -1 : 0);
	}
	return good;
}

void poke_firmware(void)
{
	unsigned int good = workarounds();
	unsigned int all = 3;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++, all += 2) {
		good += (int64_t)hvc0(rows[i].fn, rows[i].a1, rows[i].a2, 0) == rows[i].result;
		good += (int64_t)smc0(rows[i].fn, rows[i].a1, rows[i].a2, 0) == rows[i].result;
	}
	say_number(good);
	say(" of ");
	say_number(all);
	say(" answers of the firmware\n");
}

/* A standby state ends like a WFI, with interrupts masked too. */
void suspend_wakes(void)
{
	uint64_t ctl, result;

	write32(GICR_PPIS + 0x100, 1U << TIMER_PPI);
	__asm__ volatile("msr cntv_tval_el0, %0" : : "r"(100000UL));
	__asm__ volatile("msr cntv_ctl_el0, %0\n\tisb" : : "r"(1UL));
	result = hvc0(0xc4000001, 0, 0, 0);
	__asm__ volatile("mrs %0, cntv_ctl_el0" : "=r"(ctl));
	__asm__ volatile("msr cntv_ctl_el0, xzr\n\tisb");
	write32(GICR_PPIS + 0x180, 1U << TIMER_PPI);
	say(result == 0 && (ctl & 4) != 0 ? "suspended and woken\n" : "not suspended\n");
}
