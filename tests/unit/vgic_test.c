// SPDX-License-Identifier: Apache-2.0
/*
 * The virtual GICv3 on a fake machine: list registers are an array, a kick is counted, and the
 * guest's side of the CPU interface (acknowledge, end) is played by guest_ack() and guest_eoi().
 */
#include <asm/gic.h>
#include <asm/vgic.h>
#include <string.h>
#include <unit.h>

#define NR_CPUS 4
#define NR_LRS	4
#define SPI	32
#define TIMER	VGIC_PPI_VTIMER
#define UPCALL	VGIC_PPI_UPCALL
#define NOTHING 1023U

static struct vgic gic;
static struct vgic_cpu cpu[NR_CPUS];
static uint64_t lrs[NR_CPUS][VGIC_MAX_LRS];
static unsigned int here; /* the CPU that runs */
static unsigned int kicks[NR_CPUS];
static unsigned int deactivated;
static unsigned int wakes[NR_CPUS];
static uint32_t ppi_active[NR_CPUS];
static struct vgic_hw_state hw_state[NR_CPUS];
static uint32_t ppi_enabled[NR_CPUS], ppi_pending[NR_CPUS];

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

/* CPU @c goes from the hypervisor into its guest. */
static void enter(unsigned int c)
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

/* The guest reads ICC_IAR1_EL1. */
static uint32_t guest_ack(unsigned int c)
{
	int n;

	enter(c);
	n = best_lr();
	if (n < 0) {
		return NOTHING;
	}
	lrs[here][n] = (lrs[here][n] & ~LR_PENDING) | LR_ACTIVE;
	return (uint32_t)lrs[here][n];
}

