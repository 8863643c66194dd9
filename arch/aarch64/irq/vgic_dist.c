/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual distributor registers of a GICv3. One security state (GICD_CTLR.DS), affinity routing always
 * on. Word 0 of the banked registers is the redistributors' (RAZ/WI here).
 * Spec: IHI 0069H 12.9.
 */
#include <asm/gic.h>
#include <asm/vgic.h>

/* TYPER: IDbits 23:19 (ten), No1N bit 25, ITLinesNumber 4:0 */
#define TYPER_VALUE (9U << 19 | 1U << 25)
#define IIDR_VALUE  0x41000000U /* product 'A', no JEP106 implementer */
#define PIDR2_VALUE 0x30U	/* GICv3 */

static struct vgic_bank *spi_bank(struct vgic *g, uint32_t word)
{
	return word >= 1 && word <= g->nr_banks ? &g->spi[word - 1] : NULL;
}

static uint32_t ctlr_read(struct vgic *g)
{
	return GICD_CTLR_DS | GICD_CTLR_ARE | g->groups | (vgic_is_settled(g) ? 0 : GICD_CTLR_RWP);
}

static uint32_t read_word(struct vgic *g, uint32_t at)
{
	struct vgic_bank *b;

	switch (at) {
	case GICD_CTLR:
		return ctlr_read(g);
	case GICD_TYPER:
		return TYPER_VALUE | g->nr_banks;
	case GICD_IIDR:
		return IIDR_VALUE;
	case GIC_PIDR2:
		return PIDR2_VALUE;
	default:
		break;
	}
	if (at >= GICD_IGROUPR && at < GICD_ISENABLER) {
		b = spi_bank(g, (at & 0x7f) / 4);
		return b == NULL ? 0 : b->group;
	}
	if (at >= GICD_ISENABLER && at < GICD_IPRIORITYR) {
		b = spi_bank(g, (at & 0x7f) / 4);
		return b == NULL ? 0 : vgic_bank_read(g, NULL, b, (at - GICD_ISENABLER) >> 7);
	}
	if (at >= GICD_ICFGR && at < GICD_ICFGR + 0x100) {
		b = spi_bank(g, (at - GICD_ICFGR) / 8);
		return b == NULL ? 0 : vgic_cfg_read(b, (at / 4) & 1);
	}
	return 0;
}

static void write_word(struct vgic *g, uint32_t at, uint32_t value)
{
	struct vgic_bank *b;

	if (at == GICD_CTLR) {
		vgic_groups_write(g, value);
	} else if (at >= GICD_IGROUPR && at < GICD_ISENABLER) {
		b = spi_bank(g, (at & 0x7f) / 4);
		if (b != NULL) {
			vgic_group_write(g, NULL, b, value);
		}
	} else if (at >= GICD_ISENABLER && at < GICD_IPRIORITYR) {
		b = spi_bank(g, (at & 0x7f) / 4);
		if (b != NULL) {
			vgic_bank_write(g, NULL, b, (at - GICD_ISENABLER) >> 7, value);
		}
	} else if (at >= GICD_ICFGR && at < GICD_ICFGR + 0x100) {
		b = spi_bank(g, (at - GICD_ICFGR) / 8);
		if (b != NULL) {
			uint32_t before = b->edge;

			vgic_cfg_write(b, (at / 4) & 1, value);
			vgic_spi_cfg(g, b, before ^ b->edge);
		}
	}
}

static bool is_prio(uint32_t at)
{
	return at >= GICD_IPRIORITYR && at < GICD_IPRIORITYR + 0x400;
}

/* IROUTER<n> for SPIs we have. Return: SPI number (INTID - 32), or -1. */
static int router_of(const struct vgic *g, uint32_t at)
{
	uint32_t first = GICD_IROUTER + 8 * GIC_FIRST_SPI;

	if (at < first || at >= first + 8 * 32 * g->nr_banks ||
	    at >= GICD_IROUTER + 8 * VGIC_INTID_END) {
		return -1;
	}
	return (int)((at - first) / 8);
}

static uint64_t router_read(struct vgic *g, uint32_t at, unsigned int size)
{
	int n = router_of(g, at);

	if (n < 0) {
		return 0;
	}
	return size == 8 ? g->irouter[n] : (uint32_t)(g->irouter[n] >> (8 * (at & 4)));
}

static void router_write(struct vgic *g, uint32_t at, unsigned int size, uint64_t value)
{
	int n = router_of(g, at);

	if (n < 0) {
		return;
	}
	if (size == 4) {
		unsigned int shift = 8 * (at & 4);

		value = (g->irouter[n] & ~(0xffffffffUL << shift)) | (value & 0xffffffffUL)
									     << shift;
	}
	vgic_spi_route(g, (unsigned int)n, value);
}

static bool is_router(uint32_t at, unsigned int size)
{
	return at >= GICD_IROUTER && at < GICD_IROUTER + 0x2000 && (size == 4 || size == 8);
}

uint64_t vgic_dist_read(struct vgic *g, uint32_t at, unsigned int size)
{
	struct vgic_bank *b;
	uint64_t value = 0;

	if (!IS_ALIGNED(at, size)) {
		return 0;
	}
	spin_lock(&g->lock);
	if (is_prio(at) && (size == 1 || size == 4)) {
		b = spi_bank(g, (at - GICD_IPRIORITYR) / 32);
		value = b == NULL ? 0 : vgic_prio_read(b, at, size);
	} else if (is_router(at, size)) {
		value = router_read(g, at, size);
	} else if (size == 4) {
		value = read_word(g, at);
	}
	spin_unlock(&g->lock);
	return value;
}

void vgic_dist_write(struct vgic *g, uint32_t at, unsigned int size, uint64_t value)
{
	struct vgic_bank *b;

	if (!IS_ALIGNED(at, size)) {
		return;
	}
	spin_lock(&g->lock);
	if (is_prio(at) && (size == 1 || size == 4)) {
		b = spi_bank(g, (at - GICD_IPRIORITYR) / 32);
		if (b != NULL) {
			vgic_prio_write(g, NULL, b, at, size, value);
		}
	} else if (is_router(at, size)) {
		router_write(g, at, size, value);
	} else if (size == 4) {
		write_word(g, at, (uint32_t)value);
	}
	spin_unlock(&g->lock);
}
