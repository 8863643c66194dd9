// SPDX-License-Identifier: Apache-2.0
/* Clients that take too much, and clients that lie in their ring: they alone have the damage. */
#include "unit.h"
#include "xenstore_world.h"

#include <stdio.h>
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

/* That client 2 is served as if nobody else were there. */
static void others_are_well(void)
{
	is(1, XS_WRITE, 0, "data/well|1", "OK|");
	is(1, XS_READ, 0, "data/well|", "1");
	is(1, XS_RM, 0, "data/well|", "OK|");
}

/* Do @format with a growing number until it is refused. Return: how often it was not. */
static unsigned int until_refused(uint32_t type, uint32_t tx, const char *format, const char *error)
{
	char text[256];

	for (unsigned int i = 0;; i++) {
		const char *answer;

		(void)snprintf(text, sizeof(text), format, i);
		answer = sw_say(0, type, tx, text);
		if (answer[0] == '!') {
			assert_string_equal(answer, error);
			return i;
		}
		assert_true(i < 100000);
	}
}

static void node_quota(void **state)
{
	unsigned int n, before = sw.clients[0].nr_nodes;

	(void)state;
	n = until_refused(XS_MKDIR, 0, "data/%u|", "!ENOSPC|");
	assert_int_equal(before + n, 1000);
	/* nothing of a path that does not fit as a whole is left */
	is(0, XS_RM, 0, "data/0|", "OK|");
	is(0, XS_WRITE, 0, "data/a/b/c|1", "!ENOSPC|");
	is(0, XS_READ, 0, "data/a|", "!ENOENT|");
	is(0, XS_WRITE, 0, "data/a|1", "OK|");
	others_are_well();
	is(0, XS_RM, 0, "data/a|", "OK|");
	others_are_well();
}

static void node_quota_in_a_transaction(void **state)
{
	uint32_t tx;
	unsigned int n, before = sw.clients[0].nr_nodes;

	(void)state;
	tx = sw_start(0);
	n = until_refused(XS_MKDIR, tx, "data/%u|", "!ENOSPC|");
	assert_int_equal(before + n, 1000);
	/* outside, meanwhile: then both do not fit */
	is(0, XS_WRITE, 0, "attr/x|1", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "!ENOSPC|");
	is(0, XS_DIRECTORY, 0, "data|", "");
	is(0, XS_READ, 0, "attr/x|", "1");
	others_are_well();
}

static void byte_quota(void **state)
{
	char text[2300] = "data/%u|";
	unsigned int n;

	(void)state;
	memset(text + strlen(text), 'v', 200);
	n = until_refused(XS_WRITE, 0, text, "!ENOSPC|");
	assert_true(n > 100 && n < 2048 * 64 / 200);
	assert_true(sw.clients[0].account.used <= sw.clients[0].account.max);
	(void)until_refused(XS_MKDIR, 0, "data/x%u|", "!ENOSPC|");
	is(0, XS_WATCH, 0, "data/never-mind-how-long-this-path-is-it-does-not-fit|t|", "!ENOSPC|");
	others_are_well();
	/* removing needs nothing, and gives back */
	is(0, XS_RM, 0, "data/0|", "OK|");
	is(0, XS_WRITE, 0, "data/0|1", "OK|");
	is(0, XS_RM, 0, "data/0|", "OK|");
	others_are_well();
}

static void value_quota(void **state)
{
	char text[3000] = "data/a|";

	(void)state;
	memset(text + 7, 'v', 2048);
	is(0, XS_WRITE, 0, text, "OK|");
	text[7 + 2048] = 'v';
	is(0, XS_WRITE, 0, text, "!ENOSPC|");
	is(0, XS_WRITE, 0, "data/a|1", "OK|");
}

static void watch_quota(void **state)
{
	(void)state;
	assert_int_equal(until_refused(XS_WATCH, 0, "data|t%u|", "!ENOSPC|"), 100);
	is(0, XS_UNWATCH, 0, "data|t0|", "OK|");
	is(0, XS_WATCH, 0, "data|again|", "OK|");
	others_are_well();
}

