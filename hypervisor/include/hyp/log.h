/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own log, onto the console; and the end of the road. */
#ifndef HYP_LOG_H
#define HYP_LOG_H

#include <hyp/types.h>
#include <stdarg.h>

#define LOG_LINE 256 /* longest line, bytes; the rest is cut */

/**
 * hyp_printf() - one line of the hypervisor's log. %s %.*s %c %d %i %u %x %p with l, ll, z, width, 0 and -.
 * The newline is added when it is not there.
 * Context: any; never waits for the UART once the console is up.
 */
void hyp_printf(const char *fmt, ...) __printf(1, 2);

/** hyp_snprintf() - the same formats into memory. Return: length that it would have had. */
int hyp_snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/** hyp_vsnprintf() - the same with a va_list. */
int hyp_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);

/** is_panicking - set by panic() and halt(); the other CPUs stop at their next kick. */
extern bool is_panicking;

/** panic() - the hypervisor itself is broken: say it with the CPU's number and stop the board. Never for a guest's doing. */
void __noreturn panic(const char *fmt, ...) __printf(1, 2);

/** halt() - refuse to go on (e.g. nothing verified): one line that says why, then stop; no stack, no registers. */
void __noreturn halt(const char *fmt, ...) __printf(1, 2);

/*
 * Up-calls: what the log and the architecture ask of the console, which lies above them.
 */

/** console_log() - bytes of the hypervisor itself, prefixed `ashlar: `. */
void console_log(const char *buf, size_t len);

/** console_timer() - this CPU's timer went off: send lines that were held back. */
void console_timer(void);

/** console_flush_sync() - panic and power-off: push out everything by polling, bounded; from here on output is polled. */
void console_flush_sync(void);

#endif
