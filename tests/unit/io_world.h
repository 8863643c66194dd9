/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block back end (domain 2) with a real store, front ends that the test plays (domain 1), and a block device: the
 * machine that rootfs/backends/io asks for, on the build host.
 */
#ifndef TESTS_IO_WORLD_H
#define TESTS_IO_WORLD_H

#include "../../rootfs/backends/io/io.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IW_PAGES   128u /* that a front end has; grant n is page n */
#define IW_FRONT   1u
#define IW_NUMBER  51712u
#define IW_SECTORS 4096u /* of the device */
#define IW_FNODE   "/local/domain/1/device/vbd/51712"
#define IW_BNODE   "/local/domain/2/backend/vbd/1/51712"

/** struct iw_link - what the machine saw. */
struct iw_link {
	bool is_granted[IW_PAGES];
	bool is_read_only[IW_PAGES];
	bool is_port_dead; /* the front end's port is closed */
	bool is_dying;	   /* the front end's domain: its grants are gone, its port is not yet */
	bool is_narrow;	   /* the front end says that its ring is 32-bit x86's */
	unsigned int nr_mapped;
	unsigned int nr_said;
	unsigned int nr_bound;
	unsigned int nr_events; /* to the front end */
	unsigned int nr_copies;
};

extern uint8_t iw_page[IW_PAGES][4096];
extern struct iw_link iw;
extern uint8_t iw_disk[IW_SECTORS * SECTOR];

/** iw_setup() - a store, a back end with one disk, both begun; the front end's domain is there and did nothing yet. */
void iw_setup(const char *source, bool is_writable);

/** iw_setup_with_device() - the same with a block device (@version of its registers: 1 or 2) that has iw_disk. */
void iw_setup_with_device(const char *source, bool is_writable, uint32_t version);

/** iw_restart() - the back end dies and begins anew; the front end and its store stay as they are. */
void iw_restart(void);

/** iw_run() - turns until nothing is left to do. */
void iw_run(void);

/** iw_state() - the back end's state, as the front end reads it. */
const char *iw_state(void);

/** iw_connect() - go through with it, @order of the ring. */
void iw_connect(uint32_t order);

/** iw_request() - the next slot of the ring, cleared; iw_push() shows all that were taken. */
struct blkif_request *iw_request(void);
void iw_push(void);

/** iw_response() - the next response; NULL: none. */
const struct blkif_response *iw_response(void);

/** iw_ring() - the shared ring; it lies in the front end's first pages. */
blkif_sring_t *iw_ring(void);

/* The device of tests/unit/virtio_model.c. */
/* How its registers are reached: io_mmio.c, io_pci.c. */
#define IW_DEVICE 0xa003e00u

/** iw_version() - of the device's registers where a test asks for @asked. */
uint32_t iw_version(uint32_t asked);

/** iw_cpu() - our memory that the device knows as @bus. */
void *iw_cpu(uint64_t bus);

void model_reset(uint32_t version, uint8_t *disk, uint64_t sectors);
uint32_t model_read(uint64_t offset);
void model_write(uint64_t offset, uint32_t value);

/** model_work() - do one request of those that wait. Return: false: there was none. */
bool model_work(void);

/** struct model - what the device is like, and what was asked of it. */
struct model {
	bool is_read_only, has_no_flush, is_bad, is_stuck;
	unsigned int nr_flushes, nr_writes, nr_reads, nr_discards;
	unsigned int writes_at_flush; /* done before the last one */
};

extern struct model model;

#endif
