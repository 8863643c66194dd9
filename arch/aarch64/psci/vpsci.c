/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PSCI 1.1 for guests. One table says which functions there are, so that PSCI_FEATURES and the
 * calls cannot disagree. A guest's SYSTEM_OFF and its like end its domain only.
 *
 * CPU_SUSPEND: a power-down state is treated as a standby state, which a caller must expect
 * (DEN0022F 5.4.2: the call may return although a power-down was asked for).
 * Spec: Arm DEN0022F, chapter 5.
 */
#include <asm/psci.h>
#include <asm/vsmccc.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/xen.h>

#define PSCI_1_1	   0x10001
#define AFFINITY_ON	   0
#define AFFINITY_OFF	   1
#define AFFINITY_LEVELS	   4
#define MIGRATE_NOT_NEEDED 2 /* there is no trusted OS that would have to move */

/* MPIDR_EL1: affinity level 3 in 39:32, 2 to 0 in 23:0; a vCPU's number is its level 0 */
#define AFFINITY_FIELDS 0xff00ffffffUL

/* Original format of power_state: 25:24 level, 16 power-down, 15:0 StateID, the rest zero */
#define STATE_ZERO	 0xfcfe0000UL
#define STATE_LEVEL	 0x03000000UL
#define STATE_POWER_DOWN 0x00010000UL

#define RESET_WARM 0U /* SYSTEM_RESET2: the one architectural type; bit 31: a vendor's */

/* @a: arguments 1 to 3 */
typedef int64_t (*psci_fn)(struct vcpu *v, const uint64_t *a);

static bool is_ram(struct vcpu *v, uint64_t at)
{
	enum p2m_type type;
	paddr_t pa;

	return IS_ALIGNED(at, 4UL) && arch_p2m_lookup(v->domain, gpa(at), &pa, &type) == 0 &&
	       type == P2M_RAM;
}

static int64_t version(struct vcpu *v, const uint64_t *a)
{
	(void)v;
	(void)a;
	return PSCI_1_1;
}

static int64_t cpu_off(struct vcpu *v, const uint64_t *a)
{
	(void)a;
	vcpu_power_off(v);
	return PSCI_SUCCESS; /* never seen */
}

static int64_t cpu_on(struct vcpu *v, const uint64_t *a)
{
	bool exists = false;
	int err;

	if (a[0] <= UINT32_MAX) {
		(void)vcpu_is_on(v, (uint32_t)a[0], &exists);
	}
	if (!exists) {
		return PSCI_INVALID_PARAMETERS;
	}
	if (!is_ram(v, a[1])) {
		return PSCI_INVALID_ADDRESS;
	}
	err = vcpu_power_on(v, (uint32_t)a[0], gpa(a[1]), a[2]);
	return err == -EBUSY ? PSCI_ALREADY_ON : err != 0 ? PSCI_INVALID_PARAMETERS : PSCI_SUCCESS;
}

/* Above level 0 there is one of everything, and all vCPUs are in it. */
static int64_t group_info(struct vcpu *v, uint64_t target, unsigned int level)
{
	uint64_t valid = AFFINITY_FIELDS & ~((1UL << (level == 3 ? 32 : 8 * level)) - 1);
	bool exists = true;

	if ((target & valid) != 0) {
		return PSCI_INVALID_PARAMETERS;
	}
	for (uint32_t id = 0; exists; id++) {
		if (vcpu_is_on(v, id, &exists)) {
			return AFFINITY_ON;
		}
	}
	return AFFINITY_OFF;
}

static int64_t affinity_info(struct vcpu *v, const uint64_t *a)
{
	bool exists = false;
	bool on;

	if ((a[0] & ~AFFINITY_FIELDS) != 0 || a[1] >= AFFINITY_LEVELS) {
		return PSCI_INVALID_PARAMETERS;
	}
	if (a[1] != 0) {
		return group_info(v, a[0], (unsigned int)a[1]);
	}
	if (a[0] > UINT32_MAX) {
		return PSCI_INVALID_PARAMETERS;
	}
	on = vcpu_is_on(v, (uint32_t)a[0], &exists);
	if (!exists) {
		return PSCI_INVALID_PARAMETERS;
	}
	return on ? AFFINITY_ON : AFFINITY_OFF;
}

static int64_t migrate_info_type(struct vcpu *v, const uint64_t *a)
{
	(void)v;
	(void)a;
	return MIGRATE_NOT_NEEDED;
}

