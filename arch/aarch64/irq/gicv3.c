/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The physical GICv3: distributor, redistributors, system-register CPU interface with EOImode = 1,
 * so that an interrupt handed to a guest is deactivated by the guest. Every interrupt is in group
 * 1.
 *
 * Ours are few: an SGI that makes a CPU look for work, the maintenance interrupt, our own timer,
 * the guests' virtual timer, and the console's UART on the boot CPU. Handlers are registered before
 * the other CPUs start. SPIs of devices that a domain was given are handed to it (irq/assign.c).
 * Spec: Arm IHI 0069H 12.9-12.11, 4.1 (initialization), 11 (EOImode and list registers).
 */
#include <asm/arch.h>
#include <asm/gic.h>
#include <asm/sysreg.h>
#include <hyp/arch/cpu.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define SGI_KICK	0
#define PPI_MAINTENANCE 25 /* Arm BSA: the INTID every system uses */
#define PPI_TIMER	26 /* CNTHP, ours */
#define MAX_HANDLERS	8
#define RWP_TRIES	1000000
#define PRIORITY	0xa0a0a0a0U

static struct {
	volatile uint8_t *dist;
	volatile uint8_t *redist;
	uint64_t redist_size;
	uint32_t nr_intids;
	const uint64_t *affinity; /* of CPU i: the plan's */
	unsigned int nr_handlers;
	struct {
		uint32_t intid;
		void (*handler)(void *arg);
		void *arg;
	} handlers[MAX_HANDLERS];
} gic;

static uint32_t read32(volatile uint8_t *base, uint32_t at)
{
	return *(volatile uint32_t *)(base + at);
}

static void write32(volatile uint8_t *base, uint32_t at, uint32_t value)
{
	*(volatile uint32_t *)(base + at) = value;
}

static void wait_rwp(volatile uint8_t *base, uint32_t ctlr, uint32_t bit)
{
	for (unsigned int i = 0; i < RWP_TRIES; i++) {
		if ((read32(base, ctlr) & bit) == 0) {
			return;
		}
	}
	panic("GIC: register writes never complete");
}

unsigned long arch_irq_save(void)
{
	uint64_t flags = read_sysreg(daif);

	__asm__ volatile("msr daifset, #2" : : : "memory");
	return flags;
}

void arch_irq_restore(unsigned long flags)
{
	__asm__ volatile("msr daif, %0" : : "r"(flags) : "memory");
}

static void dist_init(void)
{
	uint32_t words = (read32(gic.dist, GICD_TYPER) & 0x1f) + 1;

	gic.nr_intids = MIN(words * 32, 1020U);
	write32(gic.dist, GICD_CTLR, 0);
	wait_rwp(gic.dist, GICD_CTLR, GICD_CTLR_RWP);
	for (uint32_t w = 1; w < words; w++) {
		write32(gic.dist, GICD_ICENABLER + 4 * w, UINT32_MAX);
		write32(gic.dist, GICD_ICPENDR + 4 * w, UINT32_MAX);
		write32(gic.dist, GICD_ICACTIVER + 4 * w, UINT32_MAX);
		write32(gic.dist, GICD_IGROUPR + 4 * w, UINT32_MAX);
		for (uint32_t i = 0; i < 8; i++) {
			write32(gic.dist, GICD_IPRIORITYR + 32 * w + 4 * i, PRIORITY);
		}
		write32(gic.dist, GICD_ICFGR + 8 * w, 0);
		write32(gic.dist, GICD_ICFGR + 8 * w + 4, 0);
	}
	wait_rwp(gic.dist, GICD_CTLR, GICD_CTLR_RWP);
	/*
	 * bit 0 is EnableGrp1 in a Non-secure view, EnableGrp0 in a system with one security state:
	 * harmless there
	 */
	write32(gic.dist, GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP1 | GICD_CTLR_GRP0);
	wait_rwp(gic.dist, GICD_CTLR, GICD_CTLR_RWP);
}

static uint64_t pack_affinity(uint64_t mpidr)
{
	return ((mpidr >> 32) & 0xff) << 24 | (mpidr & 0xffffff);
}

