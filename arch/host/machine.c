/* SPDX-License-Identifier: Apache-2.0 */
/* The fake machine: memory, clock, interrupts, CPUs and the board's end. */
#include <host.h>

#include <hyp/arch/cpu.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/arch/trap.h>
#include <hyp/errno.h>
#include <hyp/percpu.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HANDLERS 8

struct host host;
uint8_t host_ram[HOST_RAM_BYTES] __aligned(PAGE_SIZE);

static struct cpu cpus[HOST_CPUS];
uint8_t host_device[PAGE_SIZE];
static struct {
	unsigned int irq;
	void (*fn)(void *arg);
	void *arg;
} handlers[MAX_HANDLERS];
static unsigned int nr_handlers;
static struct host_spi assigned[8];
static unsigned int nr_assigned;

void host_free_all(void); /* pool.c */

void host_reset(void)
{
	unsigned int i;

	host_free_all();
	memset(host_ram, 0, sizeof(host_ram));
	memset(&host, 0, sizeof(host));
	memset(cpus, 0, sizeof(cpus));
	nr_handlers = 0;
	nr_assigned = 0;
	host.timer_ns = TIMER_OFF;
	host.allocs_left = -1;
	host.maps_left = -1;
	host.uart_room = SIZE_MAX;
	for (i = 0; i < HOST_CPUS; i++) {
		cpus[i].id = i;
	}
}

struct cpu *arch_this_cpu(void)
{
	return &cpus[host.cpu];
}

struct cpu *cpu_get(unsigned int id)
{
	return id < HOST_CPUS ? &cpus[id] : NULL;
}

/* Memory */

static void *address(uint64_t pa, size_t size)
{
	if (pa >= HOST_RAM_BASE && pa - HOST_RAM_BASE < HOST_RAM_BYTES) {
		if (size > HOST_RAM_BYTES - (pa - HOST_RAM_BASE)) {
			fprintf(stderr, "machine address %#lx + %#zx leaves the RAM\n", pa, size);
			abort();
		}
		return host_ram + (pa - HOST_RAM_BASE);
	}
	return (void *)pa;
}

void *arch_map(paddr_t pa, size_t size, enum arch_map_type type)
{
	if (host.maps_left == 0) {
		return NULL;
	}
	host.maps_left -= host.maps_left > 0 ? 1 : 0;
	host.mapped++;
	if (type == MAP_DEVICE && pa.v >= HOST_BAR_BASE && pa.v < HOST_PCI_BASE) {
		return host_bar + pa.v % HOST_BAR_BYTES;
	}
	return type == MAP_DEVICE ? host_device : address(pa.v, size);
}

int arch_map_reserve(unsigned int nr)
{
	(void)nr;
	return host.allocs_left == 0 ? -ENOMEM : 0;
}

void arch_unmap(void *va, size_t size)
{
	(void)va;
	(void)size;
	host.mapped--;
}

void *arch_window(paddr_t page)
{
	if (host.window_open || host.irq_masked == 0 || !IS_ALIGNED(page.v, PAGE_SIZE)) {
		fprintf(stderr, "window opened twice, unmasked or at no page\n");
		abort();
	}
	host.window_open = true;
	return address(page.v, PAGE_SIZE);
}

void *arch_window_pair(paddr_t first, paddr_t second, void **other)
{
	*other = arch_window(second);
	host.window_open = false;
	return arch_window(first);
}

void arch_window_pair_close(void)
{
	arch_window_close();
}

void arch_window_close(void)
{
	host.window_open = false;
}

paddr_t arch_virt_to_phys(const void *va)
{
	const uint8_t *p = va;

	if (p >= host_ram && p < host_ram + HOST_RAM_BYTES) {
		return paddr(HOST_RAM_BASE + (uint64_t)(p - host_ram));
	}
	return paddr((uintptr_t)va);
}

void *arch_phys_to_virt(paddr_t pa)
{
	return address(pa.v, 1);
}

