/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vCPU on its CPU. Pinned for life, it is loaded once, at reset, and its EL1 and FP registers
 * then stay in the hardware until it goes off; nothing is ever saved, for a vCPU that is started
 * again begins at reset.
 * Spec: Arm ARM D1.7 (reset), D19.2.48 (HCR_EL2), D12 (timers); Linux booting.rst for the entry
 * state.
 */
#include <asm/arch.h>
#include <asm/sysreg.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/percpu.h>

/*
 * CNTHCTL_EL2: EL1PCTEN: the physical counter may be read; EL1PCEN clear: the physical timer is not
 * there
 */
#define CNTHCTL_GUEST 1UL

#define SCTLR_EL1_RESET 0x30d00800UL /* RES1 bits: MMU and caches off */
#define TCR_EPD0	BIT(7)
#define TCR_EPD1	BIT(23)
#define ICH_HCR_EN	1UL
#define ICH_VMCR_RESET	0UL

int arch_domain_init(struct domain *d)
{
	vgic_init(&d->arch.vgic);
	d->arch.cntvoff = read_sysreg(cntpct_el0);
	return 0;
}

/* The hardware was left clean by unload(): the virtual timer off, its interrupt disabled and not active. */
void arch_domain_reset(struct domain *d)
{
	vgic_spi_quiesce(
		&d->arch.vgic); /* again: one may have been on its way when its domain died */
	vgic_reset(&d->arch.vgic);
	d->arch.cntvoff = read_sysreg(cntpct_el0);
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
	write_sysreg(c->hcr, hcr_el2);
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

/* Also so that nothing of the last user of these registers is left in them. */
static void load_el1(void)
{
	write_sysreg(SCTLR_EL1_RESET, sctlr_el1);
	write_sysreg(0, cpacr_el1);
	write_sysreg(0, tcr_el1);
	write_sysreg(0, ttbr0_el1);
	write_sysreg(0, ttbr1_el1);
	write_sysreg(0, mair_el1);
	write_sysreg(0, amair_el1);
	write_sysreg(0, vbar_el1);
	write_sysreg(0, esr_el1);
	write_sysreg(0, far_el1);
	write_sysreg(0, afsr0_el1);
	write_sysreg(0, afsr1_el1);
	write_sysreg(0, elr_el1);
	write_sysreg(0, spsr_el1);
	write_sysreg(0, sp_el0);
	write_sysreg(0, sp_el1);
	write_sysreg(0, tpidr_el0);
	write_sysreg(0, tpidrro_el0);
	write_sysreg(0, tpidr_el1);
	write_sysreg(0, contextidr_el1);
	write_sysreg(0, csselr_el1);
	write_sysreg(0, par_el1);
	write_sysreg(0, mdscr_el1);
	write_sysreg(0, cntkctl_el1);
	write_sysreg(0, cntv_ctl_el0);
	write_sysreg(0, cntv_cval_el0);
}

static void load_gic(struct vcpu *v)
{
	write_sysreg(7, icc_sre_el1);
	isb();
	write_sysreg(ICH_VMCR_RESET, ich_vmcr_el2);
	write_sysreg(0, ich_ap0r0_el2);
	write_sysreg(0, ich_ap1r0_el2);
	vgic_cpu_online(&v->arch.vgic);
	write_sysreg(ICH_HCR_EN, ich_hcr_el2);
}

static void unload(struct vcpu *v)
{
	write_sysreg(0, cntv_ctl_el0);
	isb();
	vgic_cpu_offline(&v->arch.vgic);
	write_sysreg(0, ich_hcr_el2);
	debug_save(v);
	stage1_off();
	write_sysreg(HCR_RW, hcr_el2);
	write_sysreg(0, vttbr_el2);
	isb();
	v->arch.regs = NULL;
}

void arch_vcpu_run(struct vcpu *v)
{
	debug_reset(v);
	load_el2(v);
	load_el1();
	load_gic(v);
	fp_reset();
	/*
	 * the VMID may be a dead domain's, this CPU's caches may hold its instructions and
	 * translations
	 */
	isb();
	__asm__ volatile("tlbi vmalls12e1\n\tic iallu" : : : "memory");
	dsb(nsh);
	isb();
	if (trap_return(v)) {
		guest_enter(&v->arch.regs, v->arch.entry, v->arch.arg, PSR_EL1H | PSR_DAIF);
	}
	unload(v);
}

int arch_vcpu_translate(struct vcpu *v, uint64_t va, bool is_write, paddr_t *pa)
{
	uint64_t old = read_sysreg(par_el1);
	enum p2m_type type;
	uint64_t par;
	int err;

	if (is_write) {
		__asm__ volatile("at s1e1w, %0" : : "r"(va) : "memory");
	} else {
		__asm__ volatile("at s1e1r, %0" : : "r"(va) : "memory");
	}
	isb();
	par = read_sysreg(par_el1);
	write_sysreg(old, par_el1);
	if ((par & 1) != 0) {
		return -EFAULT;
	}
	err = arch_p2m_lookup(v->domain, gpa((par & 0xffffffffff000UL) | (va & (PAGE_SIZE - 1))),
			      pa, &type);
	/* What is another domain's may be taken back while we write. */
	if (err || (type != P2M_RAM && (is_write || type != P2M_RAM_RO))) {
		return -EFAULT;
	}
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