/* The guest writes ICC_EOIR1_EL1; the maintenance interrupt comes when it was asked for. */
static void guest_eoi(unsigned int c, uint32_t intid)
{
	enter(c);
	for (unsigned int n = 0; n < NR_LRS; n++) {
		uint64_t *lr = &lrs[here][n];

		if ((*lr & LR_ACTIVE) != 0 && (uint32_t)*lr == intid) {
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

static void gicr_write(unsigned int c, uint32_t at, uint32_t value)
{
	vgic_redist_write(&cpu[c], GICR_SGI + at, 4, value);
}

static uint32_t gicr_read(unsigned int c, uint32_t at)
{
	enter(here);
	return (uint32_t)vgic_redist_read(&cpu[c], GICR_SGI + at, 4);
}

static void gicd_write(uint32_t at, uint32_t value)
{
	vgic_dist_write(&gic, at, 4, value);
}

static uint32_t gicd_read(uint32_t at)
{
	enter(here);
	return (uint32_t)vgic_dist_read(&gic, at, 4);
}

/* All CPUs online, everything enabled at one priority, as Linux leaves it. */
static int set_up(void **state)
{
	(void)state;
	memset(lrs, 0, sizeof(lrs));
	memset(kicks, 0, sizeof(kicks));
	memset(ppi_enabled, 0, sizeof(ppi_enabled));
	memset(ppi_pending, 0, sizeof(ppi_pending));
	vgic_init(&gic);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		vgic_cpu_init(&gic, &cpu[c], c, c);
	}
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

static void identifies_itself(void **state)
{
	(void)state;
	assert_int_equal(gicd_read(GICD_TYPER) & 0x1f, 1);
	assert_int_equal(gicd_read(GIC_PIDR2) >> 4 & 0xf, 3);
	assert_int_equal(gicd_read(GICD_CTLR), GICD_CTLR_DS | GICD_CTLR_ARE | GICD_CTLR_GRP1);
	for (uint64_t c = 0; c < NR_CPUS; c++) {
		uint64_t typer = vgic_redist_read(&cpu[c], GICR_TYPER, 8);

		assert_int_equal(typer >> 32, c);
		assert_int_equal(typer >> 4 & 1, c == NR_CPUS - 1);
		assert_int_equal(vgic_redist_read(&cpu[c], GICR_TYPER, 4), (uint32_t)typer);
		assert_int_equal(vgic_redist_read(&cpu[c], GICR_TYPER + 4, 4), typer >> 32);
	}
}

static void waker_follows(void **state)
{
	(void)state;
	assert_int_equal(vgic_redist_read(&cpu[1], GICR_WAKER, 4),
			 GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP);
	vgic_redist_write(&cpu[1], GICR_WAKER, 4, 0);
	assert_int_equal(vgic_redist_read(&cpu[1], GICR_WAKER, 4), 0);
}

static void sgi_reaches_its_targets(void **state)
{
	(void)state;
	vgic_sgi(&cpu[0], 5UL << 24 | 0x6); /* CPUs 1 and 2 */
	assert_int_equal(kicks[1] + kicks[2], 2);
	assert_int_equal(kicks[0] + kicks[3], 0);
	assert_int_equal(guest_ack(1), 5);
	assert_int_equal(guest_ack(2), 5);
	assert_int_equal(guest_ack(3), NOTHING);
	assert_int_equal(guest_ack(0), NOTHING);
	guest_eoi(1, 5);
	assert_int_equal(guest_ack(1), NOTHING);

	here = 0;
	vgic_sgi(&cpu[0], BIT(40) | 7UL << 24); /* all but self */
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(guest_ack(3), 7);

	here = 0;
	vgic_sgi(&cpu[0], 1UL << 16 | 7UL << 24 | 1); /* affinity 1: nobody */
	vgic_sgi(&cpu[0], 1UL << 44 | 7UL << 24 | 1); /* range selector 1: nobody */
	vgic_sgi(&cpu[0], 7UL << 24 | 0xfff0);	      /* no such CPUs */
	assert_int_equal(guest_ack(0), NOTHING);
}

static void sgi_to_oneself_is_taken_once_per_send(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		vgic_sgi(&cpu[0], 3UL << 24 | 1);
		assert_int_equal(guest_ack(0), 3);
		assert_int_equal(guest_ack(0), NOTHING);
		/* sent again while active: pending and active, taken after the end */
		vgic_sgi(&cpu[0], 3UL << 24 | 1);
		assert_int_equal(guest_ack(0), NOTHING);
		guest_eoi(0, 3);
		assert_int_equal(guest_ack(0), 3);
		guest_eoi(0, 3);
		assert_int_equal(guest_ack(0), NOTHING);
	}
}

static void more_interrupts_than_list_registers(void **state)
{
	uint32_t seen = 0;

	(void)state;
	for (uint64_t i = 0; i < 16; i++) {
		vgic_sgi(&cpu[0], i << 24 | 1);
	}
	for (unsigned int i = 0; i < 16; i++) {
		uint32_t intid = guest_ack(0);

		assert_in_range(intid, 0, 15);
		assert_int_equal(seen >> intid & 1, 0);
		seen |= 1U << intid;
		guest_eoi(0, intid);
	}
	assert_int_equal(seen, 0xffff);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void urgent_one_displaces_a_pending_one(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 8; i++) {
		vgic_sgi(&cpu[0], i << 24 | 1);
	}
	enter(0);
	vgic_redist_write(&cpu[0], GICR_SGI + GICD_IPRIORITYR + 15, 1, 0x20);
	vgic_sgi(&cpu[0], 15UL << 24 | 1);
	assert_int_equal(guest_ack(0), 15);
	guest_eoi(0, 15);
	for (uint32_t i = 0; i < 8; i++) {
		uint32_t intid = guest_ack(0);

		assert_in_range(intid, 0, 7);
		guest_eoi(0, intid);
	}
	assert_int_equal(guest_ack(0), NOTHING);
}

static void disabled_waits_and_withdraws(void **state)
{
	(void)state;
	gicr_write(0, GICD_ICENABLER, 1U << 4);
	vgic_sgi(&cpu[0], 4UL << 24 | 1);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(gicr_read(0, GICD_ISPENDR) >> 4 & 1, 1);
	gicr_write(0, GICD_ISENABLER, 1U << 4);
	enter(0); /* listed now */
	gicr_write(0, GICD_ICENABLER, 1U << 4);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(gicr_read(0, GICD_ISPENDR) >> 4 & 1, 1);
	gicr_write(0, GICD_ICPENDR, 1U << 4);
	gicr_write(0, GICD_ISENABLER, 1U << 4);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void pending_can_be_set_and_cleared(void **state)
{
	(void)state;
	gicr_write(2, GICD_ISPENDR, 1U << 9);
	assert_int_equal(kicks[2], 1);
	assert_int_equal(guest_ack(2), 9);
	guest_eoi(2, 9);
	gicr_write(2, GICD_ISPENDR, 1U << 9);
	enter(2);
	gicr_write(2, GICD_ICPENDR, 1U << 9); /* out of the list register */
	assert_int_equal(guest_ack(2), NOTHING);
	here = 0;
	gicd_write(GICD_ISPENDR + 4, 1U << 3);
	assert_int_equal(guest_ack(0), SPI + 3);
	guest_eoi(0, SPI + 3);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void active_can_be_cleared(void **state)
{
	(void)state;
	vgic_sgi(&cpu[0], 6UL << 24 | 1);
	assert_int_equal(guest_ack(0), 6);
	vgic_flush(&cpu[0]);
	gicr_write(0, GICD_ICACTIVER, 1U << 6);
	enter(0);
	assert_int_equal(gicr_read(0, GICD_ISACTIVER), 0);
	vgic_sgi(&cpu[0], 6UL << 24 | 1);
	assert_int_equal(guest_ack(0), 6);
	/* made active by software: held back until cleared */
	gicr_write(0, GICD_ISACTIVER, 1U << 8);
	vgic_sgi(&cpu[0], 8UL << 24 | 1);
	assert_int_equal(guest_ack(0), NOTHING);
	gicr_write(0, GICD_ICACTIVER, 1U << 8);
	assert_int_equal(guest_ack(0), 8);
}

static void level_comes_again_while_high(void **state)
{
	(void)state;
	vgic_set_line(&gic, SPI, true);
	for (unsigned int i = 0; i < 5; i++) {
		assert_int_equal(guest_ack(0), SPI);
		assert_int_equal(guest_ack(0), NOTHING);
		guest_eoi(0, SPI);
	}
	assert_int_equal(guest_ack(0), SPI);
	vgic_set_line(&gic, SPI, false);
	guest_eoi(0, SPI);
	assert_int_equal(guest_ack(0), NOTHING);
	/* gone before it was taken */
	vgic_set_line(&gic, SPI, true);
	enter(0);
	vgic_set_line(&gic, SPI, false);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(gicd_read(GICD_ISPENDR + 4), 0);
}

static void line_out_of_range_is_nothing(void **state)
{
	(void)state;
	vgic_set_line(&gic, 31, true);
	vgic_set_line(&gic, VGIC_INTID_END, true);
	vgic_set_line(&gic, 1019, true);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void edge_spi_comes_once(void **state)
{
	(void)state;
	gicd_write(GICD_ICFGR + 8, 2U << 2); /* SPI 33 */
	assert_int_equal(gicd_read(GICD_ICFGR + 8), 2U << 2);
	vgic_set_line(&gic, SPI + 1, true);
	assert_int_equal(guest_ack(0), SPI + 1);
	guest_eoi(0, SPI + 1);
	assert_int_equal(guest_ack(0), NOTHING);
	vgic_set_line(&gic, SPI + 1, false);
	vgic_set_line(&gic, SPI + 1, true);
	assert_int_equal(guest_ack(0), SPI + 1);
}

static void spi_moves_with_its_route(void **state)
{
	uint32_t router = GICD_IROUTER + 8 * SPI;

	(void)state;
	vgic_set_line(&gic, SPI, true);
	enter(0);
	vgic_dist_write(&gic, router, 8, 3);
	assert_int_equal(vgic_dist_read(&gic, router, 8), 3);
	enter(0);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(guest_ack(3), SPI);
	/* active on 3, routed back: 0 gets it only after 3 has ended it */
	vgic_dist_write(&gic, router, 4, 0);
	assert_int_equal(guest_ack(0), NOTHING);
	guest_eoi(3, SPI);
	assert_int_equal(guest_ack(3), NOTHING);
	assert_int_equal(guest_ack(0), SPI);
	/* nobody's affinity */
	vgic_dist_write(&gic, router, 8, 0x100);
	guest_eoi(0, SPI);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		assert_int_equal(guest_ack(c), NOTHING);
	}
	vgic_dist_write(&gic, router + 4, 4, 0xff);
	assert_int_equal(vgic_dist_read(&gic, router, 8), 0xff00000100UL);
	assert_int_equal(vgic_dist_read(&gic, router + 4, 4), 0xff);
}

/* The timer's interrupt as trap_irq() handles it. */
static void timer_fires(unsigned int c)
{
	here = c;
	assert_int_equal(ppi_enabled[c] >> TIMER & 1, 1);
	vgic_timer_fired(&cpu[c]);
}

static void timer_is_handed_over_at_once(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		timer_fires(1);
		assert_int_equal(cpu[1].work, 0);
		vgic_sgi(&cpu[1], 2UL << 24 | 2);
		assert_int_equal(guest_ack(1), TIMER);
		assert_int_equal(guest_ack(1), 2);
		guest_eoi(1, 2);
		guest_eoi(1, TIMER);
		assert_int_equal(deactivated, i + 1);
	}
}

static void timer_enable_follows_the_guest(void **state)
{
	(void)state;
	gicr_write(0, GICD_ICENABLER, 1U << TIMER);
	assert_int_equal(ppi_enabled[0] >> TIMER & 1, 0);
	enter(0);
	/* it fired just before: given back */
	vgic_timer_fired(&cpu[0]);
	assert_int_equal(deactivated, 1);
	assert_int_equal(guest_ack(0), NOTHING);
	gicr_write(0, GICD_ISENABLER, 1U << TIMER);
	/* in the list register when it is disabled: withdrawn, and the hardware raises it again */
	timer_fires(0);
	gicr_write(0, GICD_ICENABLER, 1U << TIMER);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(deactivated, 2);
	gicr_write(0, GICD_ISENABLER, 1U << TIMER);
	/* the group as a whole */
	gicd_write(GICD_CTLR, 0);
	assert_int_equal(ppi_enabled[3] >> TIMER & 1, 0);
	gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
	assert_int_equal(ppi_enabled[3] >> TIMER & 1, 1);
}

static void timer_pending_is_the_hardwares(void **state)
{
	(void)state;
	gicr_write(0, GICD_ISPENDR, 1U << TIMER);
	assert_int_equal(ppi_pending[0], 1U << TIMER);
	assert_int_equal(guest_ack(0), NOTHING);
	gicr_write(0, GICD_ICPENDR, 1U << TIMER);
	assert_int_equal(ppi_pending[0], 0);
	enter(0);
	timer_fires(0);
	assert_int_equal(guest_ack(0), TIMER); /* the clear was for what was there */
	gicr_write(0, GICD_ICACTIVER, 1U << TIMER);
	enter(0);
	assert_int_equal(deactivated, 1);
}

static void group_off_stops_everything(void **state)
{
	(void)state;
	vgic_sgi(&cpu[0], 1UL << 24 | 1);
	vgic_raise_private(&cpu[0], UPCALL);
	enter(0);
	gicd_write(GICD_CTLR, 0);
	assert_int_equal(guest_ack(0), NOTHING);
	gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
	assert_int_equal(guest_ack(0), 1);
	guest_eoi(0, 1);
	assert_int_equal(guest_ack(0), UPCALL);
	guest_eoi(0, UPCALL);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void upcall_survives_a_cpu_that_is_off(void **state)
{
	(void)state;
	here = 2;
	vgic_cpu_offline(&cpu[2]);
	assert_int_equal(ppi_enabled[2], ppi_enabled[2] & ~(1U << TIMER));
	here = 0;
	kicks[2] = 0;
	vgic_raise_private(&cpu[2], UPCALL);
	assert_int_equal(kicks[2], 0);
	assert_true(vgic_is_settled(&gic)); /* who is off holds nobody up */
	here = 2;
	vgic_cpu_online(&cpu[2]);
	enter(2);
	gicr_write(2, GICD_ISENABLER, 1U << UPCALL);
	assert_int_equal(guest_ack(2), UPCALL);
}

static void write_pending_shows_until_seen(void **state)
{
	(void)state;
	vgic_sgi(&cpu[0], 1UL << 24 | 2);
	enter(0);
	assert_int_equal(gicd_read(GICD_CTLR) & GICD_CTLR_RWP, GICD_CTLR_RWP);
	enter(1);
	here = 0;
	assert_int_equal(gicd_read(GICD_CTLR) & GICD_CTLR_RWP, 0);
}

/* Whatever a guest writes wherever, nothing breaks and the read-only registers stay. */
static void any_access_is_survived(void **state)
{
	static const unsigned int sizes[] = { 1, 2, 4, 8 };
	uint64_t seed = 1;

	(void)state;
	for (unsigned int i = 0; i < 400000; i++) {
		unsigned int c;
		unsigned int size;
		uint32_t at;

		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		c = (unsigned int)(seed >> 33) % NR_CPUS;
		size = sizes[seed >> 40 & 3];
		at = (uint32_t)(seed >> 44) & 0x1ffff;
		here = (unsigned int)(seed >> 61) % NR_CPUS;
		switch (seed >> 35 & 7) {
		case 0:
			(void)vgic_dist_read(&gic, at & 0xffff, size);
			break;
		case 1:
			vgic_dist_write(&gic, at & 0xfff, size, seed ^ seed << 7);
			break;
		case 2:
			vgic_dist_write(&gic, at & 0xffff, size, seed ^ seed << 7);
			break;
		case 3:
			(void)vgic_redist_read(&cpu[c], at, size);
			break;
		case 4:
			vgic_redist_write(&cpu[c], GICR_SGI + (at & 0xfff), size, seed ^ seed << 9);
			break;
		case 5:
			vgic_sgi(&cpu[here], seed);
			break;
		case 6:
			vgic_set_line(&gic, SPI + (at & 31), (seed & 1024) != 0);
			break;
		default: {
			uint32_t intid = guest_ack(here);

			if (intid != NOTHING && (seed & 4096) != 0) {
				vgic_flush(&cpu[here]);
				if ((cpu[here].lr_used & vgic_hw_lr_empty()) == 0) {
					guest_eoi(here, intid);
				}
			}
			break;
		}
		}
		enter(here);
	}
	assert_int_equal(gicd_read(GIC_PIDR2), 0x30);
}

/* What the guest of CPU @c does not see: another one has the CPU for a while. */
static void away_and_back(unsigned int c)
{
	here = c;
	vgic_save(&cpu[c]);
	for (unsigned int n = 0; n < NR_LRS; n++) {
		assert_int_equal(lrs[c][n], 0);
	}
	hw_state[c].vmcr = 0xbad;
	vgic_load(&cpu[c]);
}

static void a_switch_keeps_what_waits(void **state)
{
	(void)state;
	hw_state[0].vmcr = 0xf8000002;
	vgic_raise_private(&cpu[0], 5);
	enter(0);
	away_and_back(0);
	assert_int_equal(hw_state[0].vmcr, 0xf8000002);
	assert_int_equal(guest_ack(0), 5);
	away_and_back(0); /* in its handler */
	guest_eoi(0, 5);
	assert_int_equal(guest_ack(0), NOTHING);
}

/* One that is raised while its vCPU is away wakes it, kicks nobody, and is there when it is back. */
static void what_comes_meanwhile_wakes(void **state)
{
	unsigned int k, w;

	(void)state;
	enter(0);
	vgic_save(&cpu[0]);
	k = kicks[0];
	w = wakes[0];
	here = 1;
	vgic_raise_private(&cpu[0], UPCALL);
	assert_int_equal(kicks[0], k);
	assert_int_equal(wakes[0], w + 1);
	here = 0;
	vgic_load(&cpu[0]);
	assert_true(vgic_has_pending(&cpu[0]));
	enter(0);
	assert_true(vgic_has_pending(&cpu[0]));
	assert_int_equal(guest_ack(0), UPCALL);
	assert_false(vgic_has_pending(&cpu[0]));
	guest_eoi(0, UPCALL);
	assert_false(vgic_has_pending(&cpu[0]));
}

/* Its hardware is the next vCPU's: nothing of it stays active there while its own is away. */
static void the_timer_is_left_to_the_next(void **state)
{
	unsigned int before;

	(void)state;
	enter(0);
	vgic_timer_fired(&cpu[0]);
	before = deactivated;
	ppi_active[0] = 0;
	vgic_save(&cpu[0]); /* not seen yet: the level brings it back */
	assert_int_equal(deactivated, before + 1);
	vgic_load(&cpu[0]);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(ppi_active[0], 0);
	vgic_timer_fired(&cpu[0]);
	assert_int_equal(guest_ack(0), TIMER);
	vgic_save(&cpu[0]); /* in its handler */
	assert_int_equal(deactivated, before + 2);
	vgic_load(&cpu[0]);
	assert_int_equal(ppi_active[0], 1U << TIMER);
	guest_eoi(0, TIMER);
	assert_int_equal(guest_ack(0), NOTHING);
}

/* Disabled by another vCPU while it is away: the hardware is not touched before it is back. */
static void the_timers_gate_waits_for_its_vcpu(void **state)
{
	(void)state;
	enter(0);
	assert_int_equal(ppi_enabled[0], 1U << TIMER);
	vgic_save(&cpu[0]);
	here = 1;
	vgic_redist_write(&cpu[0], GICR_SGI + GICD_ICENABLER, 4, 1U << TIMER);
	assert_int_equal(ppi_enabled[0], 1U << TIMER);
	here = 0;
	vgic_load(&cpu[0]);
	assert_int_equal(ppi_enabled[0], 0);
}

static void a_private_level_lasts(void **state)
{
	(void)state;
	vgic_set_private_line(&cpu[0], VGIC_PPI_PTIMER, true);
	assert_int_equal(guest_ack(0), VGIC_PPI_PTIMER);
	guest_eoi(0, VGIC_PPI_PTIMER);
	assert_int_equal(guest_ack(0), VGIC_PPI_PTIMER); /* still high */
	vgic_set_private_line(&cpu[0], VGIC_PPI_PTIMER, false);
	guest_eoi(0, VGIC_PPI_PTIMER);
	assert_int_equal(guest_ack(0), NOTHING);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		T(identifies_itself),
		T(waker_follows),
		T(sgi_reaches_its_targets),
		T(sgi_to_oneself_is_taken_once_per_send),
		T(more_interrupts_than_list_registers),
		T(urgent_one_displaces_a_pending_one),
		T(disabled_waits_and_withdraws),
		T(pending_can_be_set_and_cleared),
		T(active_can_be_cleared),
		T(level_comes_again_while_high),
		T(line_out_of_range_is_nothing),
		T(edge_spi_comes_once),
		T(spi_moves_with_its_route),
		T(timer_is_handed_over_at_once),
		T(timer_enable_follows_the_guest),
		T(timer_pending_is_the_hardwares),
		T(group_off_stops_everything),
		T(upcall_survives_a_cpu_that_is_off),
		T(write_pending_shows_until_seen),
		T(any_access_is_survived),
		T(a_switch_keeps_what_waits),
		T(what_comes_meanwhile_wakes),
		T(the_timer_is_left_to_the_next),
		T(the_timers_gate_waits_for_its_vcpu),
		T(a_private_level_lasts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
