/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console_io: a guest's console before it has a driver (Linux: earlycon=xenboot). The same console as its UART's.
 * Spec: Xen public xen.h, CONSOLEIO_*.
 */
#include "hypercall.h"

#include <hyp/console.h>

#define MAX_BYTES   16384U /* more than any line; a guest with more to say calls again */
#define CHUNK_BYTES 256U

static int64_t console_io_write(struct vcpu *v, uint64_t from, uint64_t len)
{
	char buf[CHUNK_BYTES];

	while (len > 0) {
		size_t n = MIN(len, sizeof(buf));

		if (guest_read(v, buf, from, n) != 0) {
			return -EFAULT;
		}
		console_write(v->domain->console, buf, n);
		from += n;
		len -= n;
	}
	return 0;
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
	return args[0] == CONSOLEIO_write ? console_io_write(v, args[2], args[1])
					  : console_io_read(v, args[2], args[1]);
}
