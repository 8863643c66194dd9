// SPDX-License-Identifier: Apache-2.0
/* Requirement: confirmed-slot */
/* See slot.h. */
#include "slot.h"

#include "environment.h"
#include "platform.h"
#include "text.h"

#include <string.h>

#define WORDS 64u

static uint8_t sectors[SLOT_DISKS][SECTOR] __attribute__((aligned(4096)));
static bool has_said[SLOT_DISKS];
static uint32_t nr_disks;
static bool is_read, is_known, is_on_trial, is_due;
static char slot[2]; /* its letter */
static uint32_t boot;

_Static_assert(sizeof(sectors) <= 4096, "each lies within a page");

void slot_reset(void)
{
	memset(has_said, 0, sizeof(has_said));
	nr_disks = 0;
	is_read = is_known = is_on_trial = is_due = false;
}

/* "slot b boot 1", into WORDS bytes. Return: its length. */
static size_t name_trial(char *out)
{
	char *at = out + text_put(out, "slot ");

	at += text_put(at, slot);
	at += text_put(at, " boot ");
	at += text_put_number(at, boot);
	return (size_t)(at - out);
}

/* What front ends read. */
static void show(void)
{
	char words[WORDS];
	size_t len = name_trial(words);

	if (!is_on_trial) {
		len = sizeof("slot b") - 1;
		len += text_put(words + len, " confirmed");
	}
	words[len++] = '\n';
	for (uint32_t i = 0; i < nr_disks; i++) {
		memset(sectors[i], 0, SECTOR);
		memcpy(sectors[i], words, len);
	}
}

bool slot_find(struct disk *d)
{
	if (!is_read) {
		is_read = true;
		is_known = environment_read(slot, &boot, &is_on_trial);
	}
	if (!is_known || nr_disks == SLOT_DISKS) {
		return false;
	}
	d->memory = sectors[nr_disks++];
	d->sectors = 1;
	d->is_slot = true;
	show();
	return true;
}

/* The words, perhaps a line's end, and zeros. */
static bool is_confirmation(const uint8_t *sector)
{
	char words[WORDS];
	size_t len = text_put(words, "confirm ");

	len += name_trial(words + len);
	if (memcmp(sector, words, len) != 0) {
		return false;
	}
	len += sector[len] == '\n';
	while (len < SECTOR && sector[len] == 0) {
		len++;
	}
	return len == SECTOR;
}

void slot_written(const struct disk *d)
{
	uint32_t i = (uint32_t)((d->memory - sectors[0]) / SECTOR);

	if (is_on_trial && is_confirmation(d->memory)) {
		has_said[i] = true;
		is_due = true;
	}
	show();
}

static bool have_all_said(void)
{
	for (uint32_t i = 0; i < nr_disks; i++) {
		if (!has_said[i]) {
			return false;
		}
	}
	return true;
}

bool slot_turn(void)
{
	if (!is_due) {
		return false;
	}
	is_due = false;
	if (!have_all_said()) {
		return true;
	}
	if (environment_end_trial()) {
		is_on_trial = false;
		plat_say("slot %s is confirmed: all that have to say so are well\n", slot);
	} else {
		plat_say("slot %s cannot be confirmed: its environment was not written\n", slot);
	}
	show();
	return true;
}
