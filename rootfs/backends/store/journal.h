/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the cells were before the turn that is being made, so that a life that ends within it can be taken back to its
 * beginning by the next one; and a checksum of each cell as it was at the last commit.
 *
 * A cell is recorded before it is changed for the first time in a turn. Everything here but the set of these cells is
 * in memory that is kept; it is written in such an order that it can be believed wherever the program ended.
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CELL_BYTES 64u

/** struct journal_record - a cell as it was at the last commit. */
struct journal_record {
	uint32_t index;
	uint32_t sum;
	uint8_t cell[CELL_BYTES];
};

/** struct journal_head - kept; what the records are worth. */
struct journal_head {
	uint64_t after; /* they belong to the turn after this commit */
	uint32_t nr;	/* records that are whole */
	uint32_t
		is_over; /* more cells were changed than there is room for: this turn cannot be undone */
};

/** struct journal - where all that is. */
struct journal {
	struct journal_head *head;
	struct journal_record *log;
	uint32_t *sums;
	uint8_t *cells;
	uint64_t *changed; /* a bit for each cell; not kept */
	uint32_t nr_cells;
	uint32_t room;	/* for records */
	uint32_t fresh; /* of the pool at the last commit: from here on nothing was */
};

/** journal_begin() - nothing is recorded; @head is kept. */
void journal_begin(struct journal *j, struct journal_head *head);

/** journal_note() - the cell will be changed. */
void journal_note(struct journal *j, uint32_t index, const void *cell);

/** journal_is_half_full() - time for a commit. */
bool journal_is_half_full(const struct journal *j);

/** journal_close() - before commit: the checksums of what changed. @fresh: the pool's. */
void journal_close(struct journal *j, uint32_t fresh);

/** journal_open() - after commit number @commit: what changes from here on belongs to the next turn. */
void journal_open(struct journal *j, uint64_t commit, uint32_t fresh);

/**
 * journal_undo() - take the cells back to commit number @commit, and hold each of those below @fresh against its sum.
 * Return: false: they cannot be believed.
 */
bool journal_undo(struct journal *j, uint64_t commit, uint32_t fresh);

/** kept_sum() - go on summing from @sum: finds accidents, not ill will. */
uint64_t kept_sum(uint64_t sum, const void *data, size_t len);

#endif
