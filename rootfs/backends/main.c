// SPDX-License-Identifier: Apache-2.0
/*
 * A back end's domain: what the device tree says it is, it becomes: the store, or io.
 *
 * The image lies in the first 2 MiB of the domain's memory; what is behind, or memory that our restart leaves as it is,
 * is given to the core in one piece, once the device tree has been read.
 */
#include "backend.h"

#include <string.h>
#include <xen/hvm/params.h>
#include <xen_guest.h>

#define BLOCK	  0x200000u
#define PAGE	  4096u
#define FORGOTTEN 4096u /* bytes that are enough to be noticed */

extern char image_start[];

static struct machine machine;
static bool is_io;
static struct plan plan;
static struct io_plan io_plan;

/* io is asked for its counters. In a test x is our end, f forgets what we know before. */
static void read_keys(void)
{
	int key;

	while ((key = uart_get()) >= 0) {
		if (ends_on_key && key == 'f' && plan.kept_size != 0) {
			memset((void *)(uintptr_t)plan.kept, 0xa5, FORGOTTEN);
		}
		if (ends_on_key && (key == 'f' || key == 'x')) {
			machine_power_off(&machine, true);
		}
		if (is_io) {
			io_key(key);
		}
	}
}

void guest_irq(uint64_t counter)
{
	uint32_t intid = irq_ack();

	(void)counter;
	if (intid >= 1020) {
		return;
	}
	if (intid == machine.uart_intid) {
		read_keys();
	}
	if (is_io) {
		io_interrupt(&machine, intid);
	} else {
		store_interrupt(&machine, intid);
	}
	irq_end(intid);
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: ESR 0x%x ELR 0x%x FAR 0x%x\n", esr, elr, far);
	machine_power_off(&machine, true);
}

static _Noreturn void give_up(const char *what)
{
	print("the device tree lacks %s\n", what);
	machine_power_off(&machine, true);
}

/* Everything behind the image's 2 MiB. */
static uint64_t memory_start(void)
{
	return ((uintptr_t)image_start & ~(uint64_t)(BLOCK - 1)) + BLOCK;
}

static uint64_t memory_end(void)
{
	return machine.ram + machine.ram_size;
}

static void map(void)
{
	for (uint64_t a = memory_start(); a < memory_end(); a += BLOCK) {
		mmu_memory(a);
	}
	for (uint64_t a = plan.kept; a < plan.kept + plan.kept_size; a += BLOCK) {
		mmu_memory(a);
	}
	mmu_memory(machine.grants);
	if (is_io) {
		mmu_memory(xen_hvm_param(HVM_PARAM_STORE_PFN) * PAGE);
	}
	for (uint32_t i = 0; i < io_plan.nr_devices; i++) {
		mmu_device(io_plan.device[i].base);
		if (io_plan.device[i].regs != 0) {
			mmu_device(io_plan.device[i].regs);
		}
	}
	mmu_init(&machine);
}

static void boot(const void *fdt)
{
	const char *missing = machine_read(fdt, &machine);

	if (missing != NULL || !machine.has_xen || machine.grants == 0 || machine.ram_size == 0) {
		machine_power_off(&machine, true);
	}
	is_io = plan_is_io(fdt);
	missing = is_io ? io_plan_read(fdt, &io_plan) : plan_read(fdt, machine.grants, &plan);
	map();
	uart_init(&machine);
	if (missing != NULL) {
		give_up(missing);
	}
	if (!xen_events_init() || !irq_init(&machine)) {
		give_up("an interrupt controller for this CPU, or shared information");
	}
	irq_enable(&machine, machine.uart_intid);
	irq_enable(&machine, machine.timer_intid);
	irq_enable(&machine, machine.upcall_intid);
	for (uint32_t i = 0; i < io_plan.nr_devices; i++) {
		irq_enable(&machine, io_plan.device[i].intid);
	}
}

void guest_main(const void *fdt)
{
	boot(fdt);
	irq_mask(false);
	if (is_io) {
		io_main(&machine, &io_plan, (void *)(uintptr_t)memory_start(),
			(size_t)(memory_end() - memory_start()));
	}
	if (plan.kept_size != 0) {
		store_main(&machine, &plan, (void *)(uintptr_t)plan.kept, (size_t)plan.kept_size);
	}
	store_main(&machine, &plan, (void *)(uintptr_t)memory_start(),
		   (size_t)(memory_end() - memory_start()));
}
