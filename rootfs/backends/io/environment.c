// SPDX-License-Identifier: Apache-2.0
/* See environment.h. What is written is made of what was read: nothing of it comes from a front end. */
#include "environment.h"

#include "block.h"
#include "crc32.h"
#include "text.h"

#include <string.h>

#define CHUNK	4096u
#define HEAD	5u	    /* checksum and counter */
#define KEPT	(4 * CHUNK) /* U-Boot writes all its variables, the boot command too */
#define TEXT	(KEPT - HEAD)
#define SECTORS (CHUNK / SECTOR)
#define ON	"upgrade_available"
#define COUNT	"bootcount"

/** struct copy - one of the two. */
struct copy {
	bool is_good;
	uint8_t raw[KEPT];
};

static uint32_t place[2], bytes;
static struct copy copies[2];
static uint32_t newer; /* of the two */
static uint8_t chunk[CHUNK] __attribute__((aligned(64)));
static uint8_t made[KEPT] __attribute__((aligned(64)));

void environment_place(uint32_t first, uint32_t second, uint32_t size)
{
	place[0] = first;
	place[1] = second;
	bytes = size;
}

static bool read_chunk(uint32_t at)
{
	for (uint32_t i = 0; i < SECTORS; i++) {
		if (!block_read(at / SECTOR + i, chunk + (size_t)i * SECTOR)) {
			return false;
		}
	}
	return true;
}

static const char *text_of(const struct copy *c)
{
	return (const char *)c->raw + HEAD;
}

static uint8_t counter_of(const struct copy *c)
{
	return c->raw[HEAD - 1];
}

/* All variables lie in what is kept, or it is not understood. */
static bool has_end(const struct copy *c)
{
	for (size_t i = HEAD; i + 1 < KEPT; i++) {
		if (c->raw[i] == '\0' && c->raw[i + 1] == '\0') {
			return true;
		}
	}
	return false;
}

static void read_copy(uint32_t n)
{
	struct copy *c = &copies[n];
	uint32_t crc = UINT32_MAX, stored;

	c->is_good = false;
	for (uint32_t at = 0; at < bytes; at += CHUNK) {
		if (!read_chunk(place[n] + at)) {
			return;
		}
		if (at < KEPT) {
			memcpy(c->raw + at, chunk, CHUNK);
		}
		crc = crc32_add(crc, chunk + (at == 0 ? HEAD : 0), CHUNK - (at == 0 ? HEAD : 0));
	}
	memcpy(&stored, c->raw, sizeof(stored));
	c->is_good = ~crc == stored && has_end(c);
}

/* The counter goes round from 255 to 0. */
static bool is_second_newer(void)
{
	const struct copy *a = &copies[0], *b = &copies[1];

	if (!a->is_good || !b->is_good) {
		return b->is_good;
	}
	if ((counter_of(a) == 0 && counter_of(b) == 255) ||
	    (counter_of(a) == 255 && counter_of(b) == 0)) {
		return counter_of(b) == 0;
	}
	return counter_of(b) > counter_of(a);
}

/* "name=" at the begin of a variable. Return: its value, or NULL. */
static const char *value_of(const char *variable, const char *name)
{
	const char *rest = text_starts(variable, name);

	return rest != NULL && *rest == '=' ? rest + 1 : NULL;
}

static const char *find(const char *name)
{
	const char *at = text_of(&copies[newer]);

	for (; *at != '\0'; at += strlen(at) + 1) {
		const char *value = value_of(at, name);

		if (value != NULL) {
			return value;
		}
	}
	return "";
}

/* As u-boot.cmd reads it: what is not b is a. */
bool environment_read(char *slot, uint32_t *boot, bool *is_on_trial)
{
	if (bytes < KEPT || bytes % CHUNK != 0) {
		return false;
	}
	read_copy(0);
	read_copy(1);
	newer = is_second_newer() ? 1 : 0;
	if (!copies[newer].is_good) {
		return false;
	}
	*slot = strcmp(find("slot"), "b") == 0 ? 'b' : 'a';
	*is_on_trial = strcmp(find(ON), "1") == 0;
	if (!text_number(find(COUNT), boot)) {
		*boot = 0;
	}
	return true;
}

/* Into @out, of TEXT bytes. Return: false: they do not fit. */
static bool make_text(char *out)
{
	static const char last[] = COUNT "=0\0" ON "=0\0"; /* and one 0 more */
	size_t used = 0;

	for (const char *at = text_of(&copies[newer]); *at != '\0'; at += strlen(at) + 1) {
		size_t len = strlen(at) + 1;

		if (value_of(at, ON) != NULL || value_of(at, COUNT) != NULL) {
			continue;
		}
		if (used + len + sizeof(last) > TEXT) {
			return false;
		}
		memcpy(out + used, at, len);
		used += len;
	}
	memcpy(out + used, last, sizeof(last));
	return true;
}

static uint32_t checksum(void)
{
	static const uint8_t zeros[64];
	uint32_t crc = crc32_add(UINT32_MAX, made + HEAD, TEXT);

	for (uint32_t at = KEPT; at < bytes; at += sizeof(zeros)) {
		crc = crc32_add(crc, zeros, sizeof(zeros));
	}
	return ~crc;
}

/* The rest before what has the checksum. */
static bool write_copy(uint32_t n)
{
	static uint8_t zeros[CHUNK] __attribute__((aligned(64)));

	for (uint32_t at = bytes; at > 0; at -= CHUNK) {
		uint32_t from = at - CHUNK;

		if (!block_write((place[n] + from) / SECTOR, SECTORS,
				 from < KEPT ? made + from : zeros)) {
			return false;
		}
	}
	return block_flush();
}

bool environment_end_trial(void)
{
	uint32_t crc;

	memset(made, 0, sizeof(made));
	if (!copies[newer].is_good || !make_text((char *)made + HEAD)) {
		return false;
	}
	crc = checksum();
	memcpy(made, &crc, sizeof(crc));
	made[HEAD - 1] = (uint8_t)(counter_of(&copies[newer]) + 1);
	return write_copy(1 - newer);
}
