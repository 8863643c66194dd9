// SPDX-License-Identifier: Apache-2.0
/* VMX's controls: of a CPU as Intel's are, then each thing that one can lack, and the control registers it wants. */
#include <unit.h>

#include <asm/layout.h>
#include <asm/vmx.h>
#include <asm/vmx_caps.h>

#define PAIR(ones, allowed) ((uint64_t)(allowed) << 32 | (ones))

/* Haswell's, the "true" registers. */
static const struct vmx_caps good = {
	.pin = PAIR(0x00000016U, 0x0000007fU),
	.primary = PAIR(0x04006172U, 0xfff9fffeU),
	.secondary = PAIR(0x00000000U, 0x00007cffU),
	.exit = PAIR(0x00036dfbU, 0x007fffffU),
	.entry = PAIR(0x000011fbU, 0x0000ffffU),
	.cr0_fixed0 = 0x80000021U,
	.cr0_fixed1 = 0xffffffffU,
	.cr4_fixed0 = 0x00002000U,
	.cr4_fixed1 = 0x001727ffU,
	.ept_vpid = 0xf0106734141UL,
};

static void haswell(void **state)
{
	struct vmx_controls c;

	(void)state;
	assert_null(vmx_controls_make(&good, &c));
	assert_true(c.has_vpid);
	assert_int_equal(c.pin, 0x16 | VMX_PIN_INTR | VMX_PIN_NMI | VMX_PIN_VIRTUAL_NMIS);
	assert_int_equal(c.primary & VMX_PRI_CR3_LOAD, 0);
	assert_int_equal(c.primary & 0x04006172U, 0x04006172U);
	assert_int_equal(c.primary & (VMX_PRI_INTR_WINDOW | VMX_PRI_NMI_WINDOW), 0);
	assert_true((c.primary & VMX_PRI_IO_BITMAPS) != 0 &&
		    (c.primary & VMX_PRI_MSR_BITMAPS) != 0);
	assert_int_equal(c.secondary, VMX_SEC_EPT | VMX_SEC_VPID | VMX_SEC_WBINVD |
					      VMX_SEC_UNRESTRICTED | VMX_SEC_INVPCID |
					      VMX_SEC_RDTSCP);
	assert_int_equal(c.entry & VMX_ENTRY_LONG, 0);
	assert_int_equal(c.exit & VMX_EXIT_HOST_64, VMX_EXIT_HOST_64);
}

/* No control is set that the CPU does not allow, none is clear that it wants. */
static void honoured(void **state)
{
	struct vmx_caps caps = good;
	struct vmx_controls c;

	(void)state;
	caps.secondary = PAIR(VMX_SEC_EPT | BIT(3), VMX_SEC_EPT | BIT(3) | VMX_SEC_UNRESTRICTED);
	assert_null(vmx_controls_make(&caps, &c));
	assert_int_equal(c.secondary, VMX_SEC_EPT | BIT(3) | VMX_SEC_UNRESTRICTED);
	assert_false(c.has_vpid);
	caps.secondary = good.secondary | PAIR(0, VMX_SEC_TSC_SCALING); /* Skylake's */
	assert_null(vmx_controls_make(&caps, &c));
	assert_int_equal(c.secondary & VMX_SEC_TSC_SCALING, VMX_SEC_TSC_SCALING);
	caps = good;
	caps.ept_vpid &= ~VPID_CAP_INVVPID_SINGLE;
	assert_null(vmx_controls_make(&caps, &c));
	assert_false(c.has_vpid);
	assert_int_equal(c.secondary & VMX_SEC_VPID, 0);
}

static void lacks(uint64_t *cap, uint64_t without, uint64_t with, const struct vmx_caps *caps)
{
	struct vmx_controls c;
	uint64_t saved = *cap;

	*cap = (saved & ~without) | with;
	assert_non_null(vmx_controls_make(caps, &c));
	*cap = saved;
	assert_null(vmx_controls_make(caps, &c));
}

static void each_need(void **state)
{
	struct vmx_caps caps = good;

	(void)state;
	lacks(&caps.pin, VMX_PIN_NMI << 32, 0, &caps);
	lacks(&caps.pin, VMX_PIN_VIRTUAL_NMIS << 32, 0, &caps);
	lacks(&caps.primary, VMX_PRI_SECONDARY << 32, 0, &caps);
	lacks(&caps.primary, VMX_PRI_MSR_BITMAPS << 32, 0, &caps);
	lacks(&caps.primary, 0, VMX_PRI_CR3_LOAD, &caps);
	lacks(&caps.secondary, VMX_SEC_EPT << 32, 0, &caps);
	lacks(&caps.secondary, VMX_SEC_UNRESTRICTED << 32, 0, &caps);
	lacks(&caps.exit, VMX_EXIT_LOAD_EFER << 32, 0, &caps);
	lacks(&caps.exit, VMX_EXIT_HOST_64 << 32, 0, &caps);
	lacks(&caps.entry, VMX_ENTRY_LOAD_PAT << 32, 0, &caps);
	lacks(&caps.entry, 0, VMX_ENTRY_LONG, &caps);
	lacks(&caps.ept_vpid, EPT_CAP_WB, 0, &caps);
	lacks(&caps.ept_vpid, EPT_CAP_INVEPT_ALL, 0, &caps);
}

static void control_registers(void **state)
{
	uint64_t mask = vmx_cr0_mask(&good);

	(void)state;
	/* an unrestricted guest's PE and PG are its own, NE is not */
	assert_int_equal(vmx_cr0_real(&good, 0), CR0_NE | CR0_ET);
	assert_int_equal(vmx_cr0_real(&good, CR0_PE | CR0_PG), CR0_PE | CR0_PG | CR0_NE | CR0_ET);
	/* a guest without caches leaves ours on */
	assert_int_equal(vmx_cr0_real(&good, CR0_PE | CR0_CD | CR0_NW), CR0_PE | CR0_NE | CR0_ET);
	assert_int_equal(mask & UINT32_MAX, CR0_NE | CR0_CD | CR0_NW);
	assert_int_equal(vmx_cr4_real(&good, CR4_PAE), CR4_PAE | CR4_VMXE);
	assert_int_equal(vmx_cr4_real(&good, BIT(63)), CR4_VMXE);
}

/* By the type of IDT-vectoring information: 0 interrupt, 2 NMI, 3 exception, 4 to 6 of instructions. */
static void cut_events(void **state)
{
	static const bool alone[8] = { true, false, true, true, false, false, false, false };
	static const bool beside[8] = { true, false, true, false, false, false, false, false };

	(void)state;
	for (uint32_t type = 0; type < 8; type++) {
		uint32_t cut = 0x80000030U | type << 8;

		assert_int_equal(vmx_must_give(cut, false), alone[type]);
		assert_int_equal(vmx_must_give(cut, true), beside[type]);
		assert_false(vmx_must_give(cut & 0x7fffffffU, false));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(haswell),    cmocka_unit_test(honoured),
		cmocka_unit_test(each_need),  cmocka_unit_test(control_registers),
		cmocka_unit_test(cut_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
