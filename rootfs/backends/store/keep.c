// SPDX-License-Identifier: Apache-2.0
/*
 * The store's memory is laid out so that another life of the program can go on with it, if it is kept.
 *
 * Cells stay where they are; the journal takes back what the last turn had begun. The little else there is, the store's
 * and the clients' own fields, is copied at each commit into one of two slots in turn, with a checksum. Which slot
 * counts is said by the number of commits: one store of one word makes a turn done. What a client can see of a turn is
 * shown to it only after that (ring.c), so a turn that is taken back was seen by nobody, and is simply made again.
 */
#include "internal.h"
#include "layout.h"

#include <stddef.h>
#include <string.h>

#define MAGIC 0x32766173746f7265u

/* So many lives in a row may end early. The next one begins anew: what they went on from seems to be what ends them. */
#define MAX_TRIES 3u

static uint64_t form_of(const struct store *s)
{
	const uint64_t form[] = { sizeof(union fields), sizeof(struct store_client), s->nr_clients,
				  s->journal.nr_cells, s->journal.room };

	return kept_sum(MAGIC, form, sizeof(form));
}

static struct store_client *clients_of(struct slot *slot)
{
	return (struct store_client *)(slot + 1);
}

/* What is used of a client, which is all there is in a slot. */
static void copy_client(struct store_client *to, const struct store_client *from)
{
	memcpy(to, from, offsetof(struct store_client, in));
	memcpy(to->in, from->in, from->in_used);
	memcpy(to->out + from->out_done, from->out + from->out_done,
	       from->out_len - from->out_done);
}

static bool client_is_sound(const struct store_client *c)
{
	return c->in_used <= STORE_MESSAGE && c->out_len <= STORE_MESSAGE &&
	       c->out_done <= c->out_len;
}

static uint64_t slot_sum(struct slot *slot, uint32_t nr_clients)
{
	uint64_t sum = kept_sum(slot->commit, slot->store.bytes, sizeof(slot->store.bytes));

	for (uint32_t i = 0; i < nr_clients; i++) {
		const struct store_client *c = clients_of(slot) + i;

		sum = kept_sum(sum, c, offsetof(struct store_client, in));
		sum = kept_sum(sum, c->in, c->in_used);
		sum = kept_sum(sum, c->out + c->out_done, c->out_len - c->out_done);
	}
	return sum;
}

static void fill_slot(const struct store *s, struct slot *slot, uint64_t commit)
{
	slot->commit = commit;
	memcpy(slot->store.bytes, s, sizeof(slot->store.bytes));
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		copy_client(clients_of(slot) + i, &s->clients[i]);
	}
	slot->sum = slot_sum(slot, s->nr_clients);
}

void store_commit(struct store *s)
{
	struct kept *kept = s->kept;
	uint64_t commit = kept->commits + 1;

	journal_close(&s->journal, s->pool.fresh);
	fill_slot(s, s->slots[commit % 2], commit);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	kept->commits = commit;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	journal_open(&s->journal, commit, s->pool.fresh);
}

void keep_begin(struct store *s)
{
	struct kept *kept = s->kept;

	kept->magic = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	kept->form = form_of(s);
	kept->commits = 0;
	kept->nr_tries = 0;
	journal_begin(&s->journal, &kept->journal);
}

void keep_end_of_beginning(struct store *s)
{
	store_commit(s);
	s->kept->magic = MAGIC;
}

/* The slot of the last commit; NULL: there is none that can be believed. */
static struct slot *last_slot(struct store *s)
{
	struct slot *slot = s->slots[s->kept->commits % 2];

	if (s->kept->magic != MAGIC || s->kept->form != form_of(s) ||
	    slot->commit != s->kept->commits) {
		return NULL;
	}
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		if (!client_is_sound(clients_of(slot) + i)) {
			return NULL;
		}
	}
	return slot->sum == slot_sum(slot, s->nr_clients) ? slot : NULL;
}

static void take_fields(struct store *s, struct slot *slot)
{
	struct store_client *clients = s->clients;

	memcpy(s, slot->store.bytes, sizeof(slot->store.bytes));
	s->clients = clients;
	s->pool.cells = s->journal.cells;
	s->pool.journal = &s->journal;
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		copy_client(&s->clients[i], clients_of(slot) + i);
		s->clients[i].ring = NULL;
	}
}

bool keep_go_on(struct store *s)
{
	struct slot *slot = last_slot(s);
	struct kept *kept = s->kept;

	s->journal.head = &kept->journal;
	if (slot == NULL || kept->nr_tries >= MAX_TRIES ||
	    slot->store.pool.fresh > s->journal.nr_cells ||
	    !journal_undo(&s->journal, kept->commits, slot->store.pool.fresh)) {
		return false;
	}
	kept->nr_tries++;
	take_fields(s, slot);
	journal_open(&s->journal, kept->commits, s->pool.fresh);
	return true;
}

void store_is_well(struct store *s)
{
	s->kept->nr_tries = 0;
}
