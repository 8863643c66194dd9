/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is a GICv2's own: memory-mapped CPU interface (GICC) and list registers (GICH), at most eight
 * CPUs that are named by a bit each, and private interrupts that only their own CPU can reach: what
 * another wants of them is left for its next kick. Each interrupt stays in the group that the
 * firmware put it in: bit 0 of the control registers is ours in either view.
 *
 * A guest finds the virtual CPU interface (GICV) at GICC's place, but for its second page: GICC_DIR
 * stands there alone and is emulated (vgic_dir()).
 * Spec: Arm IHI 0048B 4.3, 4.4, 5.3, 5.5.
 */
#include <asm/arch.h>
#include <asm/gic.h>
#include <asm/idregs.h>
#include <asm/sysreg.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/plan.h>

#define HCR_EN 1U /* GICH_HCR */

static struct {
	volatile uint8_t *cpu;
	volatile uint8_t *hyp;
	uint64_t guest_pa;
	uint8_t route[1020]; /* the number of the CPU that was wanted, plus 1 */
} v2;

uint64_t gicv2_guest_interface(void)
{
	return v2.guest_pa;
}

static void v2_wait_disabled(void)
{
	dsb(sy); /* GICv2 has no RWP: a write that has arrived is in effect */
}

/* GICD_ITARGETSR0-7 read as the reader's own bit; as zero where there is but one CPU (4.3.12). */
static uint32_t my_mask(void)
{
	for (uint32_t i = 0; i < 32; i += 4) {
		uint32_t targets = gic_read(gic_dist, GICD_ITARGETSR + i);

		targets |= targets >> 16;
		targets |= targets >> 8;
		if ((targets & 0xff) != 0) {
			return targets & 0xff;
		}
	}
	return 1;
}

/* SPIs may have been given to this CPU before it was there to say its bit. ITARGETSR is written by the byte. */
static void take_routes(const struct cpu *cpu)
{
	for (uint32_t i = GIC_FIRST_SPI; i < ARRAY_SIZE(v2.route); i++) {
		if (v2.route[i] == cpu->id + 1) {
			gic_dist[GICD_ITARGETSR + i] = (uint8_t)cpu->arch.gicv2_mask;
		}
	}
}

static int v2_cpu_init(struct cpu *cpu)
{
	gic_private_init(gic_dist);
	cpu->arch.gicv2_mask = my_mask();
	take_routes(cpu);
	gic_write(v2.hyp, GICH_HCR, 0);
	gic_write(v2.cpu, GICC_PMR, 0xff);
	gic_write(v2.cpu, GICC_BPR, 0);
	gic_write(v2.cpu, GICC_CTLR, GICC_CTLR_ENABLE | GICC_CTLR_EOI_DROP);
	dsb(sy);
	return 0;
}

static int v2_init(const struct plan *plan)
{
	if (((gic_read(gic_dist, GICV2_PIDR2) >> 4) & 0xf) != 2) {
		hyp_printf("GIC: no GICv2 distributor at 0x%lx", plan->gic.dist.base);
		return -ENODEV;
	}
	v2.cpu = gic_map(&plan->gic.cpu);
	v2.hyp = gic_map(&plan->gic.hyp);
	v2.guest_pa = plan->gic.vcpu.base;
	if (v2.cpu == NULL || v2.hyp == NULL) {
		return -ENOMEM;
	}
	idreg_hide_gic();
	gic_write(gic_dist, GICD_CTLR, GICD_CTLR_GRP0);
	return 0;
}

static void v2_route(uint32_t intid, unsigned int cpu)
{
	v2.route[intid] = (uint8_t)(cpu + 1);
	gic_dist[GICD_ITARGETSR + intid] = (uint8_t)cpu_get(cpu)->arch.gicv2_mask;
}

/* An SGI is ended by the sender's number, too. */
static uint32_t v2_ack(void)
{
	uint32_t iar = gic_read(v2.cpu, GICC_IAR);

	dsb(sy); /* the acknowledge before whatever the interrupt stands for */
	this_cpu()->arch.gicv2_source = iar & GICV2_IAR_CPU;
	return iar & GICV2_IAR_INTID;
}

