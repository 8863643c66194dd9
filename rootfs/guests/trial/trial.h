/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the trial guest share: each holds one subject of a PC's virtualization against what the hardware would
 * do, verdict() says how it went.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "../pc/pc.h"

#define VECTOR_IPI   0x40U
#define VECTOR_TIMER 0x50U
#define VECTOR_SOFT  0x60U
#define VECTOR_EVENT 0x70U

#define MAX_STEPS 32U

/** struct seen - interrupts of one kind since forget(). */
struct seen {
	unsigned int count;
	uint64_t rip; /* where the last one came */
};

extern volatile struct seen ipi, timer, soft, event, nmi, debug;
extern volatile unsigned int nmi_depth, nmi_deepest;
/** nmi_again - the next NMI's handler sends another one. */
extern volatile bool nmi_again;
/** steps - where each #DB came; dr6 - what the last one said. */
extern volatile uint64_t steps[MAX_STEPS], dr6;

void forget(void);
void verdict(const char *what, bool is_right);

/* Sequences of sequences.S, and the places in them. */
void seq_sti(void), seq_sti_cpuid(void), seq_sti_mmio(void), seq_sti_call(void), seq_popf(void);
void seq_sti_hlt(void), seq_sti_race(void), seq_cr8(void), seq_ss(void);
void seq_sti_nmi(void), seq_ss_nmi(void), seq_sti_int(void), seq_ss_watched(void);
void seq_step(void), seq_int(void), seq_break(void), seq_step_hlt(void);
extern const char at_sti[], at_sti_cpuid[], at_sti_mmio[], at_sti_call[], at_popf[], at_sti_hlt[];
extern const char at_sti_race[], at_sti_nmi[], at_ss_nmi[], at_sti_int[], at_ss_watched[];
extern const char at_ss[], at_int[], at_break[], at_step_hlt[];
extern const uint64_t want_steps[];
extern const unsigned int nr_want_steps;

/** is_intel() - the CPU: its virtualization is VMX. */
bool is_intel(void);

/** domain_id() - ours. */
uint32_t domain_id(void);

/** let_others_run() - on this CPU: a yield, then a sleep of a millisecond or two. */
void let_others_run(void);

/** events_take() - all that are pending: their level is gone. */
void events_take(void);

void try_windows(void);
void try_events(void);
void try_nmis(void);
void try_steps(void);
void try_breakpoints(void);
void try_mmio(void);
void try_xsave(void);
/** try_tsc() - @at_main: what it was first. */
void try_tsc(uint64_t at_main);
void try_tsc_aux(void);

#endif
