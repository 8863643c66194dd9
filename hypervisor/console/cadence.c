// SPDX-License-Identifier: Apache-2.0
/*
 * Cadence UART of Zynq, as the console's physical UART. The firmware's baud rate stays.
 * Spec: AMD UG1085, "Zynq UltraScale+ Device Technical Reference Manual", chapter "UART Controllers"; UG1087, module UART.
 */
#include <hyp/console.h>

#define CR     0x00
#define MR     0x04
#define IER    0x08
#define IDR    0x0c
#define ISR    0x14
#define RXTOUT 0x1c
#define RXWM   0x20
#define SR     0x2c
#define FIFO   0x30

#define CR_RX_EN   BIT(2)
#define CR_RX_DIS  BIT(3)
#define CR_TX_EN   BIT(4)
#define CR_TX_DIS  BIT(5)
#define CR_STOPBRK BIT(8)

#define MR_CLKS BIT(0) /* the rate's prescaler */
#define MR_8N1	BIT(5) /* eight bits, no parity, one stop bit, normal mode */

#define INT_RTRIG  BIT(0)
#define INT_TEMPTY BIT(3)
#define INT_ALL	   0x3fffU

#define SR_REMPTY  BIT(1)
#define SR_TEMPTY  BIT(3)
#define SR_TFUL	   BIT(4)
#define SR_TACTIVE BIT(11)

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

static bool is_idle(const volatile void *regs)
{
	return (reg_read(regs, SR) & (SR_TEMPTY | SR_TACTIVE)) == SR_TEMPTY;
}

/*
 * An interrupt for each character that arrives: with a higher level the last of them would wait for the timeout, which
 * is off then.
 */
static void cadence_init(volatile void *regs)
{
	unsigned int spins = BUSY_SPINS;

	while (!is_idle(regs) && spins-- > 0) {
	}
	reg_write(regs, IDR, INT_ALL);
	reg_write(regs, CR, CR_RX_DIS | CR_TX_DIS | CR_STOPBRK);
	reg_write(regs, MR, (reg_read(regs, MR) & MR_CLKS) | MR_8N1);
	reg_write(regs, RXTOUT, 0);
	reg_write(regs, RXWM, 1);
	reg_write(regs, CR, CR_RX_EN | CR_TX_EN | CR_STOPBRK);
	reg_write(regs, ISR, INT_ALL);
}

static bool cadence_put(volatile void *regs, char c)
{
	if ((reg_read(regs, SR) & SR_TFUL) != 0) {
		return false;
	}
	reg_write(regs, FIFO, (unsigned char)c);
	return true;
}

static int cadence_get(volatile void *regs)
{
	if ((reg_read(regs, SR) & SR_REMPTY) != 0) {
		return -1;
	}
	return (int)(reg_read(regs, FIFO) & 0xff);
}

/* The mask is set and cleared through a register each. */
static void cadence_irq_enable(volatile void *regs, bool rx, bool tx)
{
	reg_write(regs, IDR, (rx ? 0 : INT_RTRIG) | (tx ? 0 : INT_TEMPTY));
	reg_write(regs, IER, (rx ? INT_RTRIG : 0) | (tx ? INT_TEMPTY : 0));
}

static void cadence_irq_ack(volatile void *regs)
{
	reg_write(regs, ISR, INT_RTRIG | INT_TEMPTY);
}

const struct uart_ops uart_ops = {
	.name = "cadence",
	.init = cadence_init,
	.put = cadence_put,
	.get = cadence_get,
	.irq_enable = cadence_irq_enable,
	.irq_ack = cadence_irq_ack,
};
