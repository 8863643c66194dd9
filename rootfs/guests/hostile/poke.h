/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of a PC's hostile guest share: as rootfs/guests/poke/poke.h, whose attacks that are nobody's in particular
 * it makes too.
 *
 * What is tried is counted in `accesses`, an exception that it ends in by try(). done() prints both and begins anew.
 */
#ifndef HOSTILE_POKE_H
#define HOSTILE_POKE_H

#include "../pc/pc.h"

#define RAM	      0UL
#define HOLE	      0x10000000UL
#define DEVICE_1      APIC_PAGE
#define DEVICE_2      0xfec00000UL
#define SCRATCH	      0x800000UL
#define SCRATCH_BYTES 0x400000UL

#define HYPERCALL_CONSOLE_IO 18
#define HYPERCALL_GRANT_OP   20
#define HYPERCALL_VCPU_OP    24
#define HYPERCALL_SCHED_OP   29
#define SCHEDOP_SHUTDOWN     2
#define SCHEDOP_WATCHDOG     6
#define VCPUOP_DOWN	     2

#define VECTOR_STORM 0x40U
#define VECTOR_AWAKE 0x41U

typedef int64_t xen_caller(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);

/* count.c */
extern unsigned long exceptions, accesses, interrupts;
void done(const char *what);
uint64_t next_random(void);
void set_seed(uint64_t seed);
void timed(uint64_t since, uint64_t what);
/** try() - @code with those registers, which may come back changed. Return: whether it ended without an exception. */
bool try(const void *code, struct pc_regs *r);

static inline uint64_t counter(void)
{
	return rdtsc();
}

/** keep_awake() - by an interrupt that waits, for they are masked. */
void keep_awake(bool on);

/** poke_hypercalls_by() - @call: how they are made; @what: the name of that */
void poke_hypercalls_by(xen_caller *call, const char *what, unsigned long n);
void poke_msrs(void);
void poke_ports(void);
void poke_cpuid(void);
void poke_apic(void);
void poke_x2apic(void);
void poke_controls(void);
void poke_instructions(void);
void flood_calls(unsigned long n);
void flood_console(unsigned long bytes);
void storm_ipi(unsigned long n);
void storm_timer(unsigned long n);
/** storm_taken() - an interrupt of VECTOR_STORM has come. */
void storm_taken(void);
void interrupts_work(void);

/** deadly() - this domain's end in the way of @key. */
void deadly(char key);
/** beat() - the neighbour: counts, and looks whether its memory is as it left it. For ever. */
void beat(void);

#endif
