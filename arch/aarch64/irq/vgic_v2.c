/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual distributor registers of a GICv2. No Security Extensions. The first 32 interrupts of each
 * register are the reader's own. What is behind the registers is the same model as a GICv3's, but for
 * SGIs, each of which remembers who sent it, and for the targets of SPIs: of several the first.
 * Spec: IHI 0048B 4.3.
 */
#include <asm/gic.h>
#include <asm/vgic.h>

#define IIDR_VALUE     0x41000000U
#define PIDR2_VALUE    0x20U /* GICv2 */
#define SGIS	       0xffffU
#define PPI_VTIMER_CFG (2U << (2 * (VGIC_PPI_VTIMER - 16)))

/* The bank that word @w of a register speaks of. @owner: NULL for SPIs, as vgic_bank_write() wants it. */
static struct vgic_bank *bank_at(struct vgic_cpu *vc, uint32_t w, struct vgic_cpu **owner)
{
	*owner = w == 0 ? vc : NULL;
	if (w == 0) {
		return &vc->priv;
	}
	return w <= vc->vgic->nr_banks ? &vc->vgic->spi[w - 1] : NULL;
}

static bool is_in(uint32_t at, uint32_t first, uint32_t size)
{
	return at >= first && at - first < size;
}

/* One bit, two bits and a byte for each interrupt. */
static bool is_bits(uint32_t at)
{
	return is_in(at, GICD_IGROUPR, GICD_IPRIORITYR - GICD_IGROUPR);
}

static bool is_cfg(uint32_t at)
{
	return is_in(at, GICD_ICFGR, 0x100);
}

static bool is_bytes(uint32_t at)
{
	return is_in(at, GICD_IPRIORITYR, 0x800) || is_in(at, GICD_CPENDSGIR, 0x20);
}

static uint32_t typer(const struct vgic *g)
{
	return (g->nr_cpus - 1) << 5 | g->nr_banks;
}

static uint32_t read_bits(struct vgic_cpu *vc, uint32_t at)
{
	struct vgic_cpu *owner;
	struct vgic_bank *b = bank_at(vc, (at & 0x7f) / 4, &owner);

	if (b == NULL) {
		return 0;
	}
	return at < GICD_ISENABLER ? b->group
				   : vgic_bank_read(vc->vgic, owner, b, (at - GICD_ISENABLER) >> 7);
}

static uint32_t read_word(struct vgic_cpu *vc, uint32_t at)
{
	struct vgic_cpu *owner;
	struct vgic_bank *b;

	if (is_bits(at)) {
		return read_bits(vc, at);
	}
	if (is_cfg(at)) {
		b = bank_at(vc, (at - GICD_ICFGR) / 8, &owner);
		return b == NULL ? 0 : vgic_cfg_read(b, (at / 4) & 1);
	}
	switch (at) {
	case GICD_CTLR:
		return vc->vgic->groups;
	case GICD_TYPER:
		return typer(vc->vgic);
	case GICD_IIDR:
		return IIDR_VALUE;
	case GICV2_PIDR2:
		return PIDR2_VALUE;
	default:
		return 0;
	}
}

/* An SGI's pending state is its senders'. */
static void write_bits(struct vgic_cpu *vc, uint32_t at, uint32_t value)
{
	enum vgic_reg reg = (at - GICD_ISENABLER) >> 7;
	struct vgic_cpu *owner;
	struct vgic_bank *b = bank_at(vc, (at & 0x7f) / 4, &owner);

	if (b == NULL) {
		return;
	}
	if (at < GICD_ISENABLER) {
		vgic_group_write(vc->vgic, owner, b, value);
		return;
	}
	if (owner != NULL && (reg == VGIC_ISPENDR || reg == VGIC_ICPENDR)) {
		value &= ~SGIS;
	}
	vgic_bank_write(vc->vgic, owner, b, reg, value);
}

static void write_cfg(struct vgic_cpu *vc, uint32_t at, uint32_t value)
{
	uint32_t w = (at - GICD_ICFGR) / 8, half = (at / 4) & 1;
	struct vgic_cpu *owner;
	struct vgic_bank *b = bank_at(vc, w, &owner);
	uint32_t before;

	if (b == NULL || at == GICD_ICFGR) {
		return; /* SGIs are edge for ever */
	}
	if (owner != NULL) {
		value &= ~PPI_VTIMER_CFG; /* the timer is a level */
	}
	before = b->edge;
	vgic_cfg_write(b, half, value);
	if (owner == NULL) {
		vgic_spi_cfg(vc->vgic, b, before ^ b->edge);
	}
}

/* GICD_SGIR: filter 25:24 (as listed, all others, oneself), targets 23:16, INTID 3:0. */
static void send_sgi(struct vgic_cpu *vc, uint32_t value)
{
	struct vgic *g = vc->vgic;
	uint32_t all = (uint32_t)BIT(g->nr_cpus) - 1;
	uint32_t targets;

	switch ((value >> 24) & 3) {
	case 0:
		targets = (value >> 16) & all;
		break;
	case 1:
		targets = all & ~(1U << vc->id);
		break;
	case 2:
		targets = 1U << vc->id;
		break;
	default:
		return; /* reserved */
	}
	for (; targets != 0; targets &= targets - 1) {
		vgic_sgi_raise(vc, g->cpus[__builtin_ctz(targets)], value & 0xf);
	}
}

