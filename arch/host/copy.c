/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every copy of hypervisor/mm/guest_copy.c: tests/unit/sources.mk compiles that file with memcpy() called host_copy().
 * So a test sees which byte of a guest is read how often, or has it change as soon as it was.
 */
#include <host.h>

#include <string.h>

void *host_copy(void *dst, const void *src, size_t n);

static void note(uintptr_t at)
{
	if (host.reads != NULL && at - host.reads_from < host.reads_len &&
	    host.reads[at - host.reads_from] < UINT8_MAX) {
		host.reads[at - host.reads_from]++;
	}
}

void *host_copy(void *dst, const void *src, size_t n)
{
	uintptr_t from = (uintptr_t)src, ram = (uintptr_t)host_ram;
	size_t i;

	memcpy(dst, src, n);
	if (from - ram >= HOST_RAM_BYTES) {
		return dst;
	}
	for (i = 0; i < n; i++) {
		note(from + i);
		host_ram[from - ram + i] ^= host.flips ? 0xff : 0;
	}
	return dst;
}
