// SPDX-License-Identifier: Apache-2.0
/* See record.h. Nothing here asks the firmware. */
#include "record.h"

#include <string.h>

#include "../../../rootfs/backends/io/crc32.h"

#define COUNTER_AT sizeof(uint32_t)
#define TEXT_AT	   (COUNTER_AT + 1)
#define MAX_DIGITS 9U
#define FIRST	   "slot"
#define ON	   "upgrade_available"
#define STARTS	   "bootcount"

char record_other(char slot)
{
	return slot == 'b' ? 'a' : 'b';
}

static uint32_t checksum(const uint8_t *copy, size_t bytes)
{
	return ~crc32_add(UINT32_MAX, copy + TEXT_AT, bytes - TEXT_AT);
}

/* Its text has an end, two zeros: all that walks along it relies on that. */
static bool is_whole(const uint8_t *copy, size_t bytes)
{
	uint32_t stored;

	memcpy(&stored, copy, sizeof(stored));
	if (stored != checksum(copy, bytes)) {
		return false;
	}
	for (size_t i = TEXT_AT; i + 1 < bytes; i++) {
		if (copy[i] == 0 && copy[i + 1] == 0) {
			return true;
		}
	}
	return false;
}

/* The counter goes round from 255 to 0. */
static bool is_newer(const uint8_t *copy, const uint8_t *than)
{
	uint8_t a = copy[COUNTER_AT], b = than[COUNTER_AT];

	if ((a == 0 && b == UINT8_MAX) || (a == UINT8_MAX && b == 0)) {
		return a == 0;
	}
	return a > b;
}

/* "name=" begins a variable. Return: its value, or NULL. */
static const char *value_of(const char *variable, const char *name)
{
	size_t len = strlen(name);

	return strncmp(variable, name, len) == 0 && variable[len] == '=' ? variable + len + 1
									 : NULL;
}

static const char *find(const uint8_t *copy, const char *name)
{
	const char *at = (const char *)copy + TEXT_AT;

	for (; *at != '\0'; at += strlen(at) + 1) {
		const char *value = value_of(at, name);

		if (value != NULL) {
			return value;
		}
	}
	return "";
}

/* What is no number is 0, as for the updater. */
static uint32_t number(const char *text)
{
	size_t len = strlen(text);
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (len > MAX_DIGITS || text[i] < '0' || text[i] > '9') {
			return 0;
		}
		n = n * 10 + (uint32_t)(text[i] - '0');
	}
	return n;
}

int record_read(const uint8_t *const copies[2], size_t bytes, struct record *r)
{
	bool one = is_whole(copies[0], bytes), two = is_whole(copies[1], bytes);
	int newest = one ? 0 : -1;

	if (two && (!one || is_newer(copies[1], copies[0]))) {
		newest = 1;
	}
	*r = (struct record){ .first = 'a' };
	if (newest >= 0) {
		r->first = strcmp(find(copies[newest], FIRST), "b") == 0 ? 'b' : 'a';
		r->is_on_trial = strcmp(find(copies[newest], ON), "1") == 0;
		r->starts = number(find(copies[newest], STARTS));
	}
	return newest;
}

/** struct text - what is being written. */
struct text {
	char *at;
	size_t room;
	bool is_full;
};

static void put(struct text *t, const char *words, size_t len)
{
	if (len > t->room) {
		t->is_full = true;
		return;
	}
	memcpy(t->at, words, len);
	t->at += len;
	t->room -= len;
}

static void put_number(struct text *t, uint32_t n)
{
	char digits[10];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	put(t, digits + at, sizeof(digits) - at);
}

static bool is_ours(const char *variable)
{
	return value_of(variable, FIRST) != NULL || value_of(variable, ON) != NULL ||
	       value_of(variable, STARTS) != NULL;
}

/* The others first, as they are; then ours, each ended by a zero. */
static void put_all(struct text *t, const uint8_t *newest, const struct record *r)
{
	const char *at = (const char *)newest + TEXT_AT;

	for (; *at != '\0'; at += strlen(at) + 1) {
		if (!is_ours(at)) {
			put(t, at, strlen(at) + 1);
		}
	}
	put(t, STARTS "=", sizeof(STARTS));
	put_number(t, r->starts);
	put(t, "", 1);
	put(t, FIRST "=", sizeof(FIRST));
	put(t, &r->first, 1);
	put(t, "", 1);
	put(t, r->is_on_trial ? ON "=1" : ON "=0", sizeof(ON "=1"));
	put(t, "", 1);
}

bool record_make(const uint8_t *newest, uint8_t *out, size_t bytes, const struct record *r)
{
	struct text t = { .at = (char *)out + TEXT_AT, .room = bytes - TEXT_AT };
	uint32_t crc;

	memset(out, 0, bytes);
	put_all(&t, newest, r);
	out[COUNTER_AT] = (uint8_t)(newest[COUNTER_AT] + 1);
	crc = checksum(out, bytes);
	memcpy(out, &crc, sizeof(crc));
	return !t.is_full;
}

bool record_end_trial(struct record *r)
{
	if (!r->is_on_trial) {
		return false;
	}
	*r = (struct record){ .first = record_other(r->first) };
	return true;
}

bool record_begin(struct record *r)
{
	if (r->is_on_trial && r->starts < RECORD_TRIES) {
		r->starts++;
		return true;
	}
	return record_end_trial(r);
}
