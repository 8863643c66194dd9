// SPDX-License-Identifier: Apache-2.0
/* A guest's side of the rings, and the books of the store. */
#include "xenstore_world.h"

#include "../../rootfs/backends/store/internal.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ASIDE 2048u

struct store sw;
struct xenstore_domain_interface sw_ring[SW_CLIENTS];
unsigned int sw_notified[SW_CLIENTS];

unsigned int sw_lives;
unsigned int sw_lost[SW_CLIENTS];
unsigned int sw_liar = SW_CLIENTS;

static void *memory;
static size_t memory_bytes;
static bool is_up[SW_CLIENTS];

/* The points where the program may end, until it does. */
static jmp_buf end;
static unsigned int ends_in, ends_again_in;
static bool is_in_turn;

static char *aside[SW_CLIENTS][MAX_ASIDE];
static unsigned int aside_in[SW_CLIENTS], aside_out[SW_CLIENTS];
static uint32_t last_req_id;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

/* Here the program may end. */
static void point(void)
{
	if (is_in_turn && ends_in > 0 && --ends_in == 0) {
		longjmp(end, 1);
	}
}

void __real_journal_note(struct journal *j, uint32_t index, const void *cell);
uint64_t __real_kept_sum(uint64_t sum, const void *data, size_t len);
void __wrap_journal_note(struct journal *j, uint32_t index, const void *cell);
uint64_t __wrap_kept_sum(uint64_t sum, const void *data, size_t len);

void __wrap_journal_note(struct journal *j, uint32_t index, const void *cell)
{
	point();
	__real_journal_note(j, index, cell);
	point();
}

uint64_t __wrap_kept_sum(uint64_t sum, const void *data, size_t len)
{
	point();
	return __real_kept_sum(sum, data, len);
}

static void notify(struct store_client *c)
{
	point();
	sw_notified[c - sw.clients]++;
	point();
}

static void lost(struct store_client *c)
{
	sw_lost[c - sw.clients]++;
}

static void access(const struct store_client *c, uint32_t type, const char *path, int error)
{
	(void)c;
	(void)type;
	(void)path;
	(void)error;
	point();
}

struct store_limits sw_limits(void)
{
	return (struct store_limits){ .nodes = 1000,
				      .value_bytes = 2048,
				      .watches = 100,
				      .transactions = 10,
				      .requests = 1024,
				      .path_bytes = 1024,
				      .perms = 5,
				      .events = 1024,
				      .loss_wait_ms = 5000,
				      .loss_answer_ms = 30000,
				      .cells = 2048,
				      .event_cells = 1024,
				      .has_quota = true,
				      .has_perms = true,
				      .has_watch_perms = true,
				      .has_merge = true };
}

static struct store_limits limits_now;

static const struct store_ops ops = { .notify = notify, .lost = lost, .access = access };

void sw_new_store(void)
{
	const char *names[SW_CLIENTS] = { "one", "two", "three", "four" };

	free(memory);
	memory_bytes = store_memory(&limits_now, SW_CLIENTS);
	memory = aligned_alloc(64, memory_bytes);
	must(memory != NULL);
	store_init(&sw, &limits_now, &ops, memory, SW_CLIENTS);
	for (unsigned int i = 0; i < SW_CLIENTS; i++) {
		store_client_set(&sw, i, (uint16_t)(i + 1), names[i]);
	}
}

void sw_setup(const struct store_limits *limits)
{
	limits_now = limits != NULL ? *limits : sw_limits();
	ends_in = ends_again_in = sw_lives = 0;
	is_in_turn = false;
	sw_new_store();
	memset(sw_ring, 0, sizeof(sw_ring));
	memset(sw_notified, 0, sizeof(sw_notified));
	memset(sw_lost, 0, sizeof(sw_lost));
	for (unsigned int i = 0; i < SW_CLIENTS; i++) {
		while (aside_out[i] != aside_in[i]) {
			free(aside[i][aside_out[i]++]);
		}
		aside_in[i] = aside_out[i] = 0;
		sw_come(i);
	}
	sw_run();
}

void sw_come(unsigned int c)
{
	is_up[c] = true;
	memset(&sw_ring[c], 0, sizeof(sw_ring[c]));
	sw_ring[c].connection = XENSTORE_RECONNECT;
	must(store_meet(&sw, &sw.clients[c], &sw_ring[c]) == STORE_MET_NEW);
}

void sw_go(unsigned int c)
{
	is_up[c] = false;
	store_release(&sw, &sw.clients[c]);
}

uint8_t *sw_memory(size_t *size)
{
	*size = memory_bytes;
	return memory;
}

bool sw_next_life(void)
{
	memset(&sw, 0x5a, sizeof(sw));
	sw_lives++;
	return store_restore(&sw, &limits_now, &ops, memory, SW_CLIENTS);
}

void sw_meet_again(void)
{
	for (unsigned int i = 0; i < SW_CLIENTS; i++) {
		unsigned int notified = sw_notified[i];

		if (is_up[i]) {
			must(store_meet(&sw, &sw.clients[i], &sw_ring[i]) == STORE_MET_AGAIN ||
			     i == sw_liar);
			must(sw_notified[i] > notified); /* it may have missed something */
		}
	}
	store_is_well(&sw);
}

