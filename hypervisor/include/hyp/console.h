/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One console for the hypervisor and all domains.
 *
 * Output is line buffered and prefixed `name: `. It never waits for the UART: each source has a ring, full rings
 * drop and count. Input goes to the domain that has the focus; Ctrl-A three times gives it to the next one.
 */
#ifndef HYP_CONSOLE_H
#define HYP_CONSOLE_H

#include <hyp/log.h>
#include <hyp/types.h>

struct console_client;
struct domain;
struct plan;

/** struct uart_ops - a UART driver; one file a driver. The board's is linked alone (UART_* of boards/Kconfig). */
struct uart_ops {
	const char *name;
	bool is_io; /* its registers are I/O ports, which are not mapped: @regs then is the number of the first */
	void (*init)(
		volatile void
			*regs); /* 8N1, FIFO on, interrupts off; keeps the firmware's baud rate */
	bool (*put)(volatile void *regs, char c); /* false: would wait */
	int (*get)(volatile void *regs);	  /* character, or -1 */
	void (*irq_enable)(volatile void *regs, bool rx, bool tx);
	void (*irq_ack)(volatile void *regs);
};

extern const struct uart_ops uart_ops;

/**
 * struct console_client_ops - what a client is told; called with no console lock held, on any CPU, each may be NULL.
 * @rx: there is input: take it with console_getc()
 * @tx: output that had no room before has it again
 */
struct console_client_ops {
	void (*rx)(struct domain *d);
	void (*tx)(struct domain *d);
};

/** guest_console_ops - for a domain: to its UART, its PV console, or both. */
extern const struct console_client_ops guest_console_ops;

/** console_early_init() - polled output on the built-in UART (CONFIG_CONSOLE_UART_BASE). Context: MMU on, before anything else logs. */
void console_early_init(void);

/** console_init() - interrupt-driven operation, after the plan is verified and arch_irq_init() ran. Return: 0; -errno. */
int __must_check console_init(const struct plan *plan);

/** console_client_create() - rings for @d, open. Return: NULL when the pool is empty. */
struct console_client *console_client_create(struct domain *d,
					     const struct console_client_ops *ops);

/** console_client_close() - @c's domain is down: its output still goes out, the focus moves on if it was here. */
void console_client_close(struct console_client *c);

/** console_client_restart() - @c's domain begins anew: its open line is ended, what was typed and not read is gone. */
void console_client_restart(struct console_client *c);

/** console_write() - bytes of a domain, any length, any CPU; complete lines go out prefixed. */
void console_write(struct console_client *c, const char *buf, size_t len);

/**
 * console_client_await() - call @fn once, when @c's output has @text in it, up to PLAN_MAX_TEXT characters.
 * @fn: as the functions of struct console_client_ops
 */
void console_client_await(struct console_client *c, const char *text, void (*fn)(struct domain *d));

/** console_client_type() - @text and a return, as if somebody had typed them there. */
void console_client_type(struct console_client *c, const char *text);

/** console_room() - bytes that console_write() takes now without a loss; below a FIFO's worth, ops->tx tells when there is more. */
size_t console_room(struct console_client *c);

/** struct console_levels - of a client: what console_room() and console_input_pending() say, in one look. */
struct console_levels {
	size_t room;
	size_t waiting;
};

/** console_levels() - a guest that polls asks for both before each character. */
struct console_levels console_levels(struct console_client *c);

/** console_getc() - next character typed for @c, or -1. */
int console_getc(struct console_client *c);

/** console_input_pending() - characters that wait in @c's input. */
size_t console_input_pending(struct console_client *c);

#endif
