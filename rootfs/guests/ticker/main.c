// SPDX-License-Identifier: Apache-2.0
/*
 * The smallest PVH guest: it says that it is there, and ten times a second for a while how late the hypervisor woke it
 * up. Its time is Xen's: the TSC, by what vcpu_info says of it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define NS_PER_S 1000000000ULL
#define TICK_NS	 (NS_PER_S / 10)
#define TICKS	 30U
#define A_LINE	 10U

uint64_t hypercall(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2);
void ticker_main(const struct hvm_start_info *info);

static struct vcpu_info vcpu_info __attribute__((aligned(64)));

static char line[80];
static unsigned int line_len;

static void say_text(const char *s)
{
	while (*s != '\0' && line_len < sizeof(line)) {
		line[line_len++] = *s++;
	}
}

static void say_number(uint64_t n)
{
	char digits[21];
	unsigned int i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	say_text(&digits[i]);
}

static void say_end(void)
{
	say_text("\n");
	hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, line_len, (uint64_t)line);
	line_len = 0;
}

static uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* Xen public xen.h, struct vcpu_time_info. */
static uint64_t now_ns(void)
{
	const volatile struct vcpu_time_info *t = &vcpu_info.time;
	uint64_t ns;
	uint32_t version;

	do {
		uint64_t delta;

		version = t->version;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		delta = rdtsc() - t->tsc_timestamp;
		delta = t->tsc_shift >= 0 ? delta << t->tsc_shift : delta >> -t->tsc_shift;
		ns = t->system_time +
		     (uint64_t)(((unsigned __int128)delta * t->tsc_to_system_mul) >> 32);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) != 0 || version != t->version);
	return ns;
}

static bool register_vcpu_info(void)
{
	struct vcpu_register_vcpu_info r = {
		.mfn = (uint64_t)&vcpu_info >> 12,
		.offset = (uint64_t)&vcpu_info & 4095,
	};

	return hypercall(__HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 0, (uint64_t)&r) == 0;
}

static void sleep_until(uint64_t ns)
{
	struct sched_poll poll = { .timeout = ns };

	while (now_ns() < ns) {
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)&poll, 0);
	}
}

static void tick(void)
{
	uint64_t start = now_ns(), worst = 0;

	for (unsigned int i = 1; i <= TICKS; i++) {
		uint64_t due = start + i * TICK_NS, late;

		sleep_until(due);
		late = now_ns() - due;
		worst = late > worst ? late : worst;
		if (i % A_LINE == 0) {
			say_text("ticks ");
			say_number(i);
			say_text(", worst ");
			say_number(worst / 1000);
			say_text(" us late");
			say_end();
		}
	}
}

void ticker_main(const struct hvm_start_info *info)
{
	struct sched_shutdown off = { .reason = SHUTDOWN_poweroff };

	say_text("started, start info version ");
	say_number(info->version);
	say_text(", magic ");
	say_text(info->magic == XEN_HVM_START_MAGIC_VALUE ? "right" : "WRONG");
	say_end();
	if (!register_vcpu_info()) {
		say_text("vcpu_info refused");
		say_end();
	} else {
		tick();
		say_text("done");
		say_end();
	}
	hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uint64_t)&off, 0);
}
