// SPDX-License-Identifier: Apache-2.0
/*
 * 8250/16550 UART behind memory-mapped registers of 32 bits each, as DesignWare's in many SoCs, as the console's physical
 * UART.
 * Spec: Linux binding snps,dw-apb-uart (reg-shift 2, reg-io-width 4).
 */
#include "uart_8250.h"

#include <hyp/console.h>

#define USR 31U /* DesignWare's own */

uint8_t uart_8250_read(const volatile void *regs, unsigned int number)
{
	return (uint8_t)((const volatile uint32_t *)regs)[number];
}

void uart_8250_write(volatile void *regs, unsigned int number, uint8_t value)
{
	((volatile uint32_t *)regs)[number] = value;
}

static void dw8250_init(volatile void *regs)
{
	uart_8250_init(regs, 0);
}

/* Reading takes back the transmitter's interrupt, and that of a write to LCR while the UART was busy. */
static void dw8250_irq_ack(volatile void *regs)
{
	(void)uart_8250_read(regs, UART_8250_IIR);
	(void)uart_8250_read(regs, USR);
}

const struct uart_ops uart_ops = {
	.name = "8250",
	.init = dw8250_init,
	.put = uart_8250_put,
	.get = uart_8250_get,
	.irq_enable = uart_8250_irq_enable,
	.irq_ack = dw8250_irq_ack,
};
