// SPDX-License-Identifier: Apache-2.0
/*
 * The io domain: the machine for its core (io/platform.h), then turns until nothing is left to do, and sleep.
 *
 * Interrupts only leave a note: what there is to do is found by looking.
 */
#include "backend.h"
#include "io/block.h"
#include "io/environment.h"
#include "io/io.h"
#include "io/nic.h"
#include "io/nvme.h"
#include "io/platform.h"
#include "io/sdcard.h"
#include "io/virtio_blk.h"
#include "io/virtio_net.h"

#include <stdarg.h>
#include <string.h>
#include <xen/xen.h>

#include <xen/grant_table.h>
#include <xen/hvm/params.h>
#include <xen_guest.h>

#define PAGE		   4096u
#define LOOK_AT_DISK_US	   200u
#define LOOK_AT_NETWORK_US 2000u

static struct xs xs;
static volatile bool has_event, is_asked;
static uint64_t bus_offset; /* from our addresses to those of devices */

void io_interrupt(const struct machine *m, uint32_t intid)
{
	if (intid == m->upcall_intid) {
		xen_events_quiet();
	}
	if (intid != m->timer_intid && intid != m->uart_intid) {
		block_quiet(); /* or a level would keep us here */
		has_event = true;
	}
	if (intid == m->timer_intid) {
		timer_off();
	}
}

void io_key(int key)
{
	if (key == 's') {
		is_asked = true;
		has_event = true;
	}
}

bool plat_map(uint16_t domid, uint32_t ref, void *at, uint32_t *handle)
{
	return xen_grant_map(domid, ref, (uintptr_t)at, handle);
}

void plat_unmap(void *at, uint32_t handle)
{
	xen_grant_unmap((uintptr_t)at, handle);
}

uint32_t plat_bind(uint16_t domid, uint32_t port)
{
	return xen_event_bind(domid, port);
}

void plat_close(uint32_t port)
{
	xen_event_close(port);
}

bool plat_is_bound(uint32_t port)
{
	return xen_event_is_bound(port);
}

/* In this order: one that has started again meanwhile grants anew, but is not at the other end. */
bool plat_is_alive(uint16_t domid, uint32_t port)
{
	return !xen_grants_are_gone(domid) && (port == 0 || xen_event_is_bound(port));
}

void plat_notify(uint32_t port)
{
	xen_event_send(port);
}

bool plat_copy(struct gnttab_copy *ops, uint32_t nr)
{
	return xen_grant_copy(ops, nr);
}

uint64_t plat_now_us(void)
{
	return time_us();
}

/* When to go on without being told: a device that says nothing is looked at, often while it is at work. */
static uint64_t next_look_us(void)
{
	uint64_t wake_us = nic_wake_us(), look_us = UINT64_MAX;

	if (block_is_waited_for()) {
		look_us = plat_now_us() + LOOK_AT_DISK_US;
	} else if (virtio_net_is_waited_for()) {
		look_us = plat_now_us() + LOOK_AT_NETWORK_US;
	}
	return look_us < wake_us ? look_us : wake_us;
}

/* An interrupt that comes after the look ends the wait, masked as it is. */
void plat_sleep(void)
{
	uint64_t wake_us = next_look_us();

	irq_mask(true);
	if (wake_us != UINT64_MAX) {
		timer_at(wake_us);
	}
	if (!has_event) {
		irq_wait();
	}
	irq_mask(false);
	has_event = false;
	(void)xen_events_take();
}

uint32_t plat_read32(uint64_t addr)
{
	return *reg32(addr, 0);
}

void plat_write32(uint64_t addr, uint32_t value)
{
	before_device();
	*reg32(addr, 0) = value;
}

void plat_cache_clean(uint64_t addr, size_t size)
{
	cache_clean(addr, size);
}

void plat_cache_drop(uint64_t addr, size_t size)
{
	cache_drop(addr, size);
}

uint16_t plat_read16(uint64_t addr)
{
	return *(volatile uint16_t *)(uintptr_t)addr;
}

void plat_write16(uint64_t addr, uint16_t value)
{
	before_device();
	*(volatile uint16_t *)(uintptr_t)addr = value;
}

uint8_t plat_read8(uint64_t addr)
{
	return *(volatile uint8_t *)(uintptr_t)addr;
}

