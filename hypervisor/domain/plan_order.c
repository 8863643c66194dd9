// SPDX-License-Identifier: Apache-2.0
/*
 * The order in which domains start and stop: ashlar,start-after, what "ready" means for a domain (ashlar,ready and
 * its companions), and how it is asked to end (ashlar,stop-text).
 *
 * A domain starts after those that serve it, too. One that waits for a domain which waits for it would never start, so
 * that is an error, found here.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define AFTER		 "ashlar,start-after"
#define READY		 "ashlar,ready"
#define READY_TEXT	 "ashlar,ready-text"
#define READY_AFTER_MS	 "ashlar,ready-after-ms"
#define STOP_TEXT	 "ashlar,stop-text"
#define STOP_WITHIN_MS	 "ashlar,stop-within-ms"
#define MAX_MS		 (3600U * 1000)
#define DEFAULT_STOP_MS	 10000U
#define PATH_BYTES	 (PLAN_MSG_LEN / 2)
#define ALL_READY_VALUES "\"started\", \"delay\", \"watchdog\", \"event\" or \"console\""

/* In the order of enum plan_ready; the list ends as plan_nearest() wants it. */
static const char *const ready_values[] = {
	"started", "delay", "watchdog", "event", "console", NULL
};

static bool read_ms(struct plan_reader *r, const struct plan_domain *d, int node, const char *prop,
		    uint32_t *ms)
{
	if (!plan_u32(r, node, prop, ms)) {
		return false;
	}
	if (*ms == 0 || *ms > MAX_MS) {
		plan_error(r, node, prop, "domain \"%s\": %s is %u, possible are 1 to %u", d->name,
			   prop, *ms, MAX_MS);
		*ms = 0;
	}
	return true;
}

/* What goes over the console: it can be typed, and has an end. */
static const char *read_text(struct plan_reader *r, const struct plan_domain *d, int node,
			     const char *prop)
{
	const char *text = plan_string(r, node, prop);
	size_t i, len;

	if (text == NULL) {
		return NULL;
	}
	len = strlen(text);
	if (len > PLAN_MAX_TEXT) {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s has %lu characters, at most %u are possible; shorten it",
			d->name, prop, len, PLAN_MAX_TEXT);
		return NULL;
	}
	for (i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~') {
			plan_error(
				r, node, prop,
				"domain \"%s\": %s has the character 0x%x, only printable ones are possible",
				d->name, prop, (unsigned char)text[i]);
			return NULL;
		}
	}
	return text;
}

/* Return: false: what is said is unknown. */
static bool read_ready_kind(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *what = plan_string(r, node, READY);
	const char *near;
	uint32_t i;

	for (i = 0; what != NULL && ready_values[i] != NULL; i++) {
		if (strcmp(ready_values[i], what) == 0) {
			d->order.ready = (enum plan_ready)i;
			return true;
		}
	}
	near = what != NULL ? plan_nearest(what, ready_values) : NULL;
	if (near != NULL) {
		plan_error(r, node, READY,
			   "domain \"%s\": " READY ": unknown \"%s\"; did you mean \"%s\"?",
			   d->name, what, near);
	} else if (what != NULL) {
		plan_error(r, node, READY,
			   "domain \"%s\": " READY ": unknown \"%s\"; write " ALL_READY_VALUES,
			   d->name, what);
	}
	return what == NULL;
}

/* Each kind of sign has what it needs, and nothing that it would not look at. */
static void check_ready(struct plan_reader *r, const struct plan_domain *d, int node, bool has_text,
			bool has_ms)
{
	enum plan_ready ready = d->order.ready;

	if (ready == PLAN_READY_CONSOLE && !has_text) {
		plan_error(r, node, READY,
			   "domain \"%s\": " READY
			   " = \"console\" needs the text to wait for; write " READY_TEXT
			   " = \"...\"",
			   d->name);
	}
	if (ready != PLAN_READY_CONSOLE && has_text) {
		plan_error(r, node, READY_TEXT,
			   "domain \"%s\": " READY_TEXT " is looked at only with " READY
			   " = \"console\"; write that too",
			   d->name);
	}
	if (ready == PLAN_READY_DELAY && !has_ms) {
		plan_error(r, node, READY,
			   "domain \"%s\": " READY
			   " = \"delay\" needs the time; write " READY_AFTER_MS " = <n>",
			   d->name);
	}
	if (ready == PLAN_READY_STARTED && has_ms) {
		plan_error(r, node, READY_AFTER_MS,
			   "domain \"%s\": " READY_AFTER_MS
			   " means nothing where starting is being ready; write " READY
			   " = \"delay\"",
			   d->name);
	}
	if (ready == PLAN_READY_EVENT && d->nr_evtchns == 0) {
		plan_error(
			r, node, READY,
			"domain \"%s\": " READY
			" = \"event\", but it has no event channel to send on; add an \"xen,evtchn-v1\" node",
			d->name);
	}
}

