/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GIC's state: what is enabled, raised, routed. Rules of use and field letters:
 * asm/vgic.h.
 *
 * A change takes effect when the vCPU concerned passes through vgic_flush(): its own CPU does on
 * its way back to the guest, another is kicked. Lock: vgic.lock (interrupts are masked in EL2
 * anyway). Spec: IHI 0069H 12.9, 12.11; IHI 0048B 4.3.
 */
#include <asm/gic.h>
#include <asm/vgic.h>
#include <string.h>

#define PRIO_MASK  0xf8	       /* five bits, the least that virtualization offers */
#define SGI_EDGE   0x0000ffffU /* also: those that are SGIs */
#define VTIMER_BIT (1U << VGIC_PPI_VTIMER)

/* Guests of a GICv3 expect group 1 although they need not, those of a GICv2 know of no groups. */
static uint32_t group_reset(const struct vgic *g)
{
	return g->is_v2 ? 0 : UINT32_MAX;
}

static void spi_reset(struct vgic *g)
{
	for (uint32_t i = 0; i < VGIC_SPI_BANKS; i++) {
		struct vgic_bank *b = &g->spi[i];

		*b = (struct vgic_bank){ .hw = b->hw,
					 .hw_edge = b->hw_edge,
					 .edge = b->hw_edge,
					 .group = group_reset(g) };
	}
	memset(g->route, 0, sizeof(g->route));
	for (uint32_t i = 0; i < ARRAY_SIZE(g->irouter); i++) {
		g->irouter[i] = g->is_v2 ? 1 : 0; /* vCPU 0, in either's words */
	}
}

void vgic_init(struct vgic *g, bool is_v2)
{
	memset(g, 0, sizeof(*g));
	g->nr_banks = 1;
	g->is_v2 = is_v2;
	spi_reset(g);
}

/* Private interrupts that were raised and not yet latched. */
static uint32_t raised_of(const struct vgic_cpu *vc)
{
	return (uint32_t)(__atomic_load_n(&vc->work, __ATOMIC_SEQ_CST) >> 32);
}

/* What was sent and not yet latched outlives a vCPU's being off. */
static void priv_reset(struct vgic_cpu *vc)
{
	memset(&vc->priv, 0, sizeof(vc->priv));
	vc->priv.edge = SGI_EDGE;
	vc->priv.group = group_reset(vc->vgic);
	vc->priv.once = vc->vgic->is_v2 ? SGI_EDGE : 0;
	vc->is_asleep = true;
	for (uint32_t i = 0; i < GIC_NR_SGIS; i++) {
		if (((raised_of(vc) >> i) & 1) == 0) {
			__atomic_store_n(&vc->sgi_from[i], 0, __ATOMIC_SEQ_CST);
		}
	}
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
	g->redist_size = g->is_v2 ? 0 : (uint32_t)VGIC_GICR_STRIDE * g->nr_cpus;
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
	g->groups = 0;
	spi_reset(g);
	for (uint32_t i = 0; i < g->nr_cpus; i++) {
		vgic_cpu_init(g, g->cpus[i], i, g->cpus[i]->cpu);
	}
	spin_unlock(&g->lock);
}

/* Whoever finds something there need not kick: who put it there does. */
static void add_work(struct vgic_cpu *vc, uint64_t what)
{
	if (__atomic_fetch_or(&vc->work, what, __ATOMIC_SEQ_CST) == 0) {
		if (__atomic_load_n(&vc->is_online, __ATOMIC_SEQ_CST)) {
			vgic_hw_kick(vc->cpu);
		}
		vgic_hw_wake(vc);
	}
}