void sw_end_in(unsigned int points, unsigned int points_of_next)
{
	ends_in = points;
	ends_again_in = points_of_next;
}

/* What a guest saw of its ring when the program ended. */
static struct xenstore_domain_interface seen[SW_CLIENTS];

/* A guest uses again what was taken of its requests; what it was answered it has. */
static void look_at_rings(void)
{
	for (unsigned int i = 0; i < SW_CLIENTS; i++) {
		struct xenstore_domain_interface *r = &sw_ring[i];

		for (uint32_t k = r->req_prod;
		     i != sw_liar && k != r->req_cons + XENSTORE_RING_SIZE; k++) {
			r->req[MASK_XENSTORE_IDX(k)] = 'u';
		}
		seen[i] = *r;
	}
}

/* Nothing that a guest saw is taken back. */
static void compare_rings(void)
{
	for (unsigned int i = 0; i < SW_CLIENTS; i++) {
		const struct xenstore_domain_interface *now = &sw_ring[i], *was = &seen[i];

		if (was->connection == XENSTORE_RECONNECT || i == sw_liar) {
			continue;
		}
		must(now->req_cons - was->req_cons <= was->req_prod - was->req_cons);
		must(now->rsp_prod - was->rsp_prod <= XENSTORE_RING_SIZE);
		for (uint32_t k = was->rsp_cons; k != was->rsp_prod; k++) {
			must(now->rsp[MASK_XENSTORE_IDX(k)] == was->rsp[MASK_XENSTORE_IDX(k)]);
		}
	}
}

static void live_again(void)
{
	look_at_rings();
	(void)setjmp(end);
	ends_in = ends_again_in;
	ends_again_in = 0;
	is_in_turn = true;
	must(sw_next_life());
	sw_meet_again();
	is_in_turn = false;
	compare_rings();
}

/* A turn in which the program may end. */
static bool turn(void)
{
	volatile bool is_busy = true;

	if (setjmp(end) == 0) {
		is_in_turn = true;
		is_busy = store_turn(&sw);
		is_in_turn = false;
	} else {
		live_again();
	}
	return is_busy;
}

void sw_run(void)
{
	while (turn()) {
	}
}

static void keep_event(unsigned int c, const struct sw_message *m)
{
	char *text = malloc(m->head.len + 1);

	must(text != NULL && aside_in[c] < MAX_ASIDE && m->head.len > 0);
	memcpy(text, m->payload, m->head.len + 1);
	text[strlen(text)] = '|';
	aside[c][aside_in[c]++] = text;
}

static void put_bytes(unsigned int c, const uint8_t *from, size_t len)
{
	struct xenstore_domain_interface *r = &sw_ring[c];
	struct sw_message m;

	while (len > 0) {
		if (r->req_prod - r->req_cons == XENSTORE_RING_SIZE) {
			sw_run();
			if (r->req_prod - r->req_cons == XENSTORE_RING_SIZE) {
				/* it waits for us to read what it has said */
				must(sw_get(c, &m) && m.head.type == XS_WATCH_EVENT);
				keep_event(c, &m);
			}
			continue;
		}
		r->req[MASK_XENSTORE_IDX(r->req_prod)] = (char)*from++;
		r->req_prod++;
		len--;
	}
}

void sw_put(unsigned int c, uint32_t type, uint32_t tx, const void *payload, size_t len)
{
	struct xsd_sockmsg head = { .type = type, .tx_id = tx, .len = (uint32_t)len };

	head.req_id = ++last_req_id;
	put_bytes(c, (const uint8_t *)&head, sizeof(head));
	put_bytes(c, payload, len);
}

static bool get_bytes(unsigned int c, uint8_t *to, size_t len)
{
	struct xenstore_domain_interface *r = &sw_ring[c];

	for (size_t i = 0; i < len; i++) {
		if (r->rsp_prod == r->rsp_cons) {
			sw_run();
		}
		if (r->rsp_prod == r->rsp_cons) {
			must(i == 0);
			return false;
		}
		to[i] = (uint8_t)r->rsp[MASK_XENSTORE_IDX(r->rsp_cons)];
		r->rsp_cons++;
	}
	return true;
}

bool sw_get(unsigned int c, struct sw_message *m)
{
	if (!get_bytes(c, (uint8_t *)&m->head, sizeof(m->head))) {
		return false;
	}
	must(m->head.len <= XENSTORE_PAYLOAD_MAX);
	must(get_bytes(c, (uint8_t *)m->payload, m->head.len));
	m->payload[m->head.len] = '\0';
	return true;
}

const struct sw_message *sw_ask(unsigned int c, uint32_t type, uint32_t tx, const void *payload,
				size_t len)
{
	static struct sw_message m;

	sw_put(c, type, tx, payload, len);
	sw_run();
	for (;;) {
		must(sw_get(c, &m));
		if (m.head.type != XS_WATCH_EVENT) {
			break;
		}
		keep_event(c, &m);
	}
	must(m.head.req_id == last_req_id && m.head.tx_id == tx);
	must(m.head.type == type || m.head.type == XS_ERROR);
	return &m;
}

