/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List registers: which interrupts sit in them.
 *
 * Only a vCPU's own CPU touches them, in vgic_flush(): first it takes back what the guest has done
 * (sync), then it lists what can be delivered, most urgent first (fill). Nothing is trapped when
 * the guest ends an interrupt unless someone waits for it: a level that may still be high, or more
 * interrupts than list registers (LR_EOI then asks for a maintenance interrupt). The virtual timer
 * has list register 0 for itself and is written there at once.
 * Lock: vgic.lock, except vgic_timer_fired(). Spec: IHI 0069H 11.2 (usage model), 12.4.8
 * (ICH_LR<n>_EL2).
 */
#include <asm/vgic.h>

#define PRIO_NONE 0x100 /* less urgent than all */

static struct vgic_bank *bank_of(struct vgic_cpu *vc, unsigned int intid)
{
	return intid < 32 ? &vc->priv : &vc->vgic->spi[intid / 32 - 1];
}

static uint32_t bit_of(unsigned int intid)
{
	return 1U << (intid % 32);
}

static bool is_mine(const struct vgic_cpu *vc, unsigned int intid)
{
	return intid < 32 || (vc->spi_mine[intid / 32 - 1] & bit_of(intid)) != 0;
}

static void lr_free(struct vgic_cpu *vc, unsigned int n, struct vgic_bank *b, uint32_t bit)
{
	vc->lr_used &= ~(1U << n);
	b->in_lr &= ~bit;
	b->listed &= ~bit;
	b->latched &= ~bit;
	b->active &= ~bit;
	b->drop &= ~bit;
	b->drop_active &= ~bit;
}

/* Pending, not yet acknowledged: should it still be delivered? */
static bool is_wanted(const struct vgic_cpu *vc, const struct vgic_bank *b, unsigned int intid,
		      uint32_t bit)
{
	bool is_raised = (b->edge & bit) != 0 || (b->line & bit) != 0 || (b->latched & bit) != 0;

	return (b->open & bit) != 0 && is_mine(vc, intid) && is_raised;
}

/* Priority and group, as a list register has them. */
static uint64_t lr_rank(const struct vgic_bank *b, unsigned int intid)
{
	return (uint64_t)b->prio[intid % 32] << LR_PRIO_SHIFT |
	       ((b->group & bit_of(intid)) != 0 ? LR_GROUP1 : 0);
}

/*
 * Take a pending interrupt out. One with hardware behind it is left to the hardware, which raises
 * it again.
 */
static uint64_t withdraw(struct vgic_cpu *vc, unsigned int intid, uint64_t lr)
{
	struct vgic_bank *b = bank_of(vc, intid);
	uint32_t bit = bit_of(intid);

	if ((lr & LR_HW) == 0 && (b->drop & bit) == 0 && ((b->edge | b->latched) & bit) != 0) {
		b->pending |= bit;
		if (intid < GIC_NR_SGIS && vc->vgic->is_v2) {
			__atomic_fetch_or(&vc->sgi_from[intid],
					  (uint8_t)(1U << vc->sgi_listed[intid]), __ATOMIC_SEQ_CST);
		}
	}
	return lr & ~LR_PENDING;
}

/* The level may outlast the handler; or it was raised again for another vCPU, to which it is routed now. */
static uint32_t is_awaited(const struct vgic_cpu *vc, const struct vgic_bank *b, unsigned int intid)
{
	return (b->line & ~b->edge) | (is_mine(vc, intid) ? 0 : b->pending);
}

static void hw_return(struct vgic_cpu *vc, unsigned int intid, bool is_lost)
{
	if (intid < 32) {
		vgic_hw_deactivate(intid);
	} else {
		vgic_spi_return(vc->vgic, intid, is_lost);
	}
}

