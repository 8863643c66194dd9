// SPDX-License-Identifier: Apache-2.0
/*
 * How much memory the store has, and what lies where in it. `ashlar check` asks this file too, with the limits that are
 * configured, whether a plan's store has room for all its clients.
 */
#include "layout.h"

#define LEAST_RECORDS 1024u

uint32_t store_cells(const struct store_limits *l, uint32_t nr_clients)
{
	/* cell 0, what the store makes, all clients at their maximum, and one more for a commit */
	return 1 + STORE_OWN_CELLS +
	       nr_clients * (STORE_OWN_CELLS_A_CLIENT + l->cells + l->event_cells) + l->cells;
}

/** struct room - memory to be given to one thing after the other. */
struct room {
	uintptr_t base;
	size_t used;
};

static void *next(struct room *r, size_t bytes)
{
	uintptr_t at = r->base + r->used;

	r->used += (bytes + CELL_BYTES - 1) / CELL_BYTES * CELL_BYTES;
	return (void *)at;
}

static size_t clients_bytes(uint32_t nr)
{
	return nr * sizeof(struct store_client);
}

size_t store_lay_out(struct store *s, uintptr_t memory, uint32_t nr_cells, uint32_t nr_clients)
{
	struct room r = { .base = memory };
	struct journal *j = &s->journal;

	s->kept = next(&r, sizeof(struct kept));
	s->slots[0] = next(&r, sizeof(struct slot) + clients_bytes(nr_clients));
	s->slots[1] = next(&r, sizeof(struct slot) + clients_bytes(nr_clients));
	s->clients = next(&r, clients_bytes(nr_clients));
	s->nr_clients = nr_clients;
	j->room = nr_cells / 32 + LEAST_RECORDS;
	j->log = next(&r, j->room * sizeof(struct journal_record));
	j->sums = next(&r, nr_cells * sizeof(uint32_t));
	j->changed = next(&r, (nr_cells + 63) / 64 * sizeof(uint64_t));
	j->nr_cells = nr_cells;
	j->fresh = 1;
	j->cells = next(&r, (size_t)nr_cells * CELL_BYTES);
	return r.used;
}

size_t store_memory(const struct store_limits *limits, uint32_t nr_clients)
{
	struct store s;

	return store_lay_out(&s, 0, store_cells(limits, nr_clients), nr_clients);
}
