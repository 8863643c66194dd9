// SPDX-License-Identifier: Apache-2.0
/*
 * 8250/16550 UART behind memory-mapped registers of 32 bits each, as DesignWare's in many SoCs, as the console's physical
 * UART. The firmware's baud rate stays.
 * Spec: National Semiconductor PC16550D, chapter 8; Linux binding snps,dw-apb-uart (reg-shift 2, reg-io-width 4).
 */
#include <hyp/console.h>

#define RBR 0x00 /* read */
#define THR 0x00 /* write */
#define IER 0x04
#define IIR 0x08 /* read */
#define FCR 0x08 /* write */
#define LCR 0x0c
#define MCR 0x10
#define LSR 0x14
#define USR 0x7c /* DesignWare's own */

#define IER_RX 0x01U
#define IER_TX 0x02U

#define FCR_ENABLE   0x01U
#define FCR_CLEAR_RX 0x02U

#define LCR_8N1 0x03U
#define MCR_OUT 0x0bU /* DTR, RTS, OUT2 */

#define LSR_DATA   0x01U
#define LSR_ERRORS 0x1eU /* overrun, parity, framing, break */
#define LSR_ROOM   0x20U /* the transmitter's FIFO is empty */

#define FIFO_BYTES 16U

static unsigned int room; /* in the FIFO, as far as is known; under the console's lock */

static uint32_t reg_read(const volatile void *regs, unsigned int at)
{
	return *(const volatile uint32_t *)((const volatile char *)regs + at);
}

static void reg_write(volatile void *regs, unsigned int at, uint32_t value)
{
	*(volatile uint32_t *)((volatile char *)regs + at) = value;
}

static void dw8250_init(volatile void *regs)
{
	reg_write(regs, IER, 0);
	reg_write(regs, LCR, LCR_8N1);
	reg_write(regs, FCR, FCR_ENABLE | FCR_CLEAR_RX);
	reg_write(regs, MCR, MCR_OUT);
	room = 0;
}

/* It says only when its FIFO is empty, so what fits is counted from there. */
static bool dw8250_put(volatile void *regs, char c)
{
	if (room == 0 && (reg_read(regs, LSR) & LSR_ROOM) != 0) {
		room = FIFO_BYTES;
	}
	if (room == 0) {
		return false;
	}
	room--;
	reg_write(regs, THR, (unsigned char)c);
	return true;
}

static int dw8250_get(volatile void *regs)
{
	unsigned int left = FIFO_BYTES;
	uint32_t status;

	while (left-- > 0 && ((status = reg_read(regs, LSR)) & LSR_DATA) != 0) {
		uint32_t c = reg_read(regs, RBR);

		if ((status & LSR_ERRORS) == 0) {
			return (int)(c & 0xff);
		}
	}
	return -1;
}

static void dw8250_irq_enable(volatile void *regs, bool rx, bool tx)
{
	reg_write(regs, IER, (rx ? IER_RX : 0) | (tx ? IER_TX : 0));
}

/* Reading takes back the transmitter's interrupt, and that of a write to LCR while the UART was busy. */
static void dw8250_irq_ack(volatile void *regs)
{
	(void)reg_read(regs, IIR);
	(void)reg_read(regs, USR);
}

const struct uart_ops uart_ops = {
	.name = "8250",
	.init = dw8250_init,
	.put = dw8250_put,
	.get = dw8250_get,
	.irq_enable = dw8250_irq_enable,
	.irq_ack = dw8250_irq_ack,
};
