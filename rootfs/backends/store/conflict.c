// SPDX-License-Identifier: Apache-2.0
/*
 * Who makes others' transactions fail is held back, as oxenstored does it: each client has credit, and the transaction that
 * fails costs those one together whose changes it met, if they made them a moment ago. Without credit a client's requests
 * wait. Credit comes back with time, to one of those who lack some at a time, or to each.
 *
 * Nothing of it is kept over our own restart: everybody begins with all the credit that there is.
 */
#include "internal.h"

#include <string.h>

#define CREDIT 1000 /* one, so that some can share it */

static int32_t most(const struct store *s)
{
	return (int32_t)s->limits.conflict_burst * CREDIT;
}

void conflict_begin(struct store *s)
{
	memset(&s->conflict, 0, sizeof(s->conflict));
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		s->conflict.credit[i] = most(s);
	}
}

void conflict_forget(struct store *s, const struct store_client *c)
{
	s->conflict.credit[client_index(s, c)] = most(s);
}

bool conflict_is_held(const struct store *s, const struct store_client *c)
{
	return s->limits.conflict_burst != 0 && s->conflict.credit[client_index(s, c)] <= 0;
}

void conflict_enter(struct store *s, const struct store_client *c)
{
	s->conflict.changer = c != NULL ? client_index(s, c) + 1 : 0;
}

void conflict_note(struct store *s, struct node *n)
{
	uint32_t who = s->conflict.changer;

	n->fire = who; /* a real node is in no list of changes */
	s->conflict.last_changer = who;
	if (who != 0) {
		s->conflict.changed_ms[who - 1] = s->conflict.now_ms;
	}
}

/* The nearest that is there, above what went. */
static uint32_t who_changed(const struct store *s, uint32_t shadow)
{
	while (node_at(s, shadow)->link == 0) {
		shadow = node_at(s, shadow)->parent;
	}
	return node_at(s, node_at(s, shadow)->link)->fire;
}

/* What is older than the history is nobody's fault. Return: a bit for the client, or none. */
static uint64_t bit_of(const struct store *s, const struct store_client *c, uint32_t who)
{
	const struct store_conflict *k = &s->conflict;

	if (who == 0 || who - 1 == client_index(s, c) ||
	    k->now_ms - k->changed_ms[who - 1] > s->limits.conflict_history_ms) {
		return 0;
	}
	return UINT64_C(1) << (who - 1);
}

uint64_t conflict_with(const struct store *s, const struct store_client *c, uint32_t shadow)
{
	return bit_of(s, c, who_changed(s, shadow));
}

uint64_t conflict_with_last(const struct store *s, const struct store_client *c)
{
	return bit_of(s, c, s->conflict.last_changer);
}

static int32_t how_many(uint64_t set)
{
	int32_t n = 0;

	for (; set != 0; set &= set - 1) {
		n++;
	}
	return n;
}

void conflict_charge(struct store *s, uint64_t whom)
{
	int32_t each = whom != 0 ? CREDIT / how_many(whom) : 0;

	for (uint32_t i = 0; i < s->nr_clients; i++) {
		if ((whom >> i & 1) != 0 && s->conflict.credit[i] - each >= -most(s)) {
			s->conflict.credit[i] -= each;
		}
	}
}

/* One credit for @i. Return: whether it lacked any. */
static bool refill(struct store *s, uint32_t i)
{
	int32_t *credit = &s->conflict.credit[i];

	if (*credit >= most(s)) {
		return false;
	}
	*credit = *credit + CREDIT < most(s) ? *credit + CREDIT : most(s);
	return true;
}

/* Return: whether somebody got some. */
static bool refill_once(struct store *s)
{
	bool is_any = false;

	for (uint32_t n = 0; n < s->nr_clients; n++) {
		s->conflict.next = (s->conflict.next + 1) % s->nr_clients;
		is_any = refill(s, s->conflict.next) || is_any;
		if (is_any && s->limits.conflict_is_aggregate) {
			break;
		}
	}
	return is_any;
}

uint32_t store_clock(struct store *s, uint64_t now_ms)
{
	struct store_conflict *k = &s->conflict;
	uint64_t each = s->limits.conflict_history_ms;

	k->now_ms = now_ms;
	if (s->limits.conflict_burst == 0) {
		return 0;
	}
	while (now_ms - k->filled_ms >= each && refill_once(s)) {
		k->filled_ms += each;
	}
	if (now_ms - k->filled_ms >= each) {
		k->filled_ms = now_ms; /* nobody lacks any */
	}
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		if (k->credit[i] <= 0) {
			return (uint32_t)(each - (now_ms - k->filled_ms));
		}
	}
	return 0;
}
