// SPDX-License-Identifier: Apache-2.0
/*
 * SPIs with devices behind them: the virtual GICv3 on a machine whose distributor is an array. A device raises its
 * line, the physical CPU acknowledges, the guest takes and ends the interrupt; what the hardware forbids fails.
 */
#include <asm/gic.h>
#include <asm/vgic.h>
#include <hyp/errno.h>
#include <string.h>
#include <unit.h>

#define NR_CPUS 2
#define NR_LRS	4
#define RTC	34U /* level */
#define DISK	79U /* edge */
#define NOTHING 1023U

static struct vgic gic;
static struct vgic_cpu cpu[NR_CPUS];
static uint64_t lrs[NR_CPUS][NR_LRS];
static unsigned int here;
static bool wants_underflow[NR_CPUS];

/* The physical distributor, by INTID. */
static struct {
	bool is_enabled, is_pending, is_active, is_edge, line;
	unsigned int cpu;
} phys[1020];

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
	return lrs[here][n];
}

/* IHI 0069H 12.4.8: with HW set pending and active is not allowed; no SGI; the physical INTID is the virtual one. */
void vgic_hw_lr_write(unsigned int n, uint64_t value)
{
	assert_in_range(n, 0, NR_LRS - 1);
	if ((value & LR_HW) != 0) {
		assert_true((value & LR_STATE) != LR_STATE);
		assert_in_range((uint32_t)value, 16, 1019);
		assert_int_equal(value >> LR_PINTID_SHIFT & 0x1fff, (uint32_t)value);
		assert_true((uint32_t)value < 32 || phys[(uint32_t)value].is_active);
	}
	lrs[here][n] = value;
}

uint32_t vgic_hw_lr_empty(void)
{
	uint32_t empty = 0;

	for (unsigned int n = 0; n < NR_LRS; n++) {
		uint64_t lr = lrs[here][n];

		empty |= (uint32_t)((lr & LR_STATE) == 0 &&
				    ((lr & LR_HW) != 0 || (lr & LR_EOI) == 0))
			 << n;
	}
	return empty;
}

unsigned int vgic_hw_nr_lrs(void)
{
	return NR_LRS;
}

void vgic_hw_deactivate(unsigned int intid)
{
	assert_in_range(intid, 16, 31);
}

void vgic_hw_ppi_enable(unsigned int c, unsigned int intid, bool enable)
{
	(void)c;
	(void)intid;
	(void)enable;
}

void vgic_hw_ppi_pend(unsigned int c, unsigned int intid, bool pend)
{
	(void)c;
	(void)intid;
	(void)pend;
}

bool vgic_hw_ppi_unpend(unsigned int intid)
{
	(void)intid;
	return false;
}

/* Nobody clears the flag before the upcall. */
bool vgic_hw_has_upcall(const struct vgic_cpu *vc)
{
	(void)vc;
	return true;
}

void vgic_hw_wake(struct vgic_cpu *vc)
{
	(void)vc;
}

void vgic_hw_ppi_activate(unsigned int c, unsigned int intid)
{
	(void)c;
	(void)intid;
}

void vgic_hw_state_save(struct vgic_hw_state *s)
{
	(void)s;
}

void vgic_hw_state_load(const struct vgic_hw_state *s)
{
	(void)s;
}

unsigned int vgic_hw_priority_mask(void)
{
	return 0xff;
}

void vgic_hw_kick(unsigned int c)
{
	(void)c;
}

int vgic_hw_spi_check(unsigned int intid)
{
	return intid < 1020 ? 0 : -EINVAL;
}

void vgic_hw_spi_set(unsigned int intid, enum vgic_reg reg)
{
	assert_true(intid == RTC || intid == DISK);
	switch (reg) {
	case VGIC_ISENABLER:
	case VGIC_ICENABLER:
		phys[intid].is_enabled = reg == VGIC_ISENABLER;
		break;
	case VGIC_ISPENDR:
	case VGIC_ICPENDR:
		phys[intid].is_pending = reg == VGIC_ISPENDR;
		break;
	case VGIC_ISACTIVER:
	case VGIC_ICACTIVER:
	default:
		phys[intid].is_active = reg == VGIC_ISACTIVER;
		break;
	}
}

