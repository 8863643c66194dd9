/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is a GICv3's own: affinity routing, redistributors, the CPU interface and list registers in
 * system registers. Every interrupt is in group 1.
 * Spec: Arm IHI 0069H 12.2, 12.4, 12.9-12.11.
 */
#include <asm/arch.h>
#include <asm/gic.h>
#include <asm/sysreg.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/plan.h>

#define HCR_EN 1UL /* ICH_HCR_EL2 */

static struct {
	volatile uint8_t *redist;
	uint64_t redist_size;
	const uint64_t *affinity; /* of CPU i: the plan's */
} v3;

static void v3_wait_disabled(void)
{
	gic_wait(gic_dist, GICD_CTLR, GICD_CTLR_RWP);
}

static uint64_t pack_affinity(uint64_t mpidr)
{
	return ((mpidr >> 32) & 0xff) << 24 | (mpidr & 0xffffff);
}

/* GICR_TYPER: affinity in 63:32, VLPIS bit 1 (then four frames), Last bit 4. */
static volatile uint8_t *find_redist(uint64_t affinity)
{
	uint64_t at = 0;

	while (at + VGIC_GICR_STRIDE <= v3.redist_size) {
		volatile uint8_t *base = v3.redist + at;
		uint64_t typer = gic_read(base, GICR_TYPER) |
				 (uint64_t)gic_read(base, GICR_TYPER + 4) << 32;

		if (typer >> 32 == pack_affinity(affinity)) {
			return base;
		}
		if ((typer & BIT(4)) != 0) {
			break;
		}
		at += VGIC_GICR_STRIDE * ((typer & BIT(1)) != 0 ? 2 : 1);
	}
	return NULL;
}

static void redist_init(volatile uint8_t *rd)
{
	gic_write(rd, GICR_WAKER, gic_read(rd, GICR_WAKER) & ~GICR_WAKER_SLEEP);
	gic_wait(rd, GICR_WAKER, GICR_WAKER_ASLEEP);
	gic_write(rd + GICR_SGI, GICD_IGROUPR, UINT32_MAX);
	gic_private_init(rd + GICR_SGI);
	gic_wait(rd, GICR_CTLR, GICR_CTLR_RWP);
}

static void cpu_interface_init(void)
{
	/* SRE, no legacy bypass, and EL1 may see ICC_SRE_EL1 */
	write_sysreg(0xf, icc_sre_el2);
	isb();
	write_sysreg(0, ich_hcr_el2);
	write_sysreg(7, icc_sre_el1);
	isb();
	write_sysreg(0xff, icc_pmr_el1);
	write_sysreg(0, icc_bpr1_el1);
	write_sysreg(2, icc_ctlr_el1); /* EOImode: drop and deactivate apart */
	write_sysreg(1, icc_igrpen1_el1);
	isb();
}

static int v3_cpu_init(struct cpu *cpu)
{
	volatile uint8_t *rd = find_redist(cpu->arch.affinity);

	if (rd == NULL) {
		hyp_printf("GIC: no redistributor for affinity 0x%lx", cpu->arch.affinity);
		return -ENODEV;
	}
	cpu->arch.redist = rd;
	redist_init(rd);
	cpu_interface_init();
	return 0;
}

static int v3_init(const struct plan *plan)
{
	uint32_t words = (gic_read(gic_dist, GICD_TYPER) & 0x1f) + 1;

	v3.redist = gic_map(&plan->gic.redist);
	v3.redist_size = plan->gic.redist.size;
	v3.affinity = plan->cpus;
	if (v3.redist == NULL) {
		return -ENOMEM;
	}
	if (((gic_read(gic_dist, GIC_PIDR2) >> 4) & 0xf) < 3) {
		hyp_printf("GIC: no GICv3 distributor at 0x%lx", plan->gic.dist.base);
		return -ENODEV;
	}
	for (uint32_t w = 1; w < words; w++) {
		gic_write(gic_dist, GICD_IGROUPR + 4 * w, UINT32_MAX);
	}
	/*
	 * bit 0 is EnableGrp1 in a Non-secure view, EnableGrp0 in a system with one security state:
	 * harmless there
	 */
	gic_write(gic_dist, GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP1 | GICD_CTLR_GRP0);
	v3_wait_disabled();
	return 0;
}

