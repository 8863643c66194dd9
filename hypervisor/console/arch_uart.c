// SPDX-License-Identifier: Apache-2.0
/* A guest's UART where the architecture has the model of it (hyp/arch/uart.h): between that and the console's rings. */
#include <hyp/arch/uart.h>
#include <hyp/console.h>
#include <hyp/domain.h>
#include <hyp/vpl011.h>

int vpl011_create(struct domain *d)
{
	return arch_uart_create(d);
}

void vpl011_reset(struct domain *d)
{
	arch_uart_reset(d);
}

bool vpl011_is_listening(const struct vpl011 *u)
{
	return arch_uart_is_listening(u);
}

void vpl011_input(struct domain *d)
{
	arch_uart_input(d);
}

void vpl011_room(struct domain *d)
{
	arch_uart_room(d);
}

void uart_levels(struct domain *d, size_t *room, size_t *waiting)
{
	struct console_levels is = console_levels(d->console);

	*room = is.room;
	*waiting = is.waiting;
}

void uart_put(struct domain *d, char c)
{
	console_write(d->console, &c, 1);
}

int uart_get(struct domain *d)
{
	return console_getc(d->console);
}