uint32_t vgic_hw_spi_pending(unsigned int bank)
{
	uint32_t word = 0;

	for (unsigned int i = 0; i < 32; i++) {
		unsigned int intid = 32 * (bank + 1) + i;

		word |= (uint32_t)(phys[intid].is_pending ||
				   (!phys[intid].is_edge && phys[intid].line))
			<< i;
	}
	return word;
}

void vgic_hw_spi_route(unsigned int intid, unsigned int c)
{
	phys[intid].cpu = c;
}

void vgic_hw_spi_config(unsigned int intid, bool is_edge)
{
	phys[intid].is_enabled = false;
	phys[intid].is_edge = is_edge;
}

void vgic_hw_underflow(bool on)
{
	wants_underflow[here] = on;
}

/* The physical side: whatever can fire does, on the CPU that it is routed to. */
static void settle(void)
{
	static const unsigned int devices[] = { RTC, DISK };

	for (unsigned int i = 0; i < 2; i++) {
		unsigned int n = devices[i];
		unsigned int was = here;

		if (phys[n].is_enabled && !phys[n].is_active &&
		    (phys[n].is_pending || (!phys[n].is_edge && phys[n].line))) {
			phys[n].is_active = true;
			phys[n].is_pending = false;
			here = phys[n].cpu;
			vgic_spi_fired(&gic, n);
			here = was;
		}
	}
}

static void set_line(unsigned int intid, bool level)
{
	phys[intid].is_pending |= phys[intid].is_edge && level && !phys[intid].line;
	phys[intid].line = level;
	settle();
}

static void enter(unsigned int c)
{
	here = c;
	settle();
	if (cpu[c].work != 0) {
		vgic_flush(&cpu[c]);
	}
}

static uint32_t guest_ack(unsigned int c)
{
	int best = -1;

	enter(c);
	for (int n = 0; n < NR_LRS; n++) {
		if ((lrs[c][n] & LR_STATE) == LR_PENDING &&
		    (best < 0 || (lrs[c][n] >> LR_PRIO_SHIFT & 0xff) <
					 (lrs[c][best] >> LR_PRIO_SHIFT & 0xff))) {
			best = n;
		}
	}
	if (best < 0) {
		return NOTHING;
	}
	lrs[c][best] = (lrs[c][best] & ~LR_PENDING) | LR_ACTIVE;
	return (uint32_t)lrs[c][best];
}

/* The guest ends @intid: with HW the distributor deactivates it, and nobody in EL2 is told. */
static void guest_eoi(unsigned int c, uint32_t intid)
{
	unsigned int used = 0;

	here = c;
	for (unsigned int n = 0; n < NR_LRS; n++) {
		if ((uint32_t)lrs[c][n] == intid && (lrs[c][n] & LR_ACTIVE) != 0) {
			lrs[c][n] &= ~LR_ACTIVE;
			if ((lrs[c][n] & LR_HW) != 0) {
				phys[intid].is_active = false;
			} else if ((lrs[c][n] & LR_EOI) != 0) {
				vgic_maintenance(&cpu[c]);
			}
		}
		used += (lrs[c][n] & LR_STATE) != 0;
	}
	if (wants_underflow[c] && used <= 1) {
		vgic_maintenance(&cpu[c]);
	}
	settle();
}

static void gicd_write(uint32_t at, uint32_t value)
{
	vgic_dist_write(&gic, at, 4, value);
	settle();
}

static uint32_t gicd_read(uint32_t at)
{
	return (uint32_t)vgic_dist_read(&gic, at, 4);
}

static uint32_t word(uint32_t reg, unsigned int intid)
{
	return reg + 4 * (intid / 32);
}

static uint32_t bit(unsigned int intid)
{
	return 1U << (intid % 32);
}

static int set_up(void **state)
{
	(void)state;
	memset(lrs, 0, sizeof(lrs));
	memset(phys, 0, sizeof(phys));
	memset(wants_underflow, 0, sizeof(wants_underflow));
	vgic_init(&gic, false);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		vgic_cpu_init(&gic, &cpu[c], c, c);
	}
	assert_int_equal(vgic_spi_assign(&gic, RTC, false), 0);
	assert_int_equal(vgic_spi_assign(&gic, DISK, true), 0);
	vgic_spi_quiesce(&gic);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		here = c;
		vgic_cpu_online(&cpu[c]);
		vgic_redist_write(&cpu[c], GICR_SGI + GICD_ISENABLER, 4, UINT32_MAX);
	}
	here = 0;
	gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
	gicd_write(word(GICD_ISENABLER, RTC), bit(RTC));
	gicd_write(word(GICD_ISENABLER, DISK), bit(DISK));
	return 0;
}

