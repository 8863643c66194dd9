/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front end's requests, read once each from its ring and checked: after ring_take() nothing more is read of it.
 *
 * Responses are put in the order of the requests, and not before all of a request is done. So the responses that a
 * ring holds tell which of its requests were answered, and whoever serves it next, after our end, begins at the first
 * that was not: all that blkif has can be done twice. A response takes the place of its request; lest our end comes
 * between that and its being shown, it is noted beside the ring first. A front end that changes the note deceives itself.
 * Spec: Xen public io/blkif.h, io/ring.h.
 */
#ifndef IO_RING_H
#define IO_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>

#include <xen/io/blkif.h>

#define RING_MAX_ORDER 3u
#define RING_MAX_PAGES (1u << RING_MAX_ORDER)
#define RING_MAX_SEGS  32u /* pages of one request */
#define RING_PAGE      4096u

/** struct ring - the shared pages, and the indices that are ours. */
struct ring {
	blkif_sring_t *shared;
	uint32_t stride;  /* bytes from one request to the next */
	uint32_t entries; /* a power of two */
	uint32_t req_cons;
	uint32_t rsp_prod;
};

/** struct request - one, decoded. */
struct request {
	uint64_t id;
	uint8_t operation; /* as asked, for the response */
	uint8_t op;	   /* enum disk_op */
	int16_t status;	   /* BLKIF_RSP_*; not okay: it is answered so, without being done */
	uint64_t sector;
	uint64_t sectors;
	uint32_t nr_segs;
	uint32_t indirect; /* grant of the page that has the segments; 0: they are here */
	struct blkif_request_segment seg[RING_MAX_SEGS];
};

/** enum ring_took - what there was. */
enum ring_took {
	RING_NOTHING,
	RING_REQUEST,
	RING_LIE, /* an index or a length that no front end of good will gives */
};

/** ring_init() - @pages pages, mapped one after the other; goes on where the ring stands. @is_narrow: 32-bit x86's layout. */
void ring_init(struct ring *r, void *shared, uint32_t pages, bool is_narrow);

/** ring_take() - the next request. */
enum ring_took ring_take(struct ring *r, struct request *q);

/** ring_segments() - check the segments of a read or write; sets q->sectors. Return: false: a lie. */
bool ring_segments(struct request *q);

/** ring_answer() - the response to the oldest request that has none. Return: whether the front end wants an event for it. */
bool ring_answer(struct ring *r, const struct request *q);

/** ring_rest() - ask for an event with the next request. Return: false: there is one already. */
bool ring_rest(struct ring *r);

#endif
