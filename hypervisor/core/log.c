/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own lines. No lock here: a line is formatted on the stack, the console orders lines. */
#include <hyp/crash.h>
#include <hyp/log.h>

void log_line(const char *prefix, const char *fmt, va_list ap)
{
	char line[LOG_LINE];
	int len = hyp_snprintf(line, sizeof(line) - 1, "%s", prefix);

	len += hyp_vsnprintf(line + len, sizeof(line) - 1 - (size_t)len, fmt, ap);
	len = MIN(len, (int)sizeof(line) - 2);
	if (len == 0 || line[len - 1] != '\n') {
		line[len++] = '\n';
	}
	crash_line(line, (size_t)len);
	console_log(line, (size_t)len);
}

void hyp_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("", fmt, ap);
	va_end(ap);
}
