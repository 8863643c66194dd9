/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CPU's ID registers, read by their encodings, for older assemblers; all of CRm 1 to 7 exist,
 * those not assigned as zero. HCR_EL2.TID3 traps a guest's reads of them.
 */
#include <asm/arch.h>
#include <asm/idregs.h>

uint64_t guest_id[IDREG_COUNT];

#define READ(crm, op2) hw[IDREG(crm, op2)] = read_sysreg(S3_0_C0_C##crm##_##op2)
#define READ_GROUP(crm)       \
	do {                  \
		READ(crm, 0); \
		READ(crm, 1); \
		READ(crm, 2); \
		READ(crm, 3); \
		READ(crm, 4); \
		READ(crm, 5); \
		READ(crm, 6); \
		READ(crm, 7); \
	} while (0)

void idreg_hide_gic(void)
{
	guest_id[IDREG(4, 0)] &= ~(0xfUL << 24); /* ID_AA64PFR0_EL1.GIC */
}

void idreg_init(void)
{
	static uint64_t hw[IDREG_COUNT];

	READ_GROUP(1);
	READ_GROUP(2);
	READ_GROUP(3);
	READ_GROUP(4);
	READ_GROUP(5);
	READ_GROUP(6);
	READ_GROUP(7);
	idview_make(hw, guest_id);
}
