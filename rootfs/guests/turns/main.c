// SPDX-License-Identifier: Apache-2.0
/*
 * The turns guest: when does it have its CPU? It looks at the clock again and again; where two looks are further apart
 * than a look takes, somebody else had the CPU. It says how long each turn was, how long it waited for the next, and when,
 * from its begin, it looked; one with "rests" in its boot arguments has then seen enough, and sleeps.
 */
#include "guest.h"

#include "xen_guest.h"

#include <string.h>

#define GAP_US	 50u /* a look takes far less */
#define TURNS	 8u
#define ENOUGH	 2u
#define PAUSE_US 200000u

/** struct turn - had: from the first look to the last; lost: until the one that followed. */
struct turn {
	uint64_t had_us;
	uint64_t lost_us;
};

static struct machine machine;
static bool is_to_rest;

void guest_irq(uint64_t counter)
{
	(void)counter;
	irq_end(irq_ack());
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: 0x%x at 0x%x, 0x%x\n", esr, elr, far);
	machine_power_off(&machine, true);
}

/* Return: the first look after the CPU was lost. */
static uint64_t look(uint64_t from, struct turn *t)
{
	uint64_t last = from, now;

	while ((now = time_us()) - last < GAP_US) {
		last = now;
	}
	t->had_us = last - from;
	t->lost_us = now - last;
	return now;
}

/* The first turn began somewhere, and what was printed is behind it. */
static void watch(void)
{
	struct turn turns[TURNS], none;
	uint64_t from = look(time_us(), &none);

	for (unsigned int i = 0; i < TURNS; i++) {
		from = look(from, &turns[i]);
	}
	for (unsigned int i = 0; i < TURNS; i++) {
		print("had %u us, lost %u us\n", turns[i].had_us, turns[i].lost_us);
	}
}

static void boot(const void *fdt)
{
	const char *missing = machine_read(fdt, &machine);

	if (missing != NULL) {
		machine_power_off(&machine, true);
	}
	is_to_rest = strcmp(machine_bootargs(fdt), "rests") == 0; /* not mapped later on */
	mmu_init(&machine);
	uart_init(&machine);
	if (!xen_events_init() || !irq_init(&machine)) {
		print("no shared information, or no interrupt controller of ours\n");
		machine_power_off(&machine, true);
	}
}

static void pause(void)
{
	uint64_t end = time_us() + PAUSE_US;

	while (time_us() < end) {
	}
}

void guest_main(const void *fdt)
{
	uint64_t begin;

	boot(fdt);
	irq_mask(true);
	begin = time_us();
	for (unsigned int i = 1; i <= ENOUGH; i++) {
		uint64_t from = time_us();

		watch();
		print("seen %u: from %u to %u us\n", (uint64_t)i, from - begin, time_us() - begin);
		while (is_to_rest) {
			irq_wait();
		}
		pause();
	}
	machine_power_off(&machine, false);
}
