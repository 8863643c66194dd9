/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's memory: cells of 64 bytes in one array given at start, each charged to an account.
 *
 * Everything a client makes the store keep lies in cells, so a quota in bytes is a number of cells and
 * memory cannot fragment. Cell 0 is never given out: index 0 means "none". The pool holds at least the sum of
 * all accounts' maxima, hence an account below its maximum always gets its cell.
 *
 * Who looks at a cell takes pool_at(), who changes one pool_edit(): the journal must know what was there before.
 */
#ifndef STORE_POOL_H
#define STORE_POOL_H

#include "journal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_BYTES 60u /* of text in a cell of a rope */

/** struct pool - the cells. */
struct pool {
	uint8_t *cells;
	struct journal *journal; /* NULL: nothing is kept */
	uint32_t nr;		 /* cell 0 included */
	uint32_t fresh;		 /* cells from here on were never given out */
	uint32_t free;
	uint32_t nr_free;
};

/** struct account - who pays; in cells. */
struct account {
	uint32_t used;
	uint32_t max;
};

/** struct rope - text of any length: its beginning with the owner (the head), the rest in cells. */
struct rope {
	uint32_t chain;
	uint16_t len;
};

/** struct piece - bytes to put together. */
struct piece {
	const void *data;
	size_t len;
};

/** pool_init() - @memory, aligned to 8, becomes @nr cells; all but cell 0 are free. */
void pool_init(struct pool *p, void *memory, uint32_t nr);

/** pool_at() - the cell @index, to look at. */
static inline const void *pool_at(const struct pool *p, uint32_t index)
{
	return p->cells + (size_t)index * CELL_BYTES;
}

/** pool_edit() - the cell @index, to change until the next commit. */
static inline void *pool_edit(struct pool *p, uint32_t index)
{
	void *cell = p->cells + (size_t)index * CELL_BYTES;

	if (p->journal != NULL) {
		journal_note(p->journal, index, cell);
	}
	return cell;
}

/** pool_take() - a zeroed cell charged to @a. Return: its index, or 0: @a has its maximum. */
uint32_t pool_take(struct pool *p, struct account *a);

/** pool_give() - back from @a. */
void pool_give(struct pool *p, struct account *a, uint32_t index);

/** rope_cells() - how many cells @len bytes take behind a head of @room bytes. */
uint32_t rope_cells(size_t len, size_t room);

/**
 * rope_put() - replace the text by @n pieces in a row, none of which may lie in the rope itself.
 * Return: false: @a cannot pay; nothing changed.
 */
bool rope_put(struct pool *p, struct account *a, struct rope *r, uint8_t *head, size_t room,
	      const struct piece *pieces, unsigned int n);

/** rope_free() - the rope becomes empty. */
void rope_free(struct pool *p, struct account *a, struct rope *r);

/** rope_get() - copy @len bytes from offset @from; they must be there. */
void rope_get(const struct pool *p, const struct rope *r, const uint8_t *head, size_t room,
	      size_t from, void *to, size_t len);

/** rope_equal() - whether the bytes at offset @from are those of @what. */
bool rope_equal(const struct pool *p, const struct rope *r, const uint8_t *head, size_t room,
		size_t from, const void *what, size_t len);

#endif
