// SPDX-License-Identifier: Apache-2.0
/*
 * The bench guest: what calls, traps and interrupts cost, by the virtual counter; then it powers off.
 *
 * Under a deterministic emulator (QEMU -icount shift=S) an instruction takes 2^S ns, so the counter counts
 * instructions; `icshift=S` of the boot arguments says so. Each line is
 *
 *     BENCH name mean-ticks mean-instructions min= p50= max= n=
 *
 * with min, p50 and max in ticks, the two counter reads included ("empty" is what they cost alone). The names are
 * those of the figures that others' hypervisors are known by: tests/bench/upstream.toml. Runs on a bare machine
 * too, entered at EL1: what needs the hypervisor is left out. With `role=1` and `role=2` it is one of two domains
 * that send each other events (pair.c).
 */
#include "bench.h"

#include <libfdt.h>
#include <xen/sched.h>
#include <xen/xen.h>

#define TIMER_TICKS	20000u
#define TEST_SGI	1u
#define PPI_PTIMER	30u /* Arm BSA: the non-secure EL1 physical timer's INTID */
#define CTL_ENABLE	1u
#define NO_SUCH_CALL	63u
#define PSCI_VERSION	0x84000000u
#define PSCI_AFFINITY	0xc4000004u
#define SMCCC_VERSION	0x80000000u
#define UART_FR		0x18u
#define GICD_CTLR	0x0u
#define GICD_TYPER	0x4u
#define GICR_TYPER	0x8u
#define GICR_ISENABLER0 0x10100u
#define MPIDR_AFFINITY	0xff00ffffffull

/* `role=` of the boot arguments. */
enum role {
	ALONE,
	PING,
	PONG,
};

static unsigned int icount_shift;
static uint64_t spurious;
struct machine machine;
volatile uint64_t irq_at, irq_count;

static inline int64_t hypercall(uint64_t number, uint64_t arg0)
{
	register uint64_t x0 __asm__("x0") = arg0;
	register uint64_t x1 __asm__("x1") = 0;
	register uint64_t x16 __asm__("x16") = number;

	__asm__ volatile("hvc #0xea1"
			 : "+r"(x0), "+r"(x1), "+r"(x16)
			 :
			 : "x2", "x3", "x4", "memory");
	return (int64_t)x0;
}

#define SMCCC_CLOBBERED                                                                      \
	"x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", \
		"x17", "memory"

/* Firmware's calling convention, SMCCC 1.0 (DEN0028). */
static inline uint64_t firmware(uint64_t function, uint64_t arg1)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = arg1;
	register uint64_t x2 __asm__("x2") = 0;
	register uint64_t x3 __asm__("x3") = 0;

	if (machine.psci_by_smc) {
		__asm__ volatile("smc #0"
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				 :
				 : SMCCC_CLOBBERED);
	} else {
		__asm__ volatile("hvc #0"
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				 :
				 : SMCCC_CLOBBERED);
	}
	return x0;
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

void guest_irq(uint64_t now)
{
	uint32_t intid = gic_ack();

	if (intid >= 1020) {
		spurious++;
		return;
	}
	if (pair_take(intid)) {
		irq_count = irq_count + 1;
		gic_eoi(intid);
		return;
	}
	if (intid == machine.timer_intid) {
		write_sysreg(cntv_ctl_el0, 0);
		isb();
	}
	if (intid == PPI_PTIMER) {
		write_sysreg(cntp_ctl_el0, 0);
		isb();
	}
	irq_at = now;
	irq_count = irq_count + 1;
	gic_eoi(intid);
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: ESR 0x%x ELR 0x%x FAR 0x%x\n", esr, elr, far);
	machine_power_off(&machine, true);
}

static inline void spin(uint64_t count)
{
	while (irq_count == count) {
	}
}

/* Asleep with interrupts masked, so that none comes between the look and the sleep; WFI wakes all the same. */
void sleep(uint64_t count)
{
	irq_mask(true);
	while (irq_count == count) {
		__asm__ volatile("wfi" : : : "memory");
		irq_mask(false);
		isb();
		irq_mask(true);
	}
	irq_mask(false);
}

/* What a refusal costs is not what is asked. */
void must(bool is_right, const char *what)
{
	if (!is_right) {
		print("%s does not work here\n", what);
		machine_power_off(&machine, true);
	}
}

static void try_calls(uint64_t self)
{
	if (machine.has_xen) {
		must(hypercall(__HYPERVISOR_xen_version, 0) > 0, "xen_version");
		must(hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield) == 0, "SCHEDOP_yield");
	}
	must((int32_t)firmware(PSCI_VERSION, 0) > 0, "PSCI_VERSION");
	must(firmware(PSCI_AFFINITY, self) == 0, "AFFINITY_INFO");
}

static void measure_calls(void)
{
	uint64_t self = read_sysreg(mpidr_el1) & MPIDR_AFFINITY;

	try_calls(self);
	MEASURE("empty", (void)0);
	if (machine.has_xen) {
		MEASURE("null_hypercall_xen_version", (void)hypercall(__HYPERVISOR_xen_version, 0));
		MEASURE("hypercall_enosys", (void)hypercall(NO_SUCH_CALL, 0));
		MEASURE("sched_yield", (void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield));
	}
	MEASURE("psci_version", (void)firmware(PSCI_VERSION, 0));
	MEASURE("psci_affinity_info", (void)firmware(PSCI_AFFINITY, self));
	MEASURE("smccc_version", (void)firmware(SMCCC_VERSION, 0));
}

