// SPDX-License-Identifier: Apache-2.0
/*
 * The reference under tests/unit/vgic_stress.h.
 *
 * Hardware: list registers, which each guest's CPU interface works on while the hypervisor does not look; a physical
 * timer for each CPU; one device SPI. A CPU goes through the hypervisor when it traps or when the kick that it was sent
 * has arrived, which is any time later: meanwhile its guest goes on with what is listed.
 *
 * An edge is due from its raise until it is taken, and may be taken only when due. Where a guest clears what may just be
 * taken elsewhere, either is right. A level is due while its line is high.
 */
#include "vgic_stress.h"

#include <asm/gic.h>
#include <asm/vgic.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CPUS  4
#define LRS	  4
#define SPI	  32U
#define NR_SPIS	  4U /* 32, 33: level; 34, 35: edge */
#define EDGES	  0xcU
#define DEVICE	  40U /* a level with hardware behind it */
#define UPCALL	  VGIC_PPI_UPCALL
#define TIMER	  VGIC_PPI_VTIMER
#define DEPTH	  40U
#define IDLE_PRIO 0x100U

enum due {
	NOT_DUE,
	DUE,
	EITHER
};

struct machine_cpu {
	uint64_t lr[LRS];
	bool is_kicked;
	bool timer_on, timer_active;
	uint32_t
		nr_taken; /* interrupts that its guest has taken and not ended, one inside the other */
	struct {
		uint32_t intid, prio;
	} taken[DEPTH];
	enum due sgi[GIC_NR_SGIS][MAX_CPUS]; /* GICv3: sender 0 */
	enum due upcall;
};

static struct vgic gic;
static struct vgic_cpu vcpu[MAX_CPUS];
static struct machine_cpu cpus[MAX_CPUS];
static enum due spi[NR_SPIS];
static unsigned int nr, here;
static bool is_v2;
static struct {
	bool enabled, active, line;
} device;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

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
	must(n < LRS);
	return cpus[here].lr[n];
}

void vgic_hw_lr_write(unsigned int n, uint64_t value)
{
	must(n < LRS && ((value & LR_HW) == 0 || (value & LR_STATE) != LR_STATE));
	cpus[here].lr[n] = value;
}

uint32_t vgic_hw_lr_empty(void)
{
	uint32_t empty = 0;

	for (unsigned int n = 0; n < LRS; n++) {
		uint64_t lr = cpus[here].lr[n];

		if ((lr & LR_STATE) == 0 && (lr & (LR_HW | LR_EOI)) != LR_EOI) {
			empty |= 1U << n;
		}
	}
	return empty;
}

unsigned int vgic_hw_nr_lrs(void)
{
	return LRS;
}

void vgic_hw_deactivate(unsigned int intid)
{
	must(intid == TIMER);
	cpus[here].timer_active = false;
}

void vgic_hw_ppi_enable(unsigned int c, unsigned int intid, bool enable)
{
	must(intid == TIMER && c < nr);
	cpus[c].timer_on = enable;
}

void vgic_hw_ppi_pend(unsigned int c, unsigned int intid, bool pend)
{
	must(intid == TIMER && c < nr);
	(void)pend;
}

bool vgic_hw_ppi_unpend(unsigned int intid)
{
	must(intid == TIMER);
	return false;
}

int vgic_hw_spi_check(unsigned int intid)
{
	(void)intid;
	return 0;
}

void vgic_hw_spi_set(unsigned int intid, enum vgic_reg reg)
{
	must(intid == DEVICE);
	if (reg == VGIC_ISENABLER || reg == VGIC_ICENABLER) {
		device.enabled = reg == VGIC_ISENABLER;
	} else if (reg == VGIC_ISACTIVER || reg == VGIC_ICACTIVER) {
		device.active = reg == VGIC_ISACTIVER;
	}
}

uint32_t vgic_hw_spi_pending(unsigned int bank)
{
	(void)bank;
	return device.line ? 1U << (DEVICE % 32) : 0;
}

