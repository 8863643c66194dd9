// SPDX-License-Identifier: Apache-2.0
/*
 * GICv3 of a bare-metal guest: one CPU, group 1, system registers.
 * Spec: Arm GIC architecture specification (IHI 0069), "Programmers' model".
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

/* Group 1, @priority, enabled; @base holds the registers of this interrupt. */
static void enable(uint64_t base, uint32_t intid, uint8_t priority)
{
	uint32_t bit = 1u << intid % 32, word = intid / 32 * 4;

	*(volatile uint8_t *)(uintptr_t)(base + GIC_IPRIORITYR + intid) = priority;
	*reg32(base, GIC_IGROUPR + word) |= bit;
	*reg32(base, GIC_ISENABLER + word) = bit;
}

void gic_enable(const struct machine *m, uint32_t intid, uint8_t priority)
{
	if (intid < FIRST_SPI) {
		enable(own_gicr + GICR_SGI_FRAME, intid, priority);
		return;
	}
	*reg64(m->gicd, GICD_IROUTER + 8ull * intid) = read_sysreg(mpidr_el1) & MPIDR_AFFINITY;
	enable(m->gicd, intid, priority);
}

bool gic_init(const struct machine *m)
{
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
	uint32_t intid = (uint32_t)read_icc(ICC_IAR1_EL1) & 0xffffff;

	dsb();
	return intid;
}

void gic_eoi(uint32_t intid)
{
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
