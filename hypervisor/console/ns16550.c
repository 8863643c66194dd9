// SPDX-License-Identifier: Apache-2.0
/* 16550 UART at I/O ports, as the console's physical UART. */
#include "uart_8250.h"

#include <hyp/arch/io.h>
#include <hyp/console.h>

static uint16_t first_port;

uint8_t uart_8250_read(const volatile void *regs, unsigned int number)
{
	(void)regs;
	return arch_io_read8((uint16_t)(first_port + number));
}

void uart_8250_write(volatile void *regs, unsigned int number, uint8_t value)
{
	(void)regs;
	arch_io_write8((uint16_t)(first_port + number), value);
}

/* Where it is the board says, or who knows better. */
static void ns16550_init(volatile void *regs)
{
	first_port = arch_io_console((uint16_t)(uintptr_t)regs);
	uart_8250_init(regs, UART_8250_FCR_RX_8);
}

/* Reading what it is takes back the transmitter's; the receiver's goes with its bytes. */
static void ns16550_irq_ack(volatile void *regs)
{
	(void)uart_8250_read(regs, UART_8250_IIR);
	(void)uart_8250_read(regs, UART_8250_MSR);
}

const struct uart_ops uart_ops = {
	.name = "ns16550",
	.is_io = true,
	.init = ns16550_init,
	.put = uart_8250_put,
	.get = uart_8250_get,
	.irq_enable = uart_8250_irq_enable,
	.irq_ack = ns16550_irq_ack,
};
