/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block back end: what the plan gives it to serve, and what it does with that. ../README.md has the rules.
 *
 * Portable and single-threaded; memory is given once. The program calls io_turn() until nothing is left to do, and
 * sleeps.
 */
#ifndef IO_H
#define IO_H

#include "disk.h"
#include "ring.h"
#include "xs.h"

#define IO_MAX_DISKS  32u
#define IO_LINK_BYTES (256u * 1024) /* of memory, for each disk: PLAN_IO_LINK_KIB of <hyp/plan.h> */
#define IO_QUEUE      32u	    /* requests of one front end in work */
#define IO_PATH	      96u
#define IO_SOURCE     64u

/** enum work_state - how far a request is. */
enum work_state {
	WORK_WAITS, /* the device has no room, or earlier ones must be done first */
	WORK_RUNS,  /* the device has it */
	WORK_DONE,
};

/** struct work - a request in work. */
struct work {
	struct request req;
	enum work_state state;
	uint32_t at;	/* of its memory in the buffer */
	uint32_t bytes; /* of it; 0: none */
};

/** struct vbd - a disk of a front end: its source, its link, its requests. */
struct vbd {
	uint16_t domid;
	uint32_t number;
	bool is_writable;
	bool is_there; /* its source was found */
	char source[IO_SOURCE];
	struct disk disk;
	char front[IO_PATH]; /* its nodes in the store */
	char back[IO_PATH];

	bool is_shut;	  /* until the front end starts anew: it lied, or could not be reached */
	bool is_lying;	  /* found out; the store is not told yet */
	bool is_look_due; /* once the device has nothing of its former link */
	bool is_connected;
	bool is_narrow; /* its front end has the layout of 32-bit x86 */
	uint32_t port;
	uint32_t nr_pages;
	uint32_t handle[RING_MAX_PAGES];
	uint8_t *ring_pages; /* where they are mapped */
	struct ring ring;

	/* requests in their order, [first, first + nr) of a circle */
	uint32_t first;
	uint32_t nr;
	uint32_t nr_running; /* with the device, also of a link that is no more */
	struct work work[IO_QUEUE];

	/* memory for what is in work: a circle too, [buffer_first, ...) in the requests' order */
	uint8_t *buffer;
	uint32_t buffer_size;
	uint32_t buffer_used;
	uint32_t buffer_next;

	uint64_t nr_requests;
	uint64_t nr_refused;
};

/** io_memory() - bytes that io_init() takes for the disks that were added. */
size_t io_memory(void);

/**
 * io_add() - a disk of the plan, before io_init(). @source: as the plan writes it; @is_writable: mode "w".
 * Return: false: too many, or the text is too long.
 */
bool io_add(uint16_t self, uint16_t domid, uint32_t number, const char *source, bool is_writable);

/** io_reset() - forget all that was added, as at the program's start. */
void io_reset(void);

/**
 * io_init() - begin. @memory: on a page, io_memory() bytes; @maps: RING_MAX_PAGES pages of space for each disk where
 * others' pages can be put. The store must be ready.
 */
void io_init(struct xs *xs, void *memory, void *maps);

/** io_turn() - look at the store's news and serve each front end once. Return: whether anything was done. */
bool io_turn(void);

/* ---- between its files ---- */

/** vbd_connect() - to the ring of @nr pages and the port that the front end names. Return: false: refused. */
bool vbd_connect(struct vbd *v, const uint32_t *refs, uint32_t nr, uint32_t port);

/** vbd_disconnect() - let go of the link; what the device has in work is waited for by vbd_is_idle(). */
void vbd_disconnect(struct vbd *v);

/** vbd_is_idle() - the device has nothing of it. */
bool vbd_is_idle(const struct vbd *v);

/** vbd_turn() - take, do, answer. @is_lie: the front end broke the rules. Return: whether anything was done. */
bool vbd_turn(struct vbd *v, uint32_t index, bool *is_lie);

/** vbd_done() - the device is done with request @slot. */
void vbd_done(struct vbd *v, uint32_t slot, bool is_good);

/** bus_begin() - say that the disk is there, once; hear of its front end from now on. */
void bus_begin(struct xs *xs, struct vbd *v, uint32_t index);

/** bus_look() - the front end's state may have changed. */
void bus_look(struct xs *xs, struct vbd *v);

/** bus_cut_off() - the front end lied: it is told so, and nothing of it is looked at until it starts anew. */
void bus_cut_off(struct xs *xs, struct vbd *v);

#endif
