/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Breakpoints, watchpoints and single step inside a guest. Its debug registers are trapped until it
 * touches one; from then on they are its own, in the hardware while it runs, saved when it leaves.
 * While no guest is loaded all of them are off in the hardware.
 *
 * They cannot reach EL2: its debug exceptions would have to be routed to EL2 (MDCR_EL2.TDE), else
 * none is taken from there (Arm ARM D2.4, "Enabling debug exceptions from the current exception
 * level").
 * The OS lock is the hypervisor's and stays open; a guest's own is remembered and nothing more.
 * Spec: Arm ARM D2, D19.3.
 */
#include <asm/arch.h>
#include <asm/debug.h>
#include <asm/percpu.h>
#include <hyp/domain.h>
#include <hyp/percpu.h>

/* op0 = 2: Op2 19:17, Op1 16:14, CRn 13:10, CRm 4:1 */
#define DBG(op1, crn, crm, op2) \
	(2UL << 20 | (op2##UL) << 17 | (op1##UL) << 14 | (crn##UL) << 10 | (crm##UL) << 1)
#define DBG_OP1(reg)  (((reg) >> 14) & 7)
#define DBG_MDRAR     DBG(0, 1, 0, 0)
#define DBG_OSLAR     DBG(0, 1, 0, 4)
#define DBG_OSLSR     DBG(0, 1, 1, 4)
#define DBG_OSDLR     DBG(0, 1, 3, 4)
#define DBG_DBGPRCR   DBG(0, 1, 4, 4)
#define OSLSR_HAS_ONE 8UL /* OSLM = 0b10: there is an OS lock */
#define OSLSR_LOCKED  2UL

/* The registers are numbered in their names: written out for every number there may be. */
#define EACH(do_it)                                                                               \
	do_it(0) do_it(1) do_it(2) do_it(3) do_it(4) do_it(5) do_it(6) do_it(7) do_it(8) do_it(9) \
		do_it(10) do_it(11) do_it(12) do_it(13) do_it(14) do_it(15)

static unsigned int nr_breakpoints(void)
{
	return (unsigned int)((read_sysreg(id_aa64dfr0_el1) >> 12) & 0xf) + 1;
}

static unsigned int nr_watchpoints(void)
{
	return (unsigned int)((read_sysreg(id_aa64dfr0_el1) >> 20) & 0xf) + 1;
}

#define SAVE_BREAK(n)                                     \
	if (breaks > (n)) {                               \
		s->bvr[n] = read_sysreg(dbgbvr##n##_el1); \
		s->bcr[n] = read_sysreg(dbgbcr##n##_el1); \
		write_sysreg(0, dbgbcr##n##_el1);         \
	}
#define SAVE_WATCH(n)                                     \
	if (watches > (n)) {                              \
		s->wvr[n] = read_sysreg(dbgwvr##n##_el1); \
		s->wcr[n] = read_sysreg(dbgwcr##n##_el1); \
		write_sysreg(0, dbgwcr##n##_el1);         \
	}
#define LOAD_BREAK(n)                                     \
	if (breaks > (n)) {                               \
		write_sysreg(s->bvr[n], dbgbvr##n##_el1); \
		write_sysreg(s->bcr[n], dbgbcr##n##_el1); \
	}
#define LOAD_WATCH(n)                                     \
	if (watches > (n)) {                              \
		write_sysreg(s->wvr[n], dbgwvr##n##_el1); \
		write_sysreg(s->wcr[n], dbgwcr##n##_el1); \
	}

static void registers_save(struct debug_state *s)
{
	unsigned int breaks = nr_breakpoints(), watches = nr_watchpoints();

	EACH(SAVE_BREAK)
	EACH(SAVE_WATCH)
}

static void registers_load(const struct debug_state *s)
{
	unsigned int breaks = nr_breakpoints(), watches = nr_watchpoints();

	EACH(LOAD_BREAK)
	EACH(LOAD_WATCH)
}

void debug_cpu_init(void)
{
	static const struct debug_state off;

	registers_load(&off);
	write_sysreg(0, oslar_el1);
	write_sysreg(0, osdlr_el1);
	isb();
}

void debug_reset(struct vcpu *v)
{
	v->arch.debug = (struct debug_state){ .is_used = false };
}

static void set_traps(bool is_used)
{
	write_sysreg(this_cpu()->arch.controls.mdcr | (is_used ? 0 : MDCR_TDA), mdcr_el2);
}

void debug_load(const struct vcpu *v)
{
	set_traps(v->arch.debug.is_used);
	if (v->arch.debug.is_used) {
		registers_load(&v->arch.debug);
	}
}

void debug_save(struct vcpu *v)
{
	if (v->arch.debug.is_used) {
		registers_save(&v->arch.debug);
	}
}

static enum debug_answer os_lock(struct vcpu *v, uint64_t reg, bool is_read, uint64_t *value)
{
	struct debug_state *s = &v->arch.debug;

	if (reg == DBG_OSLSR && is_read) {
		*value = OSLSR_HAS_ONE | (s->is_locked ? OSLSR_LOCKED : 0);
		return DEBUG_DONE;
	}
	if (reg == DBG_OSLAR && !is_read) {
		s->is_locked = (*value & 1) != 0;
		return DEBUG_DONE;
	}
	return DEBUG_UNDEFINED;
}

enum debug_answer debug_access(struct vcpu *v, uint64_t reg, bool is_read, uint64_t *value)
{
	switch (reg) {
	case DBG_OSLAR:
	case DBG_OSLSR:
		return os_lock(v, reg, is_read, value);
	case DBG_MDRAR: /* no debug ROM table; no double lock; no power request */
	case DBG_OSDLR:
	case DBG_DBGPRCR:
		*value = is_read ? 0 : *value;
		return DEBUG_DONE;
	default:
		break;
	}
	if (DBG_OP1(reg) == 1 || v->arch.debug.is_used) {
		return DEBUG_UNDEFINED; /* trace; or not there at all */
	}
	v->arch.debug.is_used = true;
	set_traps(true);
	isb();
	return DEBUG_RETRY;
}
