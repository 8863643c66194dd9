/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vCPU on its CPU, and off it. Its EL1 and FP registers are in the hardware while it is on; when it
 * leaves they are saved, with its list registers, and its virtual timer is looked after by a timer of
 * ours until it is back.
 *
 * CNTV_CTL_EL0.IMASK is never touched: guests see it. Off its CPU, the timer is off as a whole.
 * Spec: Arm ARM D1.7 (reset), D19.2.48 (HCR_EL2), D12 (timers), D8.14 (TLB maintenance); Linux
 * booting.rst for the entry state.
 */
#include <asm/arch.h>
#include <asm/serror.h>
#include <asm/sysreg.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/percpu.h>
#include <hyp/xen.h>
#include <string.h>

/*
 * CNTHCTL_EL2: EL1PCTEN: the physical counter may be read; EL1PCEN clear: the physical timer is
 * trapped (ptimer.c)
 */
#define CNTHCTL_GUEST 1UL

#define SCTLR_EL1_RESET 0x30d00800UL /* RES1 bits: MMU and caches off */
#define TCR_EPD0	BIT(7)
#define TCR_EPD1	BIT(23)

#define CNTV_ENABLE  BIT(0)
#define CNTV_IMASK   BIT(1)
#define CNTV_ISTATUS BIT(2)

/* A GICv2's virtual CPU interface is memory: its first page is mapped, the second is GICC_DIR's (trap/abort.c). */
static int map_gic(struct domain *d)
{
	if (!d->arch.vgic.is_v2) {
		return 0;
	}
	return arch_p2m_map(d, gpa(GUEST_GICC_BASE), paddr(gicv2_guest_interface()), PAGE_SIZE,
			    P2M_DEVICE);
}

int arch_domain_init(struct domain *d)
{
	vgic_init(&d->arch.vgic, gic == &gicv2_ops);
	d->arch.cntvoff = read_sysreg(cntpct_el0);
	return map_gic(d);
}

/* The hardware was left clean by unload(): the virtual timer off, its interrupt disabled and not active. */
int arch_domain_reset(struct domain *d)
{
	vgic_spi_quiesce(
		&d->arch.vgic); /* again: one may have been on its way when its domain died */
	vgic_reset(&d->arch.vgic);
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		d->vcpus[i]->arch.ptimer.ctl = 0; /* one that still goes off finds it so */
	}
	d->arch.cntvoff = read_sysreg(cntpct_el0);
	return map_gic(d);
}

int arch_vcpu_init(struct vcpu *v)
{
	if (v->id >= VGIC_MAX_CPUS) {
		return -EINVAL;
	}
	vgic_cpu_init(&v->domain->arch.vgic, &v->arch.vgic, v->id, v->cpu);
	return 0;
}

void arch_vcpu_set_entry(struct vcpu *v, gpa_t entry, uint64_t arg)
{
	v->arch.entry = entry.v;
	v->arch.arg = arg;
	v->arch.is_fresh = true;
}

void arch_vcpu_set_upcall(struct vcpu *v)
{
	vgic_raise_private(&v->arch.vgic, VGIC_PPI_UPCALL);
}

void arch_domain_set_irq(struct domain *d, unsigned int intid, bool level)
{
	vgic_set_line(&d->arch.vgic, intid, level);
}

/*
 * No walk of the guest's tables from here on: speculative ones would mix one guest's stage 1 with
 * another's stage 2 (errata 1165522, 1319367, 1319537, 1530923).
 */
static void stage1_off(void)
{
	write_sysreg(TCR_EPD0 | TCR_EPD1, tcr_el1);
	isb();
}

static void load_el2(const struct vcpu *v)
{
	const struct controls *c = &this_cpu()->arch.controls;

	stage1_off();
	write_sysreg(c->hcr | (v->shares_cpu ? HCR_TWI | HCR_TWE : 0), hcr_el2);
	write_sysreg(c->cptr, cptr_el2);
	write_sysreg(0, hstr_el2);
	write_sysreg(CNTHCTL_GUEST, cnthctl_el2);
	write_sysreg(v->domain->arch.cntvoff, cntvoff_el2);
	write_sysreg(v->domain->arch.vttbr, vttbr_el2);
	write_sysreg(read_sysreg(midr_el1), vpidr_el2);
	write_sysreg(BIT(31) | v->id, vmpidr_el2);
	if (c->has_ras) {
		write_sysreg(0, S3_4_C12_C1_1); /* VDISR_EL2 */
		write_sysreg(0, S3_4_C5_C2_3);	/* VSESR_EL2 */
	}
	debug_load(v);
}

/* At reset. Also so that nothing of the last user of these registers is left in them. */
static void reset_state(struct vcpu *v)
{
	memset(&v->arch.el1, 0, sizeof(v->arch.el1));
	memset(&v->arch.fp, 0, sizeof(v->arch.fp));
	memset(&v->arch.saved, 0, sizeof(v->arch.saved));
	v->arch.el1.sctlr = SCTLR_EL1_RESET;
	v->arch.saved.x[0] = v->arch.arg;
	v->arch.saved.pc = v->arch.entry;
	v->arch.saved.pstate = PSR_EL1H | PSR_DAIF;
	ptimer_reset(v);
	debug_reset(v);
}

/*
 * The VMID may be a dead domain's, and this CPU's caches may hold its instructions and translations;
 * or those of another vCPU of this domain, which has a stage 1 of its own and may rely on a TLB of
 * its own.
 */
