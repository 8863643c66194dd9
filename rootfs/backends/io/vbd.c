// SPDX-License-Identifier: Apache-2.0
/* Requirement: disks */
/*
 * A front end's disk: requests are taken, done and answered in their order. Data goes between the front end's pages and
 * memory of ours by copies that the hypervisor makes; none of the front end's pages is seen by a device or by us.
 */
#include "io.h"

#include "platform.h"
#include "slot.h"

#include <string.h>
#include <xen/grant_table.h>

#define PAGE	RING_PAGE
#define NR_OPS	(2 * RING_MAX_SEGS)
#define TAG_IDX 8u /* tag: the disk's index, the request's slot */

/* Copies being collected: a piece for each page of ours that a segment touches. */
static struct gnttab_copy ops[NR_OPS];
static uint32_t nr_ops;

static struct work *work_at(struct vbd *v, uint32_t n)
{
	return &v->work[(v->first + n) % IO_QUEUE];
}

static void add_copy(const struct vbd *v, uint32_t ref, uint32_t offset, uintptr_t own,
		     uint32_t len, bool is_to_front)
{
	struct gnttab_copy *c = &ops[nr_ops++];
	struct gnttab_copy_ptr theirs = { .u.ref = ref,
					  .domid = v->domid,
					  .offset = (uint16_t)offset };
	struct gnttab_copy_ptr ours = { .u.gmfn = own / PAGE,
					.domid = DOMID_SELF,
					.offset = (uint16_t)(own % PAGE) };

	c->source = is_to_front ? ours : theirs;
	c->dest = is_to_front ? theirs : ours;
	c->len = (uint16_t)len;
	c->flags = is_to_front ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
}

/* Return: false: one was refused. */
static bool do_copies(void)
{
	uint32_t nr = nr_ops;

	nr_ops = 0;
	return plat_copy(ops, nr);
}

/* @len bytes of the granted page at @offset, which are within it. */
static void add_range(const struct vbd *v, uint32_t ref, uint32_t offset, uint8_t *own,
		      uint32_t len, bool is_to_front)
{
	while (len > 0) {
		uint32_t here = PAGE - (uint32_t)((uintptr_t)own % PAGE);
		uint32_t n = len < here ? len : here;

		add_copy(v, ref, offset, (uintptr_t)own, n, is_to_front);
		offset += n;
		own += n;
		len -= n;
	}
}

/* All segments, side by side at @own. */
static bool copy_segments(const struct vbd *v, const struct request *q, uint8_t *own,
			  bool is_to_front)
{
	for (uint32_t i = 0; i < q->nr_segs; i++) {
		const struct blkif_request_segment *s = &q->seg[i];
		uint32_t len = (uint32_t)(s->last_sect - s->first_sect + 1) * SECTOR;

		add_range(v, s->gref, s->first_sect * SECTOR, own, len, is_to_front);
		own += len;
	}
	return do_copies();
}

/* Return: false: a lie. */
static bool fetch_segments(const struct vbd *v, struct request *q)
{
	if (q->indirect == 0) {
		return true;
	}
	add_range(v, q->indirect, 0, (uint8_t *)q->seg, q->nr_segs * (uint32_t)sizeof(q->seg[0]),
		  false);
	return do_copies();
}

static bool is_transfer(const struct request *q)
{
	return q->op == DISK_READ || q->op == DISK_WRITE;
}

/* What a front end may ask for in good faith and not get. */
static int16_t judge(const struct vbd *v, const struct request *q)
{
	if (q->status != BLKIF_RSP_OKAY || q->op == DISK_FLUSH) {
		return q->status;
	}
	if (q->op == DISK_DISCARD && !v->disk.can_discard) {
		return BLKIF_RSP_EOPNOTSUPP;
	}
	if ((q->op != DISK_READ && !v->is_writable) || q->sector > v->disk.sectors ||
	    q->sectors > v->disk.sectors - q->sector) {
		return BLKIF_RSP_ERROR;
	}
	return BLKIF_RSP_OKAY;
}

