/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GICv3's state: what is enabled, raised, routed. Rules of use and field letters:
 * asm/vgic.h.
 *
 * A change takes effect when the vCPU concerned passes through vgic_flush(): its own CPU does on
 * its way back to the guest, another is kicked. Lock: vgic.lock (interrupts are masked in EL2
 * anyway). Spec: IHI 0069H 12.9, 12.11.
 */
#include <asm/gic.h>
#include <asm/vgic.h>
#include <string.h>

#define PRIO_MASK  0xf8 /* five bits, the least that virtualization offers */
#define SGI_EDGE   0x0000ffffU
#define VTIMER_BIT (1U << VGIC_PPI_VTIMER)

void vgic_init(struct vgic *g)
{
	memset(g, 0, sizeof(*g));
	g->nr_banks = 1;
}

static void priv_reset(struct vgic_cpu *vc)
{
	memset(&vc->priv, 0, sizeof(vc->priv));
	vc->priv.edge = SGI_EDGE;
	vc->is_asleep = true;
}

void vgic_cpu_init(struct vgic *g, struct vgic_cpu *vc, uint32_t id, unsigned int cpu)
{
	memset(vc, 0, sizeof(*vc));
	vc->vgic = g;
	vc->id = id;
	vc->cpu = cpu;
	vc->lr_intid[VGIC_LR_VTIMER] = VGIC_PPI_VTIMER;
	priv_reset(vc);
	g->cpus[id] = vc;
	g->nr_cpus = MAX(g->nr_cpus, id + 1);
	if (id == 0) {
		/* SPIs start routed to affinity 0 (GICD_IROUTER resets to an unknown value) */
		for (unsigned int i = 0; i < VGIC_SPI_BANKS; i++) {
			vc->spi_mine[i] = UINT32_MAX;
		}
	}
}

void vgic_reset(struct vgic *g)
{
	spin_lock(&g->lock);
	g->is_enabled = false;
	g->is_enabled_grp0 = false;
	for (uint32_t i = 0; i < g->nr_banks; i++) {
		struct vgic_bank *b = &g->spi[i];

		*b = (struct vgic_bank){ .hw = b->hw, .hw_edge = b->hw_edge, .edge = b->hw_edge };
	}
	memset(g->route, 0, sizeof(g->route));
	memset(g->irouter, 0, sizeof(g->irouter));
	for (uint32_t i = 0; i < g->nr_cpus; i++) {
		vgic_cpu_init(g, g->cpus[i], i, g->cpus[i]->cpu);
	}
	spin_unlock(&g->lock);
}

void vgic_mark(struct vgic_cpu *vc, enum vgic_work what)
{
	if (__atomic_fetch_or(&vc->work, (uint32_t)what, __ATOMIC_SEQ_CST) == 0) {
		if (__atomic_load_n(&vc->is_online, __ATOMIC_SEQ_CST)) {
			vgic_hw_kick(vc->cpu);
		}
		vgic_hw_wake(vc);
	}
}

void vgic_mark_target(struct vgic *g, unsigned int intid)
{
	uint8_t to = g->route[intid - GIC_FIRST_SPI];

	if (to != VGIC_NO_TARGET) {
		vgic_mark(g->cpus[to], VGIC_RAISED);
	}
}

/* Those that the interrupts @bits of @b concern. @vc: owner of a private bank; NULL: SPIs. */
static void mark_bits(struct vgic *g, struct vgic_cpu *vc, const struct vgic_bank *b, uint32_t bits,
		      enum vgic_work what)
{
	if (bits == 0) {
		return;
	}
	if (vc != NULL) {
		vgic_mark(vc, what);
		return;
	}
	for (uint32_t i = 0; i < g->nr_cpus; i++) {
		if ((g->cpus[i]->spi_mine[b - g->spi] & bits) != 0 || (b->in_lr & bits) != 0) {
			vgic_mark(g->cpus[i], what);
		}
	}
}

bool vgic_is_settled(struct vgic *g)
{
	for (uint32_t i = 0; i < g->nr_cpus; i++) {
		if (__atomic_load_n(&g->cpus[i]->is_online, __ATOMIC_ACQUIRE) &&
		    __atomic_load_n(&g->cpus[i]->work, __ATOMIC_ACQUIRE) != 0) {
			return false;
		}
	}
	return true;
}

/*
 * The physical timer interrupt is enabled exactly while timer_lr is set and its vCPU is on the CPU: the value first when it
 * comes on, last when it goes off, so that an interrupt in between finds what it needs or is given
 * back.
 */
