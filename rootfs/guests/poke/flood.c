/* SPDX-License-Identifier: Apache-2.0 */
/* Too much of everything that is allowed: characters, events, watchdogs. */
#include "poke.h"

#define CONSOLE_WRITE_BYTES 16384U
#define EVTCHN_OPS	    16

/* Lines that look as if somebody else had printed them, and what a terminal might obey. */
static char some_character(void)
{
	static const char bait[] =
		"\nashlar: spoofed\r\rashlar: spoofed\033[6n\033]0;x\007\n\001\001\001";
	static unsigned int at;
	uint64_t r = next_random();

	if (at > 0 || (r & 0xff) == 0) {
		at = at + 1 < sizeof(bait) ? at + 1 : 0;
		return at > 0 ? bait[at - 1] : '\n';
	}
	return (r & 63) == 1 ? '\n' : (char)('a' + (r >> 32) % 26);
}

/* @n characters into the UART without asking whether it has room, and as many by hypercall. */
void flood_console(unsigned long n)
{
	char *page = (char *)SCRATCH;
	uint64_t since;

	for (unsigned long i = 0; i < n; i++) {
		since = counter();
		write32(UART, (uint8_t)some_character());
		timed(since, 0);
	}
	for (unsigned int i = 0; i < CONSOLE_WRITE_BYTES; i++) {
		page[i] = some_character();
	}
	for (unsigned long i = 0; i < n; i += CONSOLE_WRITE_BYTES) {
		since = counter();
		(void)xen_call(HYPERCALL_CONSOLE_IO, 0, CONSOLE_WRITE_BYTES, SCRATCH, 0);
		timed(since, 1);
	}
	accesses += 2 * n;
	put('\n');
	done("console flood");
}

/* Ports until there are none, bells for oneself on each of them, and all closed again. */
void flood_events(unsigned long n)
{
	volatile uint32_t *arg = (volatile uint32_t *)SCRATCH;

	while (accesses < n) {
		uint64_t op = next_random() % EVTCHN_OPS;
		uint64_t since;

		for (unsigned int i = 0; i < 6; i++) {
			arg[i] = (uint32_t)(next_random() % (i < 2 ? 0x500 : 4));
		}
		if ((next_random() & 1) != 0) {
			arg[0] = 0x7ff07ff0; /* oneself and oneself */
		}
		if (op == 10 && next_random() % 64 != 0) {
			op = 7; /* a reset now and then, else ports bound */
		}
		accesses++;
		since = counter();
		(void)xen_call(HYPERCALL_EVTCHN_OP, op, SCRATCH, 0, 0);
		timed(since, op);
	}
	arg[0] = 0x7ff0;
	(void)xen_call(HYPERCALL_EVTCHN_OP, 10, SCRATCH, 0, 0);
	done("event flood");
}

/* Armed, poked, disarmed, with any numbers; never left to bite. */
void abuse_watchdog(unsigned long n)
{
	volatile uint32_t *arg = (volatile uint32_t *)SCRATCH;

	while (accesses < n) {
		uint64_t since;

		arg[0] = (uint32_t)(next_random() % 4);
		arg[1] = 3600 + (uint32_t)(next_random() % 0xf0000000);
		if ((next_random() & 3) == 0) {
			arg[1] = 0;
		}
		accesses++;
		since = counter();
		(void)xen_call(HYPERCALL_SCHED_OP, SCHEDOP_WATCHDOG, SCRATCH, 0, 0);
		timed(since, arg[0]);
	}
	for (uint32_t id = 1; id <= 2; id++) {
		arg[0] = id;
		arg[1] = 0;
		(void)xen_call(HYPERCALL_SCHED_OP, SCHEDOP_WATCHDOG, SCRATCH, 0, 0);
	}
	done("watchdog abuse");
}
