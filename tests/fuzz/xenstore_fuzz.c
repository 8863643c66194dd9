// SPDX-License-Identifier: Apache-2.0
/*
 * xenstore against a model of it, and against clients that write anything anywhere in their page.
 *
 * Two clients work on each other's data, with transactions and watches: every answer outside a transaction and every
 * event of such a change is the model's. A commit that is done must give, done again at once on the model, the answers
 * that the transaction had; one that is refused must have been overtaken. A third client only lies. After everything
 * the store's books balance, and a fourth client is served. The program ends anywhere, and goes on in its next life.
 */
#include "xenstore_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore_world.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_STEPS 120u
#define MAX_LOG	  24u
#define NR_TOKENS 2u
#define LIAR	  2u
#define WITNESS	  3u
#define NO_EVENTS 64u

/** struct open_tx - what a transaction has asked, and been answered. */
struct open_tx {
	uint32_t id; /* 0: none */
	unsigned int start;
	unsigned int n;
	struct model_request asked[MAX_LOG];
	char answer[MAX_LOG][MODEL_ANSWER];
};

/** struct input - the bytes that decide. */
struct input {
	const uint8_t *at;
	size_t left;
};

static struct model model;
static struct open_tx open_tx[MODEL_DOMAINS];
static bool watches[MODEL_DOMAINS][MODEL_DOMAINS][MODEL_NODES][NR_TOKENS];
static unsigned int nr_changes;
static char expected[NO_EVENTS][MODEL_ANSWER];
static unsigned int nr_expected;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static uint8_t next(struct input *in)
{
	if (in->left == 0) {
		return 0;
	}
	in->left--;
	return *in->at++;
}

static struct model_request read_request(struct input *in)
{
	uint8_t a = next(in), b = next(in), c = next(in);
	struct model_request r = { .op = a % MODEL_OPS,
				   .client = a / 16 % 2,
				   .domain = a / 32 % 2,
				   .node = b % MODEL_NODES,
				   .nr_perms = (uint8_t)(1 + c % 2) };

	memset(r.value, 'v', c % (MODEL_VALUE + 1));
	r.perms[0] =
		(struct model_perm){ (uint8_t)(1 + (b / 16 + r.domain) % 2), "nrwb"[c / 4 % 4] };
	r.perms[1] = (struct model_perm){ (uint8_t)(2 - r.domain), "nrwb"[c / 16 % 4] };
	return r;
}

/* The store lists children as they came, the model by name. */
static void sort_names(enum model_op op, char *answer)
{
	if (op == MODEL_DIRECTORY && strcmp(answer, "b|a|") == 0) {
		strcpy(answer, "a|b|");
	}
}

static void ask(const struct model_request *r, uint32_t tx, char *answer)
{
	char text[128];
	uint32_t type = model_text(r, text);
	const char *said = sw_say(r->client, type, tx, text);

	must(strlen(said) < MODEL_ANSWER);
	strcpy(answer, said);
	sort_names(r->op, answer);
}

static void forget_events(void)
{
	for (unsigned int c = 0; c < MODEL_DOMAINS; c++) {
		while (sw_event(c) != NULL) {
		}
	}
}

/* Something at @node changed: those watches of @client that must hear of it. */
static void expect_events(unsigned int client, unsigned int domain, unsigned int node, bool is_part)
{
	char path[48];

	model_path(domain, node, path);
	for (unsigned int at = 0; at <= node; at++) {
		bool hears = is_part ? at == node : model_is_under(node, at);

		for (unsigned int t = 0; hears && t < NR_TOKENS; t++) {
			if (watches[client][domain][at][t]) {
				must(nr_expected < NO_EVENTS);
				(void)snprintf(expected[nr_expected++], MODEL_ANSWER, "%s|%u", path,
					       t);
			}
		}
	}
}

