// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupt controller of a bare-metal guest with one CPU: a GICv3 by system registers, in group 1; or a GICv2, whose
 * interrupts stay in group 0.
 * Spec: Arm GIC architecture specification (IHI 0069; IHI 0048 for GICv2), "Programmers' model".
 */
#include "guest.h"

#define GICD_CTLR      0x0000u
#define GICD_IROUTER   0x6000u
#define GICR_TYPER     0x0008u
#define GICR_WAKER     0x0014u
#define GICR_SGI_FRAME 0x10000u
/* The same offsets in the distributor and in the redistributor's SGI frame. */
#define GIC_IGROUPR    0x0080u
#define GIC_ISENABLER  0x0100u
#define GIC_IPRIORITYR 0x0400u

/* GICv2. */
#define GICD_ITARGETSR 0x0800u
#define GICC_CTLR      0x0000u
#define GICC_PMR       0x0004u
#define GICC_IAR       0x000cu
#define GICC_EOIR      0x0010u

#define CTLR_ENABLE_G0 (1u << 0)
#define CTLR_ENABLE_G1 (1u << 1)
#define CTLR_ARE       (1u << 4)
#define CTLR_RWP       (1u << 31)
#define WAKER_SLEEP    (1u << 1)
#define WAKER_CHILDREN (1u << 2)
#define TYPER_VLPIS    (1u << 1)
#define TYPER_LAST     (1u << 4)
#define FIRST_SPI      32u
#define MPIDR_AFFINITY 0xff00ffffffull

/* GICv3 CPU interface registers by encoding: older assemblers lack the names. */
#define ICC_PMR_EL1		     s3_0_c4_c6_0
#define ICC_IAR1_EL1		     s3_0_c12_c12_0
#define ICC_EOIR1_EL1		     s3_0_c12_c12_1
#define ICC_SRE_EL1		     s3_0_c12_c12_5
#define ICC_IGRPEN1_EL1		     s3_0_c12_c12_7
#define read_icc(reg)		     read_sysreg_named(reg)
#define read_sysreg_named(r)	     read_sysreg(r)
#define write_icc(reg, value)	     write_sysreg_named(reg, value)
#define write_sysreg_named(r, value) write_sysreg(r, value)

static uint64_t own_gicr;
static uint64_t own_gicc; /* of a GICv2 */

/* The redistributor of this CPU; 0: none. */
static uint64_t own_redistributor(const struct machine *m)
{
	uint64_t mpidr = read_sysreg(mpidr_el1) & MPIDR_AFFINITY;
	uint32_t affinity = (uint32_t)(mpidr | mpidr >> 8);
	uint64_t r = m->gicr;

	while (r + 2 * GICR_SGI_FRAME <= m->gicr + m->gicr_size) {
		uint64_t typer = *reg64(r, GICR_TYPER);

		if (typer >> 32 == affinity) {
			return r;
		}
		if (typer & TYPER_LAST) {
			return 0;
		}
		r += (typer & TYPER_VLPIS) ? 4 * GICR_SGI_FRAME : 2 * GICR_SGI_FRAME;
	}
	return 0;
}

/* @priority, enabled, group 1 of a GICv3; @base holds the registers of this interrupt. */
static void enable(uint64_t base, uint32_t intid, uint8_t priority)
{
	uint32_t bit = 1u << intid % 32, word = intid / 32 * 4;

	*(volatile uint8_t *)(uintptr_t)(base + GIC_IPRIORITYR + intid) = priority;
	if (own_gicc == 0) {
		*reg32(base, GIC_IGROUPR + word) |= bit;
	}
	*reg32(base, GIC_ISENABLER + word) = bit;
}

static void gicv2_enable(const struct machine *m, uint32_t intid, uint8_t priority)
{
	if (intid >= FIRST_SPI) {
		*(volatile uint8_t *)(uintptr_t)(m->gicd + GICD_ITARGETSR + intid) = 1;
	}
	enable(m->gicd, intid, priority);
}

static void gicv2_init(const struct machine *m)
{
	own_gicc = m->gicc;
	*reg32(m->gicd, GICD_CTLR) = CTLR_ENABLE_G0;
	*reg32(own_gicc, GICC_PMR) = 0xff;
	*reg32(own_gicc, GICC_CTLR) = CTLR_ENABLE_G0;
}

void gic_enable(const struct machine *m, uint32_t intid, uint8_t priority)
{
	if (own_gicc != 0) {
		gicv2_enable(m, intid, priority);
		return;
	}
	if (intid < FIRST_SPI) {
		enable(own_gicr + GICR_SGI_FRAME, intid, priority);
		return;
	}
	*reg64(m->gicd, GICD_IROUTER + 8ull * intid) = read_sysreg(mpidr_el1) & MPIDR_AFFINITY;
	enable(m->gicd, intid, priority);
}

bool gic_init(const struct machine *m)
{
	if (m->gicc != 0) {
		gicv2_init(m);
		return true;
	}
	own_gicr = own_redistributor(m);
	if (own_gicr == 0) {
		return false;
	}
	*reg32(m->gicd, GICD_CTLR) = CTLR_ARE | CTLR_ENABLE_G1;
	while (*reg32(m->gicd, GICD_CTLR) & CTLR_RWP) {
	}
	*reg32(own_gicr, GICR_WAKER) &= ~WAKER_SLEEP;
	while (*reg32(own_gicr, GICR_WAKER) & WAKER_CHILDREN) {
	}
	write_icc(ICC_SRE_EL1, read_icc(ICC_SRE_EL1) | 1);
	isb();
	write_icc(ICC_PMR_EL1, 0xff);
	write_icc(ICC_IGRPEN1_EL1, 1);
	isb();
	return true;
}

uint32_t gic_ack(void)
{
	uint32_t intid;

	if (own_gicc != 0) {
		intid = *reg32(own_gicc,
			       GICC_IAR); /* with an SGI's sender, which the end needs too */
	} else {
		intid = (uint32_t)read_icc(ICC_IAR1_EL1) & 0xffffff;
	}
	dsb();
	return intid;
}

void gic_eoi(uint32_t intid)
{
	if (own_gicc != 0) {
		*reg32(own_gicc, GICC_EOIR) = intid;
		return;
	}
	write_icc(ICC_EOIR1_EL1, intid);
	isb();
}

uint64_t gic_redistributor(void)
{
	return own_gicr;
}

uint64_t gic_sgi_self(uint32_t intid)
{
	uint64_t mpidr = read_sysreg(mpidr_el1);

	return (mpidr >> 32 & 0xff) << 48 | (mpidr >> 16 & 0xff) << 32 | (mpidr >> 8 & 0xff) << 16 |
	       1ull << (mpidr & 0xf) | (uint64_t)intid << 24;
}
