/* SPDX-License-Identifier: Apache-2.0 */
/* The fake machine's UART stands in for the PL011 driver: what it sends is kept, how much it takes is a variable. */
#include <host.h>

#include <hyp/console.h>

static void fake_init(volatile void *regs)
{
	(void)regs;
}

static bool fake_put(volatile void *regs, char c)
{
	(void)regs;
	if (host.uart_room == 0 || host.uart_len + 1 >= sizeof(host.uart)) {
		return false;
	}
	host.uart_room -= host.uart_room != SIZE_MAX ? 1 : 0;
	host.uart[host.uart_len++] = c;
	host.uart[host.uart_len] = '\0';
	return true;
}

static int fake_get(volatile void *regs)
{
	(void)regs;
	if (host.typed == NULL || *host.typed == '\0') {
		return -1;
	}
	return (unsigned char)*host.typed++;
}

static void fake_irq_enable(volatile void *regs, bool rx, bool tx)
{
	(void)regs;
	host.uart_rx_irq = rx;
	host.uart_tx_irq = tx;
}

static void fake_irq_ack(volatile void *regs)
{
	(void)regs;
}

const struct uart_ops uart_ops = {
	.name = "host",
	.init = fake_init,
	.put = fake_put,
	.get = fake_get,
	.irq_enable = fake_irq_enable,
	.irq_ack = fake_irq_ack,
};
