// SPDX-License-Identifier: Apache-2.0
/*
 * The probe guest: what hypercalls, exits and interrupts of a PC's guest cost, by the TSC; then it powers off.
 *
 * Under a deterministic emulator (QEMU -icount shift=S,sleep=off) the TSC counts nanoseconds, and an instruction takes
 * 2^S of them; `icshift=S` of the command line says so. Each line is
 *
 *     BENCH name mean-ticks mean-instructions min= p50= max= n=
 *
 * with min, p50 and max in ticks, the two counter reads included ("empty" is what they cost alone). The names are those
 * of the figures that others' hypervisors are known by: tests/bench/upstream_pc.toml. With `role=1` and `role=2` it is one
 * of two domains that send each other events (pair.c).
 */
#include "probe.h"

#include <string.h>
#include <xen/sched.h>

#define NO_SUCH_CALL 63U
#define NO_SUCH_MSR  0x1234U
#define XEN_LEAF     0x40000000U
#define PORT_PIC     0x21U
#define PORT_PCI     0xcf8U
#define PORT_POST    0x80U
#define PORT_COM1    0x3fdU

/* `role=` of the command line. */
enum role {
	ALONE,
	PING,
	PONG,
};

volatile uint64_t irq_at, irq_count;

void guest_trap(struct pc_frame *f)
{
	switch (f->vector) {
	case VECTOR_UPCALL:
		events_take();
		break;
	case VECTOR_OWN:
		events_take();
		apic_eoi();
		break;
	case VECTOR_TIMER:
	case VECTOR_IPI:
		apic_eoi();
		break;
	default:
		say("unexpected vector ");
		say_number(f->vector);
		say(" at ");
		say_hex(f->rip);
		say("\n");
		shut_down(SHUTDOWN_crash);
	}
	irq_at = f->tsc;
	irq_count = irq_count + 1;
}

void must(bool is_right, const char *what)
{
	if (!is_right) {
		say(what);
		say(" does not work here\n");
		shut_down(SHUTDOWN_crash);
	}
}

/* STI's shadow covers HLT: none comes between the look and the sleep. */
void wait(uint64_t count, bool is_asleep)
{
	if (!is_asleep) {
		spin(count);
		return;
	}
	cli();
	while (irq_count == count) {
		sti_hlt_cli();
	}
	sti();
}

/* The number behind `@key=` of the command line; 0: there is none. */
static unsigned int number_arg(const struct hvm_start_info *info, const char *key)
{
	const char *args = (const char *)info->cmdline_paddr;
	size_t len = strlen(key);
	unsigned int value = 0;

	while (args != NULL && strncmp(args, key, len) != 0) {
		args = strchr(args, ' ');
		args = args != NULL ? args + 1 : NULL;
	}
	if (args == NULL) {
		return 0;
	}
	for (args += len; *args >= '0' && *args <= '9'; args++) {
		value = value * 10 + (unsigned int)(*args - '0');
	}
	return value;
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static void measure_calls(void)
{
	must(hypercall(__HYPERVISOR_xen_version, 0, 0, 0, 0) > 0, "xen_version");
	must(hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0) == 0, "SCHEDOP_yield");
	MEASURE("empty", (void)0);
	MEASURE("hc_xen_version", hypercall(__HYPERVISOR_xen_version, 0, 0, 0, 0));
	MEASURE("hc_enosys", hypercall(NO_SUCH_CALL, 0, 0, 0, 0));
	MEASURE("hc_sched_yield", hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0));
}

static void read_unknown(void)
{
	(void)rdmsr(NO_SUCH_MSR);
}

static void measure_registers(void)
{
	struct pc_regs r = { 0 };
	uint64_t base = rdmsr(MSR_APIC_BASE);

	MEASURE("cpuid_0", (void)cpuid(0, 0));
	MEASURE("cpuid_1", (void)cpuid(1, 0));
	MEASURE("cpuid_40000000", (void)cpuid(XEN_LEAF, 0));
	MEASURE("rdmsr_apic_base", (void)rdmsr(MSR_APIC_BASE));
	MEASURE("wrmsr_apic_base_same", wrmsr(MSR_APIC_BASE, base));
	MEASURE("rdmsr_efer", (void)rdmsr(MSR_EFER));
	must(!try_call((const void *)read_unknown, &r) && try_vector == 13, "#GP of an MSR");
	MEASURE("rdmsr_unknown_gp_and_back", try_call((const void *)read_unknown, &r));
}

static void measure_ports(void)
{
	must(in8(PORT_PIC) == 0xff, "a port that nobody has");
	MEASURE("pio_in_0x21", (void)in8(PORT_PIC));
	MEASURE("pio_in_0xcf8_32bit", (void)in32(PORT_PCI));
	MEASURE("pio_in_0x80", (void)in8(PORT_POST));
	MEASURE("pio_in_0x3fd_com1_lsr", (void)in8(PORT_COM1));
}

static void measure_alone(void)
{
	measure_calls();
	measure_registers();
	measure_ports();
	must(!apic_is_x2(), "the APIC's page");
	measure_xapic();
	events_init();
	measure_events();
	measure_x2apic();
}

void guest_main(const struct hvm_start_info *info)
{
	uint64_t at_main = counter();
	enum role role = (enum role)number_arg(info, "role=");

	samples_init(number_arg(info, "icshift=") & 31, number_arg(info, "n="));
	if (role == PING) {
		pair_ping();
	} else if (role == PONG) {
		pair_pong();
	} else {
		measure_alone();
		add_sample(time_ns(at_main));
		report("boot_ns_to_guest_main");
	}
	say("done\n");
}
