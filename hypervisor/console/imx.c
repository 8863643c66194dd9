// SPDX-License-Identifier: Apache-2.0
/*
 * UART of NXP's i.MX (from i.MX6 on), as the console's physical UART. The firmware's baud rate and pins stay.
 * Spec: NXP IMX8MPRM, "i.MX 8M Plus Applications Processor Reference Manual", chapter "Universal Asynchronous
 * Receiver/Transmitter (UART)".
 */
#include <hyp/console.h>

#define URXD 0x00
#define UTXD 0x40
#define UCR1 0x80
#define UCR2 0x84
#define UCR4 0x8c
#define UFCR 0x90
#define UTS  0xb4

#define URXD_CHARRDY BIT(15)

#define UCR1_UARTEN   BIT(0)
#define UCR1_TXMPTYEN BIT(6)
#define UCR1_RRDYEN   BIT(9)

#define UCR2_SRST BIT(0) /* not in reset */
#define UCR2_RXEN BIT(1)
#define UCR2_TXEN BIT(2)
#define UCR2_WS	  BIT(5)  /* eight bits; no parity, one stop bit */
#define UCR2_IRTS BIT(14) /* sends whatever RTS says */

#define UCR4_CTSTL 0xfc00U /* all else there is an interrupt or IrDA */

#define UFCR_RXTL 0x3fU
#define UTS_FULL  BIT(4)

static uint32_t reg_read(const volatile void *regs, unsigned int at)
{
	return *(const volatile uint32_t *)((const volatile char *)regs + at);
}

static void reg_write(volatile void *regs, unsigned int at, uint64_t value)
{
	*(volatile uint32_t *)((volatile char *)regs + at) = (uint32_t)value;
}

/* What is under way goes on: nothing is reset. An interrupt for each character that arrives. */
static void imx_init(volatile void *regs)
{
	reg_write(regs, UCR1, UCR1_UARTEN);
	reg_write(regs, UCR4, reg_read(regs, UCR4) & UCR4_CTSTL);
	reg_write(regs, UFCR, (reg_read(regs, UFCR) & ~UFCR_RXTL) | 1);
	reg_write(regs, UCR2, UCR2_SRST | UCR2_RXEN | UCR2_TXEN | UCR2_WS | UCR2_IRTS);
}

static bool imx_put(volatile void *regs, char c)
{
	if ((reg_read(regs, UTS) & UTS_FULL) != 0) {
		return false;
	}
	reg_write(regs, UTXD, (unsigned char)c);
	return true;
}

/* The register says itself whether there was one. */
static int imx_get(volatile void *regs)
{
	uint32_t got = reg_read(regs, URXD);

	return (got & URXD_CHARRDY) != 0 ? (int)(got & 0xff) : -1;
}

static void imx_irq_enable(volatile void *regs, bool rx, bool tx)
{
	reg_write(regs, UCR1, UCR1_UARTEN | (rx ? UCR1_RRDYEN : 0) | (tx ? UCR1_TXMPTYEN : 0));
}

/* Both are levels: they go with what they are of. */
static void imx_irq_ack(volatile void *regs)
{
	(void)regs;
}

const struct uart_ops uart_ops = {
	.name = "i.MX",
	.init = imx_init,
	.put = imx_put,
	.get = imx_get,
	.irq_enable = imx_irq_enable,
	.irq_ack = imx_irq_ack,
};
