// SPDX-License-Identifier: Apache-2.0
/*
 * A domain of ours from an xl.cfg. xl's guest has a xenstore and a PV console always; both follow the image: without
 * the domain `store` there is the console alone.
 * Spec: Xen docs/man/xl.cfg.5.pod.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../hypervisor/domain/plan_reader.h"
#include "xl.h"

#define RESTARTS "ashlar,restart-limit = <5 60>;"

struct xl {
	struct import *im;
	struct xl_config config;
	struct import_domain *domain;
	uint32_t nr_vcpus;
	bool restarts;
};

/* Its one value. NULL, reported: it is a list. NULL: it is not set. */
static const char *text_of(struct xl *x, const char *name, unsigned int *line)
{
	const struct xl_setting *s = xl_find(&x->config, name);

	*line = s != NULL ? s->line : 1;
	if (s == NULL) {
		return NULL;
	}
	if (s->is_list) {
		import_error(x->im, s->line, "%s: it has one value, not a list", name);
		return NULL;
	}
	return s->items[0].text;
}

/* Return: false, and @value as it was: it is not set, or, reported, no such number. */
static bool number_of(struct xl *x, const char *name, uint64_t min, uint64_t max, uint64_t *value)
{
	unsigned int line;
	const char *text = text_of(x, name, &line);
	uint64_t number;

	if (text == NULL) {
		return false;
	}
	if (import_number(text, &number) && number >= min && number <= max) {
		*value = number;
		return true;
	}
	import_error(x->im, line, "%s: \"%s\"; possible are %lu to %lu", name, text, min, max);
	return false;
}

static unsigned int line_of(const struct xl *x, const char *name)
{
	const struct xl_setting *s = xl_find(&x->config, name);

	return s != NULL ? s->line : 1;
}

static void take_memory(struct xl *x)
{
	uint64_t mib = 0, max = 0;
	bool has = number_of(x, "memory", 1, IMPORT_MIB_MAX, &mib);
	bool has_max = number_of(x, "maxmem", 1, IMPORT_MIB_MAX, &max);

	if (!has && !has_max) {
		if (xl_find(&x->config, "memory") == NULL) {
			import_error(x->im, x->domain->line,
				     "memory is missing; write memory = <MiB>");
		}
		return;
	}
	if (has && has_max && max != mib) {
		import_note(
			x->im, line_of(x, "maxmem"),
			"maxmem: no counterpart here: the domain has its %lu MiB of memory, set aside when the image is built, and never more",
			mib);
	}
	import_line(x->domain, "memory = <0 %lu>; /* KiB */", (has ? mib : max) * 1024);
}

static void take_vcpus(struct xl *x)
{
	uint64_t n = 1, max;

	number_of(x, "vcpus", 1, PLAN_MAX_VCPUS, &n);
	if (number_of(x, "maxvcpus", 1, 4096, &max) && max > n) {
		import_note(
			x->im, line_of(x, "maxvcpus"),
			"maxvcpus: no counterpart here: the domain has its %lu vCPU%s, and never more",
			n, n == 1 ? "" : "s");
	}
	x->nr_vcpus = (uint32_t)n;
	import_line(x->domain, "cpus = <%lu>;", n);
}

/* ---- which CPUs ---- */

/* "0-3,5,^1" into bits. Return: false: it says more than that. */
static bool parse_cpus(const char *s, uint32_t *bits)
{
	*bits = 0;
	while (*s != '\0') {
		bool without = *s == '^';
		char *end;
		unsigned long from, to;

		s += without;
		if (*s < '0' || *s > '9') {
			return false;
		}
		from = to = strtoul(s, &end, 10);
		if (*end == '-' && end[1] >= '0' && end[1] <= '9') {
			to = strtoul(end + 1, &end, 10);
		}
		if (to >= PLAN_MAX_CPUS || from > to || (*end != ',' && *end != '\0')) {
			return false;
		}
		for (; from <= to; from++) {
			*bits = without ? *bits & ~(1U << from) : *bits | 1U << from;
		}
		s = end + (*end == ',');
	}
	return *bits != 0;
}