static void v3_route(uint32_t intid, unsigned int cpu)
{
	uint64_t route = v3.affinity[cpu];

	gic_write(gic_dist, GICD_IROUTER + 8 * intid, (uint32_t)route);
	gic_write(gic_dist, GICD_IROUTER + 8 * intid + 4, (uint32_t)(route >> 32));
}

static uint32_t v3_ack(void)
{
	uint32_t intid = (uint32_t)read_sysreg(icc_iar1_el1);

	dsb(sy); /* the acknowledge before whatever the interrupt stands for (IHI 0069H 4.1.2) */
	return intid;
}

static void v3_drop(uint32_t intid)
{
	write_sysreg(intid, icc_eoir1_el1);
	isb();
}

static void v3_deactivate(uint32_t intid)
{
	write_sysreg(intid, icc_dir_el1);
	isb();
}

static void v3_kick(unsigned int cpu)
{
	uint64_t aff = cpu_get(cpu)->arch.affinity;
	uint64_t sgi = (aff >> 32 & 0xff) << 48 | (aff >> 16 & 0xff) << 32 |
		       (aff >> 8 & 0xff) << 16 | (aff >> 4 & 0xf) << 44 | 1UL << (aff & 0xf) |
		       (uint64_t)GIC_SGI_KICK << 24;

	write_sysreg(sgi, icc_sgi1r_el1);
	isb();
}

static void v3_ppi_enable(unsigned int cpu, uint32_t intid, bool enable)
{
	struct arch_cpu *c = &cpu_get(cpu)->arch;
	volatile uint8_t *rd = c->redist;

	if (rd == NULL || ((c->ppis >> intid) & 1) == enable) {
		return; /* not started yet: it begins with everything disabled; or as it is already */
	}
	c->ppis ^= 1U << intid;
	gic_write(rd + GICR_SGI, enable ? GICD_ISENABLER : GICD_ICENABLER, 1U << intid);
	if (!enable) {
		gic_wait(rd, GICR_CTLR, GICR_CTLR_RWP);
	}
}

static void v3_ppi_activate(uint32_t intid)
{
	gic_write(this_cpu()->arch.redist + GICR_SGI, GICD_ISACTIVER, 1U << intid);
	dsb(sy); /* before the guest could take it once more */
}

static void v3_ppi_pend(unsigned int cpu, uint32_t intid, bool pend)
{
	volatile uint8_t *rd = cpu_get(cpu)->arch.redist;

	if (rd != NULL) {
		gic_write(rd + GICR_SGI, pend ? GICD_ISPENDR : GICD_ICPENDR, 1U << intid);
	}
}

static bool v3_ppi_unpend(uint32_t intid)
{
	volatile uint8_t *sgi = this_cpu()->arch.redist + GICR_SGI;
	bool was = (gic_read(sgi, GICD_ISPENDR) >> intid & 1) != 0;

	gic_write(sgi, GICD_ICPENDR, 1U << intid);
	dsb(sy); /* before the next vCPU could take it */
	return was;
}

/* The number of a list register is part of the instruction, hence the switches. */
#define EACH_LR(X) \
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