static void take_events(unsigned int client)
{
	const char *event;

	while ((event = sw_event(client)) != NULL) {
		unsigned int i = 0;

		while (i < nr_expected && strcmp(expected[i], event) != 0) {
			i++;
		}
		must(i < nr_expected); /* nobody should have heard this */
		memmove(expected[i], expected[nr_expected - 1], MODEL_ANSWER);
		nr_expected--;
	}
	must(nr_expected == 0); /* somebody should have heard this */
}

static bool is_change(const struct model_request *r, const struct model *before)
{
	bool was_there = before->node[r->domain][r->node].is_there;

	return r->op == MODEL_WRITE || r->op == MODEL_SET_PERMS ||
	       (r->op == MODEL_MKDIR && !was_there) || (r->op == MODEL_RM && was_there);
}

static void check_events(const struct model_request *r, const struct model *before)
{
	for (unsigned int c = 0; c < MODEL_DOMAINS; c++) {
		nr_expected = 0;
		for (unsigned int n = r->node; n < MODEL_NODES; n++) {
			bool is_part = n != r->node;
			bool was_there = before->node[r->domain][n].is_there;

			if (is_part &&
			    (r->op != MODEL_RM || !was_there || !model_is_under(n, r->node))) {
				continue;
			}
			if ((was_there && model_may_hear(before, c, r->domain, n)) ||
			    (r->op != MODEL_RM && model_may_hear(&model, c, r->domain, n))) {
				expect_events(c, r->domain, n, is_part);
			}
		}
		take_events(c);
	}
}

static void do_plain(const struct model_request *r)
{
	char want[MODEL_ANSWER], got[MODEL_ANSWER];
	struct model before = model;

	forget_events();
	model_do(&model, r, want);
	ask(r, 0, got);
	must(strcmp(want, got) == 0);
	if (strcmp(want, "OK|") == 0 && is_change(r, &before)) {
		nr_changes++;
		check_events(r, &before);
	} else {
		nr_expected = 0;
		take_events(0);
		take_events(1);
	}
}

static void do_in_tx(const struct model_request *r)
{
	struct open_tx *tx = &open_tx[r->client];

	if (tx->id != 0 && tx->n < MAX_LOG) {
		tx->asked[tx->n] = *r;
		ask(r, tx->id, tx->answer[tx->n]);
		tx->n++;
	}
}

static void do_start(unsigned int c)
{
	unsigned int id;

	if (open_tx[c].id == 0) {
		must(sscanf(sw_say(c, XS_TRANSACTION_START, 0, "|"), "%u|", &id) == 1);
		open_tx[c] = (struct open_tx){ .id = id, .start = nr_changes };
	}
}

/*
 * One request of a transaction that was committed, again. What it was refused because of permissions does not bind it;
 * removing what is not there changes nothing, whatever it says of the parent.
 */
static void again(const struct model_request *r, const char *had)
{
	char answer[MODEL_ANSWER];
	bool is_there = model.node[r->domain][r->node].is_there;

	if (strcmp(had, "!EACCES|") == 0 || (r->op == MODEL_RM && !is_there)) {
		return;
	}
	if (had[0] == '!') {
		struct model untouched = model;

		model_do(&untouched, r, answer);
		must(answer[0] == '!' || r->op == MODEL_RM);
		return;
	}
	model_do(&model, r, answer);
	must(strcmp(answer, had) == 0);
}

static void do_end(unsigned int c, bool is_commit)
{
	struct open_tx *tx = &open_tx[c];
	const char *said;

	if (tx->id == 0) {
		return;
	}
	said = sw_say(c, XS_TRANSACTION_END, tx->id, is_commit ? "T|" : "F|");
	if (strcmp(said, "!EAGAIN|") == 0) {
		must(is_commit && nr_changes != tx->start);
	} else {
		must(strcmp(said, "OK|") == 0);
		for (unsigned int i = 0; is_commit && i < tx->n; i++) {
			again(&tx->asked[i], tx->answer[i]);
		}
		nr_changes += is_commit ? 1 : 0;
	}
	tx->id = 0;
	forget_events();
}

