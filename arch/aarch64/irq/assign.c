/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which SPI is whose: the physical interrupts of devices that domains were given. Written while domains are built,
 * read when one fires. What then happens is the virtual GIC's (vgic_spi.c).
 */
#include <asm/arch.h>
#include <asm/gic.h>
#include <hyp/arch/irq.h>
#include <hyp/domain.h>
#include <hyp/errno.h>

static struct vgic *owners[VGIC_INTID_END - GIC_FIRST_SPI];

int arch_irq_assign(struct domain *d, unsigned int intid, bool is_edge)
{
	int err = vgic_hw_spi_check(intid);

	if (err == 0 && intid < VGIC_INTID_END && owners[intid - GIC_FIRST_SPI] != NULL) {
		err = -EBUSY;
	}
	if (err == 0) {
		err = vgic_spi_assign(&d->arch.vgic, intid, is_edge);
	}
	if (err == 0) {
		owners[intid - GIC_FIRST_SPI] = &d->arch.vgic;
		arch_irq_quiesce(d);
	}
	return err;
}

void arch_irq_quiesce(struct domain *d)
{
	vgic_spi_quiesce(&d->arch.vgic);
}

bool irq_to_guest(uint32_t intid)
{
	struct vgic *g = NULL;

	if (intid >= GIC_FIRST_SPI && intid < VGIC_INTID_END) {
		g = owners[intid - GIC_FIRST_SPI];
	}
	if (g != NULL) {
		vgic_spi_fired(g, intid);
	}
	return g != NULL;
}
