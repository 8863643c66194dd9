// SPDX-License-Identifier: Apache-2.0
/*
 * Disks, in words that a user of Xen's xl knows: target as the guest's name of it, mode "w" or "r". The source is a
 * partition of the image, by its name in the GPT or its UUID, or memory of the back end.
 * Spec: Xen docs/man/xl-disk-configuration.5.pod, docs/man/xen-vbd-interface.7.pandoc.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define LABEL	      "PARTLABEL="
#define UUID	      "PARTUUID="
#define RAM	      "RAM="
#define MAX_LABEL     36U /* UTF-16 units of a GPT entry's name */
#define UUID_LEN      36U
#define MAX_RAM_MIB   65536U
#define MAX_PARTITION 15U

#define HASH_DIGITS	 64U
#define MAX_BLOCK_DIGITS 10

/* Linux's numbers: 16 disks of 16 under its block major for Xen, the others in the extended scheme. */
#define XVD_MAJOR    202U
#define XVD_CLASSIC  16U
#define XVD_EXTENDED (1U << 28)

static const char *front_of(const struct plan_reader *r, const struct plan_link *l)
{
	return r->plan->domains[l->front - 1].name;
}

/* Decimal, without a sign, at most @max. */
static bool read_number(const char *s, uint32_t max, uint32_t *value)
{
	*value = 0;
	if (*s == '\0' || *s == '0') {
		return false;
	}
	for (; *s >= '0' && *s <= '9'; s++) {
		*value = *value * 10 + (uint32_t)(*s - '0');
		if (*value > max) {
			return false;
		}
	}
	return *s == '\0';
}

static bool starts_with(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool is_label(const char *s)
{
	size_t len = strlen(s), i;

	for (i = 0; i < len; i++) {
		if (s[i] < ' ' || s[i] > '~') {
			return false;
		}
	}
	return len >= 1 && len <= MAX_LABEL;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_uuid(const char *s)
{
	size_t i;

	for (i = 0; i < UUID_LEN && s[i] != '\0'; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? s[i] != '-' : !is_hex(s[i])) {
			return false;
		}
	}
	return i == UUID_LEN && s[i] == '\0';
}

static bool is_source(struct plan_link *l, const char *s)
{
	if (starts_with(s, RAM)) {
		return read_number(s + strlen(RAM), MAX_RAM_MIB, &l->disk.ram_mib);
	}
	return strcmp(s, PLAN_DISK_SLOT) == 0 ||
	       (starts_with(s, LABEL) && is_label(s + strlen(LABEL))) ||
	       (starts_with(s, UUID) && is_uuid(s + strlen(UUID)));
}

static void report_missing(struct plan_reader *r, const struct plan_link *l, const char *prop,
			   const char *example)
{
	if (fdt_getprop(r->fdt, l->node, prop, NULL) == NULL) {
		plan_error(r, l->node, NULL, "domain \"%s\": %s: %s is missing; write %s = \"%s\"",
			   front_of(r, l), plan_link_what(r, l), prop, prop, example);
	}
}

static void read_source(struct plan_reader *r, struct plan_link *l)
{
	const char *source = plan_string(r, l->node, "source");

	if (source == NULL) {
		report_missing(r, l, "source", LABEL "...");
	} else if (!is_source(l, source)) {
		l->disk.ram_mib = 0;
		plan_error(r, l->node, "source",
			   "domain \"%s\": %s: source \"%s\" is none; write \"" LABEL
			   "<name>\", \"" UUID "<8-4-4-4-12 hex digits>\" or \"" RAM
			   "<MiB, 1 to %u>\"",
			   front_of(r, l), plan_link_what(r, l), source, MAX_RAM_MIB);
	} else {
		l->disk.source = source;
	}
}

/* Xen docs, xen-vbd-interface: "xvd", a letter, and perhaps a partition. Return: 0: it is none. */
static uint32_t number_of(const char *target)
{
	uint32_t disk, part = 0;

	if (!starts_with(target, "xvd") || target[3] < 'a' || target[3] > 'z' ||
	    (target[4] != '\0' && !read_number(target + 4, MAX_PARTITION, &part))) {
		return 0;
	}
	disk = (uint32_t)(target[3] - 'a');
	return disk < XVD_CLASSIC ? XVD_MAJOR << 8 | disk << 4 | part
				  : XVD_EXTENDED | disk << 8 | part;
}

static void read_target(struct plan_reader *r, struct plan_link *l)
{
	const char *target = plan_string(r, l->node, "target");

	if (target == NULL) {
		report_missing(r, l, "target", "xvda");
		return;
	}
	l->number = number_of(target);
	if (l->number == 0) {
		plan_error(
			r, l->node, "target",
			"domain \"%s\": %s: target \"%s\" is none; write \"xvda\" to \"xvdz\", with a partition 1 to %u behind if it is to be one",
			front_of(r, l), plan_link_what(r, l), target, MAX_PARTITION);
	} else {
		l->disk.target = target;
	}
}

/* @n hex digits, all small, as veritysetup writes them; NULL: they are not. Return: what is behind them. */
static const char *after_hex(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!is_hex(s[i]) || (s[i] >= 'A' && s[i] <= 'F')) {
			return NULL;
		}
	}
	return s + n;
}

