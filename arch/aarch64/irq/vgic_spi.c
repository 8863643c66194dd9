/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPIs with a device behind them: the physical interrupt is its guest's.
 *
 * It is enabled exactly while it can be delivered: by the guest, with the group on, routed to a vCPU.
 * When it fires it is active in the hardware and latched here; so it stays, latched or in a list
 * register with the HW bit, until the guest deactivates it, which the hardware then does by itself. So
 * it cannot come again before, and no list register is ever pending and active. What the guest writes
 * about its state goes to the physical distributor; what can no longer be delivered is given back to
 * the hardware: a level comes again by itself, an edge is made pending there.
 * Lock: vgic.lock. Spec: IHI 0069H 11.2.2 (HW bit), 12.9.
 */
#include <asm/gic.h>
#include <asm/vgic.h>
#include <hyp/errno.h>

static unsigned int intid_of(const struct vgic *g, const struct vgic_bank *b, uint32_t bits)
{
	return (unsigned int)(GIC_FIRST_SPI + 32 * (b - g->spi) + __builtin_ctz(bits));
}

static bool is_deliverable(const struct vgic *g, const struct vgic_bank *b, unsigned int intid)
{
	return ((b->open >> (intid % 32)) & 1) != 0 &&
	       g->route[intid - GIC_FIRST_SPI] != VGIC_NO_TARGET;
}

int vgic_spi_assign(struct vgic *g, unsigned int intid, bool is_edge)
{
	uint32_t bit = 1U << (intid % 32);
	struct vgic_bank *b;

	if (intid < GIC_FIRST_SPI || intid >= VGIC_INTID_END) {
		return -EINVAL;
	}
	b = &g->spi[intid / 32 - 1];
	if ((b->hw & bit) != 0) {
		return -EBUSY;
	}
	b->hw |= bit;
	if (is_edge) {
		b->hw_edge |= bit;
		b->edge |= bit;
	}
	g->nr_banks = MAX(g->nr_banks, intid / 32);
	return 0;
}

void vgic_spi_return(struct vgic *g, unsigned int intid, bool is_lost)
{
	const struct vgic_bank *b = &g->spi[intid / 32 - 1];

	if (is_lost && ((b->edge >> (intid % 32)) & 1) != 0) {
		vgic_hw_spi_set(intid, VGIC_ISPENDR);
	}
	vgic_hw_spi_set(intid, VGIC_ICACTIVER);
}

void vgic_spi_gate(struct vgic *g, struct vgic_bank *b, uint32_t bits)
{
	for (bits &= b->hw; bits != 0; bits &= bits - 1) {
		uint32_t bit = bits & -bits;
		unsigned int intid = intid_of(g, b, bits);

		if (is_deliverable(g, b, intid)) {
			vgic_hw_spi_set(intid, VGIC_ISENABLER);
			continue;
		}
		vgic_hw_spi_set(intid, VGIC_ICENABLER);
		if ((b->pending & bit) != 0) {
			b->pending &= ~bit;
			vgic_spi_return(g, intid, true);
		}
	}
}

void vgic_spi_cfg(struct vgic *g, struct vgic_bank *b, uint32_t bits)
{
	for (bits &= b->hw; bits != 0; bits &= bits - 1) {
		unsigned int intid = intid_of(g, b, bits);

		vgic_hw_spi_config(intid, (b->edge & bits & -bits) != 0);
		vgic_spi_gate(g, b, bits & -bits);
	}
}

void vgic_spi_fired(struct vgic *g, unsigned int intid)
{
	struct vgic_bank *b = &g->spi[intid / 32 - 1];
	uint32_t bit = 1U << (intid % 32);

	spin_lock(&g->lock);
	if (is_deliverable(g, b, intid)) {
		b->pending |= bit;
		/* ended by a vCPU that it was routed to before, and that has not noticed yet */
		if ((b->in_lr & bit) != 0) {
			vgic_mark(g->cpus[g->holder[intid - GIC_FIRST_SPI]], VGIC_CHANGED);
		}
		vgic_mark_target(g, intid);
	} else {
		vgic_spi_return(g, intid, true); /* disabled while it was on its way */
	}
	spin_unlock(&g->lock);
}

static void set_each(struct vgic *g, const struct vgic_bank *b, uint32_t bits, enum vgic_reg reg)
{
	for (; bits != 0; bits &= bits - 1) {
		vgic_hw_spi_set(intid_of(g, b, bits), reg);
	}
}

uint32_t vgic_spi_write(struct vgic *g, struct vgic_bank *b, enum vgic_reg reg, uint32_t bits)
{
	uint32_t hw = bits & b->hw;

	switch (reg) {
	case VGIC_ISPENDR:
		set_each(g, b, hw, VGIC_ISPENDR);
		return bits & ~hw;
	case VGIC_ICPENDR:
		set_each(g, b, hw, VGIC_ICPENDR);
		set_each(g, b, hw & b->pending, VGIC_ICACTIVER);
		return bits;
	case VGIC_ISACTIVER:
		set_each(g, b, hw & ~b->in_lr, VGIC_ISACTIVER);
		return bits;
	case VGIC_ICACTIVER:
		/* one that is latched is active in the hardware for that */
		set_each(g, b, hw & ~(b->in_lr | b->pending), VGIC_ICACTIVER);
		return bits;
	case VGIC_ISENABLER:
	case VGIC_ICENABLER:
	default:
		return bits; /* vgic_spi_gate() follows */
	}
}

void vgic_spi_quiesce(struct vgic *g)
{
	spin_lock(&g->lock);
	for (uint32_t i = 0; i < g->nr_banks; i++) {
		struct vgic_bank *b = &g->spi[i];

		b->enabled &= ~b->hw;
		b->open &= ~b->hw;
		b->pending &= ~b->hw;
		for (uint32_t bits = b->hw; bits != 0; bits &= bits - 1) {
			unsigned int intid = intid_of(g, b, bits);

			vgic_hw_spi_config(intid, (b->hw_edge & bits & -bits) != 0);
			vgic_hw_spi_route(intid, g->cpus[0]->cpu);
			vgic_hw_spi_set(intid, VGIC_ICPENDR);
			vgic_hw_spi_set(intid, VGIC_ICACTIVER);
		}
	}
	spin_unlock(&g->lock);
}