static void transaction_quota(void **state)
{
	uint32_t tx;

	(void)state;
	tx = sw_start(0);
	assert_int_equal(until_refused(XS_TRANSACTION_START, 0, "%u|", "!ENOSPC|"), 9);
	is(0, XS_TRANSACTION_END, tx, "F|", "OK|");
	tx = sw_start(0);
	for (unsigned int i = 0; i < 1024; i++) {
		is(0, XS_READ, tx, "data|", "");
	}
	is(0, XS_READ, tx, "data|", "!ENOSPC|");
	is(0, XS_TRANSACTION_END, tx, "T|", "OK|");
	others_are_well();
}

/* A transaction pays for what it looks at. */
static void transactions_are_paid(void **state)
{
	uint32_t tx = 0, used = sw.clients[0].account.used;
	char text[600] = "data/";

	(void)state;
	memset(text + 5, 'n', 500);
	strcpy(text + 505, "%u|");
	for (unsigned int i = 0; i < 1000; i++) {
		char one[700];

		if (i % 200 == 0) {
			tx = sw_start(0);
		}
		(void)snprintf(one, sizeof(one), text, i);
		if (strcmp(sw_say(0, XS_READ, tx, one), "!ENOSPC|") == 0) {
			break;
		}
	}
	assert_true(sw.clients[0].account.used > sw.clients[0].account.max - 20);
	others_are_well();
	is(0, XS_RESET_WATCHES, 0, "|", "OK|");
	assert_int_equal(sw.clients[0].account.used, used);
}

static void one_who_does_not_listen(void **state)
{
	char text[64];
	unsigned int events = 0, whole = 0;
	const char *event;

	(void)state;
	is(1, XS_SET_PERMS, 0, "data|r2|", "OK|");
	is(0, XS_WATCH, 0, "/local/domain/2/data|t|", "OK|");
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < 1500; i++) {
			(void)snprintf(text, sizeof(text), "data/%u|x", round * 500 + i % 500);
			is(1, XS_WRITE, 0, text, "OK|");
			if (i >= 500) {
				is(1, XS_RM, 0, strcat(strtok(text, "|"), "|"), "OK|");
			}
		}
	}
	assert_true(sw.clients[0].nr_events <= 1024);
	assert_int_equal(sw.clients[0].nr_due, 1);
	others_are_well();
	/* when it does: each once, and at last that it should look at all of it */
	(void)sw_say(0, XS_READ, 0, "name|");
	while ((event = sw_event(0)) != NULL) {
		events++;
		whole += strcmp(event, "/local/domain/2/data|t") == 0;
	}
	assert_true(events > 500 && events <= 1024 + 40);
	assert_int_equal(whole, 2); /* when set, and now */
	assert_int_equal(sw.clients[0].nr_due, 0);
}

/* The same event waits once. */
static void no_event_twice(void **state)
{
	unsigned int n = 0;

	(void)state;
	is(1, XS_WRITE, 0, "data/a|0", "OK|");
	is(1, XS_SET_PERMS, 0, "data/a|r2|", "OK|");
	is(0, XS_WATCH, 0, "/local/domain/2/data|t|", "OK|");
	for (unsigned int i = 0; i < 500; i++) {
		is(1, XS_WRITE, 0, "data/a|1", "OK|");
	}
	assert_int_equal(sw.clients[0].nr_events, 1);
	while (sw_event(0) != NULL) {
		n++;
	}
	assert_true(n < 40);
}

static void cut_off(unsigned int c, uint32_t error)
{
	sw_run();
	assert_int_equal(sw_ring[c].error, error);
	assert_int_equal(sw.clients[c].nr_watches, 0);
	assert_int_equal(sw.clients[c].nr_txs, 0);
	others_are_well();
	/* it stays so whatever it does, but for the one thing */
	sw_ring[c].req_prod = sw_ring[c].req_cons + 16;
	sw_run();
	assert_int_equal(sw_ring[c].error, error);
	sw_ring[c].connection = XENSTORE_RECONNECT;
	sw_run();
	assert_int_equal(sw_ring[c].connection, XENSTORE_CONNECTED);
	assert_int_equal(sw_ring[c].error, XENSTORE_ERROR_NONE);
	assert_int_equal(sw_ring[c].req_prod, 0);
	assert_int_equal(sw_ring[c].rsp_prod, 0);
	is(c, XS_READ, 0, "name|", "one");
}

static void lies_about_requests(void **state)
{
	(void)state;
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	(void)sw_start(0);
	sw_ring[0].req_prod = sw_ring[0].req_cons + XENSTORE_RING_SIZE + 1;
	cut_off(0, XENSTORE_ERROR_RINGIDX);
	sw_ring[0].req_prod = sw_ring[0].req_cons - 1;
	cut_off(0, XENSTORE_ERROR_RINGIDX);
}

