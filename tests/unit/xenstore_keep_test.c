// SPDX-License-Identifier: Apache-2.0
/* The program ends anywhere and begins again with its memory: clients notice nothing. Damaged memory is found out. */
#include "unit.h"
#include "xenstore_world.h"

#include "../../rootfs/backends/limits.h"
#include "../../rootfs/backends/store/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define is(c, type, tx, text, answer) assert_string_equal(sw_say(c, type, tx, text), answer)

static int setup(void **state)
{
	(void)state;
	sw_setup(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sw_check();
	return 0;
}

static void begin_again(void)
{
	assert_true(sw_next_life());
	sw_meet_again();
	sw_check();
}

static void tree_and_watches_stay(void **state)
{
	uint64_t generation;

	(void)state;
	is(0, XS_WRITE, 0, "data/a/b|with|zeros", "OK|");
	is(0, XS_SET_PERMS, 0, "data/a/b|n1|r2|", "OK|");
	is(1, XS_WATCH, 0, "/local/domain/1/data/a|t|", "OK|");
	is(0, XS_WATCH, 0, "data|relative|", "OK|");
	assert_string_equal(sw_event(0), "data|relative");
	assert_string_equal(sw_event(1), "/local/domain/1/data/a|t");
	generation = sw.generation;
	begin_again();
	assert_true(sw.generation == generation);
	is(0, XS_READ, 0, "data/a/b|", "with|zeros");
	is(0, XS_GET_PERMS, 0, "data/a/b|", "n1|r2|");
	is(0, XS_DIRECTORY, 0, "/local/domain/1|",
	   "name|domid|control|device|backend|data|drivers|feature|attr|error|");
	is(0, XS_WRITE, 0, "data/a/b|new", "OK|");
	assert_string_equal(sw_event(0), "data/a/b|relative");
	assert_string_equal(sw_event(1), "/local/domain/1/data/a/b|t");
	assert_null(sw_event(0));
	is(0, XS_WATCH, 0, "data|relative|", "!EEXIST|");
}

static void events_and_messages_stay(void **state)
{
	static const uint8_t half[] = { XS_READ, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 'n' };
	struct sw_message m;
	char text[64];

	(void)state;
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	for (unsigned int i = 0; i < 200; i++) {
		(void)snprintf(text, sizeof(text), "/local/domain/1/data/%u", i);
		assert_int_equal(store_write(&sw, text, "x"), 0);
	}
	assert_int_equal(store_set_perms(&sw, "/local/domain/1/data", 1, 0), 0);
	store_commit(&sw);
	for (unsigned int i = 0; i < sizeof(half); i++) {
		sw_ring[1].req[MASK_XENSTORE_IDX(sw_ring[1].req_prod++)] = (char)half[i];
	}
	sw_run();
	assert_true(sw.clients[0].nr_events > 100);
	assert_true(sw.clients[0].out_done < sw.clients[0].out_len);
	assert_int_equal(sw.clients[1].in_used, sizeof(half));
	begin_again();
	assert_string_equal(sw_event(0), "data|t");
	for (unsigned int i = 0; i < 200; i++) {
		(void)snprintf(text, sizeof(text), "data/%u|t", i);
		assert_string_equal(sw_event(0), text);
	}
	for (const char *rest = "ame"; rest != NULL; rest = *rest != '\0' ? rest + 1 : NULL) {
		sw_ring[1].req[MASK_XENSTORE_IDX(sw_ring[1].req_prod++)] = *rest;
	}
	sw_run();
	assert_true(sw_get(1, &m));
	assert_string_equal(m.payload, "two");
	assert_int_equal(m.head.req_id, 7);
}

static void transactions_go_on(void **state)
{
	uint32_t tx = sw_start(0), other = sw_start(0);

	(void)state;
	is(0, XS_WRITE, tx, "data/a|1", "OK|");
	is(0, XS_READ, other, "data/c|", "!ENOENT|");
	begin_again();
	is(0, XS_READ, tx, "data/a|", "1");
	is(0, XS_READ, 0, "data/a|", "!ENOENT|");
	is(0, XS_WRITE, tx, "data/c|1", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "OK|");
	is(0, XS_WRITE, other, "data/d|1", "OK|");
	is(0, XS_TRANSACTION_END, other, "T|", "!EAGAIN|");
	is(0, XS_DIRECTORY, 0, "data|", "a|c|");
}

/* What was not committed was shown to nobody. */
static void what_was_not_committed_is_gone(void **state)
{
	(void)state;
	assert_int_equal(store_write(&sw, "/local/domain/1/name", "another"), 0);
	begin_again();
	is(0, XS_READ, 0, "name|", "one");
	assert_int_equal(store_write(&sw, "/local/domain/1/name", "another"), 0);
	store_commit(&sw);
	begin_again();
	is(0, XS_READ, 0, "name|", "another");
}

static void clients_come_and_go_meanwhile(void **state)
{
	(void)state;
	assert_int_equal(store_set_perms(&sw, "@releaseDomain", 0, 1), 0);
	is(0, XS_WATCH, 0, "@releaseDomain|gone|", "OK|");
	assert_string_equal(sw_event(0), "@releaseDomain|gone");
	is(1, XS_WRITE, 0, "data/old|1", "OK|");
	sw_go(2);
	assert_string_equal(sw_event(0), "@releaseDomain|gone");
	assert_true(sw_next_life());
	/* the second one's domain is in its next life too; the third's is away still */
	sw_come(1);
	assert_int_equal(store_meet(&sw, &sw.clients[0], &sw_ring[0]), STORE_MET_AGAIN);
	assert_int_equal(store_meet(&sw, &sw.clients[3], &sw_ring[3]), STORE_MET_AGAIN);
	assert_string_equal(sw_event(0), "@releaseDomain|gone");
	is(1, XS_READ, 0, "data/old|", "!ENOENT|");
	is(0, XS_IS_DOMAIN_INTRODUCED, 0, "3|", "F|");
	sw_come(2);
	is(2, XS_READ, 0, "name|", "three");
}

/* Its connection was with a store of which nothing is left. */
static void strangers_are_told(void **state)
{
	uint32_t at;

	(void)state;
	is(0, XS_WRITE, 0, "data/a|1", "OK|");
	at = sw_ring[0].req_cons;
	sw_new_store();
	assert_int_equal(store_meet(&sw, &sw.clients[0], &sw_ring[0]), STORE_MET_STRANGER);
	assert_int_equal(sw_ring[0].error, XENSTORE_ERROR_COMM);
	assert_int_equal(sw_ring[0].req_cons, at);
	sw_run();
	sw_ring[0].connection = XENSTORE_RECONNECT;
	sw_run();
	assert_int_equal(sw_ring[0].connection, XENSTORE_CONNECTED);
	assert_int_equal(sw_ring[0].error, XENSTORE_ERROR_NONE);
	is(0, XS_READ, 0, "name|", "one");
	is(0, XS_READ, 0, "data/a|", "!ENOENT|");
}

/* It asks to reconnect while nobody is there: what it had is dropped, what its domain made stays. */
static void reconnects_meanwhile(void **state)
{
	(void)state;
	is(0, XS_WRITE, 0, "data/a|1", "OK|");
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	sw_ring[0].connection = XENSTORE_RECONNECT;
	begin_again();
	sw_run();
	assert_int_equal(sw_ring[0].connection, XENSTORE_CONNECTED);
	assert_int_equal(sw.clients[0].nr_watches, 0);
	is(0, XS_READ, 0, "data/a|", "1");
}

#define TRANSCRIPT 8192u

static void note(char *all, const char *text)
{
	assert_true(strlen(all) + strlen(text) + 2 < TRANSCRIPT);
	strcat(strcat(all, text), "\n");
}

static void say(char *all, unsigned int c, uint32_t type, uint32_t tx, const char *text)
{
	note(all, sw_say(c, type, tx, text));
}

static void note_events(char *all, unsigned int c)
{
	const char *event;

	while ((event = sw_event(c)) != NULL) {
		note(all, event);
	}
}

/* Something of everything, two clients and a reconnection. @all: what they were answered and told. */
static void play(char *all)
{
	static char big[1500];
	uint32_t tx, other;

	*all = '\0';
	say(all, 0, XS_WATCH, 0, "data|w|");
	say(all, 1, XS_WATCH, 0, "/local/domain/1/data|v|");
	say(all, 0, XS_WRITE, 0, "data/a/b|1");
	say(all, 0, XS_SET_PERMS, 0, "data|n1|r2|");
	memset(big, 'x', sizeof(big) - 1);
	memcpy(big, "data/big|", 9);
	say(all, 0, XS_WRITE, 0, big);
	tx = sw_start(0);
	other = sw_start(0);
	say(all, 0, XS_WRITE, tx, "data/t|1");
	say(all, 0, XS_RM, tx, "data/a|");
	say(all, 0, XS_READ, other, "data/t|");
	say(all, 0, XS_TRANSACTION_END, tx, "T|");
	say(all, 0, XS_TRANSACTION_END, other, "T|");
	say(all, 0, XS_DIRECTORY, 0, "data|");
	say(all, 1, XS_READ, 0, "/local/domain/1/data/t|");
	note_events(all, 0);
	note_events(all, 1);
	say(all, 0, XS_RM, 0, "data/big|");
	say(all, 0, XS_UNWATCH, 0, "data|w|");
	(void)sw_start(1);
	sw_ring[1].connection = XENSTORE_RECONNECT;
	sw_run();
	say(all, 1, XS_WRITE, 0, "data/b|2");
	say(all, 1, XS_READ, 0, "data/b|");
	note_events(all, 0);
	note_events(all, 1);
}

static void ends_anywhere(void **state)
{
	static char want[TRANSCRIPT], got[TRANSCRIPT];
	unsigned int n = 0, nr_ends = 0, nr_twice = 0;

	(void)state;
	play(want);
	assert_int_equal(sw_lives, 0);
	do {
		n += 1 + n / 150;
		sw_setup(NULL);
		sw_end_in(n, n % 3 == 0 ? n * 7 % 211 + 1 : 0);
		play(got);
		assert_string_equal(got, want);
		sw_check();
		nr_ends += sw_lives > 0;
		nr_twice += sw_lives > 1;
	} while (sw_lives > 0);
	assert_true(nr_ends > 100 && nr_twice > 20);
}

/* So many changes in one request that nobody could undo them: without an end they are done, with one all is lost. */
static void too_much_to_undo(void **state)
{
	struct store_limits l = sw_limits();
	char text[64];

	(void)state;
	l.cells = 8192;
	l.nodes = 10000;
	for (unsigned int with_end = 0; with_end < 2; with_end++) {
		sw_setup(&l);
		for (unsigned int i = 0; i < 7000; i++) {
			(void)snprintf(text, sizeof(text), "data/a/%u|", i);
			is(0, XS_MKDIR, 0, text, "OK|");
		}
		if (with_end == 0) {
			is(0, XS_RM, 0, "data/a|", "OK|");
			begin_again();
			is(0, XS_DIRECTORY, 0, "data|", "");
			sw_check();
		} else {
			struct view v = { .s = &sw, .c = &sw.clients[0] };
			char path[] = "/local/domain/1/data/a";

			assert_int_equal(view_remove(&v, path), 0);
			assert_false(sw_next_life());
		}
	}
	sw_setup(NULL);
}

/* What ends the store seems to be in what it goes on with: the fourth life begins anew. */
static void lives_must_last(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		assert_true(sw_next_life());
		sw_meet_again(); /* it was well */
	}
	for (unsigned int i = 0; i < 3; i++) {
		assert_true(sw_next_life());
	}
	assert_false(sw_next_life());
	sw_setup(NULL);
}

