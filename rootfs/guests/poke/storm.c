/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts without end: sent to oneself, by a timer that is always due, by a level that nobody takes away. */
#include "poke.h"

#define SGI 3U

static void let_come(unsigned long n)
{
	storm_left = n;
	__asm__ volatile("msr daifclr, #2");
	while (storm_left > 0) {
		__asm__ volatile("nop");
	}
	__asm__ volatile("msr daifset, #2");
	accesses += n;
}

/* Each is taken before the next is sent; then as many into the same pending bit; then to everybody who is not there. */
void storm_sgi(unsigned long n)
{
	static const uint64_t others[] = { 1UL << 40, 0xffff, 0xffUL << 16 | 1,
					   ~0UL & ~(1UL << 40) };

	interrupts_ready(1U << SGI);
	__asm__ volatile("msr daifclr, #2");
	for (unsigned long i = 0; i < n; i++) {
		uint64_t since = counter();

		__asm__ volatile("msr icc_sgi1r_el1, %0\n\tisb" : : "r"((uint64_t)SGI << 24 | 1));
		timed(since, i);
	}
	__asm__ volatile("msr daifset, #2");
	for (unsigned long i = 0; i < n; i++) {
		uint64_t to = others[i % ARRAY_SIZE(others)];
		uint64_t since = counter();

		__asm__ volatile("msr icc_sgi1r_el1, %0\n\tisb" : : "r"(to));
		timed(since, to);
	}
	accesses += 2 * n;
	done("SGI storm");
	say("");
	say_number(interrupts);
	say(" SGIs came\n");
}

void storm_timer(unsigned long n)
{
	interrupts_ready(1U << TIMER_PPI);
	__asm__ volatile("msr cntv_cval_el0, xzr");
	__asm__ volatile("msr cntv_ctl_el0, %0\n\tisb" : : "r"(1UL));
	let_come(n);
	done("timer storm");
}

/* The UART is always ready to send, and says so. */
void storm_level(unsigned long n)
{
	interrupts_ready(1UL << UART_SPI);
	storm_left = n;
	write32(UART + UART_IMSC, INT_TX);
	put('\n'); /* from now on there is room again */
	let_come(n);
	done("level storm");
}