static void lr_sync(struct vgic_cpu *vc, unsigned int n)
{
	unsigned int intid = vc->lr_intid[n];
	struct vgic_bank *b = bank_of(vc, intid);
	uint32_t bit = bit_of(intid);
	uint64_t old = vgic_hw_lr_read(n);
	uint64_t lr = old;
	bool wanted = n == VGIC_LR_VTIMER ? vc->timer_lr != 0 : is_wanted(vc, b, intid, bit);
	bool is_lost = (old & LR_PENDING) != 0 && (b->drop & bit) == 0;

	if ((lr & LR_PENDING) != 0 && ((b->drop & bit) != 0 || !wanted)) {
		lr = withdraw(vc, intid, lr);
	}
	if ((b->drop_active & bit) != 0) {
		lr &= ~LR_ACTIVE;
	}
	if ((lr & LR_HW) == 0 && (is_awaited(vc, b, intid) & bit) != 0) {
		lr |= LR_EOI;
	}
	b->drop &= ~bit;
	b->drop_active &= ~bit;
	if ((lr & LR_STATE) == 0) {
		vgic_hw_lr_write(n, 0); /* an empty one with LR_EOI set would keep asking */
		lr_free(vc, n, b, bit);
		/* deactivated by us, not by the guest */
		if ((old & LR_STATE) != 0 && (old & LR_HW) != 0) {
			hw_return(vc, intid, is_lost);
		}
		/* routed elsewhere meanwhile: who has it now cannot know that it is free */
		if (!is_mine(vc, intid)) {
			vgic_mark_target(vc->vgic, intid);
		}
		return;
	}
	if ((lr & LR_ACTIVE) == 0) {
		lr = (lr & ~(LR_PRIO_MASK | LR_GROUP1)) | lr_rank(b, intid);
	}
	if (lr != old) {
		vgic_hw_lr_write(n, lr);
	}
	b->active = (lr & LR_ACTIVE) != 0 ? b->active | bit : b->active & ~bit;
	b->listed = (lr & LR_PENDING) != 0 ? b->listed | bit : b->listed & ~bit;
	if ((lr & LR_PENDING) == 0) {
		b->latched &= ~bit;
	}
}

/* Its guest says of the timer's interrupt that it is active: so it is, in the hardware too, until the guest ends it. */
static __noinline void timer_activate(struct vgic_cpu *vc)
{
	vgic_hw_ppi_activate(vc->cpu, VGIC_PPI_VTIMER);
	vgic_hw_lr_write(VGIC_LR_VTIMER, LR_ACTIVE | vgic_timer_lr(vc));
	vc->lr_used |= 1U << VGIC_LR_VTIMER;
}

static void __noinline sync(struct vgic_cpu *vc)
{
	for (uint32_t used = vc->lr_used; used != 0; used &= used - 1) {
		lr_sync(vc, (unsigned int)__builtin_ctz(used));
	}
	if ((vc->priv.active & ~vc->priv.in_lr & (1U << VGIC_PPI_VTIMER)) != 0 &&
	    (vc->lr_used & (1U << VGIC_LR_VTIMER)) == 0) {
		timer_activate(vc);
	}
	/* ours were all seen: what is left meant interrupts that were no longer there */
	vc->priv.drop = 0;
	vc->priv.drop_active = 0;
}

/* When nothing but a raise happened: only make room, and leave what is listed as it is. */
static void reap(struct vgic_cpu *vc)
{
	for (uint32_t done = vc->lr_used & vgic_hw_lr_empty(); done != 0; done &= done - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(done);
		unsigned int intid = vc->lr_intid[n];

		lr_free(vc, n, bank_of(vc, intid), bit_of(intid));
		if (!is_mine(vc, intid)) {
			vgic_mark_target(vc->vgic, intid);
		}
	}
}

/* Raised, enabled, and in nobody's list register. */
static uint32_t candidates(const struct vgic_bank *b, uint32_t mine)
{
	uint32_t raised = (b->line & ~b->edge) | b->pending;

	return raised & ~b->active & ~b->in_lr & b->open & mine;
}

struct choice {
	uint32_t intid;
	uint32_t prio;
};

static void choose_from(struct choice *best, const struct vgic_bank *b, uint32_t mine,
			uint32_t first)
{
	for (uint32_t c = candidates(b, mine); c != 0; c &= c - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(c);

		if (b->prio[i] < best->prio) {
			*best = (struct choice){ first + i, b->prio[i] };
		}
	}
}