/* The @n-th of @bits, counted round and round. */
static unsigned int cpu_of(uint32_t bits, uint32_t n)
{
	unsigned int cpu;

	n %= (uint32_t)__builtin_popcount(bits);
	for (cpu = 0; (bits >> cpu & 1) == 0 || n > 0; cpu++) {
		n -= bits >> cpu & 1;
	}
	return cpu;
}

static void put_cpus(struct xl *x, const uint32_t *sets, bool is_one_set)
{
	char *text = xstrdup(""), *more;
	uint32_t v;

	for (v = 0; v < x->nr_vcpus; v++) {
		more = xasprintf("%s%s%u", text, v > 0 ? " " : "",
				 cpu_of(sets[v], is_one_set ? v : 0));
		free(text);
		text = more;
	}
	import_line(x->domain, "ashlar,cpus = <%s>;", text);
	free(text);
}

static bool is_all(const struct xl_setting *s)
{
	size_t i;

	for (i = 0; i < s->nr_items && strcmp(s->items[i].text, "all") == 0; i++) {
	}
	return i == s->nr_items;
}

static void take_cpus(struct xl *x)
{
	const struct xl_setting *s = xl_find(&x->config, "cpus");
	uint32_t sets[PLAN_MAX_VCPUS], v;
	bool is_exact = true;

	if (s == NULL || is_all(s)) {
		return;
	}
	for (v = 0; v < x->nr_vcpus; v++) {
		const struct xl_item *item = &s->items[MIN((size_t)v, s->nr_items - 1)];

		if (!parse_cpus(item->text, &sets[v])) {
			import_note(
				x->im, item->line,
				"cpus \"%s\": no counterpart here: a vCPU has one CPU, of 0 to %u; write ashlar,cpus = <cpu ...>",
				item->text, PLAN_MAX_CPUS - 1);
			return;
		}
		is_exact &= __builtin_popcount(sets[v]) == 1;
	}
	put_cpus(x, sets, s->nr_items == 1);
	if (!is_exact) {
		import_note(x->im, s->line,
			    "cpus: each vCPU stays on one CPU of these: see ashlar,cpus");
	}
}

static void take_numbers(struct xl *x)
{
	uint64_t n;

	if (number_of(x, "cpu_weight", 1, PLAN_MAX_WEIGHT, &n)) {
		import_line(x->domain, "#ifdef CONFIG_SHARE_CPUS");
		import_line(x->domain, "ashlar,weight = <%lu>;", n);
		import_line(x->domain, "#endif");
	}
	if (number_of(x, "max_grant_frames", 1, PLAN_MAX_FRAMES, &n)) {
		import_line(x->domain, "max_grant_frames = <%lu>;", n);
	}
	if (number_of(x, "max_maptrack_frames", 1, UINT32_MAX, &n)) {
		if (n > PLAN_MAX_FRAMES) {
			import_note(x->im, line_of(x, "max_maptrack_frames"),
				    "max_maptrack_frames: %u here, the most that is possible",
				    PLAN_MAX_FRAMES);
		}
		import_line(x->domain, "max_maptrack_frames = <%lu>;", MIN(n, PLAN_MAX_FRAMES));
	}
	if (number_of(x, "max_grant_version", 0, 2, &n)) {
		if (n == 0) {
			import_note(x->im, line_of(x, "max_grant_version"),
				    "max_grant_version: 1 here: there is no domain without grants");
		}
		import_line(x->domain, "#ifdef CONFIG_GNTTAB_V2");
		import_line(x->domain, "max_grant_version = <%lu>;", MAX(n, 1UL));
		import_line(x->domain, "#endif");
	}
}

/* ---- its end ---- */

static const struct {
	const char *xl, *ours, *why;
} actions[] = {
	{ "destroy", "stop", NULL },
	{ "restart", "restart", NULL },
	{ "preserve", "stop", "its memory is not kept to look at" },
	{ "rename-restart", "restart", "what it was is not kept to look at" },
	{ "coredump-destroy", "stop", "its memory is not written to a file" },
	{ "coredump-restart", "restart", "its memory is not written to a file" },
};

