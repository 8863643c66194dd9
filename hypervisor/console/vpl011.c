/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vPL011: device model of the SBSA generic UART, the subset of a PL011 that a guest's `arm,sbsa-uart` driver uses.
 *
 * Transmit: a FIFO that reports full when the console's ring has no room, as a real one would; a guest that writes all
 * the same loses the character, which the console counts. Receive: the console's input of this domain.
 * The interrupt line is a level: raw status AND mask. Registers that SBSA leaves out read as zero and ignore writes,
 * so that a driver for the whole PL011 gets by; identification registers are a PL011's.
 *
 * Lock: vpl011.lock, above the vgic's and the console's.
 * Spec: Arm DEN 0029 (SBSA), "Generic UART"; Arm DDI 0183 for the registers' meaning.
 */
#include <hyp/vpl011.h>

#include <hyp/arch/vcpu.h>
#include <hyp/console.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/lock.h>
#include <hyp/mmio.h>
#include <hyp/pool.h>
#include <hyp/xen.h>

#define DR     0x000U
#define FR     0x018U
#define IMSC   0x038U
#define RIS    0x03cU
#define MIS    0x040U
#define ICR    0x044U
#define ID     0xfe0U /* PeriphID0-3, PCellID0-3 */
#define ID_END 0x1000U

#define FR_RXFE 0x010U
#define FR_TXFF 0x020U
#define FR_RXFF 0x040U
#define FR_TXFE 0x080U

#define INT_RX	0x010U
#define INT_TX	0x020U
#define INT_RT	0x040U
#define INT_ALL 0x7ffU

/* The FIFO that guests believe in (SBSA: 32 entries); a transmit interrupt promises half of it. */
#define FIFO_BYTES 32U

struct vpl011 {
	spinlock_t lock;
	uint32_t imsc;
	bool is_tx_raised; /* TXRIS: set when the FIFO drains to half or less, cleared by ICR or by filling it */
};

static const uint8_t id_bytes[8] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

static uint32_t raw_status(struct domain *d, const struct vpl011 *u)
{
	uint32_t ris = u->is_tx_raised ? INT_TX : 0;

	if (console_input_pending(d->console) > 0) {
		ris |= INT_RX | INT_RT;
	}
	return ris;
}

/* Context: u->lock held, so that levels are set in the order in which they were computed. */
static void update_line(struct domain *d, const struct vpl011 *u)
{
	arch_domain_set_irq(d, GUEST_VPL011_SPI, (raw_status(d, u) & u->imsc) != 0);
}

static uint64_t flags(struct domain *d)
{
	struct console_levels is = console_levels(d->console);
	uint64_t fr = 0;

	if (is.room < FIFO_BYTES) {
		fr |= FR_TXFF;
	} else {
		fr |= FR_TXFE; /* what the console took is on its way as far as the guest can tell */
	}
	if (is.waiting == 0) {
		fr |= FR_RXFE;
	} else if (is.waiting >= FIFO_BYTES) {
		fr |= FR_RXFF;
	}
	return fr;
}

static uint32_t receive(struct domain *d, struct vpl011 *u)
{
	int c = console_getc(d->console);
	unsigned long irq = spin_lock_irqsave(&u->lock);

	update_line(d, u);
	spin_unlock_irqrestore(&u->lock, irq);
	return c < 0 ? 0 : (uint32_t)c;
}

static void transmit(struct domain *d, struct vpl011 *u, char c)
{
	unsigned long irq;

	console_write(d->console, &c, 1);
	irq = spin_lock_irqsave(&u->lock);
	u->is_tx_raised = console_room(d->console) >= FIFO_BYTES;
	update_line(d, u);
	spin_unlock_irqrestore(&u->lock, irq);
}

static uint32_t read_interrupts(struct domain *d, struct vpl011 *u, uint64_t offset)
{
	unsigned long irq = spin_lock_irqsave(&u->lock);
	uint32_t mask = u->imsc;
	uint32_t ris = raw_status(d, u);

	spin_unlock_irqrestore(&u->lock, irq);
	if (offset == IMSC) {
		return mask;
	}
	return offset == RIS ? ris : ris & mask;
}

static void write_interrupts(struct domain *d, struct vpl011 *u, uint64_t offset, uint32_t value)
{
	unsigned long irq = spin_lock_irqsave(&u->lock);

	if (offset == IMSC) {
		u->imsc = value & INT_ALL;
	} else if ((value & INT_TX) != 0) {
		u->is_tx_raised = false;
	}
	update_line(d, u);
	spin_unlock_irqrestore(&u->lock, irq);
}

static __noinline uint32_t read_other(struct domain *d, struct vpl011 *u, uint64_t offset)
{
	switch (offset) {
	case DR:
		return receive(d, u);
	case IMSC:
	case RIS:
	case MIS:
		return read_interrupts(d, u, offset);
	default:
		if (offset >= ID && offset < ID_END && IS_ALIGNED(offset, 4)) {
			return id_bytes[(offset - ID) / 4];
		}
		return 0;
	}
}

/* The flags apart: a guest reads them before each character. */
static bool vpl011_read(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			uint64_t *value)
{
	if (size > 4) {
		return false;
	}
	*value = offset == FR ? flags(v->domain) : read_other(v->domain, dev, offset);
	return true;
}

static bool vpl011_write(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	if (size > 4) {
		return false;
	}
	switch (offset) {
	case DR:
		transmit(v->domain, dev, (char)(value & 0xff));
		break;
	case IMSC:
	case ICR:
		write_interrupts(v->domain, dev, offset, (uint32_t)value);
		break;
	default:
		break;
	}
	return true;
}

static const struct mmio_ops vpl011_mmio_ops = {
	.name = "vpl011",
	.read = vpl011_read,
	.write = vpl011_write,
};

void vpl011_input(struct domain *d)
{
	unsigned long irq;

	if (d->vpl011 == NULL) {
		return;
	}
	irq = spin_lock_irqsave(&d->vpl011->lock);
	update_line(d, d->vpl011);
	spin_unlock_irqrestore(&d->vpl011->lock, irq);
}

void vpl011_room(struct domain *d)
{
	unsigned long irq;

	if (d->vpl011 == NULL) {
		return;
	}
	irq = spin_lock_irqsave(&d->vpl011->lock);
	d->vpl011->is_tx_raised = true;
	update_line(d, d->vpl011);
	spin_unlock_irqrestore(&d->vpl011->lock, irq);
}

bool vpl011_is_listening(const struct vpl011 *u)
{
	return (__atomic_load_n(&u->imsc, __ATOMIC_RELAXED) & (INT_RX | INT_RT)) != 0;
}

void vpl011_reset(struct domain *d)
{
	struct vpl011 *u = d->vpl011;
	unsigned long irq;

	if (u == NULL) {
		return;
	}
	irq = spin_lock_irqsave(&u->lock);
	u->imsc = 0;
	u->is_tx_raised = false;
	update_line(d, u);
	spin_unlock_irqrestore(&u->lock, irq);
}

int vpl011_create(struct domain *d)
{
	struct vpl011 *u = pool_alloc(sizeof(*u));

	if (u == NULL) {
		return -ENOMEM;
	}
	d->vpl011 = u;
	return mmio_register(d, GUEST_PL011_BASE, GUEST_PL011_SIZE, &vpl011_mmio_ops, u);
}
