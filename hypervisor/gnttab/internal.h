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

/** struct grant_page - what is granted: bytes of the page at @pa, nearly always all of them. */
struct grant_page {
	paddr_t pa;
	uint32_t offset;
	uint32_t length;
};

/** struct pins - how often a grant is in use; its GTF_reading and GTF_writing say whether it is. */
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

/** struct grant_frame - a page of a table, or of its statuses. */
struct grant_frame {
	void *page;   /* (c) the guest's to scribble on */
	uint64_t gfn; /* (d) where it put it; UINT64_MAX: nowhere */
};

/** struct gnttab_v2 - what a domain has that may have version 2. */
struct gnttab_v2 {
	bool is_on;	      /* (g) */
	uint32_t nr_in_use;   /* (g) uses of grants that a change of version would lose */
	uint32_t nr_statuses; /* (c) frames */
	struct grant_frame status[];
};

struct gnttab {
	spinlock_t lock;
	spinlock_t track_lock;
	bool is_dead;		  /* (g) nothing is granted any more */
	struct gnttab_v2 *v2;	  /* (c) NULL: it stays at version 1 */
	uint32_t nr_frames;	  /* (c) */
	uint32_t nr_tracks;	  /* (c) */
	uint32_t nr_device_users; /* (a) mappings of its grants that devices may use */
	uint16_t free_track;	  /* (t) NO_TRACK: none */
	void *scratch;		  /* (c) what orphans show */
	struct grant_frame frame[PLAN_MAX_FRAMES];
	struct pins *pins[PLAN_MAX_FRAMES];   /* (c), contents (g) */
	struct track *track[PLAN_MAX_FRAMES]; /* (c), contents (t) */
	uint16_t *bucket
		[PLAN_MAX_FRAMES]; /* (c), contents (t): one for each track, the first that hashes so */
};

/** grant_pin() - grant @ref of @granter is in use by @user: it is *@page. Return: GNTST_okay; why not, nothing changed. */
int16_t __must_check grant_pin(struct domain *granter, grant_ref_t ref, domid_t user, bool is_write,
			       struct grant_page *page);

/** grant_unpin() - undo grant_pin(), same arguments; the granter lives. */
void grant_unpin(struct domain *granter, grant_ref_t ref, bool is_write);

/** grant_find_page() - frame @gfn, if it is @granter's own to give. Return: GNTST_okay; GNTST_bad_page. */
int16_t __must_check grant_find_page(struct domain *granter, uint64_t gfn, paddr_t *pa);

/** grant_marks() - GTF_reading and GTF_writing, as grant @ref is used now. Context: g->lock. */
uint16_t grant_marks(const struct gnttab *g, grant_ref_t ref);

/** is_version_2() - what the guest has chosen. Context: g->lock. */
static inline bool is_version_2(const struct gnttab *g)
{
	return unlikely(g->v2 != NULL) && g->v2->is_on;
}

/*
 * v2.c, or no_v2.c where CONFIG_GNTTAB_V2 is not set. Context, of all that read or change a grant: g->lock.
 *
 * grant_v2_init() - what a domain needs that may have version 2. Return: 0; -ENOMEM.
 * grant_v2_restart() - like gnttab_restart(), a frame of statuses each @step.
 * grant_v2_nr_grants() - of its table then.
 * grant_v2_count() - of who may have it: grant @ref is used @by times more; @by may be minus one.
 * grant_v2_switch() - the guest chooses. The reserved entries stay, the others are gone. Takes g->lock.
 *	Return: 0; -ENOSYS not this domain; -EBUSY some of its grants are in use.
 * grant_v2_frame() - frame @idx of its statuses; NULL: none.
 * grant_v2_mark(), _unmark() - grant @ref is in use, and which marks are gone. Return: as grant_pin().
 */
int __must_check grant_v2_init(struct domain *d);
bool __must_check grant_v2_restart(struct gnttab *g, uint32_t step);
uint32_t grant_v2_nr_grants(const struct gnttab *g);
void grant_v2_count(struct gnttab *g, grant_ref_t ref, uint32_t by);
int __must_check grant_v2_switch(struct gnttab *g, bool on);
struct grant_frame *grant_v2_frame(struct gnttab *g, uint64_t idx);
int16_t __must_check grant_v2_mark(struct domain *granter, grant_ref_t ref, domid_t user,
				   bool is_write, struct grant_page *page);
void grant_v2_unmark(struct gnttab *g, grant_ref_t ref, uint16_t gone);

/** track_get() - by handle; NULL: no such handle. */
struct track *track_get(struct gnttab *g, grant_handle_t handle);

/** track_find() - is the page @mfn mapped from a domain that lives? Context: track_lock. */
bool track_find(struct gnttab *g, uint64_t mfn);

/** device_put() - one mapping less of @granter's that a device may use. */
void device_put(uint16_t granter);

/** track_reset() - @handle, which exists, is free, the one behind it next. For each in turn. Context: track_lock, or building. */
void track_reset(struct gnttab *g, grant_handle_t handle);

#endif
