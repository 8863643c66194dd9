// SPDX-License-Identifier: Apache-2.0
/*
 * A front end's ring: ring.h says how it is used. arm64's and x86-64's layouts are the same. In that of 32-bit x86 the
 * 64-bit numbers lie on multiples of 4: behind its first word a request is the same, but for a word of padding that it lacks.
 */
#include "ring.h"

#include "disk.h"

#include <string.h>

_Static_assert(sizeof(struct blkif_request) == 112 &&
		       offsetof(struct blkif_request, sector_number) == 16 &&
		       sizeof(union blkif_sring_entry) == 112,
	       "the layout of 64-bit front ends");

#define NARROW_BYTES 108u /* of a request of 32-bit x86, and of the place it is in */
#define FIRST_WORDS  1u
#define PADDING	     1u

/* All layouts have the same of a response, but for what fills it up at its end. */
#define RESPONSE_BYTES (offsetof(struct blkif_response, status) + sizeof(int16_t))

/* A request and its response are at the same place: number @n, counted for ever. */
static void *place(const struct ring *r, uint32_t n)
{
	return (uint8_t *)r->shared->ring + (n & (r->entries - 1)) * r->stride;
}

/* A response that may be half there: number @count of the ring, from 1. */
struct note {
	uint32_t count;
	int16_t status;
	uint8_t operation;
	uint64_t id;
};

_Static_assert(sizeof(struct note) <= sizeof(((blkif_sring_t *)NULL)->__pad),
	       "there is room for it beside the ring");