void vgic_timer_update(struct vgic_cpu *vc)
{
	bool was = vc->timer_lr != 0;
	bool on = vc->vgic->is_enabled && (vc->priv.enabled & VTIMER_BIT) != 0;
	uint64_t lr = LR_PENDING | LR_HW | LR_GROUP1 |
		      (uint64_t)vc->priv.prio[VGIC_PPI_VTIMER] << LR_PRIO_SHIFT |
		      (uint64_t)VGIC_PPI_VTIMER << LR_PINTID_SHIFT | VGIC_PPI_VTIMER;

	if (on) {
		__atomic_store_n(&vc->timer_lr, lr, __ATOMIC_RELEASE);
		if (!was && vc->is_online) {
			vgic_hw_ppi_enable(vc->cpu, VGIC_PPI_VTIMER, true);
		}
	} else if (was) {
		if (vc->is_online) {
			vgic_hw_ppi_enable(vc->cpu, VGIC_PPI_VTIMER, false);
		}
		__atomic_store_n(&vc->timer_lr, 0, __ATOMIC_RELEASE);
		vgic_mark(vc, VGIC_CHANGED);
	}
}

void vgic_group_changed(struct vgic *g)
{
	for (uint32_t i = 0; i < g->nr_cpus; i++) {
		vgic_timer_update(g->cpus[i]);
		vgic_mark(g->cpus[i], VGIC_CHANGED);
	}
	for (uint32_t i = 0; i < g->nr_banks; i++) {
		vgic_spi_gate(g, &g->spi[i], UINT32_MAX);
	}
}

void vgic_cpu_online(struct vgic_cpu *vc)
{
	spin_lock(&vc->vgic->lock);
	priv_reset(vc);
	vc->lr_used = 0;
	vc->is_short = false;
	vc->nr_lrs = (uint8_t)vgic_hw_nr_lrs();
	vc->lr_general = (uint32_t)(BIT(vc->nr_lrs) - 1) & ~(1U << VGIC_LR_VTIMER);
	for (unsigned int n = 0; n < vc->nr_lrs; n++) {
		vgic_hw_lr_write(n, 0);
	}
	vc->timer_lr = 0;
	vgic_hw_ppi_enable(vc->cpu, VGIC_PPI_VTIMER, false);
	vgic_hw_deactivate(VGIC_PPI_VTIMER);
	__atomic_store_n(&vc->work, VGIC_CHANGED, __ATOMIC_SEQ_CST);
	__atomic_store_n(&vc->is_online, true, __ATOMIC_SEQ_CST);
	spin_unlock(&vc->vgic->lock);
}

void vgic_raise_private(struct vgic_cpu *vc, unsigned int intid)
{
	__atomic_fetch_or(&vc->inbox, 1U << intid, __ATOMIC_SEQ_CST);
	vgic_mark(vc, VGIC_INBOX);
}

void vgic_set_line(struct vgic *g, unsigned int intid, bool level)
{
	uint32_t bit = 1U << (intid % 32);
	struct vgic_bank *b;

	if (intid < GIC_FIRST_SPI || intid >= VGIC_INTID_END) {
		return;
	}
	b = &g->spi[intid / 32 - 1];
	spin_lock(&g->lock);
	if ((b->hw & bit) == 0 && ((b->line & bit) != 0) != level) {
		b->line ^= bit;
		if (level) {
			b->pending |= b->edge & bit;
		}
		mark_bits(g, NULL, b, bit, VGIC_CHANGED);
	}
	spin_unlock(&g->lock);
}

/*
 * ICC_SGI1R_EL1 (IHI 0069H 12.2.25): target list 15:0, Aff1 23:16, INTID 27:24, Aff2 39:32, IRM 40,
 * RS 47:44, Aff3 55:48.
 */
void vgic_sgi(struct vgic_cpu *vc, uint64_t value)
{
	struct vgic *g = vc->vgic;
	unsigned int intid = (unsigned int)(value >> 24) & 0xf;
	uint32_t targets = (uint32_t)value & 0xffff;

	if ((value & BIT(40)) != 0) {
		targets = 0xffff & ~(1U << vc->id);
	} else if ((value & 0x00fff0ff00ff0000UL) != 0) {
		return; /* affinities that no vCPU has */
	}
	targets &= (uint32_t)(BIT(g->nr_cpus) - 1);
	for (; targets != 0; targets &= targets - 1) {
		struct vgic_cpu *to = g->cpus[__builtin_ctz(targets)];

		if (to == vc) {
			/* to oneself: on the way to vgic_flush() anyway */
			__atomic_fetch_or(&vc->inbox, 1U << intid, __ATOMIC_SEQ_CST);
			__atomic_fetch_or(&vc->work, VGIC_INBOX, __ATOMIC_SEQ_CST);
		} else {
			vgic_raise_private(to, intid);
		}
	}
}

uint32_t vgic_bank_read(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b, enum vgic_reg reg)
{
	switch (reg) {
	case VGIC_ISENABLER:
	case VGIC_ICENABLER:
		return b->enabled;
	case VGIC_ISPENDR:
	case VGIC_ICPENDR:
		/* as last seen; another vCPU's next answer is fresher */
		mark_bits(g, vc, b, b->listed, VGIC_CHANGED);
		return b->pending | b->listed | (b->line & ~b->edge) |
		       (b->hw == 0 ? 0 : b->hw & vgic_hw_spi_pending((unsigned int)(b - g->spi))) |
		       (vc == NULL ? 0 : __atomic_load_n(&vc->inbox, __ATOMIC_ACQUIRE));
	case VGIC_ISACTIVER:
	case VGIC_ICACTIVER:
	default:
		mark_bits(g, vc, b, b->active | b->listed, VGIC_CHANGED);
		return b->active;
	}
}