static uint32_t with_source(uint32_t intid)
{
	return intid < GIC_NR_SGIS ? intid | this_cpu()->arch.gicv2_source : intid;
}

static void v2_drop(uint32_t intid)
{
	gic_write(v2.cpu, GICC_EOIR, with_source(intid));
}

static void v2_deactivate(uint32_t intid)
{
	dsb(sy); /* what silenced the device, before its interrupt may fire again */
	gic_write(v2.cpu, GICC_DIR, with_source(intid));
}

static void v2_kick(unsigned int cpu)
{
	dsb(sy);
	gic_write(gic_dist, GICD_SGIR, cpu_get(cpu)->arch.gicv2_mask << 16 | GIC_SGI_KICK);
}

static void v2_ppi_enable(unsigned int cpu, uint32_t intid, bool enable)
{
	struct cpu *to = cpu_get(cpu);
	uint32_t bit = 1U << intid;

	if (to == this_cpu()) {
		/* what another left for the vCPU that was here before */
		__atomic_fetch_and(&to->arch.gicv2_ppi_on, ~bit, __ATOMIC_SEQ_CST);
		__atomic_fetch_and(&to->arch.gicv2_ppi_off, ~bit, __ATOMIC_SEQ_CST);
		gic_write(gic_dist, enable ? GICD_ISENABLER : GICD_ICENABLER, bit);
		dsb(sy);
	} else if (to->arch.gicv2_mask != 0) {
		__atomic_fetch_and(enable ? &to->arch.gicv2_ppi_off : &to->arch.gicv2_ppi_on, ~bit,
				   __ATOMIC_SEQ_CST);
		__atomic_fetch_or(enable ? &to->arch.gicv2_ppi_on : &to->arch.gicv2_ppi_off, bit,
				  __ATOMIC_SEQ_CST);
		v2_kick(cpu);
	}
}

static void v2_kicked(void)
{
	struct arch_cpu *me = &this_cpu()->arch;
	uint32_t off = __atomic_exchange_n(&me->gicv2_ppi_off, 0, __ATOMIC_SEQ_CST);
	uint32_t on = __atomic_exchange_n(&me->gicv2_ppi_on, 0, __ATOMIC_SEQ_CST);

	if ((on | off) != 0) {
		gic_write(gic_dist, GICD_ICENABLER, off);
		gic_write(gic_dist, GICD_ISENABLER, on);
		dsb(sy);
	}
}

static void v2_ppi_activate(uint32_t intid)
{
	gic_write(gic_dist, GICD_ISACTIVER, 1U << intid);
	dsb(sy);
}

/* A guest's GICv2 shows a vCPU its own private interrupts only, so this is never for another CPU. */
static void v2_ppi_pend(unsigned int cpu, uint32_t intid, bool pend)
{
	if (cpu == this_cpu()->id) {
		gic_write(gic_dist, pend ? GICD_ISPENDR : GICD_ICPENDR, 1U << intid);
	}
}

static bool v2_ppi_unpend(uint32_t intid)
{
	bool was = (gic_read(gic_dist, GICD_ISPENDR) >> intid & 1) != 0;

	gic_write(gic_dist, GICD_ICPENDR, 1U << intid);
	dsb(sy);
	return was;
}

/*
 * GICH_LR (5.3.8): INTID 9:0; with HW physical INTID 19:10, else EOI 19 and CPUID 12:10; priority
 * 27:23, state 29:28, group 30, HW 31. Above bit 47 GICv3's has the same, 32 bits further up, but for
 * the width of the priority.
 */
#define V2_INTID      0x3ffU
#define V2_PINT_SHIFT 10
#define V2_EOI	      BIT(19)
#define V2_PRIO_SHIFT 23
#define V2_PRIO	      0x1fU
#define V2_FLAGS      0xf0000000U
#define V3_PRIO_LOST  3

