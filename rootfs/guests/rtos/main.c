// SPDX-License-Identifier: Apache-2.0
/*
 * The rtos guest: a bare-metal program with a 1 kHz tick on absolute deadlines, how late each was, and two commands.
 *
 * It shows what a real-time guest gets from the hypervisor: timer, interrupts, console. Interrupts only
 * record, main() prints.
 *
 * Jitter is the counter read first thing in the handler minus the deadline. Deadline n is start + n/1000 s,
 * never "now plus one millisecond", so a late tick does not move those after it. struct tick belongs to the
 * interrupt; main() reads it with interrupts masked.
 */
#include "guest.h"

#include "share.h"

#include <tick_clock.h>

#define TICK_HZ	   1000u
#define TYPED_SIZE 16u

/** struct tick_stats - over some ticks; nanoseconds. */
struct tick_stats {
	uint64_t ticks;
	uint64_t worst_ns;
	uint64_t sum_ns;
	uint64_t late; /* a whole period or more */
};

static struct machine machine;
static uint64_t tick_number;
static struct tick_stats second, last_second, total;
static volatile bool has_second;
static bool is_shared; /* what is counted is shown to a Linux domain too */
static volatile char typed[TYPED_SIZE];
static volatile unsigned int typed_in, typed_out;

static void add(struct tick_stats *s, uint64_t ns)
{
	s->ticks++;
	s->sum_ns += ns;
	s->late += ns >= NS_PER_SEC / TICK_HZ;
	if (ns > s->worst_ns) {
		s->worst_ns = ns;
	}
}

static void arm_timer(uint64_t n)
{
	tick_number = n;
	clock_arm(n, TICK_HZ);
}

static void tick(uint64_t now)
{
	uint64_t ns = clock_late_ns(now, tick_number, TICK_HZ);

	add(&second, ns);
	add(&total, ns);
	if (second.ticks == TICK_HZ) {
		last_second = second;
		second = (struct tick_stats){ 0 };
		has_second = true;
	}
	arm_timer(tick_number + 1);
}

static void receive(void)
{
	int c;

	while ((c = uart_get()) >= 0) {
		if (typed_in - typed_out < TYPED_SIZE) {
			typed[typed_in % TYPED_SIZE] = (char)c;
			typed_in++;
		}
	}
}

void guest_irq(uint64_t now)
{
	uint32_t intid = irq_ack();

	if (intid >= 1020) {
		return;
	}
	if (intid == machine.timer_intid) {
		tick(now);
	} else if (intid == machine.uart_intid) {
		receive();
	}
	irq_end(intid);
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: ESR 0x%x ELR 0x%x FAR 0x%x\n", esr, elr, far);
	machine_power_off(&machine, true);
}

/* A copy that no tick can change half way. */
static struct tick_stats snapshot(const struct tick_stats *s)
{
	struct tick_stats copy;

	irq_mask(true);
	copy = *s;
	irq_mask(false);
	return copy;
}

static void command(char c)
{
	struct tick_stats s;

	switch (c) {
	case 's':
		s = snapshot(&total);
		print("statistics: %u ticks, worst jitter %u ns, mean %u ns, a period late or more: %u\n",
		      s.ticks, s.worst_ns, s.ticks ? s.sum_ns / s.ticks : 0, s.late);
		break;
	case 'q':
		print("powering off\n");
		machine_power_off(&machine, false);
	case '\r':
	case '\n':
		break;
	default:
		print("s: statistics, q: power off\n");
		break;
	}
}

/* Sleep until an interrupt has left something to do. One that comes after the look ends the wait, so none is missed. */
static void wait(void)
{
	irq_mask(true);
	if (!has_second && typed_in == typed_out) {
		irq_wait();
	}
	irq_mask(false);
}

static void start_tick(void)
{
	clock_begin();
	arm_timer(1);
}

static void boot(const void *fdt)
{
	const char *missing = machine_read(fdt, &machine);

	if (missing != NULL) {
		if (machine.uart != 0) {
			uart_init(&machine);
			print("the device tree lacks %s\n", missing);
		}
		machine_power_off(&machine, true);
	}
	is_shared = share_find(fdt);
	mmu_init(&machine);
	uart_init(&machine);
	if (!clock_irqs(&machine)) {
		print("this CPU has no interrupts\n");
		machine_power_off(&machine, true);
	}
}

void guest_main(const void *fdt)
{
	boot(fdt);
	print("ready: bare metal on %s, timer %u Hz; s: statistics, q: power off\n",
	      machine.has_xen ? "xen" : "a bare machine", clock_frequency());
	if (is_shared) {
		print("each second's statistics stand in the shared page, too\n");
	}
	start_tick();
	irq_mask(false);
	for (;;) {
		wait();
		if (has_second) {
			struct tick_stats s;

			has_second = false;
			s = snapshot(&last_second);
			print("tick %u Hz, worst jitter %u ns, mean %u ns\n", (uint64_t)TICK_HZ,
			      s.worst_ns, s.sum_ns / s.ticks);
			share_second(s.ticks, s.worst_ns, s.sum_ns / s.ticks, s.late);
		}
		while (typed_out != typed_in) {
			char c = typed[typed_out % TYPED_SIZE];

			typed_out++;
			command(c);
		}
	}
}
