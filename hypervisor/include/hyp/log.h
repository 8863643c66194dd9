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

/** log_line() - hyp_printf() with a va_list and something before it. */
void log_line(const char *prefix, const char *fmt, va_list ap) __printf(2, 0);

/** is_panicking - set by panic() and halt(); the other CPUs stop at their next kick. */
extern bool is_panicking;

/**
 * panic() - the hypervisor itself is broken: say it with the CPU's number, build and stack, keep that as a crash record,
 * and do with the board what CONFIG_PANIC_ACTION says. Never for a guest's doing.
 */
void __noreturn panic(const char *fmt, ...) __printf(1, 2);

/** panic_at() - the same, with the stack from @sp on: where a fault came from. */
void __noreturn panic_at(uintptr_t sp, const char *fmt, ...) __printf(2, 3);

/** panic_enter() - before lines that lead up to a panic(): other CPUs stop, what is said is recorded. */
void panic_enter(void);

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
