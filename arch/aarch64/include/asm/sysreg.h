/* SPDX-License-Identifier: Apache-2.0 */
/* Access to system registers, barriers, and the register bits that more than one file needs. */
#ifndef ASM_SYSREG_H
#define ASM_SYSREG_H

#include <hyp/types.h>

#define read_sysreg(reg)                                        \
	({                                                      \
		uint64_t val_;                                  \
		__asm__ volatile("mrs %0, " #reg : "=r"(val_)); \
		val_;                                           \
	})

#define write_sysreg(value, reg)                                      \
	do {                                                          \
		uint64_t val_ = (value);                              \
		__asm__ volatile("msr " #reg ", %x0" : : "rZ"(val_)); \
	} while (0)

static inline void isb(void)
{
	__asm__ volatile("isb" : : : "memory");
}

#define dsb(kind) __asm__ volatile("dsb " #kind : : : "memory")
#define dmb(kind) __asm__ volatile("dmb " #kind : : : "memory")

/* HCR_EL2, Arm ARM D19.2.48 */
#define HCR_VM	  BIT(0)
#define HCR_SWIO  BIT(1)
#define HCR_PTW	  BIT(2)
#define HCR_FMO	  BIT(3)
#define HCR_IMO	  BIT(4)
#define HCR_AMO	  BIT(5)
#define HCR_TWI	  BIT(13)
#define HCR_TWE	  BIT(14)
#define HCR_TID3  BIT(18)
#define HCR_TSC	  BIT(19)
#define HCR_TIDCP BIT(20)
#define HCR_TACR  BIT(21)
#define HCR_RW	  BIT(31)
#define HCR_TLOR  BIT(35)
#define HCR_TERR  BIT(36)
#define HCR_TID5  BIT(58)

/* PSTATE as in SPSR */
#define PSR_MODE_MASK 0x1fUL
#define PSR_EL1T      0x4UL
#define PSR_EL1H      0x5UL
#define PSR_AARCH32   0x10UL
#define PSR_DAIF      0x3c0UL
#define PSR_SS	      BIT(21)
#define PSR_PAN	      BIT(22)

/* ESR_ELx */
#define ESR_EC(esr)  (((esr) >> 26) & 0x3f)
#define ESR_IL	     BIT(25)
#define ESR_ISS(esr) ((esr)&0x1ffffffUL)

#endif