static uint64_t v3_lr_read(unsigned int n)
{
	switch (n) {
#define READ_LR(i) \
	case i:    \
		return read_sysreg(ich_lr##i##_el2);
		EACH_LR(READ_LR)
	default:
		return 0;
	}
}

static void v3_lr_write(unsigned int n, uint64_t value)
{
	switch (n) {
#define WRITE_LR(i)                                   \
	case i:                                       \
		write_sysreg(value, ich_lr##i##_el2); \
		break;
		EACH_LR(WRITE_LR)
	default:
		break;
	}
}

static uint32_t v3_lr_empty(void)
{
	return (uint32_t)read_sysreg(ich_elrsr_el2);
}

static unsigned int v3_nr_lrs(void)
{
	return (unsigned int)(read_sysreg(ich_vtr_el2) & 0x1f) + 1;
}

static uint32_t v3_hcr_read(void)
{
	return (uint32_t)read_sysreg(ich_hcr_el2);
}

static void v3_hcr_write(uint32_t value)
{
	write_sysreg(value, ich_hcr_el2);
}

static void v3_guest_on(void)
{
	write_sysreg(7, icc_sre_el1);
	write_sysreg(HCR_EN, ich_hcr_el2);
	isb();
}

static void v3_guest_off(void)
{
	write_sysreg(0, ich_hcr_el2);
}

/* ICH_AP<g>R<n>_EL2: 32 preemption levels each; with 5 bits of priority there is one of a kind, with 7 four. */
static unsigned int nr_aprs(void)
{
	return 1U << (((read_sysreg(ich_vtr_el2) >> 26) & 7) - 4);
}

static void v3_state_save(struct vgic_hw_state *s)
{
	unsigned int n = nr_aprs();

	s->vmcr = read_sysreg(ich_vmcr_el2);
	s->apr[0] = read_sysreg(ich_ap0r0_el2);
	s->apr[4] = read_sysreg(ich_ap1r0_el2);
	if (n > 1) {
		s->apr[1] = read_sysreg(ich_ap0r1_el2);
		s->apr[5] = read_sysreg(ich_ap1r1_el2);
	}
	if (n > 2) {
		s->apr[2] = read_sysreg(ich_ap0r2_el2);
		s->apr[6] = read_sysreg(ich_ap1r2_el2);
		s->apr[3] = read_sysreg(ich_ap0r3_el2);
		s->apr[7] = read_sysreg(ich_ap1r3_el2);
	}
}

static void v3_state_load(const struct vgic_hw_state *s)
{
	unsigned int n = nr_aprs();

	write_sysreg(s->vmcr, ich_vmcr_el2);
	write_sysreg(s->apr[0], ich_ap0r0_el2);
	write_sysreg(s->apr[4], ich_ap1r0_el2);
	if (n > 1) {
		write_sysreg(s->apr[1], ich_ap0r1_el2);
		write_sysreg(s->apr[5], ich_ap1r1_el2);
	}
	if (n > 2) {
		write_sysreg(s->apr[2], ich_ap0r2_el2);
		write_sysreg(s->apr[6], ich_ap1r2_el2);
		write_sysreg(s->apr[3], ich_ap0r3_el2);
		write_sysreg(s->apr[7], ich_ap1r3_el2);
	}
}

/* ICH_VMCR_EL2: VPMR 31:24, VENG1 and VENG0 1:0. */
static unsigned int v3_priority_mask(void)
{
	uint64_t vmcr = read_sysreg(ich_vmcr_el2);

	return (vmcr & 3) != 0 ? (unsigned int)(vmcr >> 24) & 0xff : 0;
}

const struct gic_ops gicv3_ops = {
	.name = "GICv3",
	.init = v3_init,
	.cpu_init = v3_cpu_init,
	.ack = v3_ack,
	.drop = v3_drop,
	.deactivate = v3_deactivate,
	.kick = v3_kick,
	.route = v3_route,
	.ppi_enable = v3_ppi_enable,
	.ppi_pend = v3_ppi_pend,
	.ppi_unpend = v3_ppi_unpend,
	.ppi_activate = v3_ppi_activate,
	.wait_disabled = v3_wait_disabled,
	.lr_read = v3_lr_read,
	.lr_write = v3_lr_write,
	.lr_empty = v3_lr_empty,
	.nr_lrs = v3_nr_lrs,
	.hcr_read = v3_hcr_read,
	.hcr_write = v3_hcr_write,
	.guest_on = v3_guest_on,
	.guest_off = v3_guest_off,
	.state_save = v3_state_save,
	.state_load = v3_state_load,
	.priority_mask = v3_priority_mask,
};