static int64_t system_off(struct vcpu *v, const uint64_t *a)
{
	(void)a;
	domain_shutdown(v->domain, SHUTDOWN_poweroff);
	return PSCI_SUCCESS;
}

static int64_t system_reset(struct vcpu *v, const uint64_t *a)
{
	(void)a;
	domain_shutdown(v->domain, SHUTDOWN_reboot);
	return PSCI_SUCCESS;
}

/* A warm reset differs from a cold one in what memory keeps; a restarted domain's keeps nothing. */
static int64_t system_reset2(struct vcpu *v, const uint64_t *a)
{
	if ((uint32_t)a[0] != RESET_WARM) {
		return PSCI_INVALID_PARAMETERS;
	}
	return system_reset(v, a);
}

static int64_t cpu_suspend(struct vcpu *v, const uint64_t *a);
static int64_t features(struct vcpu *v, const uint64_t *a);

static const struct psci_row {
	psci_fn call; /* NULL: NOT_SUPPORTED */
	bool has_64;  /* a 64-bit form too */
} table[PSCI_COUNT] = {
	[PSCI_VERSION - PSCI_BASE] = { version, false },
	[PSCI_CPU_SUSPEND_32 - PSCI_BASE] = { cpu_suspend, true },
	[PSCI_CPU_OFF - PSCI_BASE] = { cpu_off, false },
	[PSCI_CPU_ON_32 - PSCI_BASE] = { cpu_on, true },
	[PSCI_AFFINITY_INFO_32 - PSCI_BASE] = { affinity_info, true },
	[PSCI_MIGRATE_INFO_TYPE - PSCI_BASE] = { migrate_info_type, false },
	[PSCI_SYSTEM_OFF - PSCI_BASE] = { system_off, false },
	[PSCI_SYSTEM_RESET - PSCI_BASE] = { system_reset, false },
	[PSCI_FEATURES - PSCI_BASE] = { features, false },
	[PSCI_SYSTEM_RESET2_32 - PSCI_BASE] = { system_reset2, true },
};

static const struct psci_row *find(uint32_t fn)
{
	const struct psci_row *row = &table[fn % PSCI_COUNT];

	if (row->call == NULL || ((fn & SMCCC_64) != 0 && !row->has_64)) {
		return NULL;
	}
	return row;
}

static int64_t cpu_suspend(struct vcpu *v, const uint64_t *a)
{
	if ((a[0] & (STATE_ZERO | STATE_LEVEL)) != 0) {
		return PSCI_INVALID_PARAMETERS; /* there is no level above a CPU */
	}
	if ((a[0] & STATE_POWER_DOWN) != 0 && !is_ram(v, a[1])) {
		return PSCI_INVALID_ADDRESS;
	}
	return PSCI_SUCCESS; /* once it has waited */
}

/* No function here has a feature flag: CPU_SUSPEND's zero means the original format of a state. */
static int64_t features(struct vcpu *v, const uint64_t *a)
{
	uint32_t fn = (uint32_t)a[0];
	bool is_psci = (fn & ~(SMCCC_64 | (PSCI_COUNT - 1))) == PSCI_BASE;

	(void)v;
	if (fn == SMCCC_VERSION || (is_psci && find(fn) != NULL)) {
		return PSCI_SUCCESS;
	}
	return PSCI_NOT_SUPPORTED;
}

/* Apart, for the array asks for a canary. */
static __noinline bool call_row(struct vcpu *v, const struct psci_row *row, uint64_t *x)
{
	uint64_t a[3] = { x[1], x[2], x[3] };

	/* a 32-bit function reads the lower halves only (DEN0028F 3.1) */
	if ((x[0] & SMCCC_64) == 0) {
		a[0] = (uint32_t)a[0];
		a[1] = (uint32_t)a[1];
		a[2] = (uint32_t)a[2];
	}
	x[0] = (uint64_t)row->call(v, a);
	return row->call == cpu_suspend && x[0] == PSCI_SUCCESS;
}

bool vpsci_call(struct vcpu *v, uint64_t *x)
{
	uint32_t fn = (uint32_t)x[0];
	const struct psci_row *row;

	if (fn == PSCI_VERSION) {
		x[0] = PSCI_1_1; /* what has nothing to decode costs nothing */
		return false;
	}
	row = find(fn);
	if (row == NULL) {
		x[0] = (uint64_t)PSCI_NOT_SUPPORTED;
		return false;
	}
	return call_row(v, row, x);
}
