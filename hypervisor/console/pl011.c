/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm PL011 (PrimeCell UART), as the console's physical UART. The firmware's baud rate stays.
 * Spec: Arm DDI 0183, "PrimeCell UART (PL011) Technical Reference Manual", chapter 3.
 */
#include <hyp/console.h>

#define DR   0x00
#define FR   0x18
#define LCRH 0x2c
#define CR   0x30
#define IFLS 0x34
#define IMSC 0x38
#define ICR  0x44

#define DR_ERRORS 0xf00U /* overrun, break, parity, framing */
#define FR_BUSY	  BIT(3)
#define FR_RXFE	  BIT(4)
#define FR_TXFF	  BIT(5)

#define LCRH_FEN   BIT(4)
#define LCRH_WLEN8 (3U << 5)
#define CR_UARTEN  BIT(0)
#define CR_TXE	   BIT(8)
#define CR_RXE	   BIT(9)
#define CR_MODEM   (BIT(10) | BIT(11)) /* DTR, RTS */

#define IFLS_TX_1_8 0U
#define IFLS_RX_1_2 (2U << 3)

#define INT_RX	BIT(4)
#define INT_TX	BIT(5)
#define INT_RT	BIT(6)
#define INT_ALL 0x7ffU

#define FIFO_MAX 32U
#define BUSY_SPINS \
	1000000U /* a FIFO at the slowest rate; a UART that stays busy is set up all the same */

static uint32_t reg_read(const volatile void *regs, unsigned int at)
{
	return *(const volatile uint32_t *)((const volatile char *)regs + at);
}

static void reg_write(volatile void *regs, unsigned int at, uint64_t value)
{
	*(volatile uint32_t *)((volatile char *)regs + at) = (uint32_t)value;
}

/* LCR_H may be written only while the UART is disabled and idle (DDI 0183, 3.3.8). */
static void pl011_init(volatile void *regs)
{
	unsigned int spins = BUSY_SPINS;
	uint32_t modem = reg_read(regs, CR) & (uint32_t)CR_MODEM;

	while ((reg_read(regs, FR) & FR_BUSY) != 0 && spins-- > 0) {
	}
	reg_write(regs, CR, 0);
	reg_write(regs, IMSC, 0);
	reg_write(regs, ICR, INT_ALL);
	reg_write(regs, LCRH, LCRH_WLEN8 | LCRH_FEN);
	reg_write(regs, IFLS, IFLS_RX_1_2 | IFLS_TX_1_8);
	reg_write(regs, CR, modem | CR_UARTEN | CR_TXE | CR_RXE);
}

static bool pl011_put(volatile void *regs, char c)
{
	if ((reg_read(regs, FR) & FR_TXFF) != 0) {
		return false;
	}
	reg_write(regs, DR, (unsigned char)c);
	return true;
}

static int pl011_get(volatile void *regs)
{
	unsigned int left = FIFO_MAX;

	while (left-- > 0 && (reg_read(regs, FR) & FR_RXFE) == 0) {
		uint32_t v = reg_read(regs, DR);

		if ((v & DR_ERRORS) == 0) {
			return (int)(v & 0xff);
		}
	}
	return -1;
}

static void pl011_irq_enable(volatile void *regs, bool rx, bool tx)
{
	reg_write(regs, IMSC, (rx ? INT_RX | INT_RT : 0) | (tx ? INT_TX : 0));
}

static void pl011_irq_ack(volatile void *regs)
{
	reg_write(regs, ICR, INT_RX | INT_RT | INT_TX);
}

const struct uart_ops uart_ops = {
	.name = "pl011",
	.init = pl011_init,
	.put = pl011_put,
	.get = pl011_get,
	.irq_enable = pl011_irq_enable,
	.irq_ack = pl011_irq_ack,
};
