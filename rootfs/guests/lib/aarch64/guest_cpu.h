/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU of our bare-metal arm64 guests: registers, barriers, time; guest.h includes it. */
#ifndef GUEST_CPU_H
#define GUEST_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

#define read_sysreg(reg)                                          \
	({                                                        \
		uint64_t value_;                                  \
		__asm__ volatile("mrs %0, " #reg : "=r"(value_)); \
		value_;                                           \
	})
#define write_sysreg(reg, value) __asm__ volatile("msr " #reg ", %0" : : "r"((uint64_t)(value)))
#define isb()			 __asm__ volatile("isb" : : : "memory")
#define dsb()			 __asm__ volatile("dsb sy" : : : "memory")

/**
 * gic_init() - a GICv3 in group 1 by system registers, or a GICv2; nothing enabled. Return: false: no redistributor is
 * ours.
 */
bool gic_init(const struct machine *m);

/** gic_enable() - let an interrupt of ours come, at @priority (lower is more urgent). */
void gic_enable(const struct machine *m, uint32_t intid, uint8_t priority);

/** gic_redistributor() - address of ours, once gic_init() has found it. */
uint64_t gic_redistributor(void);

/** gic_sgi_self() - what to give gic_send_sgi() for interrupt @intid (0-15) on this CPU. */
uint64_t gic_sgi_self(uint32_t intid);

/** gic_ack(), gic_eoi() - take and end an interrupt; 1020 and above: none. */
uint32_t gic_ack(void);
void gic_eoi(uint32_t intid);

uint64_t psci_call(uint64_t function, bool by_smc);

/** gic_send_sgi() - by ICC_SGI1R_EL1, whose name older assemblers lack. */
static inline void gic_send_sgi(uint64_t sgi)
{
	write_sysreg(s3_0_c12_c11_5, sgi);
	isb();
}

static inline void irq_mask(bool is_masked)
{
	if (is_masked) {
		__asm__ volatile("msr daifset, #2" : : : "memory");
	} else {
		__asm__ volatile("msr daifclr, #2" : : : "memory");
	}
}

/* What guests for all architectures use of the interrupt controller: irqs of guest.h. */
static inline bool irq_init(const struct machine *m)
{
	return gic_init(m);
}

static inline void irq_enable(const struct machine *m, uint32_t intid)
{
	gic_enable(m, intid, 0xa0);
}

static inline uint32_t irq_ack(void)
{
	return gic_ack();
}

static inline void irq_end(uint32_t intid)
{
	gic_eoi(intid);
}

/* The counter does not overflow in a machine's life, and is below 2^32 Hz. */
static inline uint64_t time_us(void)
{
	uint64_t hz = read_sysreg(cntfrq_el0), now = read_sysreg(cntvct_el0);

	return now / hz * 1000000 + now % hz * 1000000 / hz;
}

static inline void timer_at(uint64_t us)
{
	uint64_t hz = read_sysreg(cntfrq_el0);

	write_sysreg(cntv_cval_el0, us / 1000000 * hz + (us % 1000000 + 1) * hz / 1000000);
	write_sysreg(cntv_ctl_el0, 1);
	isb();
}

static inline void timer_off(void)
{
	write_sysreg(cntv_ctl_el0, 0);
}

/* An interrupt that came since they were masked ends it, and is taken later. */
static inline void irq_wait(void)
{
	__asm__ volatile("wfi" : : : "memory");
}

static inline void before_device(void)
{
	dsb();
}

#endif
