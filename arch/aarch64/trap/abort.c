/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data aborts of a guest: accesses to places where no memory is mapped go to the virtual GIC or a
 * device model. Only what the hardware has decoded for us (ESR.ISV) is emulated; no instruction is
 * ever fetched from a guest.
 * Spec: Arm ARM D19.2.37, ISS encoding of a data abort; Xen public arch-arm.h for the places.
 */
#include <asm/arch.h>
#include <asm/errata.h>
#include <asm/gic.h>
#include <asm/sysreg.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/xen.h>

#define DABT_ISV	BIT(24)
#define DABT_SAS(esr)	(((esr) >> 22) & 3)
#define DABT_SSE	BIT(21)
#define DABT_SRT(esr)	(((esr) >> 16) & 31)
#define DABT_SF		BIT(15)
#define DABT_CM		BIT(8)
#define DABT_S1PTW	BIT(7)
#define DABT_WNR	BIT(6)
#define DABT_FSC(esr)	(((esr) >> 2) & 0xf)
#define FSC_TRANSLATION 1
#define FSC_EXTERNAL	4

/* From the distributor to the end of the last redistributor that there can be. */
#define GIC_SPACE (GUEST_GICV3_GICR0_BASE + GUEST_GICV3_GICR0_SIZE - GUEST_GICV3_GICD_BASE)

struct access {
	uint64_t ipa;
	unsigned int size;
	bool is_write;
	uint64_t reg;
};

static uint64_t reg_read(const struct guest_regs *regs, uint64_t n)
{
	return n == 31 ? 0 : regs->x[n];
}

/* Rare, and kept out of the way of what is not. */
static __noinline uint64_t extend_signed(uint64_t value, uint64_t esr, unsigned int shift)
{
	value = (uint64_t)((int64_t)(value << shift) >> shift);
	return (esr & DABT_SF) != 0 ? value : (uint32_t)value;
}

/* What a load of @size bytes puts into its register; without a sign a 32-bit register makes no difference. */
static uint64_t extend(uint64_t value, uint64_t esr, unsigned int size)
{
	unsigned int shift = -(8 * size) % 64;

	if (unlikely((esr & DABT_SSE) != 0)) {
		return extend_signed(value, esr, shift);
	}
	return (value << shift) >> shift;
}

static bool is_in(uint64_t at, uint64_t base, uint64_t size)
{
	return at - base < size;
}

/* Registers that speak of interrupts' state; a GICv2's SGIs have some of their own. */
static bool is_state(uint64_t offset)
{
	offset &= 0xffff;
	return (offset >= GICD_ISPENDR && offset < GICD_IPRIORITYR) ||
	       offset - GICD_CPENDSGIR < 0x20;
}

/* Interrupts that a read may ask about are brought up to date first. */
static bool is_state_read(const struct access *a, uint64_t offset)
{
	return !a->is_write && is_state(offset);
}

#define GICC_DIR_PAGE (GUEST_GICC_BASE + PAGE_SIZE)

static __noinline void crash_at(struct vcpu *v, uint64_t ipa, unsigned int size, bool is_write)
{
	domain_crash(v, "%s of %u bytes at guest-physical 0x%lx: nothing there",
		     is_write ? "write" : "read", size, ipa);
}

/* All of it lies within the place of a GICv3's distributor. */
static __noinline void gicv2_access(struct vcpu *v, uint64_t ipa, unsigned int size, bool is_write,
				    uint64_t *value)
{
	struct vgic_cpu *vc = &v->arch.vgic;
	uint32_t offset = (uint32_t)(ipa - GUEST_GICD_BASE);

	if (is_in(ipa, GICC_DIR_PAGE, PAGE_SIZE)) {
		/* write only: read as zero */
		if (is_write && ipa == GICC_DIR_PAGE && size == 4) {
			vgic_dir(vc, (uint32_t)*value);
		}
	} else if (!is_in(ipa, GUEST_GICD_BASE, GUEST_GICD_SIZE)) {
		crash_at(v, ipa, size, is_write);
	} else if (is_write) {
		vgic_v2_write(vc, offset, size, *value);
	} else {
		if (is_state(offset)) {
			vgic_maintenance(vc);
		}
		*value = vgic_v2_read(vc, offset, size);
	}
}

static __forceinline void dist_access(struct vcpu *v, const struct access *a, uint64_t *value)
{
	uint32_t offset = (uint32_t)(a->ipa - GUEST_GICV3_GICD_BASE);

	if (unlikely(v->domain->arch.vgic.is_v2)) {
		gicv2_access(v, a->ipa, a->size, a->is_write, value);
		return;
	}
	if (is_state_read(a, offset)) {
		vgic_maintenance(&v->arch.vgic);
	}
	if (a->is_write) {
		vgic_dist_write(&v->domain->arch.vgic, offset, a->size, *value);
	} else {
		*value = vgic_dist_read(&v->domain->arch.vgic, offset, a->size);
	}
}

static __forceinline void redist_access(struct vcpu *v, const struct access *a, uint64_t *value)
{
	uint64_t offset = a->ipa - GUEST_GICV3_GICR0_BASE;
	struct vgic_cpu *vc = v->domain->arch.vgic.cpus[offset / VGIC_GICR_STRIDE];
	uint32_t at = (uint32_t)(offset % VGIC_GICR_STRIDE);

	if (is_state_read(a, at)) {
		vgic_maintenance(&v->arch.vgic);
	}
	if (a->is_write) {
		vgic_redist_write(vc, at, a->size, *value);
	} else {
		*value = vgic_redist_read(vc, at, a->size);
	}
}

