// SPDX-License-Identifier: Apache-2.0
/* The fake machine under the tests of the virtual GIC: tests/unit/vgic_fake.h. */
#include "vgic_fake.h"

#include <string.h>

#define GICV2_SENDER_SHIFT 10

struct vgic gic;
struct vgic_cpu cpu[NR_CPUS];
unsigned int here;
unsigned int kicks[NR_CPUS];
unsigned int deactivated;
uint32_t ppi_enabled[NR_CPUS], ppi_pending[NR_CPUS];
unsigned int wakes[NR_CPUS];
bool upcall_is_seen[NR_CPUS];
uint32_t ppi_active[NR_CPUS];
struct vgic_hw_state hw_state[NR_CPUS];
static uint64_t lrs[NR_CPUS][VGIC_MAX_LRS];

unsigned long arch_irq_save(void)
{
	return 0;
}

void arch_irq_restore(unsigned long flags)
{
	(void)flags;
}

uint64_t vgic_hw_lr_read(unsigned int n)
{
	assert_in_range(n, 0, NR_LRS - 1);
	return lrs[here][n];
}

void vgic_hw_lr_write(unsigned int n, uint64_t value)
{
	assert_in_range(n, 0, NR_LRS - 1);
	lrs[here][n] = value;
}

uint32_t vgic_hw_lr_empty(void)
{
	uint32_t empty = 0;

	for (unsigned int n = 0; n < NR_LRS; n++) {
		uint64_t lr = lrs[here][n];

		if ((lr & LR_STATE) == 0 && ((lr & LR_HW) != 0 || (lr & LR_EOI) == 0)) {
			empty |= 1U << n;
		}
	}
	return empty;
}

unsigned int vgic_hw_nr_lrs(void)
{
	return NR_LRS;
}

void vgic_hw_deactivate(unsigned int intid)
{
	assert_int_equal(intid, TIMER);
	deactivated++;
}

void vgic_hw_ppi_enable(unsigned int c, unsigned int intid, bool enable)
{
	ppi_enabled[c] = enable ? ppi_enabled[c] | 1U << intid : ppi_enabled[c] & ~(1U << intid);
}

void vgic_hw_ppi_pend(unsigned int c, unsigned int intid, bool pend)
{
	ppi_pending[c] = pend ? ppi_pending[c] | 1U << intid : ppi_pending[c] & ~(1U << intid);
}

bool vgic_hw_ppi_unpend(unsigned int intid)
{
	bool was = (ppi_pending[here] >> intid & 1) != 0;

	ppi_pending[here] &= ~(1U << intid);
	return was;
}

/* No SPI here has hardware behind it: vgic_spi_test.c. */
int vgic_hw_spi_check(unsigned int intid)
{
	fail_msg("SPI %u", intid);
	return 0;
}

void vgic_hw_spi_set(unsigned int intid, enum vgic_reg reg)
{
	fail_msg("SPI %u, register %d", intid, reg);
}

uint32_t vgic_hw_spi_pending(unsigned int bank)
{
	fail_msg("bank %u", bank);
	return 0;
}

void vgic_hw_spi_route(unsigned int intid, unsigned int c)
{
	fail_msg("SPI %u to %u", intid, c);
}

void vgic_hw_spi_config(unsigned int intid, bool is_edge)
{
	fail_msg("SPI %u, edge %d", intid, is_edge);
}

void vgic_hw_underflow(bool on)
{
	(void)on;
}

void vgic_hw_kick(unsigned int c)
{
	kicks[c] += c != here;
}

bool vgic_hw_has_upcall(const struct vgic_cpu *vc)
{
	return !upcall_is_seen[vc->id];
}

void vgic_hw_wake(struct vgic_cpu *vc)
{
	wakes[vc->id]++;
}

void vgic_hw_ppi_activate(unsigned int c, unsigned int intid)
{
	ppi_active[c] |= 1U << intid;
}

void vgic_hw_state_save(struct vgic_hw_state *s)
{
	*s = hw_state[here];
}

void vgic_hw_state_load(const struct vgic_hw_state *s)
{
	hw_state[here] = *s;
}

unsigned int vgic_hw_priority_mask(void)
{
	return 0xf8;
}

/* No interrupt may sit in two list registers of one CPU: what the guest would see is unpredictable. */
static void check_lrs(void)
{
	for (unsigned int a = 0; a < NR_LRS; a++) {
		for (unsigned int b = a + 1; b < NR_LRS; b++) {
			uint64_t x = lrs[here][a], y = lrs[here][b];

			assert_false((x & LR_STATE) != 0 && (y & LR_STATE) != 0 &&
				     (uint32_t)x == (uint32_t)y);
		}
	}
}

void enter(unsigned int c)
{
	here = c;
	if (cpu[c].work != 0) {
		vgic_flush(&cpu[c]);
	}
	assert_int_equal(cpu[c].work, 0);
	check_lrs();
}