static void measure_registers(void)
{
	uint64_t gicr = gic_redistributor();

	MEASURE("mmio_uart_fr_read", (void)*reg32(machine.uart, UART_FR));
	MEASURE("mmio_gicd_typer_read", (void)*reg32(machine.gicd, GICD_TYPER));
	MEASURE("mmio_gicd_ctlr_read", (void)*reg32(machine.gicd, GICD_CTLR));
	MEASURE("mmio_gicr_typer_read", (void)*reg32(gicr, GICR_TYPER));
	MEASURE("mmio_gicr_isenabler0_write", *reg32(gicr, GICR_ISENABLER0) = 1u << TEST_SGI);
	MEASURE("sysreg_id_aa64pfr0_read", (void)read_sysreg(id_aa64pfr0_el1));
	MEASURE("sysreg_id_aa64mmfr0_read", (void)read_sysreg(id_aa64mmfr0_el1));
}

static uint64_t arm_timer(void)
{
	uint64_t deadline = counter() + TIMER_TICKS;

	write_sysreg(cntv_cval_el0, deadline);
	write_sysreg(cntv_ctl_el0, CTL_ENABLE);
	isb();
	return deadline;
}

/* From the deadline to the handler's third instruction. */
static void measure_timer(void)
{
	for (unsigned int i = 0; i < wanted; i++) {
		uint64_t count = irq_count, deadline = arm_timer();

		spin(count);
		add_sample(irq_at - deadline);
	}
	report("vtimer_latency_spin");
	for (unsigned int i = 0; i < wanted; i++) {
		uint64_t count = irq_count, deadline = arm_timer();

		sleep(count);
		add_sample(irq_at - deadline);
	}
	report("vtimer_latency_wfi");
}

/* The EL1 physical timer, on the virtual one's clock. */
static void measure_ptimer(void)
{
	for (unsigned int i = 0; i < wanted; i++) {
		uint64_t count = irq_count, at = read_sysreg(cntpct_el0) + TIMER_TICKS;
		uint64_t deadline = counter() + TIMER_TICKS;

		write_sysreg(cntp_cval_el0, at);
		write_sysreg(cntp_ctl_el0, CTL_ENABLE);
		isb();
		spin(count);
		add_sample(irq_at - deadline);
	}
	report("ptimer_latency_spin");
}

static void measure_sgi(void)
{
	uint64_t sgi = gic_sgi_self(TEST_SGI);

	for (unsigned int i = 0; i < wanted; i++) {
		uint64_t count = irq_count, from = counter();

		gic_send_sgi(sgi);
		spin(count);
		add_sample(irq_at - from);
	}
	report("sgi_self_to_handler");
	for (unsigned int i = 0; i < wanted; i++) {
		uint64_t count = irq_count, from = counter();

		gic_send_sgi(sgi);
		spin(count);
		add_sample(counter() - from);
	}
	report("sgi_self_roundtrip");
	for (unsigned int i = 0; i < wanted; i++) {
		uint64_t count = irq_count, from;

		irq_mask(true);
		from = counter();
		gic_send_sgi(sgi);
		add_sample(counter() - from);
		irq_mask(false);
		spin(count);
	}
	report("sgi_send_only");
}

/* The number behind `@key=` of the boot arguments, else @otherwise. */
static unsigned int number_arg(const char *args, const char *key, unsigned int otherwise)
{
	size_t len = strlen(key);
	unsigned int value = 0;

	while (strncmp(args, key, len) != 0) {
		args = strchr(args, ' ');
		if (args == NULL) {
			return otherwise;
		}
		args++;
	}
	for (args += len; *args >= '0' && *args <= '9'; args++) {
		value = value * 10 + (unsigned int)(*args - '0');
	}
	return value;
}

static enum role read_args(const void *fdt)
{
	const char *args = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "bootargs", NULL);

	if (args == NULL) {
		args = "";
	}
	icount_shift = number_arg(args, "icshift=", 0) & 31;
	samples_init(icount_shift, number_arg(args, "n=", 0));
	return (enum role)number_arg(args, "role=", ALONE);
}

static enum role boot(const void *fdt)
{
	enum role role;

	const char *missing = machine_read(fdt, &machine);

	if (missing != NULL) {
		if (machine.uart != 0) {
			uart_init(&machine);
			print("the device tree lacks %s\n", missing);
		}
		machine_power_off(&machine, true);
	}
	role = read_args(fdt);
	pair_boot(fdt);
	mmu_init(&machine); /* from here on the device tree is not mapped */
	uart_init(&machine);
	if (!gic_init(&machine)) {
		print("this CPU has no redistributor\n");
		machine_power_off(&machine, true);
	}
	gic_enable(&machine, machine.timer_intid, PRIORITY);
	gic_enable(&machine, TEST_SGI, PRIORITY);
	gic_enable(&machine, PPI_PTIMER, PRIORITY);
	return role;
}

static void measure_alone(uint64_t since_reset)
{
	add_sample(since_reset);
	report("boot_reset_to_guest_main_cntpct");
	measure_calls();
	measure_registers();
	irq_mask(false);
	measure_timer();
	measure_ptimer();
	measure_sgi();
	irq_mask(true);
}

void guest_main(const void *fdt)
{
	uint64_t since_reset = read_sysreg(cntpct_el0);
	enum role role = boot(fdt);

	print("on %s, counter %u Hz, 2^%u ns an instruction\n",
	      machine.has_xen ? "xen" : "a bare machine", read_sysreg(cntfrq_el0),
	      (uint64_t)icount_shift);
	if (role == PING) {
		pair_ping();
	} else if (role == PONG) {
		pair_pong();
	} else {
		measure_alone(since_reset);
	}
	print("done, %u spurious interrupts\n", spurious);
	machine_power_off(&machine, false);
}
