/* SPDX-License-Identifier: Apache-2.0 */
/* A board without PSCI firmware: what psci/spin_table.c, spin_entry.S and bcm_pm.c share. */
#ifndef ASM_SPIN_TABLE_H
#define ASM_SPIN_TABLE_H

#include <hyp/types.h>

/** spin_cpu - virtual address of the struct cpu that is being started; read with the MMU off. */
extern uint64_t spin_cpu;

/** spin_entry() - where a released CPU goes: MMU off. */
void spin_entry(void);

/** bcm_pm_end() - reset the board, or stop it; it takes effect a moment later. Context: any; returns if it cannot. */
void bcm_pm_end(bool is_off);

#endif
