/* SPDX-License-Identifier: Apache-2.0 */
/* MIDR_EL1: which CPU this is, and which revision. Spec: Arm ARM D19.2.99. */
#ifndef ASM_MIDR_H
#define ASM_MIDR_H

#include <hyp/types.h>

/* Implementer 31:24, architecture 19:16 (0xf: see the ID registers), part 15:4 */
#define MIDR_MODEL(implementer, part) \
	((uint32_t)(implementer) << 24 | 0xfU << 16 | (uint32_t)(part) << 4)
#define MIDR_MODEL_MASK 0xff0ffff0U
#define MIDR_ARM(part)	MIDR_MODEL(0x41, part)

#define MIDR_CORTEX_A53	  MIDR_ARM(0xd03)
#define MIDR_CORTEX_A35	  MIDR_ARM(0xd04)
#define MIDR_CORTEX_A55	  MIDR_ARM(0xd05)
#define MIDR_CORTEX_A57	  MIDR_ARM(0xd07)
#define MIDR_CORTEX_A72	  MIDR_ARM(0xd08)
#define MIDR_CORTEX_A73	  MIDR_ARM(0xd09)
#define MIDR_CORTEX_A75	  MIDR_ARM(0xd0a)
#define MIDR_CORTEX_A76	  MIDR_ARM(0xd0b)
#define MIDR_NEOVERSE_N1  MIDR_ARM(0xd0c)
#define MIDR_CORTEX_A77	  MIDR_ARM(0xd0d)
#define MIDR_CORTEX_A76AE MIDR_ARM(0xd0e)
#define MIDR_NEOVERSE_V1  MIDR_ARM(0xd40)
#define MIDR_CORTEX_A78	  MIDR_ARM(0xd41)
#define MIDR_CORTEX_A78AE MIDR_ARM(0xd42)
#define MIDR_CORTEX_X1	  MIDR_ARM(0xd44)
#define MIDR_CORTEX_A510  MIDR_ARM(0xd46)
#define MIDR_CORTEX_A710  MIDR_ARM(0xd47)
#define MIDR_CORTEX_X2	  MIDR_ARM(0xd48)
#define MIDR_NEOVERSE_N2  MIDR_ARM(0xd49)
#define MIDR_CORTEX_A78C  MIDR_ARM(0xd4b)
#define MIDR_CORTEX_X1C	  MIDR_ARM(0xd4c)
#define MIDR_CORTEX_X3	  MIDR_ARM(0xd4e)
#define MIDR_NEOVERSE_V2  MIDR_ARM(0xd4f)
#define MIDR_AMPERE1	  MIDR_MODEL(0xc0, 0xac3)
#define MIDR_BRAHMA_B53	  MIDR_MODEL(0x42, 0x100)
#define MIDR_TSV110	  MIDR_MODEL(0x48, 0xd01)

/* Variant and revision, the r and p of rXpY, as one number that can be compared. */
#define REV(r, p)    ((uint32_t)(r) << 4 | (uint32_t)(p))
#define REV_ALL	     0xffU
#define MIDR_R(midr) (((midr) >> 20) & 0xf)
#define MIDR_P(midr) ((midr)&0xf)

static inline bool midr_is(uint32_t midr, uint32_t model)
{
	return (midr & MIDR_MODEL_MASK) == model;
}

static inline uint32_t midr_rev(uint32_t midr)
{
	return REV(MIDR_R(midr), MIDR_P(midr));
}

#endif
