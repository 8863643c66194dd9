// SPDX-License-Identifier: Apache-2.0
/* A block front end. Spec: Xen public io/blkif.h. */
#include "front.h"

#include "xen_guest.h"

#include <string.h>
#include <xen/grant_table.h>
#include <xen/io/protocols.h>
#include <xen/io/xenbus.h>

#define TOKEN	1u
#define ENTRIES ((uint32_t)__CONST_RING_SIZE(blkif, PAGE))

static uint8_t ring_page[PAGE] __attribute__((aligned(4096)));
static uint8_t data_page[PAGE] __attribute__((aligned(4096)));

bool disk_open(struct disk *f, struct xs *xs)
{
	*f = (struct disk){ .data = data_page };
	if (!bus_open(&f->bus, xs, "device/vbd/51712", TOKEN)) {
		return false;
	}
	grant(REF_DATA, f->bus.back, data_page, 0);
	grant(REF_READONLY, f->bus.back, data_page, GTF_readonly);
	return true;
}

bool disk_connect(struct disk *f, uint32_t ring_ref)
{
	if (!bus_begin(&f->bus)) {
		return false;
	}
	memset(ring_page, 0, sizeof(ring_page));
	f->ring = (blkif_sring_t *)(void *)ring_page;
	f->ring->req_event = f->ring->rsp_event = 1;
	f->req_prod = f->rsp_cons = 0;
	grant(REF_RING, f->bus.back, ring_page, 0);
	return bus_write(&f->bus, "ring-ref", ring_ref) &&
	       bus_write_text(&f->bus, "protocol", XEN_IO_PROTO_ABI_NATIVE) &&
	       bus_connect(&f->bus, XenbusStateInitialised);
}

struct blkif_request *disk_slot(struct disk *f)
{
	struct blkif_request *q = &f->ring->ring[f->req_prod % ENTRIES].req;

	memset(q, 0, sizeof(*q));
	q->id = ++f->next_id;
	return q;
}

void disk_post(struct disk *f)
{
	f->req_prod++;
}

void disk_tell(struct disk *f)
{
	__atomic_store_n(&f->ring->req_prod, f->req_prod, __ATOMIC_SEQ_CST);
	xen_event_send(f->bus.port);
}

enum outcome disk_answer(struct disk *f)
{
	const struct blkif_response *r = &f->ring->ring[f->rsp_cons % ENTRIES].rsp;

	while (__atomic_load_n(&f->ring->rsp_prod, __ATOMIC_ACQUIRE) == f->rsp_cons) {
		if (bus_is_cut(&f->bus)) {
			return CUT_OFF;
		}
		bus_rest(&f->bus);
	}
	f->status = r->status;
	f->id = r->id;
	f->rsp_cons++;
	f->ring->rsp_event = f->rsp_cons + 1;
	return ANSWERED;
}

enum outcome disk_push(struct disk *f)
{
	disk_post(f);
	disk_tell(f);
	return disk_answer(f);
}

bool disk_transfer(struct disk *f, uint8_t operation, uint64_t sector)
{
	struct blkif_request *q = disk_slot(f);

	q->operation = operation;
	q->nr_segments = 1;
	q->sector_number = sector;
	q->seg[0] = (struct blkif_request_segment){ REF_DATA, 0, PAGE_SECTS - 1 };
	return disk_push(f) == ANSWERED && f->status == BLKIF_RSP_OKAY;
}
