// SPDX-License-Identifier: Apache-2.0
/*
 * Virtio as a PCI function: virtio.h. The layout of the standard alone. The function's address spaces are placed by whoever
 * gave it to us; it tells of nothing by interrupts, and is looked at instead.
 * Spec: Virtio 1.2, section 4.1; PCI Local Bus 3.0, sections 6.1, 6.2.5, 6.7.
 */
#include "virtio.h"

#include "platform.h"

#include <string.h>

/* Configuration space. */
#define ID	     0x00u
#define COMMAND	     0x04u /* and the status above */
#define BAR(n)	     (0x10u + 4 * (n))
#define NR_BARS	     6u
#define CAPABILITIES 0x34u
#define MAX_CAPS     48u /* that 256 bytes hold */

#define VENDOR_VIRTIO 0x1af4u
#define FIRST_DEVICE  0x1040u /* and the kind's number */
#define COMMAND_ON    0x406u  /* memory, bus master; no INTx */
#define BAR_IS_PORTS  1u
#define BAR_TYPE      6u
#define BAR_IS_64     4u
#define CAP_VENDOR    9u

/* A capability: its words. */
#define CAP_BAR	   4u
#define CAP_OFFSET 8u
#define CAP_STEP   16u

enum cap {
	CAP_COMMON = 1,
	CAP_NOTIFY = 2,
	CAP_DEVICE = 4,
};

/* The common registers: 4.1.4.3. */
#define DEV_FEATURES_AT 0x00u
#define DEV_FEATURES	0x04u
#define DRV_FEATURES_AT 0x08u
#define DRV_FEATURES	0x0cu
#define STATUS		0x14u
#define QUEUE_SEL	0x16u
#define QUEUE_SIZE	0x18u
#define QUEUE_ENABLE	0x1cu
#define QUEUE_NOTIFY	0x1eu
#define QUEUE_DESC	0x20u
#define QUEUE_AVAIL	0x28u
#define QUEUE_USED	0x30u

/* Status. */
#define ACKNOWLEDGE 1u
#define DRIVER	    2u
#define DRIVER_OK   4u
#define FEATURES_OK 8u

#define NO_INTERRUPT 1u

bool virtio_is(uint64_t base, uint32_t id)
{
	return plat_read32(base + ID) == ((FIRST_DEVICE + id) << 16 | VENDOR_VIRTIO);
}

/* Return: 0: it is none, or not in memory. */
static uint64_t read_bar(uint64_t base, uint32_t n)
{
	uint32_t low = n < NR_BARS ? plat_read32(base + BAR(n)) : BAR_IS_PORTS;
	uint64_t high = 0;

	if ((low & BAR_IS_PORTS) != 0) {
		return 0;
	}
	if ((low & BAR_TYPE) == BAR_IS_64 && n + 1 < NR_BARS) {
		high = plat_read32(base + BAR(n + 1));
	}
	return high << 32 | (low & ~15u);
}

static void take_capability(struct virtio *v, uint64_t at)
{
	uint32_t kind = plat_read32(at) >> 24;
	uint64_t bar = read_bar(v->base, plat_read32(at + CAP_BAR) & 0xff);
	uint64_t where = bar + plat_read32(at + CAP_OFFSET);

	if (bar == 0) {
		return;
	}
	/* The first of a kind is the one that the device prefers. */
	if (kind == CAP_COMMON && v->common == 0) {
		v->common = where;
	} else if (kind == CAP_DEVICE && v->device == 0) {
		v->device = where;
	} else if (kind == CAP_NOTIFY && v->notify == 0) {
		v->notify = where;
		v->notify_step = plat_read32(at + CAP_STEP);
	}
}

static bool find_registers(struct virtio *v)
{
	uint32_t at = plat_read32(v->base + CAPABILITIES) & 0xfc;

	for (uint32_t i = 0; i < MAX_CAPS && at != 0; i++) {
		uint32_t cap = plat_read32(v->base + at);

		if ((cap & 0xff) == CAP_VENDOR) {
			take_capability(v, v->base + at);
		}
		at = cap >> 8 & 0xfc;
	}
	return v->common != 0 && v->device != 0 && v->notify != 0;
}