void vgic_hw_spi_route(unsigned int intid, unsigned int c)
{
	must(intid == DEVICE && c < nr);
}

void vgic_hw_spi_config(unsigned int intid, bool is_edge)
{
	must(intid == DEVICE);
	(void)is_edge;
	device.enabled = false;
}

void vgic_hw_underflow(bool on)
{
	(void)on;
}

void vgic_hw_kick(unsigned int c)
{
	if (c != here) {
		cpus[c].is_kicked = true;
	}
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

/* vCPUs do not share CPUs here. */
void vgic_hw_ppi_activate(unsigned int c, unsigned int intid)
{
	(void)c;
	(void)intid;
	must(false);
}

void vgic_hw_state_save(struct vgic_hw_state *s)
{
	(void)s;
	must(false);
}

void vgic_hw_state_load(const struct vgic_hw_state *s)
{
	(void)s;
}

unsigned int vgic_hw_priority_mask(void)
{
	return 0xff;
}

static uint32_t bits_in_lrs(unsigned int c, unsigned int first)
{
	uint32_t bits = 0;

	for (unsigned int n = 1; n < LRS; n++) {
		uint32_t intid = vcpu[c].lr_intid[n];

		if ((vcpu[c].lr_used >> n & 1) == 0) {
			must((cpus[c].lr[n] & LR_STATE) == 0);
		} else if (intid - first < 32) {
			must((bits >> intid % 32 & 1) == 0); /* in two list registers */
			bits |= 1U << intid % 32;
		}
	}
	return bits;
}

/* @but: the timer, whose list register is always the same, is not counted in in_lr. */
static void check_bank(const struct vgic_bank *b, uint32_t in_lrs, uint32_t but)
{
	uint32_t on = ((gic.groups & 2) != 0 ? b->group : 0) |
		      ((gic.groups & 1) != 0 ? ~b->group : 0);

	must(b->in_lr == in_lrs);
	must((b->listed & ~b->in_lr & ~but) == 0);
	must(b->open == (b->enabled & on));
}

/* True between any two events. */
static void check(void)
{
	uint32_t spis = 0;

	for (unsigned int c = 0; c < nr; c++) {
		uint32_t mine = bits_in_lrs(c, SPI);

		check_bank(&vcpu[c].priv, bits_in_lrs(c, 0), 1U << TIMER);
		must((spis & mine) == 0); /* two CPUs have it */
		spis |= mine;
		must(vcpu[c].work == 0 || c == here || cpus[c].is_kicked || !vcpu[c].is_online);
		for (unsigned int n = 0; n < LRS; n++) {
			uint64_t lr = cpus[c].lr[n];

			must((lr & LR_HW) == 0 || (lr & LR_STATE) != LR_STATE);
		}
	}
	check_bank(&gic.spi[0], spis, 0);
}

/* CPU @c passes through the hypervisor. */
static void enter(unsigned int c)
{
	here = c;
	cpus[c].is_kicked = false;
	if (vcpu[c].work != 0) {
		vgic_flush(&vcpu[c]);
	}
	must(vcpu[c].work == 0);
	check();
}

static void write_reg(uint32_t at, uint32_t value)
{
	if (is_v2) {
		vgic_v2_write(&vcpu[here], at, 4, value);
	} else if (at >= GICD_ISENABLER && at < GICD_IPRIORITYR && (at & 0x7f) == 0) {
		vgic_redist_write(&vcpu[here], GICR_SGI + at, 4, value);
	} else {
		vgic_dist_write(&gic, at, 4, value);
	}
}

static void write_prio(uint32_t intid, uint8_t prio)
{
	if (is_v2) {
		vgic_v2_write(&vcpu[here], GICD_IPRIORITYR + intid, 1, prio);
	} else if (intid < SPI) {
		vgic_redist_write(&vcpu[here], GICR_SGI + GICD_IPRIORITYR + intid, 1, prio);
	} else {
		vgic_dist_write(&gic, GICD_IPRIORITYR + intid, 1, prio);
	}
}

static void write_route(uint32_t intid, unsigned int c)
{
	if (is_v2) {
		vgic_v2_write(&vcpu[here], GICD_ITARGETSR + intid, 1, 1UL << c);
	} else {
		vgic_dist_write(&gic, GICD_IROUTER + 8 * intid, 8, c);
	}
}

/* @again: it was raised once more, and the CPU's kick for that has not arrived. */
static void take(enum due *due, bool again)
{
	must(*due != NOT_DUE);
	*due = again ? DUE : NOT_DUE;
}

/* What the reference says to @intid being taken by @c. */
static void was_taken(unsigned int c, uint64_t lr)
{
	uint32_t intid = (uint32_t)lr & 0x3ff, sender = is_v2 ? lr >> LR_CPU_SHIFT & 7 : 0;
	uint32_t raised = (uint32_t)(vcpu[c].work >> 32) | vcpu[c].priv.pending;
	uint32_t spis = gic.spi[0].pending;

	if (!cpus[c].is_kicked) {
		raised = 0;
		spis = 0;
	}
	if (intid < GIC_NR_SGIS) {
		take(&cpus[c].sgi[intid][sender],
		     (raised >> intid & 1) != 0 &&
			     (!is_v2 || (vcpu[c].sgi_from[intid] >> sender & 1) != 0));
	} else if (intid == UPCALL) {
		take(&cpus[c].upcall, (raised >> UPCALL & 1) != 0);
	} else if (intid - SPI < NR_SPIS && (EDGES >> (intid - SPI) & 1) != 0) {
		take(&spi[intid - SPI], (spis >> (intid - SPI) & 1) != 0);
	} else {
		must(intid == TIMER || intid == DEVICE || intid - SPI < NR_SPIS);
	}
}

/* The guest on @c reads its IAR: the most urgent, if it is more so than what it is at. */
static bool ack(unsigned int c)
{
	struct machine_cpu *m = &cpus[c];
	uint32_t running = m->nr_taken > 0 ? m->taken[m->nr_taken - 1].prio : IDLE_PRIO;
	int best = -1;

	for (int n = 0; n < LRS; n++) {
		uint32_t prio = (uint32_t)(m->lr[n] >> LR_PRIO_SHIFT) & 0xff;

		if ((m->lr[n] & LR_STATE) == LR_PENDING && prio < running) {
			running = prio;
			best = n;
		}
	}
	if (best < 0 || m->nr_taken == DEPTH) {
		return false;
	}
	m->lr[best] = (m->lr[best] & ~LR_PENDING) | LR_ACTIVE;
	m->taken[m->nr_taken].intid = (uint32_t)m->lr[best] & 0x3ff;
	m->taken[m->nr_taken++].prio = running;
	was_taken(c, m->lr[best]);
	return true;
}

static void deactivate_hw(unsigned int c, uint32_t intid)
{
	if (intid == TIMER) {
		cpus[c].timer_active = false;
	} else {
		must(intid == DEVICE && device.active);
		device.active = false;
	}
}

/* The guest on @c writes its EOIR for what it took last; a device's handler has silenced it. */
static bool eoi(unsigned int c)
{
	struct machine_cpu *m = &cpus[c];
	uint32_t intid;

	if (m->nr_taken == 0) {
		return false;
	}
	intid = m->taken[--m->nr_taken].intid;
	for (unsigned int n = 0; n < LRS; n++) {
		if ((m->lr[n] & LR_ACTIVE) == 0 || ((uint32_t)m->lr[n] & 0x3ff) != intid) {
			continue;
		}
		m->lr[n] &= ~LR_ACTIVE;
		if ((m->lr[n] & LR_HW) != 0) {
			deactivate_hw(c, intid);
		} else if ((m->lr[n] & LR_STATE) == 0 && (m->lr[n] & LR_EOI) != 0) {
			here = c;
			vgic_maintenance(&vcpu[c]);
		}
		return true;
	}
	return true; /* its active state was taken away meanwhile */
}

static void send_sgi(unsigned int to, uint32_t intid)
{
	cpus[to].sgi[intid][is_v2 ? here : 0] = DUE;
	if (is_v2) {
		vgic_v2_write(&vcpu[here], GICD_SGIR, 4, 1UL << (16 + to) | intid);
	} else {
		vgic_sgi(&vcpu[here], (uint64_t)intid << 24 | 1UL << to);
	}
}

static void set_line(uint32_t i, bool level)
{
	bool was = (gic.spi[0].line >> i & 1) != 0;

	if (level && !was) {
		spi[i] = DUE;
	}
	vgic_set_line(&gic, SPI + i, level);
}

static void clear_pending(uint32_t i)
{
	write_reg(GICD_ICPENDR + 4, 1U << i);
	spi[i] = spi[i] == NOT_DUE ? NOT_DUE : EITHER;
}

/* The hardware's own interrupts come when they may. */
static void device_fires(void)
{
	if (device.line && device.enabled && !device.active) {
		device.active = true;
		vgic_spi_fired(&gic, DEVICE);
	}
}

static void hardware(unsigned int c)
{
	device_fires();
	if (cpus[c].timer_on && !cpus[c].timer_active && vcpu[c].is_online) {
		cpus[c].timer_active = true;
		vgic_timer_fired(&vcpu[c]);
	}
}

/* A CPU goes off, as a guest does it that is in no handler, and comes on again: its private interrupts are at reset. */
static void restart(unsigned int c)
{
	if (cpus[c].nr_taken != 0) {
		return;
	}
	enter(c);
	vgic_cpu_offline(&vcpu[c]);
	check();
	vgic_cpu_online(&vcpu[c]);
	for (uint32_t i = 0; i < GIC_NR_SGIS; i++) {
		for (unsigned int s = 0; s < MAX_CPUS; s++) {
			cpus[c].sgi[i][s] = cpus[c].sgi[i][s] == NOT_DUE ? NOT_DUE : EITHER;
		}
	}
	cpus[c].upcall = cpus[c].upcall == NOT_DUE ? NOT_DUE : EITHER;
	write_reg(GICD_ISENABLER, UINT32_MAX);
}

static void event(uint8_t what, uint8_t a, uint8_t b)
{
	unsigned int c = a % nr;

	if ((what & 0x80) != 0) { /* the guest goes on, whatever is on its way to it */
		(void)((what & 0x40) != 0 ? ack(c) : eoi(c));
		check();
		return;
	}
	enter(c);
	switch (what & 0xf) {
	case 0:
	case 1:
		send_sgi(b % nr, b >> 4);
		break;
	case 2:
		cpus[b % nr].upcall = DUE;
		vgic_raise_private(&vcpu[b % nr], UPCALL);
		break;
	case 3:
	case 4:
		set_line(b % NR_SPIS, (b & 0x80) != 0);
		break;
	case 5:
		write_route(b % 8 == 7 ? DEVICE : SPI + b % NR_SPIS, (b >> 4) % nr);
		break;
	case 6:
		write_reg(((b & 0x80) != 0 ? GICD_ISENABLER : GICD_ICENABLER) + (b & 4U),
			  (b & 4) != 0 ? 0x10fU : 1U << b % 32);
		break;
	case 7:
		write_prio((b & 0x80) != 0 ? SPI + b % NR_SPIS : b % 32, (uint8_t)(a & 0xf8));
		break;
	case 8:
		write_reg(GICD_CTLR, b % 4 == 0 ? 0 : 3);
		break;
	case 9:
		spi[b % NR_SPIS] = DUE;
		write_reg(GICD_ISPENDR + 4, 1U << b % NR_SPIS);
		break;
	case 10:
		clear_pending(b % NR_SPIS);
		break;
	case 11:
		device.line = (b & 1) != 0;
		break;
	case 12:
		write_reg(GICD_IGROUPR + 4, (uint32_t)b * 0x01010101U);
		break;
	case 13:
		restart(c);
		break;
	case 14:
		vgic_maintenance(&vcpu[c]);
		break;
	default:
		break;
	}
	hardware(here);
	enter(here);
}

static void start(uint8_t how)
{
	nr = how % MAX_CPUS + 1;
	is_v2 = (how & 0x80) != 0;
	memset(cpus, 0, sizeof(cpus));
	memset(spi, 0, sizeof(spi));
	memset(&device, 0, sizeof(device));
	vgic_init(&gic, is_v2);
	for (unsigned int c = 0; c < nr; c++) {
		vgic_cpu_init(&gic, &vcpu[c], c, c);
	}
	must(vgic_spi_assign(&gic, DEVICE, false) == 0);
	for (unsigned int c = 0; c < nr; c++) {
		here = c;
		vgic_cpu_online(&vcpu[c]);
		write_reg(GICD_ISENABLER, UINT32_MAX);
		for (uint32_t i = 0; i < SPI; i++) {
			write_prio(i, 0xa0);
		}
		enter(c);
	}
	here = 0;
	for (uint32_t i = SPI; i < 2 * SPI; i++) {
		write_prio(i, 0xa0);
	}
	write_reg(GICD_ICFGR + 8, 0xa0); /* the edges */
	write_reg(GICD_ISENABLER + 4, UINT32_MAX);
	write_reg(GICD_CTLR, 3);
	enter(0);
}

/* A guest that takes and ends all, and silences what it takes: only a kick brings it into the hypervisor. */
static bool serve(unsigned int c)
{
	bool is_busy = cpus[c].is_kicked;

	if (is_busy) {
		enter(c);
	}
	here = c;
	device_fires();
	enter(c);
	if (ack(c)) {
		uint32_t intid = cpus[c].taken[cpus[c].nr_taken - 1].intid;

		here = c;
		if (intid - SPI < NR_SPIS) {
			vgic_set_line(&gic, intid, false);
		} else if (intid == DEVICE) {
			device.line = false;
		}
		enter(c);
		is_busy = true;
	}
	is_busy |= eoi(c);
	enter(here);
	return is_busy;
}

static void drain(void)
{
	bool is_busy = true;

	here = 0;
	write_reg(GICD_CTLR, 3);
	write_reg(GICD_ISENABLER + 4, UINT32_MAX);
	enter(0);
	for (unsigned int c = 0; c < nr; c++) {
		enter(c);
		write_reg(GICD_ISENABLER, UINT32_MAX);
		hardware(c);
		enter(c);
	}
	for (unsigned int round = 0; is_busy; round++) {
		must(round < 2000);
		is_busy = false;
		for (unsigned int c = 0; c < nr; c++) {
			is_busy |= serve(c);
		}
	}
}

static void check_nothing_left(void)
{
	for (unsigned int c = 0; c < nr; c++) {
		here = c;
		vgic_maintenance(&vcpu[c]); /* sees what its guest has ended, and tells others */
	}
	for (unsigned int c = 0; c < nr; c++) {
		enter(c);
	}
	must((gic.spi[0].pending | gic.spi[0].listed | gic.spi[0].in_lr) == 0);
	must((gic.spi[0].line & ~EDGES) == 0);
	must(!device.line && !device.active);
	for (uint32_t i = 0; i < NR_SPIS; i++) {
		must(spi[i] != DUE || (EDGES >> i & 1) == 0);
	}
	for (unsigned int c = 0; c < nr; c++) {
		must((vcpu[c].priv.pending | vcpu[c].priv.in_lr) == 0 && vcpu[c].work == 0);
		must(cpus[c].upcall != DUE);
		for (uint32_t i = 0; i < GIC_NR_SGIS; i++) {
			for (unsigned int s = 0; s < MAX_CPUS; s++) {
				must(cpus[c].sgi[i][s] != DUE);
			}
		}
	}
}

void vgic_stress(const uint8_t *bytes, size_t size)
{
	if (size == 0) {
		return;
	}
	start(bytes[0]);
	for (size_t at = 1; at + 3 <= size; at += 3) {
		event(bytes[at], bytes[at + 1], bytes[at + 2]);
	}
	drain();
	check_nothing_left();
}