/* The most urgent candidate, the lowest INTID among equals. Return: false when there is none. */
static bool choose(struct vgic_cpu *vc, struct choice *best)
{
	best->prio = PRIO_NONE;
	choose_from(best, &vc->priv, UINT32_MAX, 0);
	for (uint32_t i = 0; i < vc->vgic->nr_banks; i++) {
		choose_from(best, &vc->vgic->spi[i], vc->spi_mine[i], 32 * (i + 1));
	}
	return best->prio != PRIO_NONE;
}

static unsigned int lr_of(const struct vgic_cpu *vc, unsigned int intid)
{
	for (uint32_t used = vc->lr_used; used != 0; used &= used - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(used);

		if (vc->lr_intid[n] == intid) {
			return n;
		}
	}
	return VGIC_MAX_LRS;
}

/* Free list registers, one bit each. */
static uint32_t lr_room(const struct vgic_cpu *vc)
{
	return vc->lr_general & ~vc->lr_used;
}

/*
 * A list register for an interrupt of priority @prio: a free one, or the least urgent that is only
 * pending.
 */
static unsigned int lr_take(struct vgic_cpu *vc, uint32_t prio)
{
	uint32_t free = lr_room(vc);
	unsigned int victim = VGIC_MAX_LRS;

	if (free != 0) {
		return (unsigned int)__builtin_ctz(free);
	}
	for (unsigned int n = VGIC_LR_VTIMER + 1; n < vc->nr_lrs; n++) {
		uint64_t lr = vgic_hw_lr_read(n);
		uint32_t lr_prio = (uint32_t)(lr >> LR_PRIO_SHIFT) & 0xff;

		if ((lr & LR_STATE) == LR_PENDING && lr_prio > prio) {
			prio = lr_prio;
			victim = n;
		}
	}
	if (victim != VGIC_MAX_LRS) {
		unsigned int intid = vc->lr_intid[victim];
		struct vgic_bank *b = bank_of(vc, intid);

		(void)withdraw(vc, intid, LR_PENDING);
		vgic_hw_lr_write(victim, 0);
		lr_free(vc, victim, b, bit_of(intid));
	}
	return victim;
}

/*
 * GICv2: each sender's SGI is an interrupt of its own, but only one of a number is listed at a time.
 * Return: list register bits; 0: it was taken back.
 */
static __noinline uint64_t take_sender(struct vgic_cpu *vc, uint32_t intid)
{
	uint32_t from = __atomic_load_n(&vc->sgi_from[intid], __ATOMIC_SEQ_CST);
	uint32_t first = from & -from;

	if (from == 0) {
		vc->priv.pending &= ~bit_of(intid);
		return 0;
	}
	__atomic_fetch_and(&vc->sgi_from[intid], (uint8_t)~first, __ATOMIC_SEQ_CST);
	vc->sgi_listed[intid] = (uint8_t)__builtin_ctz(first);
	return LR_PENDING | (uint64_t)vc->sgi_listed[intid] << LR_CPU_SHIFT |
	       (from != first ? LR_EOI : 0);
}

static inline void lr_put(struct vgic_cpu *vc, unsigned int n, struct vgic_bank *b, uint32_t intid,
			  uint64_t lr)
{
	vgic_hw_lr_write(n, lr);
	vc->lr_used |= 1U << n;
	vc->lr_intid[n] = (uint16_t)intid;
	b->in_lr |= bit_of(intid);
	b->listed |= bit_of(intid);
}

static void lr_list(struct vgic_cpu *vc, unsigned int n, uint32_t intid)
{
	struct vgic_bank *b = bank_of(vc, intid);
	uint32_t bit = bit_of(intid);
	uint32_t rest = 0; /* pending all the same */
	uint64_t lr = LR_PENDING | lr_rank(b, intid) | intid;

	if ((b->once & bit) != 0) {
		uint64_t sender = take_sender(vc, intid);

		if (sender == 0) {
			return;
		}
		lr |= sender;
		rest = (sender & LR_EOI) != 0 ? bit : 0;
	}
	if ((b->line & ~b->edge & bit) != 0) {
		lr |= LR_EOI;
	}
	if ((b->hw & bit) != 0) {
		lr |= LR_HW | (uint64_t)intid << LR_PINTID_SHIFT;
	}
	if (intid >= 32) {
		vc->vgic->holder[intid - 32] = (uint8_t)vc->id;
	}
	lr_put(vc, n, b, intid, lr);
	b->latched = (b->pending & bit) != 0 ? b->latched | bit : b->latched & ~bit;
	b->pending = (b->pending & ~bit) | rest;
}