static void take_end(struct xl *x, const char *end)
{
	char *name = xasprintf("on_%s", end);
	unsigned int line;
	const char *text = text_of(x, name, &line);
	size_t i;

	for (i = 0; text != NULL && i < ARRAY_SIZE(actions); i++) {
		if (strcmp(text, actions[i].xl) != 0) {
			continue;
		}
		if (actions[i].why != NULL) {
			import_note(x->im, line, "%s = \"%s\": \"%s\" here: %s", name, text,
				    actions[i].ours, actions[i].why);
		}
		x->restarts |= strcmp(actions[i].ours, "restart") == 0;
		import_line(x->domain, "ashlar,on-%s = \"%s\";", end, actions[i].ours);
		break;
	}
	if (i == ARRAY_SIZE(actions) && strcmp(text, "soft-reset") == 0) {
		import_note(x->im, line, "%s = \"soft-reset\": no counterpart here: %s", name,
			    "no guest goes on with another kernel");
	} else if (i == ARRAY_SIZE(actions)) {
		import_error(x->im, line, "%s: \"%s\" is no action of xl's", name, text);
	}
	free(name);
}

static void take_ends(struct xl *x)
{
	take_end(x, "poweroff");
	take_end(x, "reboot");
	take_end(x, "crash");
	take_end(x, "watchdog");
	if (xl_find(&x->config, "on_soft_reset") != NULL) {
		import_note(x->im, line_of(x, "on_soft_reset"),
			    "on_soft_reset: no counterpart here: %s",
			    "no guest goes on with another kernel");
	}
	if (x->restarts) {
		import_note(
			x->im, x->domain->line,
			"ends with \"restart\": xl knows no limit, one must be said here; it is " RESTARTS);
		import_line(x->domain, RESTARTS);
	}
}

/* ---- what it boots ---- */

static char *command_line(struct xl *x)
{
	unsigned int line;
	const char *cmdline = text_of(x, "cmdline", &line), *root = text_of(x, "root", &line),
		   *extra = text_of(x, "extra", &line);

	if (cmdline != NULL) {
		if (root != NULL || extra != NULL) {
			import_note(x->im, line_of(x, root != NULL ? "root" : "extra"),
				    "%s: left out, as xl does where cmdline is set",
				    root != NULL ? "root" : "extra");
		}
		return xstrdup(cmdline);
	}
	if (root == NULL && extra == NULL) {
		return NULL;
	}
	return xasprintf("%s%s%s%s", root != NULL ? "root=" : "", root != NULL ? root : "",
			 root != NULL && extra != NULL ? " " : "", extra != NULL ? extra : "");
}

static void take_images(struct xl *x)
{
	unsigned int line;
	const char *kernel = text_of(x, "kernel", &line);
	char *args = command_line(x);

	if (kernel == NULL && xl_find(&x->config, "kernel") == NULL) {
		import_error(
			x->im, line_of(x, "bootloader"),
			"kernel is missing: nobody looks for one in a guest's disk; write kernel = \"<file>\", and ramdisk if it has one");
	}
	if (args != NULL && strlen(args) > PLAN_MAX_BOOTARGS) {
		import_error(x->im, line_of(x, "kernel"),
			     "the command line has %zu characters, at most %u are possible",
			     strlen(args), PLAN_MAX_BOOTARGS);
	} else if (kernel != NULL) {
		import_image(x->im, x->domain, line, "kernel", kernel, args);
	}
	free(args);
	kernel = text_of(x, "ramdisk", &line);
	if (kernel != NULL) {
		import_image(x->im, x->domain, line, "ramdisk", kernel, NULL);
	}
}

/* ---- what it sees ---- */