static void clear_pending(struct vgic_cpu *vc, struct vgic_bank *b, uint32_t bits)
{
	b->pending &= ~bits;
	b->drop |= bits & (b->in_lr | VTIMER_BIT);
	if (vc != NULL) {
		__atomic_fetch_and(&vc->inbox, ~bits, __ATOMIC_SEQ_CST);
	}
}

/* The timer's pending state is the hardware's. */
static uint32_t timer_pend(struct vgic_cpu *vc, uint32_t bits, bool pend)
{
	if (vc == NULL || (bits & VTIMER_BIT) == 0) {
		return bits;
	}
	vgic_hw_ppi_pend(vc->cpu, VGIC_PPI_VTIMER, pend);
	return pend ? bits & ~VTIMER_BIT : bits;
}

static void write_enable(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b, uint32_t bits,
			 bool enable)
{
	uint32_t changed = bits & (enable ? ~b->enabled : b->enabled);

	b->enabled ^= changed;
	if (vc != NULL && (changed & VTIMER_BIT) != 0) {
		vgic_timer_update(vc);
	}
	vgic_spi_gate(g, b, changed);
	mark_bits(g, vc, b, changed, enable ? VGIC_RAISED : VGIC_CHANGED);
}

void vgic_bank_write(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b, enum vgic_reg reg,
		     uint32_t bits)
{
	if ((bits & b->hw) != 0) {
		bits = vgic_spi_write(g, b, reg, bits);
	}
	switch (reg) {
	case VGIC_ISENABLER:
	case VGIC_ICENABLER:
		write_enable(g, vc, b, bits, reg == VGIC_ISENABLER);
		return;
	case VGIC_ISPENDR:
		b->pending |= timer_pend(vc, bits, true);
		break;
	case VGIC_ICPENDR:
		clear_pending(vc, b, timer_pend(vc, bits, false));
		break;
	case VGIC_ISACTIVER:
		b->active |= bits & ~b->in_lr;
		break;
	case VGIC_ICACTIVER:
	default:
		b->active &= ~bits | b->in_lr;
		b->drop_active |= bits & (b->in_lr | (vc == NULL ? 0 : VTIMER_BIT));
		break;
	}
	mark_bits(g, vc, b, bits, VGIC_CHANGED);
}

uint64_t vgic_prio_read(const struct vgic_bank *b, uint32_t at, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++) {
		value |= (uint64_t)b->prio[(at + i) & 31] << (8 * i);
	}
	return value;
}

void vgic_prio_write(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b, uint32_t at,
		     unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++) {
		b->prio[(at + i) & 31] = (uint8_t)(value >> (8 * i)) & PRIO_MASK;
	}
	if (vc != NULL) {
		vgic_timer_update(vc);
	}
	mark_bits(g, vc, b, b->pending, VGIC_RAISED);
}

/* ICFGR has two bits an interrupt; the upper one says edge. */
uint32_t vgic_cfg_read(const struct vgic_bank *b, unsigned int half)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < 16; i++) {
		value |= ((b->edge >> (16 * half + i)) & 1) << (2 * i + 1);
	}
	return value;
}

void vgic_cfg_write(struct vgic_bank *b, unsigned int half, uint32_t value)
{
	for (unsigned int i = 0; i < 16; i++) {
		uint32_t bit = 1U << (16 * half + i);

		b->edge = (value & (2U << (2 * i))) != 0 ? b->edge | bit : b->edge & ~bit;
	}
}

void vgic_spi_route(struct vgic *g, unsigned int n, uint64_t irouter)
{
	uint64_t affinity = irouter & 0xff00ffffffUL;
	uint32_t bit = 1U << (n % 32);

	g->irouter[n] = affinity;
	g->route[n] = affinity < g->nr_cpus ? (uint8_t)affinity : VGIC_NO_TARGET;
	mark_bits(g, NULL, &g->spi[n / 32], bit, VGIC_CHANGED);
	for (uint32_t i = 0; i < g->nr_cpus; i++) {
		g->cpus[i]->spi_mine[n / 32] &= ~bit;
	}
	if (g->route[n] != VGIC_NO_TARGET) {
		g->cpus[g->route[n]]->spi_mine[n / 32] |= bit;
		vgic_mark(g->cpus[g->route[n]], VGIC_RAISED);
	}
	if ((g->spi[n / 32].hw & bit) != 0) {
		if (g->route[n] != VGIC_NO_TARGET) {
			vgic_hw_spi_route(GIC_FIRST_SPI + n, g->cpus[g->route[n]]->cpu);
		}
		vgic_spi_gate(g, &g->spi[n / 32], bit);
	}
}
