/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the probe guest share: samples of what is measured, by the TSC, and the interrupts that end a wait.
 */
#ifndef PROBE_H
#define PROBE_H

#include "../bench/samples.h"
#include "../pc/pc.h"

#define WARM_UP 16U

#define VECTOR_TIMER	0x40U
#define VECTOR_IPI	0x41U
#define VECTOR_UPCALL	0x50U
#define VECTOR_OWN	0x51U /* for event channels by this vCPU's APIC */
#define VECTOR_SPURIOUS 0xffU

/** irq_at - TSC in the third instruction of the last interrupt's entry; irq_count - how many there were. */
extern volatile uint64_t irq_at, irq_count;

/** counter() - behind LFENCE, as others' figures were taken: two instructions more a sample. */
static inline uint64_t counter(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* The operation stands between the two reads itself: a call of it would be measured too. */
#define MEASURE(name, operation)                                \
	do {                                                    \
		for (unsigned int i_ = 0; i_ < WARM_UP; i_++) { \
			operation;                              \
		}                                               \
		for (unsigned int i_ = 0; i_ < wanted; i_++) {  \
			uint64_t from_ = counter();             \
			operation;                              \
			add_sample(counter() - from_);          \
		}                                               \
		report(name);                                   \
	} while (0)

/* What is sent comes as an interrupt: to its handler, to the handler and back, and the sending alone, masked. */
#define MEASURE_IRQ(name, operation)                           \
	do {                                                   \
		sti();                                         \
		for (unsigned int i_ = 0; i_ < wanted; i_++) { \
			uint64_t count_ = irq_count;           \
			uint64_t from_ = counter();            \
			operation;                             \
			spin(count_);                          \
			add_sample(irq_at - from_);            \
		}                                              \
		report(name "_to_handler");                    \
		for (unsigned int i_ = 0; i_ < wanted; i_++) { \
			uint64_t count_ = irq_count;           \
			uint64_t from_ = counter();            \
			operation;                             \
			spin(count_);                          \
			add_sample(counter() - from_);         \
		}                                              \
		report(name "_roundtrip");                     \
		for (unsigned int i_ = 0; i_ < wanted; i_++) { \
			uint64_t count_ = irq_count;           \
			uint64_t from_;                        \
			cli();                                 \
			from_ = counter();                     \
			operation;                             \
			add_sample(counter() - from_);         \
			sti();                                 \
			spin(count_);                          \
		}                                              \
		report(name "_send_irqs_off");                 \
		cli();                                         \
	} while (0)

/* report.c */
/** report() - say what was sampled. */
void report(const char *name);

/* main.c */
/** must() - what a refusal costs is not what is asked: end when @is_right is false. */
void must(bool is_right, const char *what);
/** wait() - until an interrupt has come since @count was read; asleep, or spinning. Interrupts are let in. */
void wait(uint64_t count, bool is_asleep);

static inline void spin(uint64_t count)
{
	while (irq_count == count) {
	}
}

/* With fixed registers, the same instruction wherever it stands. */
static inline uint32_t mmio_read(uint64_t at)
{
	uint32_t value;

	__asm__ volatile("movl (%%rdx), %%eax" : "=a"(value) : "d"(at) : "memory");
	return value;
}

static inline void mmio_write(uint64_t at, uint32_t value)
{
	__asm__ volatile("movl %%eax, (%%rdx)" : : "a"(value), "d"(at) : "memory");
}

/* apic.c */
/** measure_xapic() / measure_x2apic() - registers, IPIs to itself, the timer; the second changes the mode for ever. */
void measure_xapic(void);
void measure_x2apic(void);

/* events.c */
/** events_init() - the shared info page, and VECTOR_UPCALL for events. */
void events_init(void);
/** events_take() - all that are pending. */
void events_take(void);
/** event_send() - by a hypercall, as large as it has to be. */
void event_send(uint32_t port);
/** events_mask() - nothing is said of @port. */
void events_mask(uint32_t port, bool is_masked);
void measure_events(void);

/* ../bench/pair.c */
/** pair_ping() / pair_pong() - the two ends of the probes between domains that share a CPU. */
void pair_ping(void);
void pair_pong(void);

#endif