static int best_lr(void)
{
	int best = -1;

	for (int n = 0; n < NR_LRS; n++) {
		uint64_t lr = lrs[here][n];

		if ((lr & LR_STATE) == LR_PENDING &&
		    (best < 0 ||
		     (lr >> LR_PRIO_SHIFT & 0xff) < (lrs[here][best] >> LR_PRIO_SHIFT & 0xff))) {
			best = n;
		}
	}
	return best;
}

/* What the guest reads: a GICv2 adds the sender of an SGI. */
static uint32_t seen_by_guest(uint64_t lr)
{
	uint32_t intid = (uint32_t)lr;

	if (gic.is_v2 && intid < GIC_NR_SGIS) {
		intid |= (uint32_t)(lr >> LR_CPU_SHIFT & 7) << GICV2_SENDER_SHIFT;
	}
	return intid;
}

uint32_t guest_ack(unsigned int c)
{
	int n;

	enter(c);
	n = best_lr();
	if (n < 0) {
		return NOTHING;
	}
	lrs[here][n] = (lrs[here][n] & ~LR_PENDING) | LR_ACTIVE;
	return seen_by_guest(lrs[here][n]);
}

void guest_eoi(unsigned int c, uint32_t intid)
{
	enter(c);
	for (unsigned int n = 0; n < NR_LRS; n++) {
		uint64_t *lr = &lrs[here][n];

		if ((*lr & LR_ACTIVE) != 0 && seen_by_guest(*lr) == intid) {
			*lr &= ~LR_ACTIVE;
			if ((*lr & LR_HW) != 0) {
				deactivated++;
			}
			if ((*lr & LR_STATE) == 0 && (*lr & LR_EOI) != 0) {
				vgic_maintenance(&cpu[c]);
			}
			return;
		}
	}
	fail_msg("EOI of %u, which is not active", intid);
}

void gicr_write(unsigned int c, uint32_t at, uint32_t value)
{
	vgic_redist_write(&cpu[c], GICR_SGI + at, 4, value);
}

uint32_t gicr_read(unsigned int c, uint32_t at)
{
	enter(here);
	return (uint32_t)vgic_redist_read(&cpu[c], GICR_SGI + at, 4);
}

void gicd_write(uint32_t at, uint32_t value)
{
	vgic_dist_write(&gic, at, 4, value);
}

uint32_t gicd_read(uint32_t at)
{
	enter(here);
	return (uint32_t)vgic_dist_read(&gic, at, 4);
}

static void machine_start(bool is_v2)
{
	memset(lrs, 0, sizeof(lrs));
	memset(kicks, 0, sizeof(kicks));
	memset(upcall_is_seen, 0, sizeof(upcall_is_seen));
	memset(ppi_enabled, 0, sizeof(ppi_enabled));
	memset(ppi_pending, 0, sizeof(ppi_pending));
	vgic_init(&gic, is_v2);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		vgic_cpu_init(&gic, &cpu[c], c, c);
	}
}

int set_up(void **state)
{
	(void)state;
	machine_start(false);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		here = c;
		vgic_cpu_online(&cpu[c]);
		enter(c);
		gicr_write(c, GICD_ISENABLER, UINT32_MAX);
		for (uint32_t i = 0; i < 32; i += 4) {
			gicr_write(c, GICD_IPRIORITYR + i, 0xa0a0a0a0);
		}
	}
	here = 0;
	gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
	gicd_write(GICD_ISENABLER + 4, UINT32_MAX);
	for (uint32_t i = 32; i < 64; i += 4) {
		gicd_write(GICD_IPRIORITYR + i, 0xa0a0a0a0);
	}
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		enter(c);
		kicks[c] = 0;
	}
	here = 0;
	deactivated = 0;
	return 0;
}

void gicv2_write(unsigned int c, uint32_t at, uint32_t value)
{
	here = c;
	vgic_v2_write(&cpu[c], at, 4, value);
}

uint32_t gicv2_read(unsigned int c, uint32_t at)
{
	enter(c);
	vgic_maintenance(&cpu[c]); /* as for each read of the state */
	return (uint32_t)vgic_v2_read(&cpu[c], at, 4);
}

int set_up_v2(void **state)
{
	(void)state;
	machine_start(true);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		here = c;
		vgic_cpu_online(&cpu[c]);
		enter(c);
		gicv2_write(c, GICD_ISENABLER, UINT32_MAX);
		for (uint32_t i = 0; i < 64; i += 4) {
			gicv2_write(c, GICD_IPRIORITYR + i, 0xa0a0a0a0);
		}
	}
	gicv2_write(0, GICD_CTLR, GICD_CTLR_GRP0);
	gicv2_write(0, GICD_ISENABLER + 4, UINT32_MAX);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		enter(c);
		kicks[c] = 0;
	}
	here = 0;
	deactivated = 0;
	return 0;
}