void plan_read_order(struct plan_reader *r, struct plan_domain *d, int node)
{
	struct plan_order *o = &d->order;
	bool has_text = fdt_getprop(r->fdt, node, READY_TEXT, NULL) != NULL;
	bool is_known = read_ready_kind(r, d, node);
	bool has_ms;

	o->ready_text = read_text(r, d, node, READY_TEXT);
	has_ms = read_ms(r, d, node, READY_AFTER_MS, &o->ready_after_ms);
	if (is_known) {
		check_ready(r, d, node, has_text, has_ms);
	}
	o->stop_text = read_text(r, d, node, STOP_TEXT);
	o->stop_within_ms = DEFAULT_STOP_MS;
	if (read_ms(r, d, node, STOP_WITHIN_MS, &o->stop_within_ms) &&
	    fdt_getprop(r->fdt, node, STOP_TEXT, NULL) == NULL && !d->pv.has_store) {
		plan_error(r, node, STOP_WITHIN_MS,
			   "domain \"%s\": " STOP_WITHIN_MS
			   " waits for nothing; write what to type, " STOP_TEXT
			   " = \"...\", or xen,enhanced",
			   d->name);
	}
}

static void add_after(struct plan_reader *r, struct plan_domain *d, const char *name)
{
	const struct plan_domain *first = plan_find_domain(r->plan, name);

	if (first == NULL) {
		plan_report_no_domain(r, d, d->node, AFTER, name);
	} else if (first == d) {
		plan_error(r, d->node, AFTER, "domain \"%s\": " AFTER " names itself; remove it",
			   d->name);
	} else if ((d->order.after & PLAN_DOMAIN_BIT(first->domid)) != 0) {
		plan_error(r, d->node, AFTER,
			   "domain \"%s\": " AFTER " names \"%s\" twice; remove one", d->name,
			   name);
	} else {
		d->order.after |= PLAN_DOMAIN_BIT(first->domid);
	}
}

static void read_after(struct plan_reader *r, struct plan_domain *d)
{
	int n = fdt_stringlist_count(r->fdt, d->node, AFTER), i;

	if (n == -FDT_ERR_NOTFOUND) {
		return;
	}
	if (n <= 0) {
		plan_error(r, d->node, AFTER,
			   "domain \"%s\": " AFTER " is not a list of names; write " AFTER
			   " = \"...\", \"...\"",
			   d->name);
	}
	for (i = 0; i < n; i++) {
		add_after(r, d, fdt_stringlist_get(r->fdt, d->node, AFTER, i, NULL));
	}
}

/* Take away what can start once those taken away before have: what is left waits for itself, or for such a one. */
static uint32_t never_start(const struct plan *p, uint32_t left)
{
	bool has_changed = true;
	uint32_t i;

	while (has_changed) {
		has_changed = false;
		for (i = 0; i < p->nr_domains; i++) {
			uint32_t bit = PLAN_DOMAIN_BIT(i + 1);

			if ((left & bit) != 0 && (p->domains[i].order.after & left) == 0) {
				left &= ~bit;
				has_changed = true;
			}
		}
	}
	return left;
}

/* What is too long for @path is left away. */
static size_t path_add(char path[PATH_BYTES], size_t len, const char *text)
{
	size_t n = MIN(strlen(text), PATH_BYTES - 1 - len);

	memcpy(path + len, text, n);
	path[len + n] = '\0';
	return len + n;
}

/* Each domain of @left waits for another of @left: from any of them on one comes to a circle, and round it. */
static uint32_t report_circle(struct plan_reader *r, uint32_t left)
{
	const struct plan *p = r->plan;
	uint32_t seen = 0, first = (uint32_t)__builtin_ctz(left), at;
	char path[PATH_BYTES];
	bool is_served = false;
	size_t len;

	while ((seen & PLAN_DOMAIN_BIT(first + 1)) == 0) {
		seen |= PLAN_DOMAIN_BIT(first + 1);
		first = (uint32_t)__builtin_ctz(p->domains[first].order.after & left);
	}
	len = path_add(path, 0, p->domains[first].name);
	seen = 0;
	at = first;
	do {
		uint32_t before = at;

		at = (uint32_t)__builtin_ctz(p->domains[at].order.after & left);
		is_served |= (p->domains[before].pv.backends & PLAN_DOMAIN_BIT(at + 1)) != 0;
		seen |= PLAN_DOMAIN_BIT(at + 1);
		len = path_add(path, len, " after ");
		len = path_add(path, len, p->domains[at].name);
	} while (at != first);
	plan_error(r, p->domains[first].node, AFTER,
		   "domain \"%s\": it would wait for itself: %s; remove one " AFTER "%s",
		   p->domains[first].name, path,
		   is_served ? " or PV device: a domain starts after those that serve it" : "");
	return left & ~seen;
}

void plan_check_order(struct plan_reader *r)
{
	struct plan *p = r->plan;
	uint32_t left, i;

	for (i = 0; i < p->nr_domains; i++) {
		read_after(r, &p->domains[i]);
		p->domains[i].order.after |= p->domains[i].pv.backends;
	}
	left = p->nr_domains == 0 ? 0 : UINT32_MAX >> (PLAN_MAX_DOMAINS - p->nr_domains);
	while ((left = never_start(p, left)) != 0) {
		left = report_circle(r, left);
	}
}