static bool is_same_state(const struct store *a, const uint8_t *cells)
{
	return a->pool.fresh == sw.pool.fresh && a->generation == sw.generation &&
	       a->pool.free == sw.pool.free &&
	       memcmp(cells + CELL_BYTES, sw.pool.cells + CELL_BYTES,
		      (sw.pool.fresh - 1u) * CELL_BYTES) == 0;
}

/* Every byte that counts is under a checksum: when it has changed, it is found out, or it did not count. */
static void damage_is_found(void **state)
{
	size_t size, fresh;
	uint8_t *memory = sw_memory(&size), *good = malloc(size), *cells;
	struct store was;
	unsigned int nr_refused = 0, nr_cells = 0;

	(void)state;
	assert_non_null(good);
	is(0, XS_WRITE, 0, "data/a|1", "OK|");
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	is(0, XS_WRITE, sw_start(0), "data/b|1", "OK|");
	was = sw;
	fresh = (size_t)(sw.pool.cells - memory) + sw.pool.fresh * CELL_BYTES;
	memcpy(good, memory, size);
	cells = good + (was.pool.cells - memory);
	for (size_t i = 0; i < fresh; i += i < 1024 ? 1 : 101) {
		memory[i] ^= 0x10;
		if (sw_next_life()) {
			assert_true(is_same_state(&was, cells));
			nr_cells += i >= (size_t)(was.pool.cells - memory) + CELL_BYTES;
		} else {
			nr_refused++;
		}
		memcpy(memory, good, size);
	}
	assert_int_equal(nr_cells, 0); /* each cell counts */
	assert_true(nr_refused > 100);
	begin_again();
	is(0, XS_READ, 0, "data/a|", "1");
	free(good);
}