/* GICR_TYPER: affinity in 63:32, VLPIS bit 1 (then four frames), Last bit 4. */
static volatile uint8_t *find_redist(uint64_t affinity)
{
	uint64_t at = 0;

	while (at + VGIC_GICR_STRIDE <= gic.redist_size) {
		volatile uint8_t *base = gic.redist + at;
		uint64_t typer = read32(base, GICR_TYPER) | (uint64_t)read32(base, GICR_TYPER + 4)
								    << 32;

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
	volatile uint8_t *sgi = rd + GICR_SGI;

	write32(rd, GICR_WAKER, read32(rd, GICR_WAKER) & ~GICR_WAKER_SLEEP);
	wait_rwp(rd, GICR_WAKER, GICR_WAKER_ASLEEP);
	write32(sgi, GICD_ICENABLER, UINT32_MAX);
	write32(sgi, GICD_ICPENDR, UINT32_MAX);
	write32(sgi, GICD_ICACTIVER, UINT32_MAX);
	write32(sgi, GICD_IGROUPR, UINT32_MAX);
	for (uint32_t i = 0; i < 8; i++) {
		write32(sgi, GICD_IPRIORITYR + 4 * i, PRIORITY);
	}
	write32(sgi, GICD_ICFGR + 4, 0);
	wait_rwp(rd, GICR_CTLR, GICR_CTLR_RWP);
	write32(sgi, GICD_ISENABLER, 1U << SGI_KICK | 1U << PPI_MAINTENANCE | 1U << PPI_TIMER);
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

int gic_cpu_init(struct cpu *cpu)
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

int arch_irq_init(const struct plan *plan)
{
	if (plan->gic.type != PLAN_GIC_V3 || ((read_sysreg(id_aa64pfr0_el1) >> 24) & 0xf) == 0) {
		hyp_printf("GIC: only GICv3 with system registers is supported");
		return -ENODEV;
	}
	gic.affinity = plan->cpus;
	gic.dist = arch_map(paddr(plan->gic.dist.base), plan->gic.dist.size, MAP_DEVICE);
	gic.redist = arch_map(paddr(plan->gic.redist.base), plan->gic.redist.size, MAP_DEVICE);
	gic.redist_size = plan->gic.redist.size;
	if (gic.dist == NULL || gic.redist == NULL) {
		return -ENOMEM;
	}
	if (((read32(gic.dist, GIC_PIDR2) >> 4) & 0xf) < 3) {
		hyp_printf("GIC: no GICv3 distributor at 0x%lx", plan->gic.dist.base);
		return -ENODEV;
	}
	dist_init();
	return gic_cpu_init(this_cpu());
}

int vgic_hw_spi_check(unsigned int intid)
{
	if (intid < GIC_FIRST_SPI || intid >= gic.nr_intids) {
		return -EINVAL;
	}
	for (unsigned int i = 0; i < gic.nr_handlers; i++) {
		if (gic.handlers[i].intid == intid) {
			return -EBUSY;
		}
	}
	return 0;
}

void vgic_hw_spi_set(unsigned int intid, enum vgic_reg reg)
{
	/* the six register groups follow each other, 128 bytes each */
	write32(gic.dist, GICD_ISENABLER + 0x80 * (uint32_t)reg + 4 * (intid / 32),
		1U << (intid % 32));
}

uint32_t vgic_hw_spi_pending(unsigned int bank)
{
	return read32(gic.dist, GICD_ISPENDR + 4 * (bank + 1));
}

void vgic_hw_spi_route(unsigned int intid, unsigned int cpu)
{
	uint64_t route = gic.affinity[cpu];

	write32(gic.dist, GICD_IROUTER + 8 * intid, (uint32_t)route);
	write32(gic.dist, GICD_IROUTER + 8 * intid + 4, (uint32_t)(route >> 32));
}

/* Int_config may only change while the interrupt is disabled (IHI 0069H 12.9.9). */
void vgic_hw_spi_config(unsigned int intid, bool is_edge)
{
	uint32_t at = GICD_ICFGR + 4 * (intid / 16);
	uint32_t bit = 2U << (2 * (intid % 16));
	uint32_t cfg;

	vgic_hw_spi_set(intid, VGIC_ICENABLER);
	wait_rwp(gic.dist, GICD_CTLR, GICD_CTLR_RWP);
	cfg = read32(gic.dist, at);
	write32(gic.dist, at, is_edge ? cfg | bit : cfg & ~bit);
}

int arch_irq_request(unsigned int irq, void (*handler)(void *arg), void *arg)
{
	int err = vgic_hw_spi_check(irq);

	if (err != 0) {
		return err;
	}
	if (gic.nr_handlers == MAX_HANDLERS) {
		return -EBUSY;
	}
	gic.handlers[gic.nr_handlers].intid = irq;
	gic.handlers[gic.nr_handlers].handler = handler;
	gic.handlers[gic.nr_handlers].arg = arg;
	gic.nr_handlers++;
	vgic_hw_spi_route(irq, this_cpu()->id);
	vgic_hw_spi_set(irq, VGIC_ISENABLER);
	return 0;
}

uint32_t gic_ack(void)
{
	uint32_t intid = (uint32_t)read_sysreg(icc_iar1_el1);

	dsb(sy); /* the acknowledge before whatever the interrupt stands for (IHI 0069H 4.1.2) */
	return intid;
}

void gic_drop(uint32_t intid)
{
	write_sysreg(intid, icc_eoir1_el1);
	isb();
}

void gic_deactivate(uint32_t intid)
{
	write_sysreg(intid, icc_dir_el1);
	isb();
}

static void call_handler(uint32_t intid)
{
	for (unsigned int i = 0; i < gic.nr_handlers; i++) {
		if (gic.handlers[i].intid == intid) {
			gic.handlers[i].handler(gic.handlers[i].arg);
			return;
		}
	}
}

void gic_handle(uint32_t intid)
{
	struct vcpu *v = this_cpu()->current;

	if (intid == SGI_KICK) {
		if (__atomic_load_n(&is_panicking, __ATOMIC_ACQUIRE)) {
			arch_cpu_stop();
		}
	} else if (intid == PPI_MAINTENANCE) {
		/* a level: gone only when the list registers have been seen to */
		if (v != NULL) {
			vgic_maintenance(&v->arch.vgic);
		}
	} else if (intid == PPI_TIMER) {
		arch_timer_set(TIMER_OFF);
		trap_timer();
	} else if (irq_to_guest(intid)) {
		return; /* who deactivates it */
	} else {
		call_handler(intid);
	}
	gic_deactivate(intid);
}

void arch_cpu_kick(unsigned int cpu)
{
	uint64_t aff = cpu_get(cpu)->arch.affinity;
	uint64_t sgi = (aff >> 32 & 0xff) << 48 | (aff >> 16 & 0xff) << 32 |
		       (aff >> 8 & 0xff) << 16 | (aff >> 4 & 0xf) << 44 | 1UL << (aff & 0xf) |
		       (uint64_t)SGI_KICK << 24;

	dsb(ishst); /* what the other CPU is to see, before it is told */
	write_sysreg(sgi, icc_sgi1r_el1);
	isb();
}

void vgic_hw_deactivate(unsigned int intid)
{
	gic_deactivate(intid);
}

void vgic_hw_ppi_enable(unsigned int cpu, unsigned int intid, bool enable)
{
	struct arch_cpu *c = &cpu_get(cpu)->arch;
	volatile uint8_t *rd = c->redist;

	if (rd == NULL || ((c->ppis >> intid) & 1) == enable) {
		return; /* not started yet: it begins with everything disabled; or as it is already */
	}
	c->ppis ^= 1U << intid;
	write32(rd + GICR_SGI, enable ? GICD_ISENABLER : GICD_ICENABLER, 1U << intid);
	if (!enable) {
		wait_rwp(rd, GICR_CTLR, GICR_CTLR_RWP);
	}
}

void vgic_hw_ppi_activate(unsigned int cpu, unsigned int intid)
{
	volatile uint8_t *rd = cpu_get(cpu)->arch.redist;

	write32(rd + GICR_SGI, GICD_ISACTIVER, 1U << intid);
	dsb(sy); /* before the guest could take it once more */
}

void vgic_hw_ppi_pend(unsigned int cpu, unsigned int intid, bool pend)
{
	volatile uint8_t *rd = cpu_get(cpu)->arch.redist;

	if (rd != NULL) {
		write32(rd + GICR_SGI, pend ? GICD_ISPENDR : GICD_ICPENDR, 1U << intid);
	}
}

void vgic_hw_kick(unsigned int cpu)
{
	if (cpu != this_cpu()->id) {
		arch_cpu_kick(cpu);
	}
}
