// SPDX-License-Identifier: Apache-2.0
/*
 * A program for Linux that says how many ticks of the virtual counter its domain has run. It is linked at an address of
 * its own (MARK_ADDRESS), at which an emulator that counts instructions knows it.
 */
#include "../linux/linux.h"

void _start(void);

static uint64_t counter(void)
{
	uint64_t value;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value));
	return value;
}

void _start(void)
{
	static const char says[] = "BENCH linux_init_cntvct ";
	char line[sizeof(says) + 24];
	char digits[24];
	size_t len = 0, n = 0;
	uint64_t now = counter();

	for (; says[len] != '\0'; len++) {
		line[len] = says[len];
	}
	do {
		digits[n++] = (char)('0' + now % 10);
		now /= 10;
	} while (now != 0);
	while (n > 0) {
		line[len++] = digits[--n];
	}
	line[len++] = '\n';
	(void)syscall6(SYS_WRITE, 1, (long)line, (long)len, 0, 0, 0);
	(void)syscall6(SYS_EXIT, 0, 0, 0, 0, 0, 0);
}