static uint64_t v2_lr_read(unsigned int n)
{
	uint32_t lr = gic_read(v2.hyp, GICH_LR + 4 * n);
	uint64_t value = (lr & V2_INTID) | (uint64_t)((lr >> V2_PRIO_SHIFT) & V2_PRIO)
						   << (LR_PRIO_SHIFT + V3_PRIO_LOST);

	/* pending 28, active 29, group 30, HW 31: 62, 63, 60, 61 there */
	value |= (uint64_t)((lr >> 28) & 3) << 62 | (uint64_t)(lr >> 30) << 60;
	if ((value & LR_HW) != 0) {
		return value | (uint64_t)((lr >> V2_PINT_SHIFT) & V2_INTID) << LR_PINTID_SHIFT;
	}
	return value | ((lr & V2_EOI) != 0 ? LR_EOI : 0) |
	       (uint64_t)((lr >> V2_PINT_SHIFT) & 7) << LR_PINTID_SHIFT;
}

static void v2_lr_write(unsigned int n, uint64_t value)
{
	uint32_t lr = (uint32_t)value & V2_INTID;

	lr |= ((uint32_t)(value >> (LR_PRIO_SHIFT + V3_PRIO_LOST)) & V2_PRIO) << V2_PRIO_SHIFT;
	lr |= (uint32_t)(value >> 62) << 28 | ((uint32_t)(value >> 60) & 3) << 30;
	if ((value & LR_HW) != 0) {
		lr |= ((uint32_t)(value >> LR_PINTID_SHIFT) & V2_INTID) << V2_PINT_SHIFT;
	} else {
		lr |= ((uint32_t)(value >> LR_PINTID_SHIFT) & 7) << V2_PINT_SHIFT;
		lr |= (value & LR_EOI) != 0 ? (uint32_t)V2_EOI : 0;
	}
	gic_write(v2.hyp, GICH_LR + 4 * n, lr);
}

static uint32_t v2_lr_empty(void)
{
	return gic_read(v2.hyp, GICH_ELRSR);
}

static unsigned int v2_nr_lrs(void)
{
	return MIN((gic_read(v2.hyp, GICH_VTR) & 0x3f) + 1, (uint32_t)VGIC_MAX_LRS);
}

static uint32_t v2_hcr_read(void)
{
	return gic_read(v2.hyp, GICH_HCR);
}

static void v2_hcr_write(uint32_t value)
{
	gic_write(v2.hyp, GICH_HCR, value);
}

static void v2_guest_on(void)
{
	gic_write(v2.hyp, GICH_HCR, HCR_EN);
}

static void v2_guest_off(void)
{
	gic_write(v2.hyp, GICH_HCR, 0);
}

static void v2_state_save(struct vgic_hw_state *s)
{
	s->vmcr = gic_read(v2.hyp, GICH_VMCR);
	s->apr[0] = gic_read(v2.hyp, GICH_APR);
}

static void v2_state_load(const struct vgic_hw_state *s)
{
	gic_write(v2.hyp, GICH_VMCR, (uint32_t)s->vmcr);
	gic_write(v2.hyp, GICH_APR, (uint32_t)s->apr[0]);
}

/* GICH_VMCR: VMPriMask 31:27, the upper five bits of eight; VMGrp1En and VMGrp0En 1:0. */
static unsigned int v2_priority_mask(void)
{
	uint32_t vmcr = gic_read(v2.hyp, GICH_VMCR);

	return (vmcr & 3) != 0 ? (vmcr >> 27) << V3_PRIO_LOST : 0;
}

const struct gic_ops gicv2_ops = {
	.name = "GICv2",
	.init = v2_init,
	.cpu_init = v2_cpu_init,
	.ack = v2_ack,
	.drop = v2_drop,
	.deactivate = v2_deactivate,
	.kick = v2_kick,
	.kicked = v2_kicked,
	.route = v2_route,
	.ppi_enable = v2_ppi_enable,
	.ppi_pend = v2_ppi_pend,
	.ppi_unpend = v2_ppi_unpend,
	.ppi_activate = v2_ppi_activate,
	.wait_disabled = v2_wait_disabled,
	.lr_read = v2_lr_read,
	.lr_write = v2_lr_write,
	.lr_empty = v2_lr_empty,
	.nr_lrs = v2_nr_lrs,
	.hcr_read = v2_hcr_read,
	.hcr_write = v2_hcr_write,
	.guest_on = v2_guest_on,
	.guest_off = v2_guest_off,
	.state_save = v2_state_save,
	.state_load = v2_state_load,
	.priority_mask = v2_priority_mask,
};