/* One more request into the queue. */
static enum ring_took take(struct vbd *v)
{
	struct work *w = work_at(v, v->nr);
	struct request *q = &w->req;
	enum ring_took took = ring_take(&v->ring, q);

	if (took != RING_REQUEST) {
		return took;
	}
	w->bytes = 0;
	if (q->status == BLKIF_RSP_OKAY && is_transfer(q) &&
	    (!fetch_segments(v, q) || !ring_segments(q))) {
		return RING_LIE;
	}
	q->status = judge(v, q);
	w->state = q->status == BLKIF_RSP_OKAY ? WORK_WAITS : WORK_DONE;
	v->nr_refused += q->status != BLKIF_RSP_OKAY;
	v->nr_requests++;
	v->nr++;
	return RING_REQUEST;
}

/* The end of the circle is left free when a request does not fit there; it counts as that request's. */
static bool find_room(struct vbd *v, struct work *w, uint32_t len)
{
	uint32_t at, skip;

	if (v->buffer_used == 0) {
		v->buffer_next = 0;
	}
	at = v->buffer_next + len <= v->buffer_size ? v->buffer_next : 0;
	skip = at == 0 && v->buffer_used > 0 ? v->buffer_size - v->buffer_next : 0;
	if (v->buffer_used + skip + len > v->buffer_size) {
		return false;
	}
	w->at = at;
	w->bytes = skip + len;
	v->buffer_used += w->bytes;
	v->buffer_next = at + len;
	return true;
}

static void *data_of(const struct vbd *v, const struct work *w)
{
	return v->buffer + w->at;
}

/* Memory needs no stop on the way. Return: false: a lie. */
static bool do_in_memory(struct vbd *v, struct work *w)
{
	struct request *q = &w->req;
	bool is_told;

	if (!is_transfer(q)) {
		(void)disk_submit(&v->disk, (enum disk_op)q->op, q->sector, q->sectors, NULL, 0);
		w->state = WORK_DONE;
		return true;
	}
	is_told = copy_segments(v, q, v->disk.memory + q->sector * SECTOR, q->op == DISK_READ);
	if (v->disk.is_slot && q->op == DISK_WRITE) {
		slot_written(&v->disk); /* of a copy that ended half way, too */
	}
	w->state = WORK_DONE;
	return is_told;
}

/* A buffer with what is to be written in it. Return: false: no room; *is_lie: they are not granted. */
static bool make_ready(struct vbd *v, struct work *w, bool *is_lie)
{
	struct request *q = &w->req;

	if (!is_transfer(q) || w->bytes > 0) {
		return true;
	}
	if (!find_room(v, w, (uint32_t)q->sectors * SECTOR)) {
		return false;
	}
	if (q->op == DISK_WRITE && !copy_segments(v, q, data_of(v, w), false)) {
		*is_lie = true;
		return false;
	}
	return true;
}

static bool submit(struct vbd *v, struct work *w, uint32_t tag)
{
	const struct request *q = &w->req;

	switch (disk_submit(&v->disk, (enum disk_op)q->op, q->sector, q->sectors, data_of(v, w),
			    tag)) {
	case DISK_DONE:
		w->state = WORK_DONE;
		return true;
	case DISK_GOES_ON:
		w->state = WORK_RUNS;
		v->nr_running++;
		return true;
	default:
		return false;
	}
}

/*
 * A flush is for all that was written before it: it waits until they are done, and those after it wait with it.
 * Return: whether it has begun.
 */
static bool start(struct vbd *v, uint32_t n, uint32_t index, bool *is_lie)
{
	struct work *w = work_at(v, n);

	if (v->disk.memory != NULL) {
		*is_lie = !do_in_memory(v, w);
		return !*is_lie;
	}
	if (w->req.op == DISK_FLUSH && n > 0) {
		return false;
	}
	return make_ready(v, w, is_lie) &&
	       submit(v, w, index << TAG_IDX | (v->first + n) % IO_QUEUE);
}