/*
 * Raised again while in a list register: pending there too, or still. What another vCPU has stays latched until that
 * has ended it; a device's cannot come again before.
 */
static void relist(struct vgic_cpu *vc, struct vgic_bank *b, uint32_t mine, unsigned int first)
{
	uint32_t again = b->pending & b->in_lr & b->open & mine & ~(b->once | b->hw);

	for (; again != 0; again &= again - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(again);
		unsigned int n = lr_of(vc, first + i);

		if (n != VGIC_MAX_LRS) {
			vgic_hw_lr_write(n, vgic_hw_lr_read(n) | LR_PENDING);
			b->pending &= ~(1U << i);
			b->listed |= 1U << i;
			b->latched |= 1U << i;
		}
	}
}

/*
 * GICv2: SGIs that were sent again while one of that number is listed. From the same sender, and not yet
 * taken, it is the same interrupt; else we want to know when the one is ended.
 */
static __noinline void await_sgis(struct vgic_cpu *vc, uint32_t again)
{
	for (; again != 0; again &= again - 1) {
		unsigned int intid = (unsigned int)__builtin_ctz(again);
		unsigned int n = lr_of(vc, intid);
		uint64_t lr = n == VGIC_MAX_LRS ? 0 : vgic_hw_lr_read(n);

		if ((lr & LR_PENDING) != 0) {
			__atomic_fetch_and(&vc->sgi_from[intid],
					   (uint8_t) ~(1U << vc->sgi_listed[intid]),
					   __ATOMIC_SEQ_CST);
		}
		if (__atomic_load_n(&vc->sgi_from[intid], __ATOMIC_SEQ_CST) == 0) {
			vc->priv.pending &= ~bit_of(intid);
		} else if ((lr & LR_STATE) != 0) {
			vgic_hw_lr_write(n, lr | LR_EOI);
		}
	}
}

/* Somebody waits for a list register. With hardware behind one, bit 41 is part of the physical INTID. */
static void watch_eois(struct vgic_cpu *vc)
{
	vgic_hw_underflow(true);
	for (unsigned int n = VGIC_LR_VTIMER + 1; n < vc->nr_lrs; n++) {
		uint64_t lr = vgic_hw_lr_read(n);

		if ((lr & LR_STATE) != 0 && (lr & (LR_EOI | LR_HW)) == 0) {
			vgic_hw_lr_write(n, lr | LR_EOI);
		}
	}
}

static void __noinline fill(struct vgic_cpu *vc)
{
	struct choice what;
	unsigned int n;

	if (vc->is_short) {
		vc->is_short = false;
		vgic_hw_underflow(false);
	}
	if ((vc->priv.pending & vc->priv.in_lr & vc->priv.once) != 0) {
		await_sgis(vc, vc->priv.pending & vc->priv.in_lr & vc->priv.once);
	}
	relist(vc, &vc->priv, UINT32_MAX, 0);
	for (uint32_t i = 0; i < vc->vgic->nr_banks; i++) {
		relist(vc, &vc->vgic->spi[i], vc->spi_mine[i], 32 * (i + 1));
	}
	while (choose(vc, &what)) {
		n = lr_take(vc, what.prio);
		if (n == VGIC_MAX_LRS) {
			vc->is_short = true;
			watch_eois(vc);
			return;
		}
		lr_list(vc, n, what.intid);
	}
}

/*
 * The common case: private interrupts were raised, and nothing else waits. One that can be
 * delivered takes a free list register; one that cannot stays latched. Return: false when it takes
 * a choice, which fill() makes.
 */
