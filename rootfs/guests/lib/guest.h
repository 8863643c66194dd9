/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our bare-metal guests share: start-up, device tree, MMU, interrupts, console, the ways to the hypervisor.
 *
 * A guest brings guest_main(), guest_irq() and guest_exception(). On arm64 it runs in a Xen domain and on a bare `virt`
 * machine alike, for each device is found in the device tree; on x86_64 in a domain, whose tree, if it has one, is a module of
 * its start info. One CPU, no allocation, no lock.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct machine - all that the device tree says which a program needs. */
struct machine {
	uint64_t uart;
	bool uart_is_sbsa; /* no line control: the baud rate is not ours */
	uint32_t uart_intid;
	uint64_t gicd;
	uint64_t gicr;
	uint64_t gicr_size;
	uint64_t gicc; /* a GICv2's; 0: it is a GICv3 */
	uint32_t timer_intid;
	bool has_xen;	       /* a hypervisor with Xen's ABI: power off by its call */
	uint32_t upcall_intid; /* its event channels' interrupt */
	uint64_t grants;       /* where others' pages may be put */
	uint64_t grants_size;
	uint64_t ram; /* the memory that this image lies in */
	uint64_t ram_size;
	bool psci_by_smc;
};

/**
 * machine_read() - fill @m from the device tree at @fdt; on x86_64 that may be NULL, and @m knows no memory and no place for
 * grants then. Return: NULL, or what is missing.
 */
const char *machine_read(const void *fdt, struct machine *m);

/** machine_bootargs() - the domain's command line, "" without one; like the tree not mapped once mmu_init() was called. */
const char *machine_bootargs(const void *fdt);

/** machine_power_off() - the end; @crashed tells the hypervisor why. */
_Noreturn void machine_power_off(const struct machine *m, bool crashed);

/** mmu_device() - before mmu_init(): the 2 MiB around @addr are a device's too. */
void mmu_device(uint64_t addr);

/** mmu_memory() - before mmu_init(): the 2 MiB around @addr are memory, not executable; not those of the image. */
void mmu_memory(uint64_t addr);

/** mmu_init() - identity map of the image (no page writable and executable) and of the devices of @m; caches on. */
void mmu_init(const struct machine *m);

/** cache_clean() - what was written to @size bytes at @addr is in memory; cache_drop() - nothing cached of them is left. */
void cache_clean(uint64_t addr, uint64_t size);
void cache_drop(uint64_t addr, uint64_t size);

/**
 * irq_init() - the interrupt controller, nothing enabled. irq_enable() - let interrupt @intid of @m come. irq_ack(), irq_end() -
 * take and end one; 1020 and above: none. irq_mask() - whether any are taken. irq_wait() - masked: until there is one.
 * time_us() - since some moment. timer_at() - interrupt timer_intid then, once; timer_off() - not any more.
 * before_device() - memory is written before a device's register is. All in guest_cpu.h of the architecture.
 */
#include <guest_cpu.h>

/** irq_rest() - sleep, unless *@has_come, which an interrupt's handler sets; it is false then. */
void irq_rest(volatile bool *has_come);

/**
 * shared_memory_find() - where the tree says that the memory called @id is, shared with others or kept for our next life.
 * Return: false: there is none; nothing is written.
 */
bool shared_memory_find(const void *fdt, const char *id, uint64_t *base, uint64_t *size);

/** uart_init() - the console: PL011 or its SBSA subset, receive interrupt on; on x86_64 Xen's PV console. */
void uart_init(const struct machine *m);

/** uart_put() - one character; waits while the transmit FIFO is full. */
void uart_put(char c);

/** uart_get() - a received character, or -1. */
int uart_get(void);

/** print() - text with %s, %u (uint64_t) and %x (uint64_t); nothing else. */
void print(const char *fmt, ...);
void print_list(const char *fmt, va_list args);

/** guest_main() - the program; entered with the MMU off (x86_64: 1 GiB mapped as it is) and interrupts masked. */
_Noreturn void guest_main(const void *fdt);

/** guest_irq() - an interrupt; @counter: CNTVCT_EL0, or the TSC, as one of its first instructions read it. */
void guest_irq(uint64_t counter);

/** guest_exception() - anything else that ends up in the vectors. */
_Noreturn void guest_exception(uint64_t esr, uint64_t elr, uint64_t far);

/* head.S */
void mmu_switch_on(uint64_t ttbr0, uint64_t tcr, uint64_t mair, uint64_t sctlr);
uint64_t xen_hypercall2(uint64_t number, uint64_t arg0, const void *arg1);
uint64_t xen_hypercall3(uint64_t number, uint64_t arg0, void *arg1, uint64_t arg2);

static inline volatile uint32_t *reg32(uint64_t base, uint64_t offset)
{
	return (volatile uint32_t *)(uintptr_t)(base + offset);
}

static inline volatile uint64_t *reg64(uint64_t base, uint64_t offset)
{
	return (volatile uint64_t *)(uintptr_t)(base + offset);
}

#endif