/* In order, as far as there is room. */
static bool start_some(struct vbd *v, uint32_t index, bool *is_lie)
{
	bool is_busy = false;

	for (uint32_t n = 0; n < v->nr && !*is_lie; n++) {
		if (work_at(v, n)->state != WORK_WAITS) {
			continue;
		}
		if (!start(v, n, index, is_lie)) {
			break;
		}
		is_busy = true;
	}
	return is_busy;
}

/* Return: false: a lie: what was read has nowhere to go. */
static bool finish(struct vbd *v, struct work *w)
{
	const struct request *q = &w->req;

	if (v->disk.memory == NULL && q->op == DISK_READ && q->status == BLKIF_RSP_OKAY &&
	    !copy_segments(v, q, data_of(v, w), true)) {
		return false;
	}
	v->buffer_used -= w->bytes;
	return true;
}

static bool answer_some(struct vbd *v, bool *is_lie)
{
	bool is_busy = false, wants_event = false;

	while (v->nr > 0 && work_at(v, 0)->state == WORK_DONE) {
		struct work *w = work_at(v, 0);

		if (!finish(v, w)) {
			*is_lie = true;
			break;
		}
		wants_event |= ring_answer(&v->ring, &w->req);
		v->first = (v->first + 1) % IO_QUEUE;
		v->nr--;
		is_busy = true;
	}
	if (wants_event) {
		plat_notify(v->port);
	}
	return is_busy;
}

bool vbd_turn(struct vbd *v, uint32_t index, bool *is_lie)
{
	enum ring_took took = RING_REQUEST;
	bool is_busy = false;

	*is_lie = false;
	if (!v->is_connected) {
		return false;
	}
	while (v->nr < IO_QUEUE && took == RING_REQUEST) {
		took = take(v);
		is_busy |= took == RING_REQUEST;
	}
	*is_lie = took == RING_LIE;
	is_busy |= !*is_lie && start_some(v, index, is_lie);
	is_busy |= !*is_lie && answer_some(v, is_lie);
	return is_busy || *is_lie || (v->nr < IO_QUEUE && !ring_rest(&v->ring));
}

void vbd_done(struct vbd *v, uint32_t slot, bool is_good)
{
	struct work *w = &v->work[slot % IO_QUEUE];

	v->nr_running--;
	if (v->is_connected) {
		w->state = WORK_DONE;
		w->req.status = is_good ? BLKIF_RSP_OKAY : BLKIF_RSP_ERROR;
	}
}

bool vbd_is_idle(const struct vbd *v)
{
	return v->nr_running == 0;
}

static void unmap(struct vbd *v)
{
	while (v->nr_pages > 0) {
		v->nr_pages--;
		plat_unmap(v->ring_pages + v->nr_pages * PAGE, v->handle[v->nr_pages]);
	}
}

bool vbd_connect(struct vbd *v, const uint32_t *refs, uint32_t nr, uint32_t port)
{
	for (; v->nr_pages < nr; v->nr_pages++) {
		if (!plat_map(v->domid, refs[v->nr_pages], v->ring_pages + v->nr_pages * PAGE,
			      &v->handle[v->nr_pages])) {
			unmap(v);
			return false;
		}
	}
	v->port = plat_bind(v->domid, port);
	if (v->port == 0) {
		unmap(v);
		return false;
	}
	v->first = v->nr = 0;
	v->buffer_used = 0;
	ring_init(&v->ring, v->ring_pages, nr, v->is_narrow);
	v->is_connected = true;
	plat_notify(v->port); /* of what an earlier life of ours answered and could not say */
	return true;
}

void vbd_disconnect(struct vbd *v)
{
	if (v->is_connected) {
		v->is_connected = false;
		v->nr = 0;
		plat_close(v->port);
		unmap(v);
	}
}
