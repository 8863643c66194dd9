/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's grant table and its book of what it mapped, shared by the files of this room.
 *
 * Field letters: (c) constant after construction; (g) under .lock, the granter's; (t) under .track_lock, the mapper's;
 * (d) under domain.lock; (a) atomic. track_lock is taken before any lock, domain.lock last.
 */
#ifndef GNTTAB_INTERNAL_H
#define GNTTAB_INTERNAL_H

#include <hyp/domain.h>
#include <hyp/xen.h>

#define GRANTS_PER_FRAME (PAGE_SIZE / sizeof(struct grant_entry_v1))
#define TRACKS_PER_FRAME (PAGE_SIZE / sizeof(struct track))
#define NO_HANDLE	 UINT32_MAX
#define NO_TRACK	 UINT16_MAX

/* An entry as one word, as guests on our machines see it: flags, domain, frame from bit 0 up. */
union entry {
	struct grant_entry_v1 v1;
	uint64_t word;
};

_Static_assert(sizeof(union entry) == sizeof(uint64_t), "an entry is read and marked as one word");

/** struct pins - how often a grant is in use; its entry's GTF_reading and GTF_writing say whether it is. */
struct pins {
	uint16_t readers;
	uint16_t writers;
};

enum track_state {
	TRACK_FREE,
	TRACK_MAPPED,
	TRACK_ORPHAN, /* its granter died: the mapper sees a scratch page there */
};

/** struct track - a mapping of another's grant; its index is the handle. */
struct track {
	uint32_t gfn; /* where its mapper sees it */
	uint32_t mfn; /* the page; by this they are found: track_find() */
	uint16_t ref;
	uint16_t
		next; /* free: the next free one; else the next that hashes alike. NO_TRACK: none */
	uint8_t granter;
	uint8_t state;
	uint8_t kinds; /* GNTMAP_host_map, GNTMAP_device_map: what is left of it */
	bool is_readonly;
};

_Static_assert(PLAN_MAX_DOMAINS < UINT8_MAX && PLAN_MAX_FRAMES * GRANTS_PER_FRAME <= UINT16_MAX &&
		       PLAN_MAX_FRAMES * (PAGE_SIZE / sizeof(struct track)) < NO_TRACK,
	       "domains, references and handles fit into struct track");

struct gnttab {
	spinlock_t lock;
	spinlock_t track_lock;
	bool is_dead;			      /* (g) nothing is granted any more */
	uint32_t nr_frames;		      /* (c) */
	uint32_t nr_tracks;		      /* (c) */
	uint32_t nr_device_users;	      /* (a) mappings of its grants that devices may use */
	uint16_t free_track;		      /* (t) NO_TRACK: none */
	void *scratch;			      /* (c) what orphans show */
	void *frame[PLAN_MAX_FRAMES];	      /* (c) the guest's to scribble on */
	uint64_t gfn[PLAN_MAX_FRAMES];	      /* (d) where it put them; UINT64_MAX: nowhere */
	struct pins *pins[PLAN_MAX_FRAMES];   /* (c), contents (g) */
	struct track *track[PLAN_MAX_FRAMES]; /* (c), contents (t) */
	uint16_t *bucket
		[PLAN_MAX_FRAMES]; /* (c), contents (t): one for each track, the first that hashes so */
};

/** grant_pin() - grant @ref of @granter is in use by @user: its page is at *@pa. Return: GNTST_okay; why not, nothing changed. */
int16_t __must_check grant_pin(struct domain *granter, grant_ref_t ref, domid_t user, bool is_write,
			       paddr_t *pa);

/** grant_unpin() - undo grant_pin(), same arguments; the granter lives. */
void grant_unpin(struct domain *granter, grant_ref_t ref, bool is_write);

/** track_get() - by handle; NULL: no such handle. */
struct track *track_get(struct gnttab *g, grant_handle_t handle);

/** track_find() - is the page @mfn mapped from a domain that lives? Context: track_lock. */
bool track_find(struct gnttab *g, uint64_t mfn);

/** device_put() - one mapping less of @granter's that a device may use. */
void device_put(uint16_t granter);

/** track_reset() - @handle, which exists, is free, the one behind it next. For each in turn. Context: track_lock, or building. */
void track_reset(struct gnttab *g, grant_handle_t handle);

#endif
