/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scribe: a front end that writes numbered records to its disk, flushes, and is ended at some moment, life after life.
 * What it was told is flushed it notes in memory that its restart leaves as it is, and each life looks first whether all of
 * that is on the disk. main.c is its lives, records.c the records.
 */
#ifndef SCRIBE_H
#define SCRIBE_H

#include "../front/front.h"

#define SLOTS	     64u /* places for a record on the disk */
#define RECORD_PAGES 4u
#define BATCH	     8u /* records on their way at once, at most */

/** enum phase - what a life is at. */
enum phase {
	CONNECTING,
	LOOKING,
	WRITING,
	NR_PHASES,
};

/** struct kept - what a life leaves to the next. A mark is one store: a record's number, and the life that wrote it. */
struct kept {
	uint64_t magic;
	uint64_t random;
	uint64_t usual_us; /* from its beginning until all was looked at, about */
	uint32_t life;	   /* from 1 */
	uint32_t number;   /* of the last record begun */
	uint32_t phase;
	uint32_t ended[NR_PHASES]; /* so many lives */
	uint64_t nr_flushed, nr_looked, nr_lost;
	uint64_t flushed[SLOTS]; /* the mark of what is there for certain; 0: nothing */
	uint64_t begun[SLOTS];	 /* the mark of what may be there instead */
};

/** scribe_random() - the next number of a sequence that goes on from life to life. */
uint32_t scribe_random(void);

/** records_open() - grant the pages that records lie in. */
void records_open(struct disk *f, struct kept *k);

/** records_look() - at all that is on the disk; what was found is flushed then. Return: false: the disk does not answer well. */
bool records_look(void);

/** records_write() - @nr of them, and a flush. Return: as above. */
bool records_write(uint32_t nr);

/** records_spoil() - overwrite one that was flushed with nothing, behind our own back. Return: as above. */
bool records_spoil(void);

#endif
