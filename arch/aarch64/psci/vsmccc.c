/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SMC calling convention for guests: version, features and workarounds of the Arm architecture
 * calls, the identities of the services, and the way to PSCI. All else is NOT_SUPPORTED; nothing is
 * ever passed on to the board's firmware.
 *
 * The workaround calls themselves do nothing here: where one is needed, it was made when the guest
 * was left for this very call (trap/vectors.S).
 * Spec: Arm DEN0028F; Xen public arch-arm/smccc.h for the hypervisor's and the standard service.
 */
#include <asm/psci.h>
#include <asm/vsmccc.h>
#include <hyp/xen.h>
#include <xen/arch-arm/smccc.h>

#define SMCCC_1_2	 0x10002
#define HYPERVISOR_CALLS 3 /* those of this service: count, UID, revision */
#define SOC_VERSION	 0
#define SOC_REVISION	 1
#define WIDE(x)		 ((uint64_t)(int64_t)(x))

/* Sixteen bytes in four words, the first byte lowest (DEN0028F 6.2). */
static void uid(uint64_t *x, xen_uuid_t u)
{
	for (unsigned int i = 0; i < 4; i++) {
		x[i] = (uint32_t)u.a[4 * i] | (uint32_t)u.a[4 * i + 1] << 8 |
		       (uint32_t)u.a[4 * i + 2] << 16 | (uint32_t)u.a[4 * i + 3] << 24;
	}
}

static void revision(uint64_t *x, uint32_t major, uint32_t minor)
{
	x[0] = major;
	x[1] = minor;
}

static int64_t workaround(const struct smccc_facts *facts, uint32_t fn)
{
	switch (fn) {
	case SMCCC_WORKAROUND_1:
		return facts->workaround[0];
	case SMCCC_WORKAROUND_2:
		return facts->workaround[1];
	case SMCCC_WORKAROUND_3:
		return facts->workaround[2];
	default:
		return SMCCC_NOT_SUPPORTED;
	}
}

static int64_t features(uint32_t fn)
{
	const struct smccc_facts *facts = smccc_facts();

	switch (fn) {
	case SMCCC_VERSION:
	case SMCCC_ARCH_FEATURES:
		return SMCCC_SUCCESS;
	case SMCCC_ARCH_SOC_ID:
		return facts->has_soc_id ? SMCCC_SUCCESS : SMCCC_NOT_SUPPORTED;
	default:
		return workaround(facts, fn);
	}
}

static int64_t soc_id(uint32_t type)
{
	const struct smccc_facts *facts = smccc_facts();

	if (!facts->has_soc_id) {
		return SMCCC_NOT_SUPPORTED;
	}
	if (type > SOC_REVISION) {
		return PSCI_INVALID_PARAMETERS;
	}
	return type == SOC_VERSION ? facts->soc_version : facts->soc_revision;
}

static void other_call(uint64_t *x)
{
	uint32_t fn = (uint32_t)x[0];

	switch (fn) {
	case SMCCC_VERSION:
		x[0] = SMCCC_1_2;
		return;
	case SMCCC_ARCH_FEATURES:
		x[0] = WIDE(features((uint32_t)x[1]));
		return;
	case SMCCC_ARCH_SOC_ID:
		x[0] = WIDE(soc_id((uint32_t)x[1]));
		return;
	case SMCCC_HYPERVISOR_COUNT:
		x[0] = HYPERVISOR_CALLS;
		return;
	case SMCCC_HYPERVISOR_UID:
		uid(x, XEN_SMCCC_UID);
		return;
	case SMCCC_HYPERVISOR_REV:
		revision(x, XEN_SMCCC_MAJOR_REVISION, XEN_SMCCC_MINOR_REVISION);
		return;
	case SMCCC_STANDARD_UID:
		uid(x, SSSC_SMCCC_UID);
		return;
	case SMCCC_STANDARD_REV:
		revision(x, SSSC_SMCCC_MAJOR_REVISION, SSSC_SMCCC_MINOR_REVISION);
		return;
	default:
		x[0] = workaround(smccc_facts(), fn) < 0 ? WIDE(SMCCC_NOT_SUPPORTED)
							 : SMCCC_SUCCESS;
	}
}

bool vsmccc_call(struct vcpu *v, uint64_t *x)
{
	if (((uint32_t)x[0] & ~(SMCCC_64 | (PSCI_COUNT - 1))) == PSCI_BASE) {
		return vpsci_call(v, x);
	}
	other_call(x);
	return false;
}