static uint64_t read_features(const struct virtio *v)
{
	uint64_t low;

	plat_write32(v->common + DEV_FEATURES_AT, 0);
	low = plat_read32(v->common + DEV_FEATURES);
	plat_write32(v->common + DEV_FEATURES_AT, 1);
	return (uint64_t)plat_read32(v->common + DEV_FEATURES) << 32 | low;
}

static void write_features(const struct virtio *v)
{
	plat_write32(v->common + DRV_FEATURES_AT, 0);
	plat_write32(v->common + DRV_FEATURES, (uint32_t)v->features);
	plat_write32(v->common + DRV_FEATURES_AT, 1);
	plat_write32(v->common + DRV_FEATURES, (uint32_t)(v->features >> 32));
}

static void set_status(const struct virtio *v, uint8_t status)
{
	plat_write8(v->common + STATUS, status);
}

/* It is quiet when it says so: 4.1.4.3.1. An emulated one says so at once; who never does is not waited for. */
static bool reset(const struct virtio *v)
{
	set_status(v, 0);
	return plat_read8(v->common + STATUS) == 0;
}

bool virtio_begin(struct virtio *v, uint64_t base, uint64_t known)
{
	memset(v, 0, sizeof(*v));
	v->base = base;
	plat_write32(base + COMMAND, COMMAND_ON);
	if (!find_registers(v) || !reset(v)) {
		return false;
	}
	set_status(v, ACKNOWLEDGE | DRIVER);
	v->features = read_features(v) & (known | 1ull << VIRTIO_F_VERSION);
	write_features(v);
	set_status(v, ACKNOWLEDGE | DRIVER | FEATURES_OK);
	return virtio_has(v, VIRTIO_F_VERSION) &&
	       (plat_read8(v->common + STATUS) & FEATURES_OK) != 0;
}

static void set64(uint64_t reg, const volatile void *where)
{
	uint64_t addr = plat_bus(where);

	plat_write32(reg, (uint32_t)addr);
	plat_write32(reg + 4, (uint32_t)(addr >> 32));
}

bool virtio_give_queue(struct virtio *v, uint32_t index, struct virtio_queue *q)
{
	if (index >= VIRTIO_QUEUES) {
		return false;
	}
	plat_write16(v->common + QUEUE_SEL, (uint16_t)index);
	if (plat_read16(v->common + QUEUE_SIZE) < VIRTIO_ENTRIES) {
		return false;
	}
	memset(q, 0, sizeof(*q));
	q->avail_flags = NO_INTERRUPT;
	plat_write16(v->common + QUEUE_SIZE, VIRTIO_ENTRIES);
	set64(v->common + QUEUE_DESC, q->desc);
	set64(v->common + QUEUE_AVAIL, &q->avail_flags);
	set64(v->common + QUEUE_USED, &q->used_flags);
	v->notify_at[index] =
		v->notify + (uint64_t)plat_read16(v->common + QUEUE_NOTIFY) * v->notify_step;
	plat_write16(v->common + QUEUE_ENABLE, 1);
	return true;
}

void virtio_go(struct virtio *v)
{
	set_status(v, ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK);
}

void virtio_stop(struct virtio *v)
{
	if (v->common != 0) {
		set_status(v, 0);
	}
	v->base = 0;
}

bool virtio_has(const struct virtio *v, uint32_t feature)
{
	return (v->features >> feature & 1) != 0;
}

uint32_t virtio_config(const struct virtio *v, uint32_t offset)
{
	return plat_read32(v->device + offset);
}

bool virtio_is_told(void)
{
	return false;
}

void virtio_notify(struct virtio *v, uint32_t index)
{
	plat_write16(v->notify_at[index], (uint16_t)index);
}

void virtio_ack(struct virtio *v)
{
	(void)v;
}
