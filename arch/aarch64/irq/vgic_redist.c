/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual redistributor registers: one pair of 64 KiB frames a vCPU. No LPIs. Spec: IHI 0069H
 * 12.10, 12.11.
 */
#include <asm/gic.h>
#include <asm/vgic.h>

#define IIDR_VALUE  0x41000000U
#define PIDR2_VALUE 0x30U

/* TYPER: affinity 63:32, processor number 23:8, Last bit 4 */
static uint64_t typer(const struct vgic_cpu *vc)
{
	return (uint64_t)vc->id << 32 | (uint64_t)vc->id << 8 |
	       (vc->id + 1 == vc->vgic->nr_cpus ? BIT(4) : 0);
}

static uint32_t read_rd(struct vgic_cpu *vc, uint32_t at)
{
	switch (at) {
	case GICR_IIDR:
		return IIDR_VALUE;
	case GICR_TYPER:
		return (uint32_t)typer(vc);
	case GICR_TYPER + 4:
		return (uint32_t)(typer(vc) >> 32);
	case GICR_WAKER:
		return vc->is_asleep ? GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP : 0;
	case GIC_PIDR2:
		return PIDR2_VALUE;
	case GICR_CTLR:
		return vgic_is_settled(vc->vgic) ? 0 : GICR_CTLR_RWP;
	default:
		return 0;
	}
}

static uint32_t read_sgi(struct vgic_cpu *vc, uint32_t at)
{
	switch (at) {
	case GICD_IGROUPR:
		return vc->priv.group;
	case GICD_ISENABLER:
	case GICD_ICENABLER:
	case GICD_ISPENDR:
	case GICD_ICPENDR:
	case GICD_ISACTIVER:
	case GICD_ICACTIVER:
		return vgic_bank_read(vc->vgic, vc, &vc->priv, (at - GICD_ISENABLER) >> 7);
	case GICD_ICFGR:
	case GICD_ICFGR + 4:
		return vgic_cfg_read(&vc->priv, (at / 4) & 1);
	default:
		return 0;
	}
}

static void write_word(struct vgic_cpu *vc, uint32_t at, uint32_t value)
{
	switch (at) {
	case GICR_WAKER:
		vc->is_asleep = (value & GICR_WAKER_SLEEP) != 0;
		break;
	case GICR_SGI + GICD_IGROUPR:
		vgic_group_write(vc->vgic, vc, &vc->priv, value);
		break;
	case GICR_SGI + GICD_ISENABLER:
	case GICR_SGI + GICD_ICENABLER:
	case GICR_SGI + GICD_ISPENDR:
	case GICR_SGI + GICD_ICPENDR:
	case GICR_SGI + GICD_ISACTIVER:
	case GICR_SGI + GICD_ICACTIVER:
		vgic_bank_write(vc->vgic, vc, &vc->priv, (at - GICR_SGI - GICD_ISENABLER) >> 7,
				value);
		break;
	case GICR_SGI + GICD_ICFGR + 4: /* SGIs are edge for ever; the timer is a level */
		vgic_cfg_write(&vc->priv, 1, value & ~(2U << (2 * (VGIC_PPI_VTIMER - 16))));
		break;
	default:
		break;
	}
}

static bool is_prio(uint32_t at, unsigned int size)
{
	return at >= GICR_SGI + GICD_IPRIORITYR && at < GICR_SGI + GICD_IPRIORITYR + 32 &&
	       (size == 1 || size == 4);
}

uint64_t vgic_redist_read(struct vgic_cpu *vc, uint32_t at, unsigned int size)
{
	uint64_t value = 0;

	if (!IS_ALIGNED(at, size)) {
		return 0;
	}
	spin_lock(&vc->vgic->lock);
	if (is_prio(at, size)) {
		value = vgic_prio_read(&vc->priv, at, size);
	} else if (at == GICR_TYPER && size == 8) {
		value = typer(vc);
	} else if (size == 4) {
		value = at < GICR_SGI ? read_rd(vc, at) : read_sgi(vc, at - GICR_SGI);
	}
	spin_unlock(&vc->vgic->lock);
	return value;
}

void vgic_redist_write(struct vgic_cpu *vc, uint32_t at, unsigned int size, uint64_t value)
{
	if (!IS_ALIGNED(at, size)) {
		return;
	}
	spin_lock(&vc->vgic->lock);
	if (is_prio(at, size)) {
		vgic_prio_write(vc->vgic, vc, &vc->priv, at, size, value);
	} else if (size == 4) {
		write_word(vc, at, (uint32_t)value);
	}
	spin_unlock(&vc->vgic->lock);
}
