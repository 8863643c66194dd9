// SPDX-License-Identifier: Apache-2.0
/*
 * The disks of a plan against the partitions of the board's image: whether those are there, and whether two names
 * mean the same one. Only where the image is served, that is by the io domain: what another back end's disks hold,
 * nobody here knows.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ashlar.h"

#define MAX_PARTITIONS 64

struct partition {
	const char *label;
	const char *uuid;
};

static const char *after(const char *text, const char *with)
{
	size_t len = strlen(with);

	return text != NULL && strncmp(text, with, len) == 0 ? text + len : NULL;
}

/* "label uuid" on each line, which is taken apart. Return: how many. */
static size_t read_partitions(struct file *f, struct partition *p)
{
	size_t n = 0;
	char *at = NULL, *line = strtok_r((char *)f->data, "\n", &at);

	for (; line != NULL && n < MAX_PARTITIONS; line = strtok_r(NULL, "\n", &at)) {
		char *space = strrchr(line, ' ');

		if (space != NULL) {
			*space = '\0';
			p[n++] = (struct partition){ line, space + 1 };
		}
	}
	return n;
}

static const struct partition *find(const struct plan_disk *d, const struct partition *p, size_t n)
{
	const char *label = after(d->source, "PARTLABEL="), *uuid = after(d->source, "PARTUUID=");
	size_t i;

	for (i = 0; i < n; i++) {
		if ((label != NULL && strcmp(label, p[i].label) == 0) ||
		    (uuid != NULL && strcasecmp(uuid, p[i].uuid) == 0)) {
			return &p[i];
		}
	}
	return NULL;
}

/* A disk of a partition of the image. */
static bool is_of_image(const struct plan *plan, const struct plan_link *l)
{
	return l->kind == PLAN_LINK_DISK && l->back != 0 && l->disk.source != NULL &&
	       l->disk.ram_mib == 0 && strcmp(l->disk.source, PLAN_DISK_SLOT) != 0 &&
	       plan->domains[l->back - 1].pv.is_io;
}

static void report_unknown(struct findings *f, const struct plan *plan, const struct plan_link *l,
			   const struct partition *p, size_t n)
{
	const char *names[MAX_PARTITIONS + 1] = { NULL };
	const char *label = after(l->disk.source, "PARTLABEL="), *near;
	size_t i;

	for (i = 0; i < n; i++) {
		names[i] = p[i].label;
	}
	near = label != NULL ? plan_nearest(label, names) : NULL;
	if (near != NULL) {
		finding(f, l->node, "source",
			"domain \"%s\": the image has no partition \"%s\"; did you mean \"PARTLABEL=%s\"?",
			plan->domains[l->front - 1].name, l->disk.source, near);
	} else {
		finding(f, l->node, "source",
			"domain \"%s\": the image has no partition \"%s\"; the board's image.cfg makes them: add one there, or name another",
			plan->domains[l->front - 1].name, l->disk.source);
	}
}

/* The same partition by its label and by its UUID; the plan's reader has found those of the same words. */
static void check_alias(struct findings *f, const struct plan *plan, const struct plan_link *l,
			const struct plan_link *m)
{
	bool are_alike = (after(l->disk.source, "PARTLABEL=") != NULL) ==
			 (after(m->disk.source, "PARTLABEL=") != NULL);

	if (!are_alike && (l->disk.is_writable || m->disk.is_writable)) {
		finding(f, l->node, "source",
			"domain \"%s\": \"%s\" is \"%s\", a disk of \"%s\" too, and %s writes to it; give each its own, or both mode = \"r\"",
			plan->domains[l->front - 1].name, l->disk.source, m->disk.source,
			plan->domains[m->front - 1].name,
			l->disk.is_writable && m->disk.is_writable ? "each" : "one");
	}
}

void partitions_check(const struct plan *plan, const char *path, struct findings *f)
{
	struct file file = file_read(path, "list of partitions");
	struct partition p[MAX_PARTITIONS];
	size_t n = read_partitions(&file, p);
	uint32_t i, j;

	for (i = 0; i < plan->nr_links; i++) {
		const struct plan_link *l = &plan->links[i];
		const struct partition *is = is_of_image(plan, l) ? find(&l->disk, p, n) : NULL;

		if (is == NULL && is_of_image(plan, l)) {
			report_unknown(f, plan, l, p, n);
		}
		for (j = 0; is != NULL && j < i; j++) {
			const struct plan_link *m = &plan->links[j];

			if (is_of_image(plan, m) && find(&m->disk, p, n) == is) {
				check_alias(f, plan, l, m);
			}
		}
	}
	file_free(&file);
}
