// SPDX-License-Identifier: Apache-2.0
/*
 * What a block front end must not do, one after the other. A request that is merely wrong is answered with an error; who lies
 * about the ring, about lengths or about grants is cut off, and may begin anew.
 */
#include "liar.h"

#include "xen_guest.h"

#include <string.h>

#define STORM 20000u

/* A write of the whole page, as a lie begins. */
static struct blkif_request *nearly_good(struct disk *f, uint8_t operation)
{
	struct blkif_request *q = disk_slot(f);

	q->operation = operation;
	q->nr_segments = 1;
	q->seg[0] = (struct blkif_request_segment){ REF_DATA, 0, PAGE_SECTS - 1 };
	return q;
}

static enum outcome producer(struct disk *f)
{
	f->req_prod += 1000;
	return disk_push(f);
}

static enum outcome producer_back(struct disk *f)
{
	f->req_prod -= 2;
	return disk_push(f);
}

static enum outcome too_many_segments(struct disk *f)
{
	nearly_good(f, BLKIF_OP_WRITE)->nr_segments = BLKIF_MAX_SEGMENTS_PER_REQUEST + 1;
	return disk_push(f);
}

static enum outcome no_segments(struct disk *f)
{
	nearly_good(f, BLKIF_OP_WRITE)->nr_segments = 0;
	return disk_push(f);
}

static enum outcome segment_backward(struct disk *f)
{
	nearly_good(f, BLKIF_OP_WRITE)->seg[0].first_sect = PAGE_SECTS;
	return disk_push(f);
}

static enum outcome segment_beyond_page(struct disk *f)
{
	nearly_good(f, BLKIF_OP_READ)->seg[0].last_sect = 255;
	return disk_push(f);
}

static enum outcome not_granted(struct disk *f)
{
	nearly_good(f, BLKIF_OP_WRITE)->seg[0].gref = REF_NOTHING;
	return disk_push(f);
}

static enum outcome no_such_grant(struct disk *f)
{
	nearly_good(f, BLKIF_OP_READ)->seg[0].gref = UINT32_MAX;
	return disk_push(f);
}

static enum outcome granted_for_reading(struct disk *f)
{
	nearly_good(f, BLKIF_OP_READ)->seg[0].gref = REF_READONLY;
	return disk_push(f);
}

static struct blkif_request_indirect *indirect(struct disk *f)
{
	struct blkif_request_indirect *q = (struct blkif_request_indirect *)(void *)disk_slot(f);

	q->operation = BLKIF_OP_INDIRECT;
	q->indirect_op = BLKIF_OP_WRITE;
	q->nr_segments = 1;
	q->id = f->next_id;
	q->indirect_grefs[0] = REF_DATA;
	return q;
}

static enum outcome indirect_too_many(struct disk *f)
{
	indirect(f)->nr_segments = UINT16_MAX;
	return disk_push(f);
}

static enum outcome indirect_not_granted(struct disk *f)
{
	indirect(f)->indirect_grefs[0] = REF_NOTHING;
	return disk_push(f);
}

static enum outcome indirect_nested(struct disk *f)
{
	indirect(f)->indirect_op = BLKIF_OP_INDIRECT;
	return disk_push(f);
}

static enum outcome beyond_the_end(struct disk *f)
{
	nearly_good(f, BLKIF_OP_WRITE)->sector_number = UINT64_MAX - 3;
	return disk_push(f);
}

static enum outcome no_such_operation(struct disk *f)
{
	nearly_good(f, 99);
	return disk_push(f);
}

/* Events for nothing; the request behind them is served. */
static enum outcome storm(struct disk *f)
{
	for (unsigned int i = 0; i < STORM; i++) {
		xen_event_send(f->bus.port);
	}
	nearly_good(f, BLKIF_OP_READ);
	return disk_push(f);
}

/* What tells it, how it has to end, with which status where it is answered, and its name. */
#define EACH_LIE(LIE)                                                                            \
	LIE(producer, CUT_OFF, 0, "more requests than the ring holds")                           \
	LIE(producer_back, CUT_OFF, 0, "fewer requests than were taken")                         \
	LIE(too_many_segments, CUT_OFF, 0, "twelve segments")                                    \
	LIE(no_segments, CUT_OFF, 0, "no segment")                                               \
	LIE(segment_backward, CUT_OFF, 0, "a segment that ends before it begins")                \
	LIE(segment_beyond_page, CUT_OFF, 0, "a segment beyond its page")                        \
	LIE(not_granted, CUT_OFF, 0, "a page that is not granted")                               \
	LIE(no_such_grant, CUT_OFF, 0, "a grant that there is not")                              \
	LIE(granted_for_reading, CUT_OFF, 0, "a page that may only be read")                     \
	LIE(indirect_too_many, CUT_OFF, 0, "65535 indirect segments")                            \
	LIE(indirect_not_granted, CUT_OFF, 0, "indirect segments that are not granted")          \
	LIE(indirect_nested, CUT_OFF, 0, "indirect within indirect")                             \
	LIE(beyond_the_end, ANSWERED, BLKIF_RSP_ERROR, "a sector beyond the end")                \
	LIE(no_such_operation, ANSWERED, BLKIF_RSP_EOPNOTSUPP, "an operation that there is not") \
	LIE(storm, ANSWERED, BLKIF_RSP_OKAY, "events for nothing")

enum {
	EACH_LIE(LIE_NUMBER) NR_LIES
};

static const struct lie lies[NR_LIES] = { EACH_LIE(LIE_ROW) };

static enum outcome tell(struct disk *dev, unsigned int lie)
{
	switch (lie) {
		EACH_LIE(LIE_CASE)
	default:
		return CUT_OFF;
	}
}

/* Is it a disk again, for who behaves? */
static bool is_served(struct disk *f, enum outcome o)
{
	if (o == CUT_OFF && !disk_connect(f, REF_RING)) {
		return false;
	}
	memset(f->data, 0xa5, PAGE);
	if (!disk_transfer(f, BLKIF_OP_WRITE, 64)) {
		return false;
	}
	memset(f->data, 0, PAGE);
	return disk_transfer(f, BLKIF_OP_READ, 64) && f->data[0] == 0xa5 &&
	       f->data[PAGE - 1] == 0xa5;
}

unsigned int disk_lies(struct disk *f)
{
	unsigned int bad = 0;

	if (disk_connect(f, REF_NOTHING)) {
		print("a ring that is not granted: CONNECTED\n");
		bad++;
	}
	if (!disk_connect(f, REF_RING)) {
		print("not connected\n");
		return bad + 1;
	}
	for (unsigned int i = 0; i < NR_LIES; i++) {
		enum outcome o = tell(f, i);
		int16_t status = f->status;

		bad += !lie_ended(&lies[i], o, status, is_served(f, o));
	}
	return bad;
}
