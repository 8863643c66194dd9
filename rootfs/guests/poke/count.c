/* SPDX-License-Identifier: Apache-2.0 */
/* What an exception and an interrupt are counted as, and one instruction at a time. */
#include "poke.h"

uint64_t last_esr, stepped_to;
volatile unsigned long storm_left;

static uint32_t code[2] __attribute__((aligned(64)));

uint64_t counter(void)
{
	uint64_t now;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now) : : "memory");
	return now;
}

uint64_t run_word(uint32_t word, uint64_t x1)
{
	uint64_t since;

	code[0] = word;
	code[1] = 0xd65f03c0U; /* ret */
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb"
			 :
			 : "r"(code)
			 : "memory");
	accesses++;
	since = counter();
	x1 = call_code(code, x1);
	timed(since, word);
	return x1;
}

void poke_exception(uint64_t esr)
{
	last_esr = esr;
	exceptions++;
	if (esr >> 26 == EC_STEP) { /* one is enough */
		__asm__ volatile("mrs %0, elr_el1" : "=r"(stepped_to));
		__asm__ volatile("msr mdscr_el1, xzr\n\tisb");
	}
}

void poke_stray(void)
{
	say("exception from where none can come\n");
}

void poke_irq(void)
{
	uint64_t intid;

	__asm__ volatile("mrs %0, icc_iar1_el1" : "=r"(intid));
	if ((intid == TIMER_PPI || intid == UART_SPI) && dies_in_handler) {
		(void)hvc0(SYSTEM_RESET, 0, 0, 0); /* active, never ended */
	}
	if (storm_left > 0 && --storm_left == 0) {
		__asm__ volatile("msr cntv_ctl_el0, xzr\n\tisb");
		write32(UART + UART_IMSC, 0);
	}
	__asm__ volatile("msr icc_eoir1_el1, %0" : : "r"(intid));
	interrupts++;
}
