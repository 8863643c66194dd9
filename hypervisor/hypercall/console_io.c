/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console_io: a guest's console before it has a driver (Linux: earlycon=xenboot). The same console as its UART's.
 * Spec: Xen public xen.h, CONSOLEIO_*.
 */
#include "hypercall.h"

#include <hyp/arch/vcpu.h>
#include <hyp/console.h>

#define MAX_BYTES   16384U /* more than any line; a guest with more to say calls again */
#define CHUNK_BYTES 256U
#define PIECE_BYTES 128U

/* A piece at a time: each character costs some two hundred instructions, and between pieces interrupts are taken. */
static int64_t console_io_write(struct vcpu *v, const uint64_t args[5])
{
	size_t n = MIN(args[1], (uint64_t)PIECE_BYTES);
	const uint64_t rest[5] = { args[0], args[1] - n, args[2] + n, args[3], args[4] };
	char buf[PIECE_BYTES];

	if (guest_read(v, buf, args[2], n) != 0) {
		return -EFAULT;
	}
	console_write(v->domain->console, buf, n);
	return rest[1] > 0 ? arch_vcpu_call_again(v, rest) : 0;
}

static int64_t console_io_read(struct vcpu *v, uint64_t to, uint64_t len)
{
	char buf[CHUNK_BYTES];
	size_t n = 0;
	int c;

	while (n < MIN(len, sizeof(buf)) && (c = console_getc(v->domain->console)) >= 0) {
		buf[n++] = (char)c;
	}
	if (guest_write(v, to, buf, n) != 0) {
		return -EFAULT;
	}
	return (int64_t)n;
}

int64_t do_console_io(struct vcpu *v, const uint64_t args[5])
{
	if (args[0] != CONSOLEIO_write && args[0] != CONSOLEIO_read) {
		return -ENOSYS;
	}
	if (args[1] > MAX_BYTES) {
		return -E2BIG;
	}
	return args[0] == CONSOLEIO_write ? console_io_write(v, args)
					  : console_io_read(v, args[2], args[1]);
}