static void note_write(struct ring *r, const struct request *q)
{
	struct note n = { .status = q->status, .operation = q->operation, .id = q->id };

	memcpy(r->shared->__pad, &n, sizeof(n));
	n.count = r->rsp_prod + 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* who reads it comes after our end */
	memcpy(r->shared->__pad, &n.count, sizeof(n.count));
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* Finish the response that an earlier life of ours had begun. */
static void note_finish(struct ring *r)
{
	struct request q = { .id = 0 };
	struct note n;

	memcpy(&n, r->shared->__pad, sizeof(n));
	if (n.count == r->rsp_prod + 1) {
		q.status = n.status;
		q.operation = n.operation;
		q.id = n.id;
		(void)ring_answer(r, &q);
	}
}

/* The largest power of two that fits. */
static uint32_t entries_of(uint32_t pages, uint32_t stride)
{
	uint32_t room = pages * RING_PAGE - (uint32_t)offsetof(blkif_sring_t, ring), n = 1;

	while (2 * n * stride <= room) {
		n *= 2;
	}
	return n;
}

void ring_init(struct ring *r, void *shared, uint32_t pages, bool is_narrow)
{
	r->shared = shared;
	r->stride = is_narrow ? NARROW_BYTES : (uint32_t)sizeof(union blkif_sring_entry);
	r->entries = entries_of(pages, r->stride);
	r->rsp_prod = __atomic_load_n(&r->shared->rsp_prod, __ATOMIC_ACQUIRE);
	note_finish(r);
	r->req_cons = r->rsp_prod;
}

static void refuse(struct request *q, int16_t status)
{
	q->status = status;
	q->nr_segs = 0;
	q->indirect = 0;
}

/* Return: false: a lie. */
static bool decode_direct(struct request *q, const struct blkif_request *raw)
{
	if (raw->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST) {
		return false;
	}
	q->sector = raw->sector_number;
	q->nr_segs = raw->nr_segments;
	memcpy(q->seg, raw->seg, raw->nr_segments * sizeof(raw->seg[0]));
	return true;
}

static bool decode_indirect(struct request *q, const struct blkif_request *raw)
{
	struct blkif_request_indirect in;

	memcpy(&in, raw, sizeof(in));
	if (in.nr_segments > RING_MAX_SEGS) {
		return false;
	}
	q->id = in.id;
	q->sector = in.sector_number;
	q->nr_segs = in.nr_segments;
	q->indirect = in.indirect_grefs[0];
	q->operation = in.indirect_op;
	return true;
}

static void decode_discard(struct request *q, const struct blkif_request *raw)
{
	struct blkif_request_discard in;

	memcpy(&in, raw, sizeof(in));
	q->id = in.id;
	q->op = DISK_DISCARD;
	q->sector = in.sector_number;
	q->sectors = in.nr_sectors;
	if ((in.flag & BLKIF_DISCARD_SECURE) != 0) {
		refuse(q, BLKIF_RSP_EOPNOTSUPP); /* not offered */
	}
}

/* Reads and writes, whose segments are here or are named. */
static bool decode_transfer(struct request *q, const struct blkif_request *raw)
{
	bool is_indirect = raw->operation == BLKIF_OP_INDIRECT;

	if (!(is_indirect ? decode_indirect(q, raw) : decode_direct(q, raw))) {
		return false;
	}
	q->op = q->operation == BLKIF_OP_READ ? DISK_READ : DISK_WRITE;
	return q->operation <= BLKIF_OP_WRITE && q->nr_segs > 0;
}

/* Return: false: a lie. */
static bool decode(struct request *q, const struct blkif_request *raw)
{
	memset(q, 0, offsetof(struct request, seg));
	q->id = raw->id;
	q->operation = raw->operation;
	switch (raw->operation) {
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
	case BLKIF_OP_INDIRECT:
		return decode_transfer(q, raw);
	case BLKIF_OP_FLUSH_DISKCACHE:
		q->op = DISK_FLUSH;
		if (raw->nr_segments != 0) {
			refuse(q,
			       BLKIF_RSP_EOPNOTSUPP); /* data to be written through: not offered */
		}
		return true;
	case BLKIF_OP_DISCARD:
		decode_discard(q, raw);
		return true;
	default:
		refuse(q, BLKIF_RSP_EOPNOTSUPP);
		return true;
	}
}

enum ring_took ring_take(struct ring *r, struct request *q)
{
	uint32_t prod = __atomic_load_n(&r->shared->req_prod, __ATOMIC_ACQUIRE);
	const volatile uint32_t *from;
	union {
		struct blkif_request raw;
		uint32_t words[sizeof(struct blkif_request) / sizeof(uint32_t)];
	} copy = { .words = { 0 } };
	size_t shift = r->stride == NARROW_BYTES ? PADDING : 0;

	if (prod - r->rsp_prod > r->entries) {
		return RING_LIE; /* more than fit, or fewer than were taken */
	}
	if (prod == r->req_cons) {
		return RING_NOTHING;
	}
	from = place(r, r->req_cons);
	for (size_t i = 0; i < r->stride / sizeof(from[0]); i++) {
		copy.words[i < FIRST_WORDS ? i : i + shift] = from[i]; /* once */
	}
	r->req_cons++;
	return decode(q, &copy.raw) ? RING_REQUEST : RING_LIE;
}

bool ring_segments(struct request *q)
{
	q->sectors = 0;
	for (uint32_t i = 0; i < q->nr_segs; i++) {
		const struct blkif_request_segment *s = &q->seg[i];

		if (s->first_sect > s->last_sect || s->last_sect >= RING_PAGE / SECTOR) {
			return false;
		}
		q->sectors += (uint64_t)(s->last_sect - s->first_sect) + 1;
	}
	return true;
}

bool ring_answer(struct ring *r, const struct request *q)
{
	struct blkif_response rsp = { .id = q->id, .operation = q->operation, .status = q->status };

	note_write(r, q);
	memcpy(place(r, r->rsp_prod), &rsp, RESPONSE_BYTES);
	__atomic_store_n(&r->shared->rsp_prod, ++r->rsp_prod, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&r->shared->rsp_event, __ATOMIC_SEQ_CST) == r->rsp_prod;
}

bool ring_rest(struct ring *r)
{
	__atomic_store_n(&r->shared->req_event, r->req_cons + 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&r->shared->req_prod, __ATOMIC_SEQ_CST) == r->req_cons;
}