static void lies_about_answers(void **state)
{
	(void)state;
	sw_put(0, XS_READ, 0, "name", 5);
	sw_ring[0].rsp_cons = sw_ring[0].rsp_prod + 1;
	cut_off(0, XENSTORE_ERROR_RINGIDX);
	sw_put(0, XS_READ, 0, "name", 5);
	sw_ring[0].rsp_cons = sw_ring[0].rsp_prod - XENSTORE_RING_SIZE - 1;
	cut_off(0, XENSTORE_ERROR_RINGIDX);
}

static void lies_about_lengths(void **state)
{
	const struct xsd_sockmsg head = { .type = XS_READ, .len = XENSTORE_PAYLOAD_MAX + 1 };

	(void)state;
	memcpy(sw_ring[0].req, &head, sizeof(head));
	sw_ring[0].connection = XENSTORE_RECONNECT;
	sw_run();
	memcpy(sw_ring[0].req, &head, sizeof(head));
	sw_ring[0].req_prod = sizeof(head);
	cut_off(0, XENSTORE_ERROR_PROTO);
}

/* Ours are kept where it cannot write. */
static void overwrites_our_indices(void **state)
{
	(void)state;
	is(0, XS_READ, 0, "name|", "one");
	sw_ring[0].server_features = 0;
	sw_put(0, XS_READ, 0, "name", 5);
	sw_ring[0].req_cons = 12345;
	sw_run();
	assert_int_equal(sw_ring[0].req_cons, sw.clients[0].req_cons);
	sw_ring[0].rsp_prod = 54321;
	sw_put(0, XS_READ, 0, "name", 5);
	sw_run();
	assert_int_equal(sw_ring[0].rsp_prod, sw.clients[0].rsp_prod);
	others_are_well();
}

static void long_messages(void **state)
{
	static char payload[XENSTORE_PAYLOAD_MAX];
	const struct sw_message *m;

	(void)state;
	memset(payload, 'x', sizeof(payload));
	m = sw_ask(0, XS_WRITE, 0, payload, sizeof(payload));
	assert_string_equal(m->payload, "EINVAL");
	strcpy(payload, "data/v");
	m = sw_ask(0, XS_WRITE, 0, payload, 7 + 2048);
	assert_string_equal(m->payload, "OK");
	m = sw_ask(0, XS_READ, 0, payload, 7);
	assert_int_equal(m->head.len, 2048);
	assert_memory_equal(m->payload, payload + 7, 2048);
}

/* Byte by byte, and the indices run over the end of 32 bits. */
static void slow_and_wrapped(void **state)
{
	const struct xsd_sockmsg head = { .type = XS_READ, .req_id = 9, .len = 5 };
	uint8_t bytes[21];
	struct sw_message m;

	(void)state;
	sw_ring[0].req_prod = sw_ring[0].req_cons = sw.clients[0].req_cons = UINT32_MAX - 3;
	sw_ring[0].rsp_prod = sw_ring[0].rsp_cons = sw.clients[0].rsp_prod = UINT32_MAX - 5;
	memcpy(bytes, &head, 16);
	memcpy(bytes + 16, "name", 5);
	for (unsigned int i = 0; i < sizeof(bytes); i++) {
		sw_ring[0].req[MASK_XENSTORE_IDX(sw_ring[0].req_prod)] = (char)bytes[i];
		sw_ring[0].req_prod++;
		sw_run();
		assert_int_equal(sw_ring[0].req_cons, sw_ring[0].req_prod);
	}
	assert_true(sw_get(0, &m));
	assert_string_equal(m.payload, "one");
	assert_int_equal(m.head.req_id, 9);
}

/* Reconnecting drops what is half done. */
static void reconnects(void **state)
{
	(void)state;
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	(void)sw_start(0);
	sw_put(0, XS_READ, 0, "na", 2);
	sw_ring[0].req[MASK_XENSTORE_IDX(sw_ring[0].req_prod++)] = 1;
	sw_run();
	assert_int_equal(sw.clients[0].in_used, 1);
	sw_ring[0].connection = XENSTORE_RECONNECT;
	sw_run();
	assert_int_equal(sw.clients[0].in_used + sw.clients[0].nr_watches + sw.clients[0].nr_txs,
			 0);
	is(0, XS_READ, 0, "name|", "one");
	/* what is no such state is none of ours */
	sw_ring[0].connection = 7;
	is(0, XS_READ, 0, "name|", "one");
	assert_int_equal(sw_ring[0].connection, 7);
}

