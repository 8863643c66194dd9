/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CPU of our bare-metal x86_64 guests; guest.h includes it. The one interrupt is Xen's upcall: what of it is the
 * console's or the timer's, irq.c tells apart, so that programs see three interrupts as they do elsewhere.
 */
#ifndef GUEST_CPU_H
#define GUEST_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

#define GUEST_IRQ_CONSOLE 1u
#define GUEST_IRQ_TIMER	  2u
#define GUEST_IRQ_UPCALL  3u
#define GUEST_IRQ_NONE	  1023u

bool irq_init(const struct machine *m);
void irq_enable(const struct machine *m, uint32_t intid);
uint32_t irq_ack(void);
void irq_end(uint32_t intid);

uint64_t time_us(void);
void timer_at(uint64_t us);

/** time_ns_at() - when the TSC was @tsc, on time_us()'s clock; timer_at_ns() - as timer_at(), on a PC finer. */
uint64_t time_ns_at(uint64_t tsc);
void timer_at_ns(uint64_t ns);
void timer_off(void);

static inline void irq_mask(bool is_masked)
{
	if (is_masked) {
		__asm__ volatile("cli" : : : "memory");
	} else {
		__asm__ volatile("sti" : : : "memory");
	}
}

/* Nothing is taken between STI and HLT: AMD APM vol. 3, "STI". */
static inline void irq_wait(void)
{
	__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

/* Stores are seen in their order. */
static inline void before_device(void)
{
	__asm__ volatile("" : : : "memory");
}

#endif