static void only_spis_that_are_free(void **state)
{
	(void)state;
	assert_int_equal(vgic_spi_assign(&gic, 31, false), -EINVAL);
	assert_int_equal(vgic_spi_assign(&gic, VGIC_INTID_END, false), -EINVAL);
	assert_int_equal(vgic_spi_assign(&gic, RTC, true), -EBUSY);
	assert_int_equal(gicd_read(GICD_TYPER) & 0x1f, DISK / 32);
	assert_int_equal(gicd_read(word(GICD_ICFGR, 0) + 4 * (DISK / 16)), 2U << 2 * (DISK % 16));
}

static void guest_ends_a_level_in_hardware(void **state)
{
	(void)state;
	set_line(RTC, true);
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(guest_ack(0), RTC);
		assert_true(phys[RTC].is_active);
		assert_int_equal(guest_ack(0), NOTHING);
		guest_eoi(0, RTC); /* still high: fires at once */
	}
	assert_int_equal(guest_ack(0), RTC);
	set_line(RTC, false);
	guest_eoi(0, RTC);
	assert_false(phys[RTC].is_active);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void an_edge_comes_once_each_time(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		set_line(DISK, true);
		assert_int_equal(guest_ack(0), DISK);
		set_line(DISK, false);
		set_line(DISK, true); /* again, while active: waits in the hardware */
		assert_int_equal(guest_ack(0), NOTHING);
		guest_eoi(0, DISK);
		assert_int_equal(guest_ack(0), DISK);
		guest_eoi(0, DISK);
		assert_int_equal(guest_ack(0), NOTHING);
		set_line(DISK, false);
	}
}

static void enable_follows_the_guest(void **state)
{
	(void)state;
	assert_true(phys[RTC].is_enabled);
	gicd_write(GICD_CTLR, 0);
	assert_false(phys[RTC].is_enabled || phys[DISK].is_enabled);
	gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
	assert_true(phys[RTC].is_enabled && phys[DISK].is_enabled);
	gicd_write(word(GICD_ICENABLER, RTC), bit(RTC));
	assert_false(phys[RTC].is_enabled);
	vgic_dist_write(&gic, GICD_IROUTER + 8 * DISK, 8, 0x100); /* nobody */
	assert_false(phys[DISK].is_enabled);
	vgic_dist_write(&gic, GICD_IROUTER + 8 * DISK, 8, 1);
	assert_true(phys[DISK].is_enabled);
	assert_int_equal(phys[DISK].cpu, 1);
}

