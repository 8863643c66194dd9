// SPDX-License-Identifier: Apache-2.0
/*
 * The heartbeat guest: a beat at 1 kHz beside somebody hostile, and every sign that the two are not apart.
 *
 * Beat n is due at start + n ms and is armed only when beat n-1 has come, so that each comes exactly once, late or not;
 * then as many have come as are due. Found out and counted:
 *
 *   lost     due beats that never came
 *   early    interrupts of the timer that nothing was due for
 *   damage   a timer register, a system register or a word of memory that is not as it was left
 *
 * A line each second of beats says so. Interrupts only record, main() prints.
 */
#include "guest.h"

#define BEAT_HZ	     1000u
#define CTL_ENABLE   1u
#define PRIORITY     0x40u
#define MEMORY_WORDS 32768u /* 256 KiB */
#define LOOK_WORDS   512u   /* of them at each look */
#define CATCH_UP_S   5u

/** struct beats - what has come so far. */
struct beats {
	uint64_t number;
	uint64_t early;
	uint64_t damage;
	uint64_t worst; /* lateness, ticks of the counter */
};

static struct machine machine;
static uint64_t frequency, start_count;
static struct beats beats;
static uint64_t memory[MEMORY_WORDS];
static unsigned int looked_at;

static uint64_t counter(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

static uint64_t due_at(uint64_t n)
{
	return start_count + n / BEAT_HZ * frequency + n % BEAT_HZ * frequency / BEAT_HZ;
}

static void arm(uint64_t n)
{
	write_sysreg(cntv_cval_el0, due_at(n));
	write_sysreg(cntv_ctl_el0, CTL_ENABLE);
	isb();
}

static void beat(uint64_t now)
{
	uint64_t due = due_at(beats.number + 1);

	beats.damage += read_sysreg(cntv_cval_el0) != due;
	if (now < due) {
		beats.early++;
		return;
	}
	beats.number++;
	if (now - due > beats.worst) {
		beats.worst = now - due;
	}
	arm(beats.number + 1);
}

void guest_irq(uint64_t now)
{
	uint32_t intid = gic_ack();

	if (intid >= 1020) {
		return;
	}
	if (intid == machine.timer_intid) {
		beat(now);
	} else {
		beats.damage++; /* no other one was enabled */
	}
	gic_eoi(intid);
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: ESR 0x%x ELR 0x%x FAR 0x%x\n", esr, elr, far);
	machine_power_off(&machine, true);
}

static uint64_t word_at(unsigned int i)
{
	return (i + 1) * 0x9e3779b97f4a7c15ull;
}

/* Registers that only this guest writes and that mean nothing to it. */
static void own_registers(void)
{
	write_sysreg(tpidr_el0, word_at(1));
	write_sysreg(tpidrro_el0, word_at(2));
	write_sysreg(tpidr_el1, word_at(3));
	write_sysreg(contextidr_el1, 0x1234567);
}

static bool registers_are_own(void)
{
	return read_sysreg(tpidr_el0) == word_at(1) && read_sysreg(tpidrro_el0) == word_at(2) &&
	       read_sysreg(tpidr_el1) == word_at(3) && read_sysreg(contextidr_el1) == 0x1234567;
}

/* The next piece of memory, and the registers. Return: how much is wrong; it is put right. */
static uint64_t look(void)
{
	uint64_t wrong = registers_are_own() ? 0 : 1;

	for (unsigned int i = 0; i < LOOK_WORDS; i++) {
		unsigned int at = (looked_at + i) % MEMORY_WORDS;
		volatile uint64_t *word = &memory[at];

		if (*word != word_at(at)) {
			wrong++;
			*word = word_at(at);
		}
	}
	looked_at = (looked_at + LOOK_WORDS) % MEMORY_WORDS;
	if (wrong != 0) {
		own_registers();
	}
	return wrong;
}

static struct beats snapshot(void)
{
	struct beats copy;

	irq_mask(true);
	copy = beats;
	irq_mask(false);
	return copy;
}

/* Beats that are due and do not come, however long one waits. */
static uint64_t lost(void)
{
	uint64_t end = counter() + CATCH_UP_S * frequency, due = counter();
	uint64_t behind = 0;

	do {
		uint64_t number = snapshot().number;

		behind = 0;
		while (due_at(number + behind + 1) <= due) {
			behind++;
		}
	} while (behind > 0 && counter() < end);
	return behind;
}

static void say(void)
{
	uint64_t missing = lost();
	struct beats b = snapshot();

	print("beat %u: lost %u, early %u, damage %u; worst %u ticks late\n", b.number, missing,
	      b.early, b.damage, b.worst);
}

static void boot(const void *fdt)
{
	const char *missing = machine_read(fdt, &machine);

	if (missing != NULL) {
		machine_power_off(&machine, true);
	}
	mmu_init(&machine);
	uart_init(&machine);
	if (!gic_init(&machine)) {
		print("this CPU has no redistributor\n");
		machine_power_off(&machine, true);
	}
	gic_enable(&machine, machine.timer_intid, PRIORITY);
}

void guest_main(const void *fdt)
{
	uint64_t said = 0;

	boot(fdt);
	for (unsigned int i = 0; i < MEMORY_WORDS; i++) {
		memory[i] = word_at(i);
	}
	own_registers();
	frequency = read_sysreg(cntfrq_el0);
	start_count = counter();
	arm(1);
	irq_mask(false);
	for (;;) {
		uint64_t wrong = look();

		irq_mask(true);
		beats.damage += wrong;
		__asm__ volatile("wfi" : : : "memory"); /* wakes for a masked interrupt too */
		irq_mask(false);
		if (snapshot().number - said >= BEAT_HZ) {
			say();
			said = snapshot().number;
		}
	}
}
