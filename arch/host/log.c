/* SPDX-License-Identifier: Apache-2.0 */
/* The log into a buffer that tests read; a panic is a failed test unless it was expected. */
#include <host.h>

#include <hyp/log.h>

static void append(const char *fmt, va_list ap) __printf(1, 0);

static void append(const char *fmt, va_list ap)
{
	size_t left = sizeof(host.log) - host.log_len - 1;
	int n = hyp_vsnprintf(host.log + host.log_len, left, fmt, ap);

	host.log_len += MIN((size_t)n, left - 1);
	if (host.log_len > 0 && host.log[host.log_len - 1] != '\n') {
		host.log[host.log_len++] = '\n';
	}
}

void hyp_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(fmt, ap);
	va_end(ap);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(fmt, ap);
	va_end(ap);
	host_ended(HOST_PANICKED);
}

void halt(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(fmt, ap);
	va_end(ap);
	host_ended(HOST_HALTED);
}