void arch_cache_clean(const void *va, size_t size)
{
	(void)va;
	host.cleaned += size;
}

void arch_cache_flush(const void *va, size_t size)
{
	host.flushed = arch_virt_to_phys(va).v;
	host.flushed_len = size;
}

void arch_zero_clean(void *va, size_t size)
{
	memset(va, 0, size);
}

/* Time */

uint64_t arch_now_ns(void)
{
	host.now_ns += host.step_ns;
	return host.now_ns;
}

uint64_t arch_counter_hz(void)
{
	return HOST_COUNTER_HZ;
}

void arch_timer_set(uint64_t deadline_ns)
{
	host.timer_ns = deadline_ns;
}

void host_advance(uint64_t ns)
{
	uint64_t end = host.now_ns + ns;

	while (host.timer_ns <= end) {
		host.now_ns = MAX(host.now_ns, host.timer_ns);
		host.timer_ns = TIMER_OFF;
		trap_timer();
	}
	host.now_ns = MAX(host.now_ns, end);
}

/* Interrupts */

unsigned long arch_irq_save(void)
{
	return host.irq_masked++;
}

void arch_irq_restore(unsigned long flags)
{
	host.irq_masked = (unsigned int)flags;
}

int arch_irq_request(unsigned int irq, void (*handler)(void *arg), void *arg)
{
	if (nr_handlers == MAX_HANDLERS) {
		return -EBUSY;
	}
	handlers[nr_handlers].irq = irq;
	handlers[nr_handlers].fn = handler;
	handlers[nr_handlers].arg = arg;
	nr_handlers++;
	return 0;
}

int arch_irq_assign(struct domain *d, unsigned int intid, bool is_edge)
{
	unsigned int i;

	for (i = 0; i < nr_assigned; i++) {
		if (assigned[i].intid == intid) {
			return -EBUSY;
		}
	}
	if (intid < 32 || nr_assigned == ARRAY_SIZE(assigned)) {
		return -EINVAL;
	}
	assigned[nr_assigned++] = (struct host_spi){ d, intid, is_edge, 0 };
	return 0;
}

void arch_irq_quiesce(struct domain *d)
{
	unsigned int i;

	for (i = 0; i < nr_assigned; i++) {
		assigned[i].quiesced += assigned[i].owner == d;
	}
}

const struct host_spi *host_spi(unsigned int intid)
{
	unsigned int i;

	for (i = 0; i < nr_assigned; i++) {
		if (assigned[i].intid == intid) {
			return &assigned[i];
		}
	}
	return NULL;
}

void host_raise(unsigned int irq)
{
	unsigned int i;

	for (i = 0; i < nr_handlers; i++) {
		if (handlers[i].irq == irq) {
			handlers[i].fn(handlers[i].arg);
		}
	}
}

/* CPUs and the end */

void arch_cpu_kick(unsigned int cpu)
{
	cpus[cpu].arch.kicks++;
}

void arch_cpu_serve(void)
{
	if (host.irq_masked == 0) {
		host_advance(0);
	}
}

/* Until what comes first: a kick, which may have come before, or the timer. */
void arch_cpu_idle(void)
{
	struct arch_cpu *cpu = &cpus[host.cpu].arch;

	if (cpu->kicks == cpu->kicks_seen && host.timer_ns != TIMER_OFF) {
		host_advance(host.timer_ns > host.now_ns ? host.timer_ns - host.now_ns : 0);
	}
	cpu->kicks_seen = cpu->kicks;
}

void host_ended(enum host_end how)
{
	host.end = how;
	host.irq_masked = 0;
	if (!host.end_is_expected) {
		fprintf(stderr, "the board ended: %d; its log:\n%s\n", (int)how, host.log);
		abort();
	}
	longjmp(host.end_jmp, 1);
}

void arch_power_off(void)
{
	host_ended(HOST_POWERED_OFF);
}

void arch_reset(void)
{
	host_ended(HOST_RESET);
}

void arch_cpu_stop(void)
{
	host_ended(HOST_STOPPED);
}