/* A plan with another number of clients, or other quotas, is another store. */
static void another_form_is_refused(void **state)
{
	struct store_limits l = sw_limits();
	const struct store_ops ops = sw.ops;
	size_t size;
	uint8_t *memory = sw_memory(&size);
	struct store s;

	(void)state;
	assert_false(store_restore(&s, &l, &ops, memory, SW_CLIENTS - 1));
	l.cells--;
	assert_false(store_restore(&s, &l, &ops, memory, SW_CLIENTS));
	l.cells++;
	assert_true(store_restore(&s, &l, &ops, memory, SW_CLIENTS));
	memset(memory, 0, size); /* as at power-on */
	assert_false(store_restore(&s, &l, &ops, memory, SW_CLIENTS));
	sw_setup(NULL);
}

/* With the quotas of Kconfig: 4 MiB, of which the image has half (build/size-backend), and 256 KiB for each client. */
static void memory_is_within_its_bound(void **state)
{
	const struct store_limits limits = store_limits_configured();
	const size_t mib = 1024 * 1024;
	uint32_t n;

	(void)state;
	for (n = 1; n <= STORE_MAX_CLIENTS; n++) {
		assert_in_range(store_memory(&limits, n), n * 128 * 1024UL, 2 * mib + n * mib / 4);
	}
}

#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(tree_and_watches_stay),
		t(events_and_messages_stay),
		t(transactions_go_on),
		t(what_was_not_committed_is_gone),
		t(clients_come_and_go_meanwhile),
		t(strangers_are_told),
		t(reconnects_meanwhile),
		t(ends_anywhere),
		t(too_much_to_undo),
		t(lives_must_last),
		t(damage_is_found),
		t(another_form_is_refused),
		t(memory_is_within_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
