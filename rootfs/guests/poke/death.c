/* SPDX-License-Identifier: Apache-2.0 */
/* What must end this domain and nothing else, a key each. */
#include "poke.h"

bool dies_in_handler;

/* The virtual timer's first interrupt is this domain's end. */
static void die_in_timer(void)
{
	dies_in_handler = true;
	interrupts_ready(1U << TIMER_PPI);
	__asm__ volatile("msr cntv_tval_el0, %0" : : "r"(1000UL));
	__asm__ volatile("msr cntv_ctl_el0, %0\n\tisb" : : "r"(1UL));
	__asm__ volatile("msr daifclr, #2");
	for (;;) {
		__asm__ volatile("wfi");
	}
}

/* The UART has something to say, and this domain ends before it has heard it. */
static void die_in_device(void)
{
	dies_in_handler = true;
	interrupts_ready(1UL << UART_SPI);
	write32(UART + UART_IMSC, INT_TX);
	put('\n');
	__asm__ volatile("msr daifclr, #2");
	for (;;) {
		__asm__ volatile("wfi");
	}
}

/* The next instruction cannot be found, for the tables that say where it is cannot. */
static void die_in_walk(void)
{
	__asm__ volatile("msr ttbr0_el1, %0" : : "r"(HOLE));
	__asm__ volatile("msr tcr_el1, %0" : : "r"(64UL - 39));
	__asm__ volatile("isb\n\ttlbi vmalle1\n\tdsb nsh\n\tisb\n\tmsr sctlr_el1, %0\n\tisb"
			 :
			 : "r"(0x30d00801UL));
}

/* SCHEDOP_shutdown with a reason of Xen's. */
static void die_by_shutdown(uint32_t reason)
{
	uint32_t arg = reason;

	(void)xen_call(HYPERCALL_SCHED_OP, SCHEDOP_SHUTDOWN, (uint64_t)&arg, 0, 0);
}

/* Armed for a second, and never poked. */
static void die_by_watchdog(void)
{
	uint32_t arg[2] = { 0, 1 };

	say("watchdog ");
	say_number(
		(unsigned long)xen_call(HYPERCALL_SCHED_OP, SCHEDOP_WATCHDOG, (uint64_t)arg, 0, 0));
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
	case 'v': /* in the UART's handler */
		die_in_device();
		break;
	case 's': /* a vector that is nowhere */
		__asm__ volatile("msr vbar_el1, %0\n\tisb\n\tsvc #0" : : "r"(HOLE));
		break;
	case 'm': /* page tables that are nowhere */
		die_in_walk();
		break;
	case 'i': /* a device access that also moves its address */
		v = GICD;
		__asm__ volatile("ldr w0, [%0], #4" : "+r"(v) : : "x0", "memory");
		break;
	case 'd': /* FP registers to a device */
		__asm__ volatile("str q0, [%0]" : : "r"(GICD) : "memory");
		break;
	case 'z': /* a block of zeroes to nowhere */
		__asm__ volatile("dc zva, %0" : : "r"(HOLE) : "memory");
		break;
	case 'c':
		die_by_shutdown(3);
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
