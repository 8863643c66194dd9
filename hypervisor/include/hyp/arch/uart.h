/* SPDX-License-Identifier: Apache-2.0 */
/* The arch contract, a guest's UART where the architecture has the model of it (V16550): hyp/vpl011.h says what each does. */
#ifndef HYP_ARCH_UART_H
#define HYP_ARCH_UART_H

#include <hyp/types.h>

struct domain;
struct vpl011;

int __must_check arch_uart_create(struct domain *d);
void arch_uart_reset(struct domain *d);
bool arch_uart_is_listening(const struct vpl011 *u);
void arch_uart_input(struct domain *d);
void arch_uart_room(struct domain *d);

/* Up-calls: the console's rings. */

/** uart_levels() - output that is taken now without a loss, and input that waits. */
void uart_levels(struct domain *d, size_t *room, size_t *waiting);
void uart_put(struct domain *d, char c);
/** uart_get() - the next character of input, or -1. */
int uart_get(struct domain *d);

#endif