const char *sw_say(unsigned int c, uint32_t type, uint32_t tx, const char *text)
{
	static char answer[XENSTORE_PAYLOAD_MAX + 2];
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t len = strlen(text), at = 0;
	const struct sw_message *m;

	for (size_t i = 0; i < len; i++) {
		payload[i] = text[i] == '|' ? '\0' : text[i];
	}
	m = sw_ask(c, type, tx, payload, len);
	if (m->head.type == XS_ERROR) {
		answer[at++] = '!';
	}
	for (size_t i = 0; i < m->head.len; i++) {
		answer[at++] = m->payload[i] == '\0' ? '|' : m->payload[i];
	}
	answer[at] = '\0';
	return answer;
}

uint32_t sw_start(unsigned int c)
{
	const char *text = sw_say(c, XS_TRANSACTION_START, 0, "|");
	unsigned long id = strtoul(text, NULL, 10);

	must(id != 0 && id <= UINT32_MAX);
	return (uint32_t)id;
}

const char *sw_event(unsigned int c)
{
	static char text[XENSTORE_PAYLOAD_MAX + 1];
	struct sw_message m;

	while (sw_get(c, &m)) {
		must(m.head.type == XS_WATCH_EVENT && m.head.req_id == 0 && m.head.tx_id == 0);
		keep_event(c, &m);
	}
	if (aside_out[c] == aside_in[c]) {
		return NULL;
	}
	strcpy(text, aside[c][aside_out[c]]);
	free(aside[c][aside_out[c]++]);
	return text;
}

/* What the nodes of a tree cost each payer; also that its links hold together. */
static void check_tree(uint32_t top, uint64_t *cells, uint32_t *nodes, bool is_real, uint32_t payer)
{
	for (uint32_t i = top; i != 0; i = tree_walk(&sw, top, i)) {
		const struct node *n = node_at(&sw, i);
		uint32_t who = payer, last = 0;

		if (is_real) {
			struct store_client *o = store_find_client(&sw, node_owner(&sw, i));

			who = o != NULL ? client_index(&sw, o) : SW_CLIENTS;
			nodes[who]++;
		}
		cells[who] += 1 + rope_cells(n->text.len, NODE_HEAD);
		for (uint32_t k = n->child; k != 0; k = node_at(&sw, k)->next) {
			must(node_at(&sw, k)->parent == i);
			must(k == n->child || node_at(&sw, k)->prev == last);
			last = k;
		}
		must(n->child == 0 || node_at(&sw, n->child)->prev == last);
	}
}

static void check_client(uint32_t index, uint64_t *cells, uint32_t *nodes, uint64_t *all)
{
	struct store_client *c = &sw.clients[index];
	uint32_t watches = 0, due = 0, events = 0, txs = 0;
	uint64_t event_cells = 0;

	for (uint32_t i = c->first_watch; i != 0; i = watch_at(&sw, i)->next) {
		cells[index] += 1 + rope_cells(watch_at(&sw, i)->text.len, WATCH_HEAD);
		watches++;
		due += watch_at(&sw, i)->is_due;
	}
	for (uint32_t i = c->first_event; i != 0;
	     i = ((const struct event *)pool_at(&sw.pool, i))->next) {
		const struct event *e = pool_at(&sw.pool, i);

		event_cells += 1 + rope_cells(e->text.len, EVENT_HEAD);
		events++;
	}
	for (uint32_t i = c->first_tx; i != 0;
	     i = ((const struct tx *)pool_at(&sw.pool, i))->next) {
		const struct tx *t = pool_at(&sw.pool, i);
		uint64_t before = cells[index];

		cells[index]++;
		check_tree(t->root, cells, nodes, false, index);
		must(cells[index] - before == t->nr_cells);
		txs++;
	}
	must(watches == c->nr_watches && due == c->nr_due && events == c->nr_events &&
	     txs == c->nr_txs);
	must(event_cells == c->event_account.used && cells[index] == c->account.used);
	must(c->account.used <= c->account.max && c->event_account.used <= c->event_account.max);
	must(nodes[index] == c->nr_nodes);
	*all += cells[index] + event_cells;
}

void sw_check(void)
{
	uint64_t cells[SW_CLIENTS + 1] = { 0 }, all = 0;
	uint32_t nodes[SW_CLIENTS + 1] = { 0 };

	check_tree(sw.root, cells, nodes, true, 0);
	check_tree(sw.special, cells, nodes, true, 0);
	for (uint32_t i = 0; i < SW_CLIENTS; i++) {
		check_client(i, cells, nodes, &all);
	}
	must(cells[SW_CLIENTS] == sw.own.used && sw.own.used <= sw.own.max);
	all += cells[SW_CLIENTS];
	must(all + sw.pool.nr_free + 1 == sw.pool.nr);
}