/* The virtual GIC lies below everything else that is emulated: one comparison for the rest. */
static __forceinline bool emulate_gic(struct vcpu *v, const struct access *a, uint64_t *value)
{
	if (is_in(a->ipa, GUEST_GICV3_GICD_BASE, VGIC_GICD_SIZE)) {
		dist_access(v, a, value);
		return true;
	}
	if (is_in(a->ipa, GUEST_GICV3_GICR0_BASE, v->domain->arch.vgic.redist_size)) {
		redist_access(v, a, value);
		return true;
	}
	return false;
}

static __forceinline bool emulate(struct vcpu *v, const struct access *a, uint64_t *value)
{
	if (is_in(a->ipa, GUEST_GICV3_GICD_BASE, GIC_SPACE) && emulate_gic(v, a, value)) {
		return true;
	}
	return trap_mmio(v, gpa(a->ipa), a->size, a->is_write, value);
}

static bool stage1_faults(uint64_t far, bool is_write)
{
	bool is_el0 = (read_sysreg(spsr_el2) & 0xf) == 0;
	uint64_t old = read_sysreg(par_el1), par;

	if (is_el0 && is_write) {
		__asm__ volatile("at s1e0w, %0" : : "r"(far) : "memory");
	} else if (is_el0) {
		__asm__ volatile("at s1e0r, %0" : : "r"(far) : "memory");
	} else if (is_write) {
		__asm__ volatile("at s1e1w, %0" : : "r"(far) : "memory");
	} else {
		__asm__ volatile("at s1e1r, %0" : : "r"(far) : "memory");
	}
	isb();
	par = read_sysreg(par_el1);
	write_sysreg(old, par_el1);
	return (par & 1) != 0;
}

/*
 * Erratum 834220: what a load across two pages has of faults in stage 1 may be reported as a
 * translation fault of stage 2. Then the guest tries again, and takes its own fault.
 */
static __noinline bool is_misreported(uint64_t esr, uint64_t far)
{
	return (errata_needed & ERRATUM_CROSSING) != 0 && stage1_faults(far, (esr & DABT_WNR) != 0);
}

/*
 * A mapping that is changed is gone for a moment (break before make). Whoever looked then finds it again once the
 * change, which is made under the domain's lock, is done.
 */
static __noinline bool is_there_again(struct vcpu *v, uint64_t ipa)
{
	unsigned long irq = spin_lock_irqsave(&v->domain->lock);
	enum p2m_type type;
	paddr_t pa;
	bool is_there = arch_p2m_lookup(v->domain, gpa(ipa), &pa, &type) == 0;

	spin_unlock_irqrestore(&v->domain->lock, irq);
	return is_there;
}

void handle_instruction_abort(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	uint64_t ipa = (read_sysreg(hpfar_el2) >> 4) << PAGE_SHIFT;

	(void)regs;
	if (DABT_FSC(esr) != FSC_TRANSLATION || !is_there_again(v, ipa)) {
		domain_crash(v, "%s", esr_class(esr));
	}
}

static __noinline void not_emulated(struct vcpu *v, uint64_t esr, uint64_t far, uint64_t ipa)
{
	uint64_t fsc = DABT_FSC(esr);

	if (fsc == FSC_TRANSLATION && (is_misreported(esr, far) || is_there_again(v, ipa))) {
		return;
	}
	if (fsc == FSC_EXTERNAL || fsc == FSC_EXTERNAL + 1) {
		domain_crash(v, "external abort at guest address 0x%lx", far);
	} else if (fsc != FSC_TRANSLATION) {
		domain_crash(v, "access to guest address 0x%lx is not allowed", far);
	} else {
		domain_crash(v, "nothing at guest-physical 0x%lx, and no plain load or store", ipa);
	}
}

static __noinline void nothing_there(struct vcpu *v, uint64_t esr, uint64_t far, uint64_t ipa)
{
	if (!is_misreported(esr, far) && !is_there_again(v, ipa)) {
		crash_at(v, ipa, 1U << DABT_SAS(esr), (esr & DABT_WNR) != 0);
	}
}

/* No canary: there is no array here, and every trapped access passes. */
__no_canary void handle_data_abort(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	uint64_t far = read_sysreg(far_el2);
	struct access a = {
		.ipa = (read_sysreg(hpfar_el2) >> 4) << PAGE_SHIFT | (far & (PAGE_SIZE - 1)),
		.size = 1U << DABT_SAS(esr),
		.is_write = (esr & DABT_WNR) != 0,
		.reg = DABT_SRT(esr),
	};
	uint64_t value;

	if (unlikely(DABT_FSC(esr) != FSC_TRANSLATION ||
		     (esr & (DABT_ISV | DABT_S1PTW | DABT_CM)) != DABT_ISV)) {
		not_emulated(v, esr, far, a.ipa);
		return;
	}
	/* the second page of a load that crosses; one that is in the first is not aligned */
	if (unlikely((far & (PAGE_SIZE - 1)) == 0) && is_misreported(esr, far)) {
		return;
	}
	value = a.is_write ? extend(reg_read(regs, a.reg), 0, a.size) : 0;
	if (!emulate(v, &a, &value)) {
		nothing_there(v, esr, far, a.ipa);
		return;
	}
	if (!a.is_write && a.reg != 31) {
		regs->x[a.reg] = extend(value, esr, a.size);
	}
	pc_skip(esr);
}