static void flush_tlb(struct vcpu *v, bool is_fresh)
{
	uint8_t *last = &v->domain->arch.last_vcpu[v->cpu];

	if (is_fresh) {
		__asm__ volatile("tlbi vmalls12e1\n\tic iallu" : : : "memory");
	} else if (*last != v->id + 1) {
		__asm__ volatile("tlbi vmalle1\n\tic iallu" : : : "memory");
	} else {
		return;
	}
	*last = (uint8_t)(v->id + 1);
	dsb(nsh);
	isb();
}

static void load(struct vcpu *v)
{
	bool is_fresh = v->arch.is_fresh;

	if (is_fresh) {
		v->arch.is_fresh = false;
		reset_state(v);
	}
	load_el2(v);
	gic->guest_on();
	if (is_fresh) {
		isb();
		vgic_start(&v->arch.vgic);
	} else {
		vgic_load(&v->arch.vgic);
	}
	soft_timer_stop(&v->arch.vtimer);
	fp_load(&v->arch.fp);
	el1_load(&v->arch.el1);
	isb();
	flush_tlb(v, is_fresh);
}

static void on_vtimer(struct soft_timer *t)
{
	trap_wake(container_of(t, struct vcpu, arch.vtimer));
}

/* One that asks for its CPU sees its timer when it is back. */
static void watch_vtimer(struct vcpu *v)
{
	const struct el1_state *s = &v->arch.el1;
	uint64_t at;

	if (v->is_blocked && (s->cntv_ctl & (CNTV_ENABLE | CNTV_IMASK)) == CNTV_ENABLE &&
	    !__builtin_add_overflow(s->cntv_cval, v->domain->arch.cntvoff, &at)) {
		soft_timer_start(&v->arch.vtimer, counter_to_ns(at), on_vtimer);
	}
}

static void unload(struct vcpu *v)
{
	serror_settle(v); /* EL2 takes SErrors from here on: ELR_EL2 and SPSR_EL2 are saved */
	el1_save(&v->arch.el1);
	write_sysreg(0, cntv_ctl_el0);
	isb();
	fp_save(&v->arch.fp);
	if (likely(domain_is_running(v->domain))) {
		vgic_save(&v->arch.vgic);
		watch_vtimer(v);
	} else {
		vgic_cpu_offline(&v->arch.vgic);
		ptimer_reset(v);
	}
	gic->guest_off();
	debug_save(v);
	stage1_off();
	write_sysreg(HCR_RW, hcr_el2);
	write_sysreg(0, vttbr_el2);
	isb();
	v->arch.regs = NULL;
}

void arch_vcpu_run(struct vcpu *v)
{
	load(v);
	if (trap_return(v)) {
		guest_enter(&v->arch.regs, &v->arch.saved);
	}
	unload(v);
}

bool arch_vcpu_has_pending(struct vcpu *v)
{
	uint64_t ctl = read_sysreg(cntv_ctl_el0) & (CNTV_ENABLE | CNTV_IMASK | CNTV_ISTATUS);

	return vgic_has_pending(&v->arch.vgic) ||
	       (ctl == (CNTV_ENABLE | CNTV_ISTATUS) && v->arch.vgic.timer_lr != 0);
}

void vgic_hw_wake(struct vgic_cpu *vc)
{
	trap_wake(container_of(vc, struct vcpu, arch.vgic));
}

bool vgic_hw_has_upcall(const struct vgic_cpu *vc)
{
	return trap_has_upcall(container_of(vc, struct vcpu, arch.vgic));
}

/* PAR_EL1 of an AT instruction: F 0, PA 51:12. */
#define PAR_FAULT BIT(0)
#define PAR_PA	  0xffffffffff000UL

/* By both stages, or the first alone, which leaves what it was for the guest to read. */
#define TRANSLATE(both, va, is_write)                                                \
	({                                                                           \
		uint64_t old_ = read_sysreg(par_el1), par_;                          \
                                                                                     \
		if (is_write) {                                                      \
			__asm__ volatile("at " both "w, %0" : : "r"(va) : "memory"); \
		} else {                                                             \
			__asm__ volatile("at " both "r, %0" : : "r"(va) : "memory"); \
		}                                                                    \
		isb();                                                               \
		par_ = read_sysreg(par_el1);                                         \
		write_sysreg(old_, par_el1);                                         \
		par_;                                                                \
	})

static __noinline int translate_slowly(struct vcpu *v, uint64_t va, bool is_write, paddr_t *pa)
{
	uint64_t par = TRANSLATE("s1e1", va, is_write);
	enum p2m_type type;
	int err;

	if ((par & PAR_FAULT) != 0) {
		return -EFAULT;
	}
	err = arch_p2m_lookup(v->domain, gpa((par & PAR_PA) | (va & (PAGE_SIZE - 1))), pa, &type);
	/* What is another domain's may be taken back while we write. */
	if (err || (type != P2M_RAM && (is_write || type != P2M_RAM_RO))) {
		return -EFAULT;
	}
	return 0;
}

/* The domain's own memory, which is where nearly all arguments lie: the hardware has said that it may be written. */
int arch_vcpu_translate(struct vcpu *v, uint64_t va, bool is_write, paddr_t *pa)
{
	const struct domain_ram *ram = &v->domain->ram[0];
	uint64_t par = TRANSLATE("s12e1", va, is_write);

	if (unlikely((par & PAR_FAULT) != 0 || (par & PAR_PA) - ram->pa >= ram->size)) {
		return translate_slowly(v, va, is_write, pa);
	}
	*pa = paddr((par & PAR_PA) | (va & (PAGE_SIZE - 1)));
	return 0;
}

int64_t arch_vcpu_call_again(struct vcpu *v, const uint64_t args[5])
{
	for (unsigned int i = 1; i < 5; i++) {
		v->arch.regs->x[i] = args[i];
	}
	write_sysreg(read_sysreg(elr_el2) - 4, elr_el2);
	return (int64_t)args[0];
}