/* "<data blocks> <root hash> <salt>": SHA-256, blocks of 4 KiB, the superblock right behind the data. */
static bool is_verity(const char *s)
{
	const char *at = s;

	while (*at >= '0' && *at <= '9') {
		at++;
	}
	if (at == s || *s == '0' || at - s > MAX_BLOCK_DIGITS || *at != ' ') {
		return false;
	}
	at = after_hex(at + 1, HASH_DIGITS);
	if (at == NULL || *at != ' ') {
		return false;
	}
	at = after_hex(at + 1, HASH_DIGITS);
	return at != NULL && *at == '\0';
}

static bool is_slot(const struct plan_link *l)
{
	return l->disk.source != NULL && strcmp(l->disk.source, PLAN_DISK_SLOT) == 0;
}

static void check_slot(struct plan_reader *r, const struct plan_link *l)
{
	if (is_slot(l) && !l->disk.is_writable) {
		plan_error(r, l->node, "mode",
			   "domain \"%s\": %s: source \"" PLAN_DISK_SLOT
			   "\" is there to be written to; write mode = \"w\"",
			   front_of(r, l), plan_link_what(r, l));
	}
}

static void read_verity(struct plan_reader *r, struct plan_link *l)
{
	const char *verity = plan_string(r, l->node, PLAN_DISK_VERITY);

	if (verity == NULL) {
		return;
	}
	l->disk.verity = verity;
	if (!is_verity(verity)) {
		l->disk.verity = NULL;
		plan_error(
			r, l->node, PLAN_DISK_VERITY,
			"domain \"%s\": %s: " PLAN_DISK_VERITY
			" \"%s\" is none; write \"<data blocks of 4 KiB> <root hash> <salt>\", both of %u hex digits, as veritysetup says them",
			front_of(r, l), plan_link_what(r, l), verity, HASH_DIGITS);
	}
	if (l->disk.is_writable) {
		plan_error(r, l->node, PLAN_DISK_VERITY,
			   "domain \"%s\": %s: " PLAN_DISK_VERITY
			   " is for a disk that nobody writes; write mode = \"r\", or remove it",
			   front_of(r, l), plan_link_what(r, l));
	}
}

void plan_read_disk(struct plan_reader *r, struct plan_link *l)
{
	const char *mode = plan_string(r, l->node, "mode");

	read_source(r, l);
	read_target(r, l);
	l->disk.is_writable = mode == NULL || strcmp(mode, "w") == 0;
	if (mode != NULL && strcmp(mode, "w") != 0 && strcmp(mode, "r") != 0) {
		plan_error(
			r, l->node, "mode",
			"domain \"%s\": %s: mode is \"%s\"; write \"w\" (read and write) or \"r\" (read only)",
			front_of(r, l), plan_link_what(r, l), mode);
	}
	check_slot(r, l);
	read_verity(r, l);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* UUIDs are the same in large letters and small; labels are not. */
static bool is_same_source(const char *a, const char *b)
{
	if (!starts_with(a, UUID) || !starts_with(b, UUID)) {
		return strcmp(a, b) == 0;
	}
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

static void check_pair(struct plan_reader *r, const struct plan_link *l, const struct plan_link *m)
{
	const struct plan_disk *a = &l->disk, *b = &m->disk;

	if (l->front == m->front && l->number != 0 && l->number == m->number) {
		plan_error(r, l->node, "target",
			   "domain \"%s\": %s: target \"%s\" is that of %s already; take another",
			   front_of(r, l), plan_link_what(r, l), a->target, plan_link_what(r, m));
	}
	if (a->source == NULL || b->source == NULL || a->ram_mib != 0 || is_slot(l) ||
	    l->back != m->back || !is_same_source(a->source, b->source) ||
	    !(a->is_writable || b->is_writable)) {
		return;
	}
	plan_error(
		r, l->node, "source",
		"domain \"%s\": %s: \"%s\" is also a disk of \"%s\", and %s writes to it; give each its own, or both mode = \"r\"",
		front_of(r, l), plan_link_what(r, l), a->source, front_of(r, m),
		a->is_writable && b->is_writable ? "each" : "one");
}

void plan_check_disks(struct plan_reader *r)
{
	const struct plan *p = r->plan;
	uint32_t i, j;

	for (i = 0; i < p->nr_links; i++) {
		for (j = 0; j < i; j++) {
			if (p->links[i].kind == PLAN_LINK_DISK &&
			    p->links[j].kind == PLAN_LINK_DISK) {
				check_pair(r, &p->links[i], &p->links[j]);
			}
		}
	}
}
