/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual CPU interface of a vCPU that shares its CPU: off the hardware, and on again.
 *
 * While it is off, its list registers lie in vgic_cpu.saved; the state of its interrupts is changed there as ever, and
 * vgic_flush() sees to it once they are back. The timer's interrupt has hardware behind it that the next vCPU needs:
 * one that the guest has not seen yet is left to its level, which raises it again; one that it is handling is
 * inactive in hardware until it is back; one that it made pending by hand is so again when it is back. A shared interrupt with hardware behind it is this domain's alone and stays
 * as it is.
 * Lock: vgic.lock. Spec: IHI 0069H 11.2.5, 12.4.
 */
#include <asm/vgic.h>
#include <string.h>

#define FIRST_SHARED 32U
#define LR_PRIO(lr)  ((unsigned int)((lr) >> LR_PRIO_SHIFT) & 0xff)

/* A private interrupt that the hardware holds active as long as the list register is in use. */
static bool has_private_hw(const struct vgic_cpu *vc, unsigned int n, uint64_t lr)
{
	return (lr & LR_HW) != 0 && (lr & LR_STATE) != 0 && vc->lr_intid[n] < FIRST_SHARED;
}

static void lr_save(struct vgic_cpu *vc, unsigned int n)
{
	uint64_t lr = vgic_hw_lr_read(n);

	vgic_hw_lr_write(n, 0);
	if (has_private_hw(vc, n, lr)) {
		vgic_hw_deactivate(vc->lr_intid[n]);
		lr = (lr & LR_ACTIVE) != 0 ? lr : 0;
	}
	if (n == VGIC_LR_VTIMER && (lr & LR_STATE) == 0) {
		vc->lr_used &= ~(1U << n);
		vc->priv.active &= ~(1U << VGIC_PPI_VTIMER);
	}
	vc->saved.lr[n] = lr;
}

void vgic_timer_unpend(struct vgic_cpu *vc)
{
	if (unlikely(vc->timer_is_pended)) {
		vc->timer_is_pended = vgic_hw_ppi_unpend(VGIC_PPI_VTIMER);
	}
}

void vgic_save(struct vgic_cpu *vc)
{
	struct vgic *g = vc->vgic;

	vgic_hw_state_save(&vc->saved.hw);
	spin_lock(&g->lock);
	for (uint32_t used = vc->lr_used; used != 0; used &= used - 1) {
		lr_save(vc, (unsigned int)__builtin_ctz(used));
	}
	vgic_timer_unpend(vc);
	__atomic_store_n(&vc->is_online, false, __ATOMIC_SEQ_CST);
	spin_unlock(&g->lock);
}

void vgic_load(struct vgic_cpu *vc)
{
	struct vgic *g = vc->vgic;

	vgic_hw_state_load(&vc->saved.hw);
	spin_lock(&g->lock);
	__atomic_store_n(&vc->is_online, true, __ATOMIC_SEQ_CST);
	for (uint32_t used = vc->lr_used; used != 0; used &= used - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(used);

		if (has_private_hw(vc, n, vc->saved.lr[n])) {
			vgic_hw_ppi_activate(vc->cpu, vc->lr_intid[n]);
		}
		vgic_hw_lr_write(n, vc->saved.lr[n]);
	}
	if (unlikely(vc->timer_is_pended)) {
		vgic_hw_ppi_pend(vc->cpu, VGIC_PPI_VTIMER, true);
	}
	vgic_hw_ppi_enable(vc->cpu, VGIC_PPI_VTIMER, vc->timer_lr != 0);
	if (vc->is_short) {
		vgic_hw_underflow(true);
	}
	spin_unlock(&g->lock);
}

void vgic_start(struct vgic_cpu *vc)
{
	memset(&vc->saved, 0, sizeof(vc->saved));
	vgic_hw_state_load(&vc->saved.hw);
	vgic_cpu_online(vc);
}

bool vgic_has_pending(const struct vgic_cpu *vc)
{
	unsigned int mask = vgic_hw_priority_mask();

	if (__atomic_load_n(&vc->work, __ATOMIC_SEQ_CST) != 0) {
		return true;
	}
	for (uint32_t used = vc->lr_used; used != 0; used &= used - 1) {
		uint64_t lr = vgic_hw_lr_read((unsigned int)__builtin_ctz(used));

		if ((lr & LR_PENDING) != 0 && LR_PRIO(lr) < mask) {
			return true;
		}
	}
	return false;
}

void vgic_set_private_line(struct vgic_cpu *vc, unsigned int intid, bool level)
{
	struct vgic_bank *b = &vc->priv;
	uint32_t bit = 1U << intid;

	spin_lock(&vc->vgic->lock);
	if (((b->line & bit) != 0) != level) {
		b->line ^= bit;
		if (level) {
			b->pending |= b->edge & bit;
		}
		vgic_mark(vc, VGIC_CHANGED);
	}
	spin_unlock(&vc->vgic->lock);
}
