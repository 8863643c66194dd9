// SPDX-License-Identifier: Apache-2.0
/*
 * The mini-UART of Broadcom's BCM2835 to BCM2711, as the console's physical UART. It lies 64 bytes into the page of the
 * auxiliary devices, which is what the plan names. The firmware's baud rate stays; it hangs on the clock of the VPU's core.
 * Spec: "BCM2711 ARM Peripherals", section 2.2, "Mini UART", with the errata to the interrupt bits of its predecessor.
 */
#include <hyp/console.h>

#define AUX_ENABLES 0x04
#define MU_IO	    0x40
#define MU_IER	    0x44
#define MU_IIR	    0x48
#define MU_LCR	    0x4c
#define MU_MCR	    0x50
#define MU_LSR	    0x54
#define MU_CNTL	    0x60

#define AUX_MINI_UART BIT(0)

#define IER_RX	 BIT(0)
#define IER_TX	 BIT(1)
#define IER_BOTH (BIT(2) | BIT(3)) /* nothing is raised without them */

#define IIR_CLEAR_RX BIT(1)
#define LCR_8BIT     0x3U
#define LSR_RX	     BIT(0)
#define LSR_TX_ROOM  BIT(5)
#define CNTL_RX_TX   0x3U

static uint32_t reg_read(const volatile void *regs, unsigned int at)
{
	return *(const volatile uint32_t *)((const volatile char *)regs + at);
}

static void reg_write(volatile void *regs, unsigned int at, uint64_t value)
{
	*(volatile uint32_t *)((volatile char *)regs + at) = (uint32_t)value;
}

/* What the firmware still has to send stays in the FIFO. */
static void bcm_aux_init(volatile void *regs)
{
	reg_write(regs, AUX_ENABLES, reg_read(regs, AUX_ENABLES) | AUX_MINI_UART);
	reg_write(regs, MU_IER, 0);
	reg_write(regs, MU_LCR, LCR_8BIT);
	reg_write(regs, MU_MCR, 0);
	reg_write(regs, MU_IIR, IIR_CLEAR_RX);
	reg_write(regs, MU_CNTL, CNTL_RX_TX);
}

static bool bcm_aux_put(volatile void *regs, char c)
{
	if ((reg_read(regs, MU_LSR) & LSR_TX_ROOM) == 0) {
		return false;
	}
	reg_write(regs, MU_IO, (unsigned char)c);
	return true;
}

static int bcm_aux_get(volatile void *regs)
{
	if ((reg_read(regs, MU_LSR) & LSR_RX) == 0) {
		return -1;
	}
	return (int)(reg_read(regs, MU_IO) & 0xff);
}

static void bcm_aux_irq_enable(volatile void *regs, bool rx, bool tx)
{
	uint64_t ier = (rx ? IER_RX : 0) | (tx ? IER_TX : 0);

	reg_write(regs, MU_IER, ier != 0 ? ier | IER_BOTH : 0);
}

/* Both are levels: they go with what they are of. */
static void bcm_aux_irq_ack(volatile void *regs)
{
	(void)regs;
}

const struct uart_ops uart_ops = {
	.name = "BCM mini-UART",
	.init = bcm_aux_init,
	.put = bcm_aux_put,
	.get = bcm_aux_get,
	.irq_enable = bcm_aux_irq_enable,
	.irq_ack = bcm_aux_irq_ack,
};
