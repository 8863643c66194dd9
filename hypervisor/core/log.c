/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own lines, and the two ways to end: panic() when we are broken, halt() when we
 * refuse. No lock here: a line is formatted on the stack, the console orders lines.
 */
#include <hyp/arch/cpu.h>
#include <hyp/arch/irq.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

bool is_panicking;

static void log_line(const char *prefix, const char *fmt, va_list ap) __printf(2, 0);

static void log_line(const char *prefix, const char *fmt, va_list ap)
{
	char line[LOG_LINE];
	int len = hyp_snprintf(line, sizeof(line) - 1, "%s", prefix);

	len += hyp_vsnprintf(line + len, sizeof(line) - 1 - (size_t)len, fmt, ap);
	len = MIN(len, (int)sizeof(line) - 2);
	if (len == 0 || line[len - 1] != '\n') {
		line[len++] = '\n';
	}
	console_log(line, (size_t)len);
}

void hyp_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("", fmt, ap);
	va_end(ap);
}

static void __noreturn the_end(void)
{
	__atomic_store_n(&is_panicking, true, __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; cpu_get(i) != NULL; i++) {
		if (i != this_cpu()->id &&
		    __atomic_load_n(&cpu_get(i)->is_online, __ATOMIC_ACQUIRE)) {
			arch_cpu_kick(i);
		}
	}
	console_flush_sync();
	arch_cpu_stop();
}

void panic(const char *fmt, ...)
{
	char prefix[24];
	va_list ap;

	(void)arch_irq_save();
	(void)hyp_snprintf(prefix, sizeof(prefix), "panic: CPU %u: ", this_cpu()->id);
	va_start(ap, fmt);
	log_line(prefix, fmt, ap);
	va_end(ap);
	the_end();
}

void halt(const char *fmt, ...)
{
	va_list ap;

	(void)arch_irq_save();
	va_start(ap, fmt);
	log_line("", fmt, ap);
	va_end(ap);
	the_end();
}
