/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical CPUs: start by INIT and two SIPIs, idle, stop; and the whole board's end.
 *
 * A CPU's first instructions are a copy of boot/trampoline.S in a page below 1 MiB, which no domain is given.
 * Spec: Intel SDM vol. 3 section 9.4.4 ("MP Initialization Example"); ACPI 6.5 section 4.8.3.2 (PM1 control).
 */
#include <asm/arch.h>
#include <hyp/arch/cpu.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/plan.h>
#include <hyp/pool.h>
#include <string.h>

#define TRAMPOLINE_PAGE 0x8000UL
#define START_NS	1000000000UL
#define STACK_ORDER	2

#define PM1_SCI_EN  BIT(0)
#define PM1_SLP_TYP 10
#define PM1_SLP_EN  BIT(13)

#define RESET_PORT  0xcf9
#define RESET_VALUE 0x06

#define CPUID_ECX_RDRAND BIT(30)
#define RDRAND_TRIES	 10

_Static_assert((PAGE_SIZE << STACK_ORDER) == HYP_STACK_SIZE, "STACK_ORDER");

static int stack_create(struct cpu *cpu)
{
	uint8_t *stack = page_alloc(STACK_ORDER);
	uint8_t *va = stack == NULL ? NULL
				    : arch_map(arch_virt_to_phys(stack), HYP_STACK_SIZE, MAP_RW);

	cpu->arch.stack = (uint64_t)va + HYP_STACK_SIZE;
	return va == NULL ? -ENOMEM : cpu_stacks_create(cpu);
}

static int trampoline_place(void)
{
	extern const char trampoline[], trampoline_end[];
	void *page = arch_map(paddr(TRAMPOLINE_PAGE), PAGE_SIZE, MAP_RW);

	if (page == NULL) {
		return -ENOMEM;
	}
	memcpy(page, trampoline, (size_t)(trampoline_end - trampoline));
	arch_unmap(page, PAGE_SIZE);
	return 0;
}

static bool wait_online(const struct cpu *cpu, uint64_t ns)
{
	uint64_t end = arch_now_ns() + ns;

	while (!__atomic_load_n(&cpu->is_online, __ATOMIC_ACQUIRE)) {
		if (arch_now_ns() > end) {
			return false;
		}
		cpu_relax();
	}
	return true;
}

static int cpu_start(struct cpu *cpu)
{
	uint32_t id = cpu->arch.apic_id;
	uint32_t startup = IPI_STARTUP | (uint32_t)(TRAMPOLINE_PAGE >> PAGE_SHIFT);

	if (stack_create(cpu) || window_init(cpu)) {
		hyp_printf("CPU %u: no memory for its stack", cpu->id);
		return -EIO;
	}
	__atomic_store_n(&ap_cpu, cpu, __ATOMIC_SEQ_CST);
	apic_ipi(id, IPI_INIT);
	delay_us(10000);
	apic_ipi(id, startup);
	if (wait_online(cpu, 1000000)) {
		return 0;
	}
	apic_ipi(id, startup);
	if (wait_online(cpu, START_NS)) {
		return 0;
	}
	hyp_printf("CPU %u (APIC ID %u) did not come up", cpu->id, id);
	return -EIO;
}

static bool is_there(uint64_t id)
{
	for (uint32_t i = 0; i < acpi.nr_cpus; i++) {
		if (acpi.cpus[i] == id) {
			return true;
		}
	}
	return false;
}

/* A CPU that no vCPU runs on has nothing to do: it stays off. */
static bool is_needed(const struct plan *plan, unsigned int cpu)
{
	for (uint32_t i = 0; i < plan->nr_domains; i++) {
		for (uint32_t v = 0; v < plan->domains[i].nr_vcpus; v++) {
			if (plan->domains[i].cpus[v] == cpu) {
				return true;
			}
		}
	}
	return false;
}

int arch_cpus_start(const struct plan *plan)
{
	int err = trampoline_place();

	if (plan->cpus[0] != this_cpu()->arch.apic_id) {
		hyp_printf("boot CPU has APIC ID %u, the plan's CPU 0 has %lu",
			   this_cpu()->arch.apic_id, plan->cpus[0]);
		return -EIO;
	}
	for (unsigned int i = 1; err == 0 && i < plan->nr_cpus; i++) {
		if (!is_needed(plan, i)) {
			continue;
		}
		if (!is_there(plan->cpus[i])) {
			hyp_printf("CPU %u: the firmware names none with APIC ID %lu", i,
				   plan->cpus[i]);
			return -EIO;
		}
		cpu_get(i)->arch.apic_id = (uint32_t)plan->cpus[i];
		err = cpu_start(cpu_get(i));
	}
	return err;
}

/*
 * STI lets nothing in before HLT has begun to wait: none is slept through. QEMU 7.2 can forget to interrupt a CPU that has just
 * left a guest, see README.md, and would not wake it.
 */
void arch_cpu_idle(void)
{
	apic_look_again();
	__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

void arch_cpu_serve(void)
{
	irq_open();
}

void arch_cpu_stop(void)
{
	for (;;) {
		__asm__ volatile("cli\n\thlt" : : : "memory");
	}
}

/* No build of the digest uses them yet. */
bool arch_cpu_has_sha256(void)
{
	return false;
}

bool arch_random(uint64_t *value)
{
	bool is_good = false;

	if ((cpuid(1, 0).ecx & CPUID_ECX_RDRAND) == 0) {
		return false;
	}
	for (unsigned int i = 0; !is_good && i < RDRAND_TRIES; i++) {
		__asm__ volatile("rdrand %0" : "=r"(*value), "=@ccc"(is_good) : : "cc");
	}
	return is_good;
}

static void sleep_by(uint16_t port, uint8_t type)
{
	if (port != 0) {
		out16(port, (uint16_t)((uint64_t)type << PM1_SLP_TYP | PM1_SLP_EN |
				       (in16(port) & PM1_SCI_EN)));
	}
}

/* What the console's FIFO holds is on its way still: 16 characters at 115200 baud take 1.4 ms. */
static void flush_console(void)
{
	console_flush_sync();
	delay_us(2000);
}

void arch_power_off(void)
{
	flush_console();
	if (acpi.has_s5) {
		sleep_by(acpi_port(&acpi.pm1a), acpi.s5_a);
		sleep_by(acpi_port(&acpi.pm1b), acpi.s5_b);
	}
	arch_cpu_stop();
}

/* As ACPI says, else by the chipset's reset control; both are ports on every PC so far. */
void arch_reset(void)
{
	flush_console();
	if (acpi_port(&acpi.reset) != 0) {
		out8(acpi_port(&acpi.reset), acpi.reset_value);
	}
	out8(RESET_PORT, RESET_VALUE);
	arch_cpu_stop();
}
