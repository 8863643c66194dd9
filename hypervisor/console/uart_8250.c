// SPDX-License-Identifier: Apache-2.0
/* 8250 UART as the console's physical UART: uart_8250.h. The firmware's baud rate stays. */
#include "uart_8250.h"

#define IER_RX 0x01U
#define IER_TX 0x02U

#define LCR_8N1 0x03U
#define MCR_OUT 0x0bU /* DTR, RTS, OUT2: on a PC that lets the interrupt out */

#define LSR_DATA   0x01U
#define LSR_ERRORS 0x1eU /* overrun, parity, framing, break */
#define LSR_ROOM   0x20U /* the transmitter's FIFO is empty */

#define FIFO_BYTES 16U

static unsigned int room; /* in the FIFO, as far as is known; under the console's lock */

void uart_8250_init(volatile void *regs, uint8_t fcr)
{
	uart_8250_write(regs, UART_8250_IER, 0);
	uart_8250_write(regs, UART_8250_LCR, LCR_8N1);
	uart_8250_write(regs, UART_8250_FCR,
			(uint8_t)(UART_8250_FCR_ENABLE | UART_8250_FCR_CLEAR_RX | fcr));
	uart_8250_write(regs, UART_8250_MCR, MCR_OUT);
	room = 0;
}

/* It says only when its FIFO is empty, so what fits is counted from there. */
bool uart_8250_put(volatile void *regs, char c)
{
	if (room == 0 && (uart_8250_read(regs, UART_8250_LSR) & LSR_ROOM) != 0) {
		room = FIFO_BYTES;
	}
	if (room == 0) {
		return false;
	}
	room--;
	uart_8250_write(regs, UART_8250_THR, (uint8_t)c);
	return true;
}

int uart_8250_get(volatile void *regs)
{
	unsigned int left = FIFO_BYTES, status;

	while (left-- > 0 && ((status = uart_8250_read(regs, UART_8250_LSR)) & LSR_DATA) != 0) {
		int c = uart_8250_read(regs, UART_8250_RBR);

		if ((status & LSR_ERRORS) == 0) {
			return c;
		}
	}
	return -1;
}

void uart_8250_irq_enable(volatile void *regs, bool rx, bool tx)
{
	uart_8250_write(regs, UART_8250_IER, (uint8_t)((rx ? IER_RX : 0) | (tx ? IER_TX : 0)));
}
