// SPDX-License-Identifier: Apache-2.0
/*
 * 16550 UART at I/O ports, as the console's physical UART. The firmware's baud rate stays.
 * Spec: National Semiconductor PC16550D, "Universal Asynchronous Receiver/Transmitter with FIFOs", chapter 8.
 */
#include <hyp/arch/io.h>
#include <hyp/console.h>

#define RBR 0 /* read */
#define THR 0 /* write */
#define IER 1
#define IIR 2 /* read */
#define FCR 2 /* write */
#define LCR 3
#define MCR 4
#define LSR 5
#define MSR 6

#define IER_RX 0x01U
#define IER_TX 0x02U

#define FCR_ENABLE   0x01U
#define FCR_CLEAR_RX 0x02U
#define FCR_RX_8     0x80U /* of 16 */

#define LCR_8N1 0x03U
#define MCR_OUT 0x0bU /* DTR, RTS, OUT2: on a PC that lets the interrupt out */

#define LSR_DATA   0x01U
#define LSR_ERRORS 0x1eU /* overrun, parity, framing, break */
#define LSR_ROOM   0x20U /* the transmitter's FIFO is empty */

#define FIFO_BYTES 16U

static unsigned int room; /* in the FIFO, as far as is known; under the console's lock */

static uint8_t reg_read(const volatile void *regs, unsigned int at)
{
	return arch_io_read8((uint16_t)((uintptr_t)regs + at));
}

static void reg_write(volatile void *regs, unsigned int at, unsigned int value)
{
	arch_io_write8((uint16_t)((uintptr_t)regs + at), (uint8_t)value);
}

static void ns16550_init(volatile void *regs)
{
	reg_write(regs, IER, 0);
	reg_write(regs, LCR, LCR_8N1);
	reg_write(regs, FCR, FCR_ENABLE | FCR_CLEAR_RX | FCR_RX_8);
	reg_write(regs, MCR, MCR_OUT);
	room = 0;
}

/* It says only when its FIFO is empty, so what fits is counted from there. */
static bool ns16550_put(volatile void *regs, char c)
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

static int ns16550_get(volatile void *regs)
{
	unsigned int left = FIFO_BYTES, status;

	while (left-- > 0 && ((status = reg_read(regs, LSR)) & LSR_DATA) != 0) {
		int c = reg_read(regs, RBR);

		if ((status & LSR_ERRORS) == 0) {
			return c;
		}
	}
	return -1;
}

static void ns16550_irq_enable(volatile void *regs, bool rx, bool tx)
{
	reg_write(regs, IER, (rx ? IER_RX : 0) | (tx ? IER_TX : 0));
}

/* Reading what it is takes back the transmitter's; the receiver's goes with its bytes. */
static void ns16550_irq_ack(volatile void *regs)
{
	(void)reg_read(regs, IIR);
	(void)reg_read(regs, MSR);
}

const struct uart_ops uart_ops = {
	.name = "ns16550",
	.is_io = true,
	.init = ns16550_init,
	.put = ns16550_put,
	.get = ns16550_get,
	.irq_enable = ns16550_irq_enable,
	.irq_ack = ns16550_irq_ack,
};
