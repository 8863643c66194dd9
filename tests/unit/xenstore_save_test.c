// SPDX-License-Identifier: Apache-2.0
/* The store's state, saved and restored into a new store: clients notice nothing but that transactions try again. */
#include "unit.h"
#include "xenstore_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define is(c, type, tx, text, answer) assert_string_equal(sw_say(c, type, tx, text), answer)

static uint8_t saved[1 << 20];

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

static uint32_t start(unsigned int c)
{
	unsigned int id = 0;

	assert_int_equal(sscanf(sw_say(c, XS_TRANSACTION_START, 0, "|"), "%u|", &id), 1);
	return id;
}

/* The program ends and another begins; the clients' rings are as they were. */
static bool restart(size_t len)
{
	sw_new_store();
	if (!store_restore(&sw, saved, len)) {
		return false;
	}
	for (unsigned int i = 0; i < SW_CLIENTS; i++) {
		if (sw.clients[i].is_introduced) {
			store_resume(&sw, &sw.clients[i], &sw_ring[i]);
		}
	}
	sw_check();
	return true;
}

static void save_and_restart(void)
{
	size_t len = store_save(&sw, saved, sizeof(saved));

	assert_true(len > 0);
	assert_true(restart(len));
	assert_int_equal(store_save(&sw, saved, sizeof(saved)), len);
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
	save_and_restart();
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
	for (unsigned int i = 0; i < sizeof(half); i++) {
		sw_ring[1].req[MASK_XENSTORE_IDX(sw_ring[1].req_prod++)] = (char)half[i];
	}
	sw_run();
	assert_true(sw.clients[0].nr_events > 100);
	assert_true(sw.clients[0].out_done < sw.clients[0].out_len);
	assert_int_equal(sw.clients[1].in_used, sizeof(half));
	save_and_restart();
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

static void transactions_try_again(void **state)
{
	uint32_t tx = start(0), other = start(0);

	(void)state;
	is(0, XS_WRITE, tx, "data/a|1", "OK|");
	save_and_restart();
	is(0, XS_WRITE, tx, "data/b|1", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
	is(0, XS_TRANSACTION_END, other, "F|", "OK|");
	is(0, XS_DIRECTORY, 0, "data|", "");
	tx = start(0);
	is(0, XS_WRITE, tx, "data/a|1", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "OK|");
}

static void clients_away_stay_away(void **state)
{
	(void)state;
	store_release(&sw, &sw.clients[2]);
	save_and_restart();
	is(0, XS_IS_DOMAIN_INTRODUCED, 0, "3|", "F|");
	is(0, XS_IS_DOMAIN_INTRODUCED, 0, "2|", "T|");
	store_introduce(&sw, &sw.clients[2], &sw_ring[2]);
	is(2, XS_READ, 0, "name|", "three");
}

/* Any byte that changed, and any length that is too short, is found out. */
static void nothing_damaged_is_taken(void **state)
{
	size_t len;

	(void)state;
	is(0, XS_WRITE, 0, "data/a|1", "OK|");
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	len = store_save(&sw, saved, sizeof(saved));
	assert_true(len > 0);
	for (size_t i = 0; i < len; i += 37) {
		assert_false(restart(i));
	}
	for (size_t i = 0; i < len; i += i < 128 ? 1 : 41) {
		saved[i] ^= 0x10;
		assert_false(restart(len));
		saved[i] ^= 0x10;
	}
	assert_true(restart(len));
	assert_int_equal(store_save(&sw, saved, len - 1), 0);
	assert_int_equal(store_save(&sw, saved, len), len);
}

#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(tree_and_watches_stay),  t(events_and_messages_stay), t(transactions_try_again),
		t(clients_away_stay_away), t(nothing_damaged_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