void plat_write8(uint64_t addr, uint8_t value)
{
	before_device();
	*(volatile uint8_t *)(uintptr_t)addr = value;
}

uint64_t plat_bus(const volatile void *p)
{
	return (uintptr_t)p + bus_offset;
}

void plat_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_list(fmt, args);
	va_end(args);
}

static const char *find_value(const struct store_pairs *p, const char *name)
{
	size_t at = 0;

	while (at < p->len) {
		const char *value = p->text + at + strlen(p->text + at) + 1;

		if (strcmp(p->text + at, name) == 0) {
			return value;
		}
		at = (size_t)(value - p->text) + strlen(value) + 1;
	}
	return "";
}

static void add_disks(const struct io_plan *p)
{
	for (uint32_t i = 0; i < p->nr_disks; i++) {
		const struct store_device *d = &p->disk[i];
		const char *source = find_value(&d->back_values, "params");

		if (!io_add(d->back, d->front, d->number, source,
			    strcmp(find_value(&d->back_values, "mode"), "w") == 0)) {
			print("disk %u of domain %u: more than can be served\n",
			      (uint64_t)d->number, (uint64_t)d->front);
		}
	}
}

static void add_nics(const struct io_plan *p)
{
	for (uint32_t i = 0; i < p->nr_nets; i++) {
		const struct io_net *n = &p->net[i];

		if (!nic_add(n->back, n->front, n->number, &n->config)) {
			print("%s: more than can be served\n", n->config.name);
		}
	}
}

static bool probe(const struct io_device *d)
{
	if (d->is_card) {
		return sdcard_probe(d->base, d->is_coherent, d->has_switch);
	}
	return (d->regs != 0 && nvme_probe(d->base, d->regs, d->regs_bytes)) ||
	       virtio_blk_probe(d->base);
}

static void find_device(const struct io_plan *p)
{
	for (uint32_t i = 0; i < p->nr_devices; i++) {
		if (probe(&p->device[i])) {
			print("block device: %u KiB, %s%s\n", block_sectors() / 2,
			      block_is_read_only() ? "read only" : "read and write",
			      block_can_discard() ? ", discards" : "");
			return;
		}
	}
}

static void find_network(const struct io_plan *p)
{
	for (uint32_t i = 0; i < p->nr_devices && p->has_uplink; i++) {
		if (!p->device[i].is_card && virtio_net_probe(p->device[i].base)) {
			nic_uplink(&p->uplink);
			return;
		}
	}
}

static void await_store(void)
{
	uint64_t page = xen_hvm_param(HVM_PARAM_STORE_PFN) * PAGE;

	xs_init(&xs, (void *)(uintptr_t)page, (uint32_t)xen_hvm_param(HVM_PARAM_STORE_EVTCHN));
	while (!xs_is_ready(&xs)) {
		plat_sleep();
	}
}

static _Noreturn void give_up(void)
{
	irq_mask(true);
	for (;;) {
		irq_wait();
	}
}

void io_main(const struct machine *m, const struct io_plan *p, void *memory, size_t size)
{
	bus_offset = p->bus_offset;
	add_disks(p);
	add_nics(p);
	find_network(p);
	if (io_memory() + nic_memory() > size) {
		print("%u disks and %u networks need %u KiB, the domain has %u KiB\n",
		      (uint64_t)p->nr_disks, (uint64_t)p->nr_nets,
		      (uint64_t)(io_memory() + nic_memory()) / 1024, (uint64_t)size / 1024);
		give_up();
	}
	find_device(p);
	environment_place(environment_of_board[0], environment_of_board[1],
			  environment_of_board[2]);
	await_store();
	io_init(&xs, memory, (void *)(uintptr_t)m->grants);
	nic_init(&xs, (uint8_t *)memory + io_memory(),
		 (void *)(uintptr_t)(m->grants + IO_MAX_DISKS * RING_MAX_PAGES * PAGE),
		 p->nr_disks);
	print("ready: %u disks\n", (uint64_t)p->nr_disks);
	for (;;) {
		if (is_asked) {
			is_asked = false;
			nic_say();
		}
		if (!io_turn()) {
			plat_sleep();
		}
	}
}