/* Listed, and disabled before the guest takes it: a level is forgotten when it falls, an edge is not. */
static void what_is_withdrawn_goes_back(void **state)
{
	(void)state;
	set_line(RTC, true);
	set_line(DISK, true);
	enter(0);
	gicd_write(word(GICD_ICENABLER, RTC), bit(RTC));
	gicd_write(word(GICD_ICENABLER, DISK), bit(DISK));
	assert_int_equal(guest_ack(0), NOTHING);
	assert_false(phys[RTC].is_active || phys[DISK].is_active);
	assert_int_equal(gicd_read(word(GICD_ISPENDR, RTC)) & bit(RTC), bit(RTC));
	assert_int_equal(gicd_read(word(GICD_ISPENDR, DISK)) & bit(DISK), bit(DISK));
	set_line(RTC, false);
	set_line(DISK, false);
	gicd_write(word(GICD_ISENABLER, RTC), bit(RTC));
	gicd_write(word(GICD_ISENABLER, DISK), bit(DISK));
	assert_int_equal(guest_ack(0), DISK);
	guest_eoi(0, DISK);
	assert_int_equal(guest_ack(0), NOTHING);
	/* the same, latched but not listed yet */
	set_line(DISK, true);
	set_line(RTC, true);
	gicd_write(GICD_CTLR, 0);
	assert_false(phys[RTC].is_active || phys[DISK].is_active);
	set_line(RTC, false);
	gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
	assert_int_equal(guest_ack(0), DISK);
	guest_eoi(0, DISK);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void pending_is_the_hardwares(void **state)
{
	(void)state;
	gicd_write(word(GICD_ISPENDR, DISK), bit(DISK));
	assert_int_equal(guest_ack(0), DISK);
	gicd_write(word(GICD_ISPENDR, DISK), bit(DISK)); /* while active: after the end */
	assert_true(phys[DISK].is_pending);
	assert_int_equal(guest_ack(0), NOTHING);
	gicd_write(word(GICD_ICPENDR, DISK), bit(DISK));
	assert_false(phys[DISK].is_pending);
	guest_eoi(0, DISK);
	assert_int_equal(guest_ack(0), NOTHING);
	/* in a list register, then latched: both go, and the interrupt can come again */
	for (unsigned int is_listed = 0; is_listed < 2; is_listed++) {
		gicd_write(word(GICD_ISPENDR, DISK), bit(DISK));
		if (is_listed != 0) {
			enter(0);
		}
		gicd_write(word(GICD_ICPENDR, DISK), bit(DISK));
		assert_int_equal(guest_ack(0), NOTHING);
		assert_false(phys[DISK].is_active);
		assert_int_equal(gicd_read(word(GICD_ISPENDR, DISK)), 0);
	}
	set_line(DISK, true);
	assert_int_equal(guest_ack(0), DISK);
}

static void active_is_the_hardwares(void **state)
{
	(void)state;
	gicd_write(word(GICD_ISACTIVER, RTC), bit(RTC));
	assert_true(phys[RTC].is_active);
	set_line(RTC, true);
	assert_int_equal(guest_ack(0), NOTHING);
	gicd_write(word(GICD_ICACTIVER, RTC), bit(RTC));
	assert_int_equal(guest_ack(0), RTC);
	/* given up inside the handler */
	set_line(RTC, false);
	gicd_write(word(GICD_ICACTIVER, RTC), bit(RTC));
	enter(0);
	assert_false(phys[RTC].is_active);
	set_line(RTC, true);
	assert_int_equal(guest_ack(0), RTC);
}

static void trigger_is_the_guests_to_choose(void **state)
{
	uint32_t at = GICD_ICFGR + 4 * (RTC / 16);

	(void)state;
	gicd_write(at, 2U << 2 * (RTC % 16));
	assert_true(phys[RTC].is_edge && phys[RTC].is_enabled);
	set_line(RTC, true);
	assert_int_equal(guest_ack(0), RTC);
	guest_eoi(0, RTC);
	assert_int_equal(guest_ack(0), NOTHING);
	vgic_spi_quiesce(&gic);
	assert_false(phys[RTC].is_edge || phys[RTC].is_enabled);
}

static void moves_with_its_route(void **state)
{
	(void)state;
	set_line(RTC, true);
	enter(0);
	vgic_dist_write(&gic, GICD_IROUTER + 8 * RTC, 8, 1);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(guest_ack(1), RTC);
	/* active on 1, routed back; 1 ends it in hardware, and 0 gets the next one */
	vgic_dist_write(&gic, GICD_IROUTER + 8 * RTC, 8, 0);
	assert_int_equal(guest_ack(0), NOTHING);
	guest_eoi(1, RTC);
	assert_int_equal(guest_ack(0), NOTHING); /* 1 was kicked, and has not yet passed */
	assert_int_equal(guest_ack(1), NOTHING);
	assert_int_equal(guest_ack(0), RTC);
}

/* Three list registers are free for these: none may carry bit 41 with HW, and all come in the end. */
static void more_than_list_registers(void **state)
{
	uint32_t seen = 0, intid;

	(void)state;
	set_line(DISK, true);
	set_line(RTC, true);
	enter(0);
	for (uint64_t i = 1; i < 8; i++) {
		vgic_sgi(&cpu[0], i << 24 | 1);
	}
	enter(0);
	assert_true(wants_underflow[0]);
	set_line(RTC, false);
	for (unsigned int i = 0; i < 9; i++) {
		intid = guest_ack(0);
		assert_int_not_equal(intid, NOTHING);
		seen |= bit(intid);
		guest_eoi(0, intid);
	}
	assert_int_equal(seen, 0xfe | bit(RTC) | bit(DISK));
	assert_int_equal(guest_ack(0), NOTHING);
	assert_false(wants_underflow[0]);
}

/* Killed in the handler: nothing of it stays, and the next life takes it again. */
static void quiet_after_a_death_in_the_handler(void **state)
{
	(void)state;
	for (unsigned int life = 0; life < 20; life++) {
		set_line(RTC, true);
		set_line(DISK, true);
		assert_int_not_equal(guest_ack(0), NOTHING);
		for (here = 0; here < NR_CPUS; here++) {
			vgic_cpu_offline(&cpu[here]);
		}
		set_line(DISK, false);
		vgic_spi_quiesce(&gic);
		assert_false(phys[RTC].is_enabled || phys[RTC].is_active || phys[RTC].is_pending);
		assert_false(phys[DISK].is_enabled || phys[DISK].is_active ||
			     phys[DISK].is_pending);
		phys[RTC].line = false; /* the device was reset */
		vgic_reset(&gic);
		for (here = 0; here < NR_CPUS; here++) {
			vgic_cpu_online(&cpu[here]);
		}
		here = 0;
		gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
		gicd_write(word(GICD_ISENABLER, RTC), bit(RTC));
		gicd_write(word(GICD_ISENABLER, DISK), bit(DISK));
		assert_int_equal(guest_ack(0), NOTHING);
	}
}

/* A model's own line has no say over a device's interrupt. */
static void lines_are_not_mixed(void **state)
{
	(void)state;
	vgic_set_line(&gic, RTC, true);
	assert_int_equal(guest_ack(0), NOTHING);
}

/* Anything, in any order; then everything is ended, and both devices are heard again. */
static void any_order_is_survived(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (unsigned int i = 0; i < 300000; i++) {
		unsigned int intid, c;
		uint32_t taken;

		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		intid = (seed >> 33 & 1) != 0 ? RTC : DISK;
		c = (unsigned int)(seed >> 34) % NR_CPUS;
		here = c;
		switch (seed >> 36 & 7) {
		case 0:
			set_line(intid, (seed >> 40 & 1) != 0);
			break;
		case 1:
			vgic_dist_write(&gic, GICD_IROUTER + 8 * intid, 8, seed >> 41 & 3);
			break;
		case 2:
			gicd_write(GICD_CTLR, (seed >> 40 & 3) != 0 ? GICD_CTLR_GRP1 : 0);
			break;
		case 3:
			gicd_write(GICD_ICFGR + 4 * (intid / 16), (uint32_t)(seed >> 20));
			break;
		case 4:
			vgic_sgi(&cpu[c], (seed >> 40 & 0xf) << 24 | 3);
			break;
		case 5:
		case 6:
			taken = guest_ack(c);
			if (taken != NOTHING && (seed >> 41 & 1) != 0) {
				guest_eoi(c, taken);
			}
			break;
		default:
			gicd_write(word(GICD_ISENABLER + 0x80 * (uint32_t)(seed >> 40 & 7) % 0x300,
					intid),
				   bit(intid));
			break;
		}
		enter(c);
	}
	for (here = 0; here < NR_CPUS; here++) {
		vgic_cpu_offline(&cpu[here]);
	}
	vgic_spi_quiesce(&gic);
	vgic_reset(&gic);
	memset(lrs, 0, sizeof(lrs));
	set_line(RTC, false);
	for (here = 0; here < NR_CPUS; here++) {
		vgic_cpu_online(&cpu[here]);
	}
	here = 0;
	gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
	gicd_write(word(GICD_ISENABLER, RTC), bit(RTC));
	assert_int_equal(guest_ack(0), NOTHING);
	set_line(RTC, true);
	assert_int_equal(guest_ack(0), RTC);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		T(only_spis_that_are_free),
		T(guest_ends_a_level_in_hardware),
		T(an_edge_comes_once_each_time),
		T(enable_follows_the_guest),
		T(what_is_withdrawn_goes_back),
		T(pending_is_the_hardwares),
		T(active_is_the_hardwares),
		T(trigger_is_the_guests_to_choose),
		T(moves_with_its_route),
		T(more_than_list_registers),
		T(quiet_after_a_death_in_the_handler),
		T(lines_are_not_mixed),
		T(any_order_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