static void write_word(struct vgic_cpu *vc, uint32_t at, uint32_t value)
{
	if (is_bits(at)) {
		write_bits(vc, at, value);
	} else if (is_cfg(at)) {
		write_cfg(vc, at, value);
	} else if (at == GICD_CTLR) {
		vgic_groups_write(vc->vgic, value);
	} else if (at == GICD_SGIR) {
		send_sgi(vc, value);
	}
}

/* Who sent SGI @i and was not heard yet. */
static uint8_t senders(const struct vgic_cpu *vc, uint32_t i)
{
	uint32_t listed = (vc->priv.listed >> i) & 1;

	return (uint8_t)(__atomic_load_n(&vc->sgi_from[i], __ATOMIC_SEQ_CST) |
			 listed << vc->sgi_listed[i]);
}

static void set_senders(struct vgic_cpu *vc, uint32_t i, uint32_t from)
{
	from &= (uint32_t)BIT(vc->vgic->nr_cpus) - 1;
	if (from != 0) {
		__atomic_fetch_or(&vc->sgi_from[i], (uint8_t)from, __ATOMIC_SEQ_CST);
		vc->priv.pending |= 1U << i;
		vgic_mark(vc, VGIC_CHANGED);
	}
}

/* One that was sent at the same time, and is not latched yet, is found to have no sender later. */
static void clear_senders(struct vgic_cpu *vc, uint32_t i, uint32_t from)
{
	uint8_t left = __atomic_and_fetch(&vc->sgi_from[i], (uint8_t)~from, __ATOMIC_SEQ_CST);

	if (left == 0) {
		vc->priv.pending &= ~(1U << i);
	}
	if (((from >> vc->sgi_listed[i]) & 1) != 0) {
		vc->priv.drop |= vc->priv.in_lr & (1U << i);
	}
	vgic_mark(vc, VGIC_CHANGED);
}

/* GICD_ITARGETSR: of private interrupts the reader itself; of nothing where there is one CPU. */
static uint8_t read_target(struct vgic_cpu *vc, uint32_t intid)
{
	if (vc->vgic->nr_cpus == 1 || intid >= GIC_FIRST_SPI + 32 * vc->vgic->nr_banks) {
		return 0;
	}
	if (intid < GIC_FIRST_SPI) {
		return (uint8_t)(1U << vc->id);
	}
	return (uint8_t)vc->vgic->irouter[intid - GIC_FIRST_SPI];
}

static uint8_t read_byte(struct vgic_cpu *vc, uint32_t at)
{
	struct vgic_cpu *owner;
	struct vgic_bank *b;

	if (at >= GICD_CPENDSGIR) {
		return senders(vc, at & 0xf);
	}
	if (at >= GICD_ITARGETSR) {
		return read_target(vc, at - GICD_ITARGETSR);
	}
	b = bank_at(vc, (at - GICD_IPRIORITYR) / 32, &owner);
	return b == NULL ? 0 : (uint8_t)vgic_prio_read(b, at, 1);
}

static void write_byte(struct vgic_cpu *vc, uint32_t at, uint8_t value)
{
	uint32_t intid = at & 0x3ff;
	struct vgic_cpu *owner;
	struct vgic_bank *b;

	if (at >= GICD_SPENDSGIR) {
		set_senders(vc, at & 0xf, value);
	} else if (at >= GICD_CPENDSGIR) {
		clear_senders(vc, at & 0xf, value);
	} else if (at >= GICD_ITARGETSR) {
		if (intid >= GIC_FIRST_SPI && intid < GIC_FIRST_SPI + 32 * vc->vgic->nr_banks &&
		    vc->vgic->nr_cpus > 1) {
			vgic_spi_targets(vc->vgic, intid - GIC_FIRST_SPI, value);
		}
	} else {
		b = bank_at(vc, (at - GICD_IPRIORITYR) / 32, &owner);
		if (b != NULL) {
			vgic_prio_write(vc->vgic, owner, b, at, 1, value);
		}
	}
}

uint64_t vgic_v2_read(struct vgic_cpu *vc, uint32_t at, unsigned int size)
{
	uint64_t value = 0;

	if (!IS_ALIGNED(at, size)) {
		return 0;
	}
	spin_lock(&vc->vgic->lock);
	if (is_bytes(at) && (size == 1 || size == 4)) {
		for (unsigned int i = 0; i < size; i++) {
			value |= (uint64_t)read_byte(vc, at + i) << (8 * i);
		}
	} else if (size == 4) {
		value = read_word(vc, at);
	}
	spin_unlock(&vc->vgic->lock);
	return value;
}

void vgic_v2_write(struct vgic_cpu *vc, uint32_t at, unsigned int size, uint64_t value)
{
	if (!IS_ALIGNED(at, size)) {
		return;
	}
	spin_lock(&vc->vgic->lock);
	if (is_bytes(at) && (size == 1 || size == 4)) {
		for (unsigned int i = 0; i < size; i++) {
			write_byte(vc, at + i, (uint8_t)(value >> (8 * i)));
		}
	} else if (size == 4) {
		write_word(vc, at, (uint32_t)value);
	}
	spin_unlock(&vc->vgic->lock);
}

void vgic_dir(struct vgic_cpu *vc, uint32_t value)
{
	uint32_t intid = value & GICV2_IAR_INTID;
	struct vgic_cpu *owner;
	struct vgic_bank *b = bank_at(vc, intid / 32, &owner);

	if (b == NULL) {
		return;
	}
	spin_lock(&vc->vgic->lock);
	vgic_bank_write(vc->vgic, owner, b, VGIC_ICACTIVER, 1U << (intid % 32));
	spin_unlock(&vc->vgic->lock);
}