static bool fill_private(struct vgic_cpu *vc, uint32_t raised)
{
	struct vgic_bank *b = &vc->priv;
	uint32_t room = lr_room(vc);

	raised &= b->open;
	if ((raised & (b->in_lr | b->active | b->line | b->once)) != 0) {
		return false;
	}
	for (; raised != 0; raised &= raised - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(raised);
		uint32_t n;

		if (room == 0) {
			return false;
		}
		n = (uint32_t)__builtin_ctz(room);
		room &= room - 1;
		b->latched |= 1U << i;
		b->pending &= ~(1U << i);
		lr_put(vc, n, b, i, LR_PENDING | lr_rank(b, i) | i);
	}
	return true;
}

#define UPCALL_BIT (1U << VGIC_PPI_UPCALL)

/*
 * Events that their guest has seen without its upcall, by polling or in the handler of the one before: whoever has more
 * for it sets its flag first and raises then, so what is not latched yet is not lost.
 */
static void __noinline drop_upcall(struct vgic_cpu *vc)
{
	vc->priv.pending &= ~UPCALL_BIT;
	if ((vc->priv.in_lr & UPCALL_BIT) != 0) {
		vc->priv.drop |= UPCALL_BIT;
		sync(vc);
	}
}

void vgic_flush(struct vgic_cpu *vc)
{
	struct vgic *g = vc->vgic;
	uint64_t work;

	spin_lock(&g->lock);
	/* taken before the state is read: whoever changes it later sets it again */
	work = __atomic_exchange_n(&vc->work, 0, __ATOMIC_SEQ_CST);
	vc->priv.pending |= (uint32_t)(work >> 32);
	if ((work & VGIC_CHANGED) != 0) {
		sync(vc);
	} else {
		reap(vc);
	}
	if (((vc->priv.pending | vc->priv.listed) & UPCALL_BIT) != 0 && !vgic_hw_has_upcall(vc)) {
		drop_upcall(vc);
		work &= ~VGIC_RAISE(UPCALL_BIT);
	}
	if ((uint32_t)work != VGIC_INBOX || vc->is_short ||
	    !fill_private(vc, (uint32_t)(work >> 32))) {
		fill(vc);
	}
	spin_unlock(&g->lock);
}

void vgic_maintenance(struct vgic_cpu *vc)
{
	__atomic_fetch_or(&vc->work, VGIC_CHANGED, __ATOMIC_SEQ_CST);
	vgic_flush(vc);
}

/*
 * The hardware interrupt stays active until the guest deactivates it through the list register, so
 * it cannot fire while list register 0 is in use. It is enabled only while it can be delivered;
 * when it was disabled just now, it is given back and fires again once enabled, for it is a level.
 */
void vgic_timer_fired(struct vgic_cpu *vc)
{
	uint64_t lr = __atomic_load_n(&vc->timer_lr, __ATOMIC_ACQUIRE);

	if (lr == 0) {
		vgic_hw_deactivate(VGIC_PPI_VTIMER);
		return;
	}
	vgic_hw_lr_write(VGIC_LR_VTIMER, lr);
	vc->lr_used |= 1U << VGIC_LR_VTIMER;
}

void vgic_cpu_offline(struct vgic_cpu *vc)
{
	struct vgic *g = vc->vgic;

	spin_lock(&g->lock);
	__atomic_store_n(&vc->is_online, false, __ATOMIC_SEQ_CST);
	vgic_hw_ppi_enable(vc->cpu, VGIC_PPI_VTIMER, false);
	vgic_timer_unpend(vc);
	for (uint32_t used = vc->lr_used; used != 0; used &= used - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(used);
		unsigned int intid = vc->lr_intid[n];
		uint64_t lr = vgic_hw_lr_read(n);

		vgic_hw_lr_write(n, 0);
		if ((lr & LR_PENDING) != 0) {
			(void)withdraw(vc, intid, lr); /* not taken: whoever has it next does */
		}
		lr_free(vc, n, bank_of(vc, intid), bit_of(intid));
		if ((lr & LR_HW) != 0 && (lr & LR_STATE) != 0) {
			hw_return(vc, intid, (lr & LR_PENDING) != 0);
		}
		if (intid >= GIC_FIRST_SPI) {
			vgic_mark_target(g, intid);
		}
	}
	spin_unlock(&g->lock);
}
