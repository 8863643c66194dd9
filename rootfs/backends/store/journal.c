// SPDX-License-Identifier: Apache-2.0
/* The record of a turn's changes: journal.h says what it is for. */
#include "journal.h"

#include <string.h>

#define WORD_BITS 64u

static size_t changed_bytes(const struct journal *j)
{
	return (j->nr_cells + WORD_BITS - 1) / WORD_BITS * sizeof(uint64_t);
}

static uint32_t cell_sum(uint32_t index, const void *cell)
{
	uint64_t sum = kept_sum(index, cell, CELL_BYTES);

	return (uint32_t)(sum ^ sum >> 32);
}

static const void *cell_at(const struct journal *j, uint32_t index)
{
	return j->cells + (size_t)index * CELL_BYTES;
}

static void sum_again(struct journal *j, uint32_t index)
{
	j->sums[index] = cell_sum(index, cell_at(j, index));
}

/* What is written before must not come after what is written behind it. The CPU that ends here sees to its own order. */
static void in_order(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void journal_begin(struct journal *j, struct journal_head *head)
{
	j->head = head;
	*head = (struct journal_head){ 0 };
	memset(j->changed, 0, changed_bytes(j));
}

void journal_note(struct journal *j, uint32_t index, const void *cell)
{
	uint64_t *word = &j->changed[index / WORD_BITS], bit = UINT64_C(1) << index % WORD_BITS;
	struct journal_record *r = &j->log[j->head->nr];

	if (index >= j->fresh || (*word & bit) != 0) {
		return;
	}
	*word |= bit;
	if (j->head->nr == j->room) {
		j->head->is_over = 1;
	} else {
		r->index = index;
		r->sum = j->sums[index];
		memcpy(r->cell, cell, CELL_BYTES);
		in_order();
		j->head->nr++;
	}
	in_order();
}

bool journal_is_half_full(const struct journal *j)
{
	return j->head->nr >= j->room / 2;
}

static void sum_all_changed(struct journal *j)
{
	for (uint32_t i = 0; i < j->nr_cells; i++) {
		if ((j->changed[i / WORD_BITS] >> i % WORD_BITS & 1) != 0) {
			sum_again(j, i);
		}
	}
}

void journal_close(struct journal *j, uint32_t fresh)
{
	for (uint32_t i = j->fresh; i < fresh; i++) {
		sum_again(j, i);
	}
	if (j->head->is_over) {
		sum_all_changed(j);
		return;
	}
	for (uint32_t i = 0; i < j->head->nr; i++) {
		sum_again(j, j->log[i].index);
	}
}

static void forget_changed(struct journal *j)
{
	if (j->head->is_over) {
		memset(j->changed, 0, changed_bytes(j));
		return;
	}
	for (uint32_t i = 0; i < j->head->nr; i++) {
		j->changed[j->log[i].index / WORD_BITS] = 0;
	}
}

void journal_open(struct journal *j, uint64_t commit, uint32_t fresh)
{
	forget_changed(j);
	j->head->nr = 0;
	j->head->is_over = 0;
	in_order();
	j->head->after = commit;
	j->fresh = fresh;
	in_order();
}

/* Backwards or not does not matter: a cell is recorded once. */
static bool undo_one(struct journal *j, const struct journal_record *r, uint32_t fresh)
{
	if (r->index == 0 || r->index >= fresh || r->sum != cell_sum(r->index, r->cell)) {
		return false;
	}
	memcpy(j->cells + (size_t)r->index * CELL_BYTES, r->cell, CELL_BYTES);
	j->sums[r->index] = r->sum;
	return true;
}

static bool undo_all(struct journal *j, uint32_t fresh)
{
	if (j->head->is_over || j->head->nr > j->room) {
		return false;
	}
	for (uint32_t i = 0; i < j->head->nr; i++) {
		if (!undo_one(j, &j->log[i], fresh)) {
			return false;
		}
	}
	return true;
}

bool journal_undo(struct journal *j, uint64_t commit, uint32_t fresh)
{
	bool is_done = j->head->after + 1 == commit; /* only its records were not thrown away yet */

	if (!is_done && (j->head->after != commit || !undo_all(j, fresh))) {
		return false;
	}
	for (uint32_t i = 1; i < fresh; i++) {
		if (j->sums[i] != cell_sum(i, cell_at(j, i))) {
			return false;
		}
	}
	j->head->nr = 0;
	j->head->is_over = 0;
	memset(j->changed, 0, changed_bytes(j));
	return true;
}