void vgic_mark(struct vgic_cpu *vc, enum vgic_work what)
{
	add_work(vc, (uint64_t)what);
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

uint64_t vgic_timer_lr(const struct vgic_cpu *vc)
{
	return LR_HW | ((vc->priv.group & VTIMER_BIT) != 0 ? LR_GROUP1 : 0) |
	       (uint64_t)vc->priv.prio[VGIC_PPI_VTIMER] << LR_PRIO_SHIFT |
	       (uint64_t)VGIC_PPI_VTIMER << LR_PINTID_SHIFT | VGIC_PPI_VTIMER;
}

/*
 * The physical timer interrupt is enabled exactly while timer_lr is set and its vCPU is on the CPU: the value first when it
 * comes on, last when it goes off, so that an interrupt in between finds what it needs or is given
 * back.
 */
void vgic_timer_update(struct vgic_cpu *vc)
{
	bool was = vc->timer_lr != 0;
	bool on = (vc->priv.open & VTIMER_BIT) != 0;

	if (on) {
		__atomic_store_n(&vc->timer_lr, LR_PENDING | vgic_timer_lr(vc), __ATOMIC_RELEASE);
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

/* After a change of what @b->open is made of. Return: what became different. */
static uint32_t open_update(const struct vgic *g, struct vgic_bank *b)
{
	uint32_t on = ((g->groups & GICD_CTLR_GRP1) != 0 ? b->group : 0) |
		      ((g->groups & GICD_CTLR_GRP0) != 0 ? ~b->group : 0);
	uint32_t changed = b->open ^ (b->enabled & on);

	b->open ^= changed;
	return changed;
}

void vgic_groups_write(struct vgic *g, uint32_t groups)
{
	groups &= GICD_CTLR_GRP0 | GICD_CTLR_GRP1;
	if (groups == g->groups) {
		return;
	}
	g->groups = groups;
	for (uint32_t i = 0; i < g->nr_cpus; i++) {
		(void)open_update(g, &g->cpus[i]->priv);
		vgic_timer_update(g->cpus[i]);
		vgic_mark(g->cpus[i], VGIC_CHANGED);
	}
	for (uint32_t i = 0; i < g->nr_banks; i++) {
		vgic_spi_gate(g, &g->spi[i], open_update(g, &g->spi[i]));
	}
}

static void bank_update(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b)
{
	uint32_t changed = open_update(g, b);

	if (vc != NULL && (changed & VTIMER_BIT) != 0) {
		vgic_timer_update(vc);
	}
	vgic_spi_gate(g, b, changed);
	mark_bits(g, vc, b, changed & b->open, VGIC_RAISED);
	mark_bits(g, vc, b, changed & ~b->open, VGIC_CHANGED);
}

/* What is listed has its group in the list register. */
void vgic_group_write(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b, uint32_t group)
{
	uint32_t changed = b->group ^ group;

	if (changed == 0) {
		return;
	}
	b->group = group;
	bank_update(g, vc, b);
	if (vc != NULL) {
		vgic_timer_update(vc);
	}
	mark_bits(g, vc, b, changed, VGIC_CHANGED);
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
	vc->timer_is_pended = false;
	vgic_hw_ppi_enable(vc->cpu, VGIC_PPI_VTIMER, false);
	vgic_hw_deactivate(VGIC_PPI_VTIMER);
	__atomic_fetch_or(&vc->work, VGIC_CHANGED, __ATOMIC_SEQ_CST);
	__atomic_store_n(&vc->is_online, true, __ATOMIC_SEQ_CST);
	spin_unlock(&vc->vgic->lock);
}

void vgic_raise_private(struct vgic_cpu *vc, unsigned int intid)
{
	add_work(vc, VGIC_RAISE(1U << intid) | VGIC_INBOX);
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

/* To oneself: on the way to vgic_flush() anyway. */
static inline void sgi_raise(struct vgic_cpu *from, struct vgic_cpu *to, unsigned int intid)
{
	if (to == from) {
		__atomic_fetch_or(&to->work, VGIC_RAISE(1U << intid) | VGIC_INBOX,
				  __ATOMIC_SEQ_CST);
	} else {
		vgic_raise_private(to, intid);
	}
}

void vgic_sgi_raise(struct vgic_cpu *from, struct vgic_cpu *to, unsigned int intid)
{
	__atomic_fetch_or(&to->sgi_from[intid], (uint8_t)(1U << from->id), __ATOMIC_SEQ_CST);
	sgi_raise(from, to, intid);
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
		sgi_raise(vc, g->cpus[__builtin_ctz(targets)], intid);
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
		       (vc == NULL ? 0 : raised_of(vc));
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
		__atomic_fetch_and(&vc->work, ~VGIC_RAISE(bits), __ATOMIC_SEQ_CST);
	}
}

/* The timer's pending state is the hardware's; but that is another's while this vCPU is off its CPU. */
static uint32_t timer_pend(struct vgic_cpu *vc, uint32_t bits, bool pend)
{
	if (vc == NULL || (bits & VTIMER_BIT) == 0) {
		return bits;
	}
	if (vc->is_online) {
		vgic_hw_ppi_pend(vc->cpu, VGIC_PPI_VTIMER, pend);
	}
	vc->timer_is_pended = pend;
	return pend ? bits & ~VTIMER_BIT : bits;
}

void vgic_bank_write(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b, enum vgic_reg reg,
		     uint32_t bits)
{
	if ((bits & b->hw) != 0) {
		bits = vgic_spi_write(g, b, reg, bits);
	}
	switch (reg) {
	case VGIC_ISENABLER:
		if ((bits & ~b->enabled) != 0) {
			b->enabled |= bits;
			bank_update(g, vc, b);
		}
		return;
	case VGIC_ICENABLER:
		if ((bits & b->enabled) != 0) {
			b->enabled &= ~bits;
			bank_update(g, vc, b);
		}
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
	uint32_t changed = 0;

	for (unsigned int i = 0; i < size; i++) {
		uint8_t prio = (uint8_t)(value >> (8 * i)) & PRIO_MASK;

		changed |= (uint32_t)(b->prio[(at + i) & 31] != prio) << ((at + i) & 31);
		b->prio[(at + i) & 31] = prio;
	}
	if (vc != NULL && (changed & VTIMER_BIT) != 0) {
		vgic_timer_update(vc);
	}
	/* one that waits may be the most urgent now; one that is listed has its priority there */
	mark_bits(g, vc, b, changed, VGIC_CHANGED);
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

/* @to: vCPU number, or VGIC_NO_TARGET */
static void set_route(struct vgic *g, unsigned int n, uint8_t to)
{
	uint32_t bit = 1U << (n % 32);

	mark_bits(g, NULL, &g->spi[n / 32], bit, VGIC_CHANGED);
	g->route[n] = to;
	for (uint32_t i = 0; i < g->nr_cpus; i++) {
		g->cpus[i]->spi_mine[n / 32] &= ~bit;
	}
	if (to != VGIC_NO_TARGET) {
		g->cpus[to]->spi_mine[n / 32] |= bit;
		vgic_mark(g->cpus[to], VGIC_RAISED);
	}
	if ((g->spi[n / 32].hw & bit) != 0) {
		if (to != VGIC_NO_TARGET) {
			vgic_hw_spi_route(GIC_FIRST_SPI + n, g->cpus[to]->cpu);
		}
		vgic_spi_gate(g, &g->spi[n / 32], bit);
	}
}

void vgic_spi_route(struct vgic *g, unsigned int n, uint64_t irouter)
{
	uint64_t affinity = irouter & 0xff00ffffffUL;

	g->irouter[n] = affinity;
	set_route(g, n, affinity < g->nr_cpus ? (uint8_t)affinity : VGIC_NO_TARGET);
}

void vgic_spi_targets(struct vgic *g, unsigned int n, uint32_t targets)
{
	targets &= (uint32_t)(BIT(g->nr_cpus) - 1);
	g->irouter[n] = targets;
	set_route(g, n, targets != 0 ? (uint8_t)__builtin_ctz(targets) : VGIC_NO_TARGET);
}
