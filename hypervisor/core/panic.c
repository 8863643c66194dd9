/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ways to end: panic() when we are broken, halt() when we refuse.
 *
 * A panic says what is known, keeps it as a crash record, stops the other CPUs and does with the board what Kconfig
 * says (PANIC_ACTION). A refusal stops the board: an image that is refused now would be refused after a reset too.
 *
 * One CPU panics: others that come here meanwhile stop without a word. A fault while we print comes here again; after
 * a few of those there is nothing more to say, and the board ends at once.
 */
#include <hyp/arch/cpu.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/time.h>
#include <hyp/crash.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define NS_PER_S    1000000000UL
#define MAX_ENTRIES 4U /* a fault and its panic, and both once more */

/* The values of CONFIG_PANIC_ACTION. */
#define ACTION_HALT	 0
#define ACTION_POWER_OFF 1
#define ACTION_RESET	 2

bool is_panicking;

static unsigned int panicking_cpu; /* atomic: its index + 1; 0: none */
static unsigned int nr_entries;	   /* of that CPU */

static void stop_others(void)
{
	__atomic_store_n(&is_panicking, true, __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; cpu_get(i) != NULL; i++) {
		if (i != this_cpu()->id &&
		    __atomic_load_n(&cpu_get(i)->is_online, __ATOMIC_ACQUIRE)) {
			arch_cpu_kick(i);
		}
	}
}

static void __noreturn act(void)
{
	if (CONFIG_PANIC_ACTION == ACTION_RESET) {
		arch_reset();
	}
	if (CONFIG_PANIC_ACTION == ACTION_POWER_OFF) {
		arch_power_off();
	}
	arch_cpu_stop();
}

void panic_enter(void)
{
	unsigned int expected = 0, me = this_cpu()->id + 1;

	(void)arch_irq_save();
	if (!__atomic_compare_exchange_n(&panicking_cpu, &expected, me, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST) &&
	    expected != me) {
		arch_cpu_stop();
	}
	if (++nr_entries > MAX_ENTRIES) {
		act();
	}
	stop_others();
	crash_begin(CRASH_HYPERVISOR);
}

static void say_build(void)
{
	extern const uint8_t __build_id[8];
	uint64_t id = 0;

	for (unsigned int i = 0; i < sizeof(__build_id); i++) {
		id = id << 8 | __build_id[i];
	}
	hyp_printf("  Ashlar " ASHLAR_VERSION
		   ", build id %016lx..., %lu ms after the counter started",
		   id, (unsigned long)(arch_now_ns() / 1000000));
}

/* Time to read what is on the screen. */
static void wait(void)
{
	uint64_t end = arch_now_ns() + CONFIG_PANIC_DELAY_S * NS_PER_S;

	while (arch_now_ns() < end) {
	}
}

static void __noreturn the_end(void)
{
	static const char *const names[] = { "halting", "powering off", "resetting" };

	if (CONFIG_PANIC_ACTION == ACTION_HALT) {
		hyp_printf("panic: %s", names[CONFIG_PANIC_ACTION]);
	} else {
		hyp_printf("panic: %s in %u s", names[CONFIG_PANIC_ACTION], CONFIG_PANIC_DELAY_S);
	}
	console_flush_sync();
	wait();
	act();
}

static void say_what(const char *fmt, va_list ap) __printf(1, 0);

static void say_what(const char *fmt, va_list ap)
{
	char prefix[24];

	panic_enter();
	(void)hyp_snprintf(prefix, sizeof(prefix), "panic: CPU %u: ", this_cpu()->id);
	log_line(prefix, fmt, ap);
}

static void __noreturn say_where(uintptr_t sp)
{
	say_build();
	arch_stack_dump(sp);
	the_end();
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_what(fmt, ap);
	va_end(ap);
	say_where((uintptr_t)__builtin_frame_address(0));
}

void panic_at(uintptr_t sp, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_what(fmt, ap);
	va_end(ap);
	say_where(sp);
}

void halt(const char *fmt, ...)
{
	va_list ap;

	(void)arch_irq_save();
	va_start(ap, fmt);
	log_line("", fmt, ap);
	va_end(ap);
	stop_others();
	console_flush_sync();
	arch_cpu_stop();
}
