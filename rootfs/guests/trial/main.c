// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that holds a PC's virtualization against what the hardware would do: when interrupts come, what a single step
 * finds, what instructions at a device's registers do, whose the vector registers are. It says how each went, then what
 * the number of failures is; told "sleep", it then sleeps with interrupts masked, which nothing ends. One that is told "late" has
 * breakpoints last, so that it has none while another domain on its CPU has some: see watched_store().
 */
#include "trial.h"

#include <xen/sched.h>

#define LEAF_DOMID 0x40000004U

volatile struct seen ipi, timer, soft, event, nmi, debug;
volatile unsigned int nmi_depth, nmi_deepest;
volatile bool nmi_again;
volatile uint64_t steps[MAX_STEPS], dr6;

static unsigned int failures, verdicts;

void forget(void)
{
	ipi = timer = soft = event = nmi = debug = (struct seen){ 0 };
	nmi_depth = nmi_deepest = 0;
	nmi_again = false;
}

void verdict(const char *what, bool is_right)
{
	say(what);
	say(is_right ? ": right\n" : ": WRONG\n");
	verdicts++;
	failures += is_right ? 0 : 1;
}

static void note(volatile struct seen *s, const struct pc_frame *f)
{
	s->count++;
	s->rip = f->rip;
}

/* Until its IRET no other one comes, whatever exits meanwhile. */
static void take_nmi(const struct pc_frame *f)
{
	note(&nmi, f);
	nmi_depth++;
	nmi_deepest = nmi_depth > nmi_deepest ? nmi_depth : nmi_deepest;
	if (nmi_again) {
		nmi_again = false;
		apic_self_nmi();
		(void)cpuid(0, 0);
		(void)cpuid(0, 0);
	}
	nmi_depth--;
}

/* An instruction's own breakpoint is passed over once. */
static void take_debug(struct pc_frame *f)
{
	uint64_t value;

	if (debug.count < MAX_STEPS) {
		steps[debug.count] = f->rip;
	}
	note(&debug, f);
	__asm__ volatile("mov %%dr6, %0" : "=r"(value));
	dr6 = value;
	value = 0xffff0ff0;
	__asm__ volatile("mov %0, %%dr6" : : "r"(value));
	f->rflags |= 1UL << 16;
}

void guest_trap(struct pc_frame *f)
{
	switch (f->vector) {
	case 1:
		take_debug(f);
		break;
	case 2:
		take_nmi(f);
		break;
	case VECTOR_IPI:
		note(&ipi, f);
		apic_eoi();
		break;
	case VECTOR_TIMER:
		note(&timer, f);
		apic_eoi();
		break;
	case VECTOR_SOFT:
		note(&soft, f);
		break;
	case VECTOR_EVENT:
		note(&event, f);
		events_take();
		break;
	default:
		say("unexpected vector ");
		say_number(f->vector);
		say(" at ");
		say_hex(f->rip);
		say("\n");
		shut_down(SHUTDOWN_crash);
	}
}

uint32_t domain_id(void)
{
	return cpuid(LEAF_DOMID, 0).ecx;
}

void let_others_run(void)
{
	struct sched_poll poll = { 0 };

	hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
	poll.timeout = time_ns(rdtsc()) + 1000000;
	hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)&poll, 0, 0);
}

static bool is_told(const struct hvm_start_info *info, const char *what)
{
	const char *args = (const char *)info->cmdline_paddr;

	while (args != NULL && *what != '\0' && *args == *what) {
		args++;
		what++;
	}
	return args != NULL && *what == '\0';
}

/* An interrupt waits, and may not wake it; nor does another one that comes. */
static void sleep_masked(void)
{
	say("sleeps\n");
	apic_self_ipi(VECTOR_IPI);
	apic_write(0x320, VECTOR_TIMER);
	apic_write(0x3e0, 0xb);
	apic_write(0x380, 100000);
	__asm__ volatile("cli\n\thlt");
	say("woke up: WRONG\n");
}

void guest_main(const struct hvm_start_info *info)
{
	uint64_t at_main = rdtsc();
	bool sleeps = is_told(info, "sleep"), is_late = is_told(info, "late") && !is_intel();

	try_mmio(); /* by the page, before x2APIC takes that away */
	try_steps();
	if (!is_late) {
		try_breakpoints();
	}
	try_windows();
	try_events();
	try_nmis();
	try_xsave();
	try_tsc(at_main);
	try_tsc_aux();
	if (is_late) {
		try_breakpoints();
	}
	say("verdicts ");
	say_number(verdicts);
	say(", wrong ");
	say_number(failures);
	say("\n");
	if (sleeps) {
		sleep_masked();
	}
}