static void take_consoles(struct xl *x)
{
	unsigned int line;
	const char *vuart = text_of(x, "vuart", &line);

	if (vuart != NULL && strcmp(vuart, "sbsa_uart") == 0) {
		import_line(x->domain, "vpl011;");
	} else if (vuart != NULL) {
		import_error(x->im, line, "vuart: \"%s\" is none; xl knows \"sbsa_uart\"", vuart);
	}
	import_enhanced(x->domain);
}

static void take_devices(struct xl *x, const char *name,
			 void (*take)(struct import *, struct import_domain *,
				      const struct xl_item *, unsigned int))
{
	const struct xl_setting *s = xl_find(&x->config, name);
	unsigned int i;

	if (s != NULL && !s->is_list) {
		import_error(x->im, s->line, "%s: it is a list; write %s = [ '...' ]", name, name);
		return;
	}
	for (i = 0; s != NULL && i < s->nr_items; i++) {
		take(x->im, x->domain, &s->items[i], i);
	}
}

static void take_type(struct xl *x)
{
	const char *names[] = { "type", "builder" };
	unsigned int line, i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *type = text_of(x, names[i], &line);

		if (type != NULL && strcmp(type, "hvm") == 0) {
			import_note(
				x->im, line,
				"%s = \"hvm\": no counterpart here: no computer is emulated; the guest needs a kernel for Xen's Arm guests (or PVH on a PC)",
				names[i]);
		}
	}
}

/* ---- all the rest ---- */

static const char *const taken[] = {
	"name",
	"memory",
	"maxmem",
	"vcpus",
	"maxvcpus",
	"cpus",
	"cpu_weight",
	"max_grant_frames",
	"max_maptrack_frames",
	"max_grant_version",
	"on_poweroff",
	"on_reboot",
	"on_crash",
	"on_watchdog",
	"on_soft_reset",
	"kernel",
	"ramdisk",
	"cmdline",
	"root",
	"extra",
	"vuart",
	"disk",
	"vif",
	"type",
	NULL,
};

static bool is_taken(const char *name)
{
	size_t i;

	for (i = 0; taken[i] != NULL && strcmp(taken[i], name) != 0; i++) {
	}
	return taken[i] != NULL;
}

/* Switched off, or an empty list: nothing is missed. */
static bool is_nothing(const struct xl_setting *s)
{
	return s->nr_items == 0 ||
	       (!s->is_list && (s->items[0].text[0] == '\0' || strcmp(s->items[0].text, "0") == 0));
}

static void tell_rest(struct xl *x)
{
	size_t i;

	for (i = 0; i < x->config.count; i++) {
		const struct xl_setting *s = &x->config.settings[i];
		const struct xl_reason *r = xl_reason(s->name);
		const char *near = plan_nearest(s->name, taken);

		if (is_taken(s->name) || (r != NULL && (r->why == NULL || is_nothing(s)))) {
			continue;
		}
		if (r != NULL) {
			import_note(x->im, s->line, "%s: no counterpart here: %s", s->name, r->why);
		} else {
			import_note(x->im, s->line,
				    "%s: no counterpart here: it is no setting that is known%s%s%s",
				    s->name, near != NULL ? "; did you mean " : "",
				    near != NULL ? near : "", near != NULL ? "?" : "");
		}
	}
}

static void take_all(struct xl *x)
{
	take_type(x);
	take_memory(x);
	take_vcpus(x);
	take_cpus(x);
	take_numbers(x);
	take_consoles(x);
	take_ends(x);
	take_images(x);
	take_devices(x, "disk", xl_disk);
	take_devices(x, "vif", xl_net);
	tell_rest(x);
}

void import_xl(struct import *im, const char *text)
{
	struct xl x = { .im = im };
	unsigned int line = 1;
	const char *name;

	xl_read(im, text, &x.config);
	name = im->errors == 0 ? text_of(&x, "name", &line) : NULL;
	if (name == NULL && im->errors == 0) {
		import_error(im, 1, "name is missing; write name = \"<name>\"");
	}
	x.domain = name != NULL ? import_domain(im, name, line) : NULL;
	if (x.domain != NULL) {
		take_all(&x);
	}
	xl_free(&x.config);
}