static void do_watch(const struct model_request *r, unsigned int token, bool is_on)
{
	bool *w = &watches[r->client][r->domain][r->node][token];
	char path[48], text[64];
	const char *event;

	forget_events();
	model_path(r->domain, r->node, path);
	(void)snprintf(text, sizeof(text), "%s|%u|", path, token);
	if (is_on) {
		must(strcmp(sw_say(r->client, XS_WATCH, 0, text), *w ? "!EEXIST|" : "OK|") == 0);
		event = sw_event(r->client);
		text[strlen(text) - 1] = '\0';
		must(*w ? event == NULL : event != NULL && strcmp(event, text) == 0);
	} else {
		must(strcmp(sw_say(r->client, XS_UNWATCH, 0, text), *w ? "OK|" : "!ENOENT|") == 0);
	}
	*w = is_on;
}

/* Any bytes into the liar's page, of which it then says that they are requests. */
static void do_lie(struct input *in)
{
	uint8_t how = next(in), n = next(in) % 24;
	struct xenstore_domain_interface *r = &sw_ring[LIAR];

	for (uint8_t i = 0; i < n && in->left > 0; i++) {
		r->req[MASK_XENSTORE_IDX(r->req_prod + i)] = (char)next(in);
	}
	r->req_prod += (how & 1) != 0 ? n : (uint32_t)how << 24;
	if ((how & 2) != 0) {
		((uint32_t *)(void *)&r->req_cons)[how / 4 % 7] = (uint32_t)n << (how / 32 * 4);
	}
	if ((how & 64) != 0) {
		r->rsp_cons = r->rsp_prod;
	}
	r->connection = how >= 200 ? XENSTORE_RECONNECT : r->connection;
	sw_run();
}

/* An honest header over any payload. */
static void do_odd_request(struct input *in)
{
	struct xenstore_domain_interface *r = &sw_ring[LIAR];
	uint32_t len = next(in) % 48;
	struct xsd_sockmsg head = { .type = next(in) % 26u, .tx_id = next(in) % 4u, .len = len };

	r->req_prod = 0; /* what a domain that has just started has asked is answered */
	r->connection = XENSTORE_RECONNECT;
	sw_run();
	for (size_t i = 0; i < sizeof(head); i++) {
		r->req[i] = ((const char *)&head)[i];
	}
	for (uint32_t i = 0; i < len; i++) {
		r->req[sizeof(head) + i] = (char)next(in);
	}
	r->req_prod = (uint32_t)sizeof(head) + len;
	sw_run();
	must(r->req_cons == r->req_prod && r->rsp_prod >= sizeof(head) && r->error == 0);
}

static void step(struct input *in)
{
	uint8_t what = next(in);
	struct model_request r;

	switch (what % 16) {
	case 0:
		do_lie(in);
		return;
	case 1:
		do_odd_request(in);
		return;
	case 2:
	case 3:
		do_start(what / 16 % 2);
		return;
	case 4:
		do_end(what / 16 % 2, what < 224);
		return;
	case 15:
		sw_end_in(1u + next(in), what / 16 % 4 * 16u);
		return;
	default:
		break;
	}
	r = read_request(in);
	if (what % 16 < 7) {
		do_watch(&r, what / 16 % 2, what % 16 == 5);
	} else if (what % 16 < 11) {
		do_in_tx(&r);
	} else {
		do_plain(&r);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	sw_liar = LIAR;
	sw_setup(NULL);
	model_init(&model);
	memset(open_tx, 0, sizeof(open_tx));
	memset(watches, 0, sizeof(watches));
	nr_changes = 0;
	for (unsigned int i = 0; i < MAX_STEPS && in.left > 0; i++) {
		step(&in);
	}
	sw_check();
	must(strcmp(sw_say(WITNESS, XS_READ, 0, "name|"), "four") == 0);
	store_release(&sw, &sw.clients[0]);
	store_release(&sw, &sw.clients[LIAR]);
	sw_check();
	return 0;
}