/* It has asked before we were there, and does not look whether we are. */
static void requests_before_the_first_connection(void **state)
{
	struct sw_message m;

	(void)state;
	store_release(&sw, &sw.clients[0]);
	memset(&sw_ring[0], 0, sizeof(sw_ring[0]));
	sw_ring[0].connection = XENSTORE_RECONNECT;
	sw_put(0, XS_READ, 0, "name", 5);
	store_introduce(&sw, &sw.clients[0], &sw_ring[0]);
	assert_int_equal(sw_ring[0].connection, XENSTORE_CONNECTED);
	sw_run();
	assert_true(sw_get(0, &m));
	assert_int_equal(m.head.type, XS_READ);
	is(0, XS_READ, 0, "name|", "one");
}

/* One floods its ring; the other's single request is answered in the turn after it came. */
static void turns_are_fair(void **state)
{
	struct sw_message m;

	(void)state;
	for (unsigned int i = 0; i < 40; i++) {
		sw_put(0, XS_READ, 0, "name", 5);
	}
	sw_put(1, XS_READ, 0, "name", 5);
	assert_true(store_turn(&sw));
	assert_int_equal(sw.clients[0].nr_requests, 1);
	assert_int_equal(sw.clients[1].nr_requests, 1);
	for (unsigned int i = 0; i < 40; i++) {
		assert_true(sw_get(0, &m));
	}
	assert_true(sw_get(1, &m));
	assert_string_equal(m.payload, "two");
}

static void no_reply_no_next_request(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 40; i++) {
		sw_put(0, XS_DIRECTORY, 0, "control", 8);
	}
	sw_run();
	assert_true(sw.clients[0].nr_requests < 12);
	others_are_well();
}

/* A client that ends shows a page of zeros before its port is unbound. */
static void who_ends_is_no_liar(void **state)
{
	struct store_verdict v = { .is_waiting = false };

	(void)state;
	is(0, XS_READ, 0, "name|", "one");
	memset(&sw_ring[0], 0, sizeof(sw_ring[0]));
	sw_run();
	assert_true(sw.clients[0].is_broken);
	assert_false(verdict_is_due(&v, sw.clients[0].is_broken, 5));
	assert_true(v.is_waiting);
	sw_go(0);
	assert_false(verdict_is_due(&v, sw.clients[0].is_broken, 5 + STORE_VERDICT_MS));
	assert_false(v.is_waiting);
	sw_come(0);
	is(0, XS_READ, 0, "name|", "one");
}

static void who_lies_is_named_once(void **state)
{
	struct store_verdict v = { .is_waiting = false };

	(void)state;
	sw_ring[0].req_prod = sw_ring[0].req_cons - 1;
	sw_run();
	for (unsigned int i = 0; i < 2; i++) {
		assert_false(verdict_is_due(&v, sw.clients[0].is_broken, 7));
		assert_false(verdict_is_due(&v, sw.clients[0].is_broken, 6 + STORE_VERDICT_MS));
		assert_true(verdict_is_due(&v, sw.clients[0].is_broken, 7 + STORE_VERDICT_MS));
		assert_false(verdict_is_due(&v, sw.clients[0].is_broken, 9 * STORE_VERDICT_MS));
		assert_false(v.is_waiting);
		sw_ring[0].connection = XENSTORE_RECONNECT;
		sw_run();
		assert_false(verdict_is_due(&v, sw.clients[0].is_broken, 7));
		sw_ring[0].req_prod = sw_ring[0].req_cons - 1;
		sw_run();
	}
}

#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(node_quota),
		t(node_quota_in_a_transaction),
		t(byte_quota),
		t(value_quota),
		t(watch_quota),
		t(transaction_quota),
		t(transactions_are_paid),
		t(one_who_does_not_listen),
		t(no_event_twice),
		t(lies_about_requests),
		t(lies_about_answers),
		t(who_ends_is_no_liar),
		t(who_lies_is_named_once),
		t(lies_about_lengths),
		t(overwrites_our_indices),
		t(long_messages),
		t(slow_and_wrapped),
		t(reconnects),
		t(requests_before_the_first_connection),
		t(turns_are_fair),
		t(no_reply_no_next_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
