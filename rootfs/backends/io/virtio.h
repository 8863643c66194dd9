/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every kind of virtio device has, by one of two ways to its registers, of which the board's is linked: memory-mapped
 * (virtio_mmio.c), in the standard's layout or the one before it, or a PCI function (virtio_pci.c).
 * Spec: Virtio 1.2, sections 2.7 (split queues), 3.1 (initialization).
 */
#ifndef IO_VIRTIO_H
#define IO_VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIRTIO_ENTRIES	 128u
#define VIRTIO_QUEUES	 2u
#define VIRTIO_PAGE	 4096u
#define VIRTIO_NEXT	 1u
#define VIRTIO_WRITE	 2u  /* the device's to write */
#define VIRTIO_F_VERSION 32u /* not the layout before the standard's */

/** struct virtio_desc - a piece of memory, for a device. */
struct virtio_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

/** struct virtio_queue - as the legacy layout has it, which the other can be told to use. */
struct virtio_queue {
	struct virtio_desc desc[VIRTIO_ENTRIES];
	uint16_t avail_flags;
	uint16_t avail_idx;
	uint16_t avail_ring[VIRTIO_ENTRIES];
	uint16_t used_event;
	uint8_t pad[VIRTIO_PAGE - VIRTIO_ENTRIES * sizeof(struct virtio_desc) - VIRTIO_ENTRIES * 2 -
		    6];
	uint16_t used_flags;
	uint16_t used_idx;
	struct {
		uint32_t id;
		uint32_t len;
	} used_ring[VIRTIO_ENTRIES];
	uint16_t avail_event;
} __attribute__((aligned(4096)));

/** struct virtio - a device. */
struct virtio {
	uint64_t base; /* registers, or a PCI function's configuration space; 0: no device */
	uint64_t features;
	bool is_legacy;
	uint64_t common, device, notify; /* PCI: where these registers are */
	uint32_t notify_step;
	uint64_t notify_at[VIRTIO_QUEUES];
};

/** virtio_is() - whether there is a device of kind @id at @base. It may be asked of any address of the board's devices. */
bool virtio_is(uint64_t base, uint32_t id);

/** virtio_begin() - take it, with those of the features @known that it has. Return: false: it does not do with them. */
bool virtio_begin(struct virtio *v, uint64_t base, uint64_t known);

/** virtio_give_queue() - its queue @index. Return: false: it has none so large. */
bool virtio_give_queue(struct virtio *v, uint32_t index, struct virtio_queue *q);

/** virtio_go() - it may use its queues now; virtio_stop() - never again. */
void virtio_go(struct virtio *v);
void virtio_stop(struct virtio *v);

/** virtio_has() - the feature was agreed on. */
bool virtio_has(const struct virtio *v, uint32_t feature);

/** virtio_config() - 32 bits of the kind's own registers, at @offset. */
uint32_t virtio_config(const struct virtio *v, uint32_t offset);

/** virtio_is_told() - its interrupts come; else who waits for it looks again and again. */
bool virtio_is_told(void);

/** virtio_notify() - there is something in queue @index; virtio_ack() - its interrupt was seen, if it has one. */
void virtio_notify(struct virtio *v, uint32_t index);
void virtio_ack(struct virtio *v);

#endif
