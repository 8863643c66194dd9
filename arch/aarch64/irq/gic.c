/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The physical interrupt controller, as far as GICv3 and GICv2 are the same: the distributor's SPIs,
 * who handles what, and the choice between the two by what the plan says of the board.
 *
 * Ending an interrupt and deactivating it are apart (EOImode = 1), so that an interrupt handed to a
 * guest is deactivated by the guest. Ours are few: an SGI that makes a CPU look for work, the
 * maintenance interrupt, our own timer, the guests' virtual timer, and the console's UART on the boot
 * CPU. Handlers are registered before the other CPUs start. SPIs of devices that a domain was given
 * are handed to it (irq/assign.c).
 * Spec: Arm IHI 0069H 12.9, IHI 0048B 4.3; 4.1 of the former for the initialization.
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

#define PPI_MAINTENANCE 25 /* Arm BSA: the INTID every system uses */
#define PPI_TIMER	26 /* CNTHP, ours */
#define MAX_HANDLERS	8
#define WAIT_TRIES	1000000
#define PRIORITY	0xa0a0a0a0U

const struct gic_ops *gic;
volatile uint8_t *gic_dist;

static struct {
	uint32_t nr_intids;
	unsigned int nr_handlers;
	struct {
		uint32_t intid;
		void (*handler)(void *arg);
		void *arg;
	} handlers[MAX_HANDLERS];
} irqs;

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

void gic_wait(const volatile uint8_t *base, uint32_t at, uint32_t bits)
{
	for (unsigned int i = 0; i < WAIT_TRIES; i++) {
		if ((gic_read(base, at) & bits) == 0) {
			return;
		}
	}
	panic("GIC: register writes never complete");
}

volatile uint8_t *gic_map(const struct plan_range *range)
{
	return arch_map(paddr(range->base), range->size, MAP_DEVICE);
}

/* Every interrupt of one word of the registers: disabled, neither pending nor active. */
static void clear_word(volatile uint8_t *base, uint32_t word)
{
	gic_write(base, GICD_ICENABLER + 4 * word, UINT32_MAX);
	gic_write(base, GICD_ICPENDR + 4 * word, UINT32_MAX);
	gic_write(base, GICD_ICACTIVER + 4 * word, UINT32_MAX);
	for (uint32_t i = 0; i < 8; i++) {
		gic_write(base, GICD_IPRIORITYR + 32 * word + 4 * i, PRIORITY);
	}
}

void gic_private_init(volatile uint8_t *base)
{
	clear_word(base, 0);
	gic_write(base, GICD_ICFGR + 4, 0);
	gic_write(base, GICD_ISENABLER,
		  1U << GIC_SGI_KICK | 1U << PPI_MAINTENANCE | 1U << PPI_TIMER);
}

static void dist_init(void)
{
	uint32_t words = (gic_read(gic_dist, GICD_TYPER) & 0x1f) + 1;

	irqs.nr_intids = MIN(words * 32, 1020U);
	for (uint32_t w = 1; w < words; w++) {
		clear_word(gic_dist, w);
		gic_write(gic_dist, GICD_ICFGR + 8 * w, 0);
		gic_write(gic_dist, GICD_ICFGR + 8 * w + 4, 0);
	}
}

static const struct gic_ops *choose(enum plan_gic_type type)
{
	switch (type) {
	case PLAN_GIC_V3:
		return gic_has_sysregs() ? &gicv3_ops : NULL;
	case PLAN_GIC_V2:
		return &gicv2_ops;
	default:
		return NULL;
	}
}

int arch_irq_init(const struct plan *plan)
{
	int err;

	gic = choose(plan->gic.type);
	if (gic == NULL) {
		hyp_printf("GIC: the plan's interrupt controller is not this CPU's");
		return -ENODEV;
	}
	gic_dist = gic_map(&plan->gic.dist);
	if (gic_dist == NULL) {
		return -ENOMEM;
	}
	gic_write(gic_dist, GICD_CTLR, 0);
	gic->wait_disabled();
	dist_init();
	err = gic->init(plan);
	return err != 0 ? err : gic_cpu_init(this_cpu());
}

int vgic_hw_spi_check(unsigned int intid)
{
	if (intid < GIC_FIRST_SPI || intid >= irqs.nr_intids) {
		return -EINVAL;
	}
	for (unsigned int i = 0; i < irqs.nr_handlers; i++) {
		if (irqs.handlers[i].intid == intid) {
			return -EBUSY;
		}
	}
	return 0;
}

void vgic_hw_spi_set(unsigned int intid, enum vgic_reg reg)
{
	/* the six register groups follow each other, 128 bytes each */
	gic_write(gic_dist, GICD_ISENABLER + 0x80 * (uint32_t)reg + 4 * (intid / 32),
		  1U << (intid % 32));
}

uint32_t vgic_hw_spi_pending(unsigned int bank)
{
	return gic_read(gic_dist, GICD_ISPENDR + 4 * (bank + 1));
}

/* Int_config may only change while the interrupt is disabled (IHI 0069H 12.9.9). */
void vgic_hw_spi_config(unsigned int intid, bool is_edge)
{
	uint32_t at = GICD_ICFGR + 4 * (intid / 16);
	uint32_t bit = 2U << (2 * (intid % 16));
	uint32_t cfg;

	vgic_hw_spi_set(intid, VGIC_ICENABLER);
	gic->wait_disabled();
	cfg = gic_read(gic_dist, at);
	gic_write(gic_dist, at, is_edge ? cfg | bit : cfg & ~bit);
}

int arch_irq_request(unsigned int irq, void (*handler)(void *arg), void *arg)
{
	int err = vgic_hw_spi_check(irq);

	if (err != 0) {
		return err;
	}
	if (irqs.nr_handlers == MAX_HANDLERS) {
		return -EBUSY;
	}
	irqs.handlers[irqs.nr_handlers].intid = irq;
	irqs.handlers[irqs.nr_handlers].handler = handler;
	irqs.handlers[irqs.nr_handlers].arg = arg;
	irqs.nr_handlers++;
	gic->route(irq, this_cpu()->id);
	vgic_hw_spi_set(irq, VGIC_ISENABLER);
	return 0;
}

static void call_handler(uint32_t intid)
{
	for (unsigned int i = 0; i < irqs.nr_handlers; i++) {
		if (irqs.handlers[i].intid == intid) {
			irqs.handlers[i].handler(irqs.handlers[i].arg);
			return;
		}
	}
}

static void handle_kick(void)
{
	if (__atomic_load_n(&is_panicking, __ATOMIC_ACQUIRE)) {
		arch_cpu_stop();
	}
	if (gic->kicked != NULL) {
		gic->kicked();
	}
}

void gic_handle(uint32_t intid)
{
	struct vcpu *v = this_cpu()->current;

	if (intid == GIC_SGI_KICK) {
		handle_kick();
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
	dsb(ishst); /* what the other CPU is to see, before it is told */
	gic->kick(cpu);
}
