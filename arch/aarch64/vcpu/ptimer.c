/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The EL1 physical timer of a vCPU: its registers are trapped, a timer of ours stands for it, whoever has the CPU, and
 * its interrupt is a level of the virtual interrupt controller. It counts by the physical counter, which a guest reads
 * itself.
 * Spec: Arm ARM D12.2.4, D19.12 (CNTP_CTL_EL0, CNTP_CVAL_EL0, CNTP_TVAL_EL0).
 */
#include <asm/arch.h>
#include <asm/sysreg.h>
#include <hyp/domain.h>

#define CTL_ENABLE  BIT(0)
#define CTL_IMASK   BIT(1)
#define CTL_ISTATUS BIT(2)

enum {
	OP2_TVAL,
	OP2_CTL,
	OP2_CVAL
};

static bool is_met(const struct ptimer *t)
{
	return (t->ctl & CTL_ENABLE) != 0 && read_sysreg(cntpct_el0) >= t->cval;
}

static void on_time(struct soft_timer *soft);

/* After a change, and when its time may have come: our clock is coarser than the counter, so it is looked at again. */
static void update(struct vcpu *v)
{
	struct ptimer *t = &v->arch.ptimer;
	bool is_armed = (t->ctl & (CTL_ENABLE | CTL_IMASK)) == CTL_ENABLE;
	bool has_come = is_armed && is_met(t);

	vgic_set_private_line(&v->arch.vgic, VGIC_PPI_PTIMER, has_come);
	soft_timer_start(&t->timer, is_armed && !has_come ? counter_to_ns(t->cval) : TIMER_OFF,
			 on_time);
}

static void on_time(struct soft_timer *soft)
{
	update(container_of(soft, struct vcpu, arch.ptimer.timer));
}

void ptimer_reset(struct vcpu *v)
{
	v->arch.ptimer.ctl = 0;
	v->arch.ptimer.cval = 0;
	soft_timer_stop(&v->arch.ptimer.timer);
}

uint64_t ptimer_read(struct vcpu *v, unsigned int op2)
{
	const struct ptimer *t = &v->arch.ptimer;

	switch (op2) {
	case OP2_TVAL:
		return (uint32_t)(t->cval - read_sysreg(cntpct_el0));
	case OP2_CTL:
		return t->ctl | (is_met(t) ? CTL_ISTATUS : 0);
	default:
		return t->cval;
	}
}

void ptimer_write(struct vcpu *v, unsigned int op2, uint64_t value)
{
	struct ptimer *t = &v->arch.ptimer;

	switch (op2) {
	case OP2_TVAL:
		t->cval = read_sysreg(cntpct_el0) + (uint64_t)(int64_t)(int32_t)value;
		break;
	case OP2_CTL:
		t->ctl = value & (CTL_ENABLE | CTL_IMASK);
		break;
	default:
		t->cval = value;
		break;
	}
	update(v);
}
