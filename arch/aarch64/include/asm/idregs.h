/* SPDX-License-Identifier: Apache-2.0 */
/* The ID registers that guests see, by number; trap/idview.c decides, trap/idregs.c reads the CPU's. */
#ifndef ASM_IDREGS_H
#define ASM_IDREGS_H

#include <hyp/types.h>

/* op0 = 3, op1 = 0, CRn = 0; CRm is four bits, 1 to 7 are trapped. */
#define IDREG(crm, op2) ((crm)*8 + (op2))
#define IDREG_COUNT	128

#define ID_PFR0_32   IDREG(1, 0)
#define ID_PFR1_32   IDREG(1, 1)
#define ID_DFR0_32   IDREG(1, 2)
#define ID_PFR2_32   IDREG(3, 4)
#define ID_AA64PFR0  IDREG(4, 0)
#define ID_AA64PFR1  IDREG(4, 1)
#define ID_AA64DFR0  IDREG(5, 0)
#define ID_AA64ISAR0 IDREG(6, 0)
#define ID_AA64ISAR1 IDREG(6, 1)
#define ID_AA64ISAR2 IDREG(6, 2)
#define ID_AA64MMFR0 IDREG(7, 0)
#define ID_AA64MMFR1 IDREG(7, 1)
#define ID_AA64MMFR2 IDREG(7, 2)

/**
 * idview_make() - what guests see of a CPU.
 * @hw: its registers by IDREG()
 * @view: filled whole; what nobody has looked at reads as zero
 */
void idview_make(const uint64_t hw[IDREG_COUNT], uint64_t view[IDREG_COUNT]);

/** guest_id - the view, as made by idreg_init(). */
extern uint64_t guest_id[IDREG_COUNT];
void idreg_init(void);
/** idreg_hide_gic() - there are no system registers of a GICv3 for guests. */
void idreg_hide_gic(void);

#endif
