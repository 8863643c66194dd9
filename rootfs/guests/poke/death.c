/* SPDX-License-Identifier: Apache-2.0 */
/* What must end this domain and nothing else, a key each. */
#include "poke.h"

bool dies_in_timer;

/* The virtual timer's first interrupt is this domain's end. */
static void die_in_timer(void)
{
	dies_in_timer = true;
	write32(GICR + 0x10100, 1U << TIMER_PPI);
	__asm__ volatile("msr cntv_tval_el0, %0" : : "r"(1000UL));
	__asm__ volatile("msr cntv_ctl_el0, %0\n\tisb" : : "r"(1UL));
	__asm__ volatile("msr daifclr, #2");
	for (;;) {
		__asm__ volatile("wfi");
	}
}

/* Armed for a second, and never poked. */
static void die_by_watchdog(void)
{
	uint32_t arg[2] = { 0, 1 };

	say("watchdog ");
	say_number(xen_call(HYPERCALL_SCHED_OP, SCHEDOP_WATCHDOG, (uint64_t)arg, 0, 0));
	say(" armed\n");
	for (;;) {
	}
}

/* Each ends this domain. */
void deadly(char key)
{
	uint64_t v;

	switch (key) {
	case 'h': /* a hole */
		write32(HOLE, 0);
		break;
	case 'p': /* a pair, which the hardware does not decode */
		__asm__ volatile("ldp %0, xzr, [%1]" : "=r"(v) : "r"(GICD) : "memory");
		break;
	case 'f': /* fetched from where nothing is */
		__asm__ volatile("br %0" : : "r"(HOLE));
		break;
	case 'e': /* beyond the end of memory */
		(void)read32(RAM_END);
		break;
	case 'a': /* beyond the physical address space */
		(void)read32(1UL << 41);
		break;
	case 'x': /* exclusive on a device */
		__asm__ volatile("ldxr %w0, [%1]" : "=r"(v) : "r"(UART) : "memory");
		break;
	case 'u': /* a width that the UART does not have */
		__asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(UART + 0xff8) : "memory");
		break;
	case 't':
		die_in_timer();
		break;
	case 'w':
		die_by_watchdog();
		break;
	case 'r':
		(void)hvc0(SYSTEM_RESET, 0, 0, 0);
		break;
	case 'o':
		(void)smc0(CPU_OFF, 0, 0, 0);
		break;
	case 'q':
		(void)smc0(SYSTEM_OFF, 0, 0, 0);
		break;
	default:
		return; /* the line's end */
	}
	say("still here\n");
}
