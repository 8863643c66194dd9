/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls: any number, any operation, any arguments, pointers to everything that is there and much that is not.
 *
 * Left out is only what would be this domain's end by its own hand. Memory that pointers lead to holds small numbers
 * and pointers into scratch memory, so that calls get further than their first check.
 */
#include <poke.h> /* of the architecture */

#define SMALL_PAGES (SCRATCH_BYTES >> 12)

/* One word of a structure. */
static uint64_t some_word(void)
{
	uint64_t r = next_random();

	switch (r & 7) {
	case 0:
		return SCRATCH + (r >> 8 & (SCRATCH_BYTES - 1));
	case 1:
		return (SCRATCH >> 12) + (r >> 8) % SMALL_PAGES; /* a page's number */
	case 2:
		return 0x7ff0; /* oneself */
	case 3:
		return r >> 8 & 0xff;
	case 4:
		return ~0UL;
	case 5:
		return r >> 40 | 0x7ff000000000;
	default:
		return r >> 8 & 7;
	}
}

/* A pointer: into RAM, across its pages, to its end, to a device, to nothing, misaligned, or anything. */
static uint64_t some_pointer(void)
{
	uint64_t r = next_random();
	uint64_t page = SCRATCH + (r >> 8 & (SCRATCH_BYTES - 1) & ~0xfffUL);

	switch (r & 15) {
	case 0:
		return HOLE;
	case 1:
		return DEVICE_1;
	case 2:
		return 0;
	case 3:
		return next_random() | 1UL << 45;
	case 4:
		return ~0UL - 3;
	case 5:
		return DEVICE_2;
	case 6:
		return RAM + 0x1000000 - (r >> 60); /* the end of this domain's memory */
	case 7:
		return RAM + 0x1000000 +
		       (r >> 8 & 0xffffff); /* behind it: somebody else's, on the machine */
	case 8:
	case 9:
		return page + 0x1000 - (r >> 59);
	case 10:
		return page + (r >> 52);
	default:
		return page;
	}
}

static void fill(uint64_t at)
{
	if (at < SCRATCH || at >= SCRATCH + SCRATCH_BYTES - 64) {
		return;
	}
	for (uint64_t i = 0; i < 48; i += 8) {
		*(volatile uint64_t *)((at & ~7UL) + i) = some_word();
	}
}

/* Would it end this domain, take its only vCPU away or put a page over its own code? */
static bool is_suicide(uint64_t nr, uint64_t cmd, uint64_t arg)
{
	return (nr == HYPERCALL_SCHED_OP && cmd == SCHEDOP_SHUTDOWN) ||
	       (nr == HYPERCALL_SCHED_OP && cmd == SCHEDOP_WATCHDOG) ||
	       (nr == HYPERCALL_CONSOLE_IO && cmd == 0) ||
	       (nr == HYPERCALL_VCPU_OP && cmd == VCPUOP_DOWN && arg == 0);
}

/* An interrupt that is masked and pending ends each wait: SCHEDOP_block and SCHEDOP_poll are among the calls. */
void poke_hypercalls_by(xen_caller *call, const char *what, unsigned long n)
{
	keep_awake(true);
	while (accesses < n) {
		uint64_t nr = next_random() % 64, cmd = next_random() % 40;
		uint64_t arg1 = some_pointer(), arg2 = some_pointer();
		uint64_t since;

		if (is_suicide(nr, cmd, arg1)) {
			continue;
		}
		if ((cmd ^ nr) % 3 == 0) {
			arg1 = next_random() & 3; /* a vCPU, a length */
		}
		if (is_suicide(nr, cmd, arg1)) {
			continue;
		}
		if (nr == HYPERCALL_GRANT_OP) {
			arg2 &= 0x3ff; /* a count: that many operations, one after the other */
		}
		fill(arg1);
		fill(arg2);
		accesses++;
		since = counter();
		(void)call(nr, cmd, arg1, arg2, next_random() & 1);
		timed(since, nr << 8 | cmd);
	}
	(void)call(~0UL, 0, 0, 0, 0);
	keep_awake(false);
	done(what);
}
