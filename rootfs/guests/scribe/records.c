// SPDX-License-Identifier: Apache-2.0
/*
 * The records: each fills its pages with words that follow from its number and its life, so that no part of it can be
 * another's. A slot's mark is noted before its write is sent, and again once the flush behind it was answered.
 */
#include "scribe.h"

#include <string.h>
#include <xen/io/blkif.h>

#define WORDS	     (RECORD_PAGES * PAGE / sizeof(uint64_t))
#define RECORD_SECTS (RECORD_PAGES * PAGE_SECTS)

static uint64_t pages[BATCH][WORDS] __attribute__((aligned(4096)));
static uint64_t found[SLOTS];
static struct disk *disk;
static struct kept *kept;

void records_open(struct disk *f, struct kept *k)
{
	disk = f;
	kept = k;
	for (uint32_t i = 0; i < BATCH * RECORD_PAGES; i++) {
		grant(REF_FREE + i, f->bus.back, (const uint8_t *)pages + i * PAGE, 0);
	}
}

/* Word 0 is the mark itself. */
static uint64_t word(uint64_t mark, uint64_t i)
{
	return i == 0 ? mark : mark * 0x9e3779b97f4a7c15ull + i * 0xd1b54a32d192ed03ull;
}

static void fill(uint64_t *record, uint64_t mark)
{
	for (uint64_t i = 0; i < WORDS; i++) {
		record[i] = word(mark, i);
	}
}

static bool is_whole(const uint64_t *record)
{
	uint64_t i = 1;

	while (i < WORDS && record[i] == word(record[0], i)) {
		i++;
	}
	return i == WORDS;
}

static void set_mark(uint64_t *mark, uint64_t value)
{
	__atomic_store_n(mark, value, __ATOMIC_SEQ_CST);
}

/* Record @at of our pages, of or for @slot. */
static void post(uint8_t operation, uint32_t slot, uint32_t at)
{
	struct blkif_request *q = disk_slot(disk);

	q->operation = operation;
	q->nr_segments = RECORD_PAGES;
	q->sector_number = (uint64_t)slot * RECORD_SECTS;
	for (uint32_t i = 0; i < RECORD_PAGES; i++) {
		q->seg[i] = (struct blkif_request_segment){ REF_FREE + at * RECORD_PAGES + i, 0,
							    PAGE_SECTS - 1 };
	}
	disk_post(disk);
}

static void post_flush(void)
{
	disk_slot(disk)->operation = BLKIF_OP_FLUSH_DISKCACHE;
	disk_post(disk);
}

static bool send_all(uint32_t nr)
{
	bool is_good = true;

	disk_tell(disk);
	for (uint32_t i = 0; i < nr; i++) {
		if (disk_answer(disk) == CUT_OFF) {
			print("CUT OFF\n");
			return false;
		}
		is_good &= disk->status == BLKIF_RSP_OKAY;
	}
	if (!is_good) {
		print("REFUSED: a request is answered with an error\n");
	}
	return is_good;
}

/* Only what was begun and not acknowledged may be there instead of what was flushed. */
static void judge(uint32_t slot, const uint64_t *record)
{
	uint64_t mark = record[0];
	bool is_known = mark == kept->flushed[slot] || mark == kept->begun[slot];

	found[slot] = mark;
	if (kept->flushed[slot] == 0 && !is_known) {
		found[slot] = 0; /* whatever the disk had before us */
		return;
	}
	kept->nr_looked++;
	if (!is_known || (mark != 0 && !is_whole(record))) {
		kept->nr_lost++;
		print("LOST: slot %u has to be 0x%x or 0x%x, is 0x%x, %s\n", (uint64_t)slot,
		      kept->flushed[slot], kept->begun[slot], mark,
		      is_whole(record) ? "whole" : "torn");
	}
}

static bool look_at(uint32_t first)
{
	memset(pages, 0xee, sizeof(pages));
	for (uint32_t i = 0; i < BATCH; i++) {
		post(BLKIF_OP_READ, first + i, i);
	}
	if (!send_all(BATCH)) {
		return false;
	}
	for (uint32_t i = 0; i < BATCH; i++) {
		judge(first + i, pages[i]);
	}
	return true;
}

bool records_look(void)
{
	for (uint32_t first = 0; first < SLOTS; first += BATCH) {
		if (!look_at(first)) {
			return false;
		}
	}
	post_flush();
	if (!send_all(1)) {
		return false;
	}
	for (uint32_t i = 0; i < SLOTS; i++) {
		set_mark(&kept->flushed[i], found[i]);
		set_mark(&kept->begun[i], found[i]);
	}
	return true;
}

bool records_write(uint32_t nr)
{
	uint32_t first = kept->number + 1;

	kept->number += nr;
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t slot = (first + i) % SLOTS;
		uint64_t mark = (uint64_t)(first + i) << 32 | kept->life;

		set_mark(&kept->begun[slot], mark);
		fill(pages[i], mark);
		post(BLKIF_OP_WRITE, slot, i);
	}
	post_flush();
	if (!send_all(nr + 1)) {
		return false;
	}
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t slot = (first + i) % SLOTS;

		set_mark(&kept->flushed[slot], kept->begun[slot]);
	}
	kept->nr_flushed += nr;
	return true;
}

bool records_spoil(void)
{
	memset(pages[0], 0, sizeof(pages[0]));
	post(BLKIF_OP_WRITE, kept->number % SLOTS, 0);
	post_flush();
	return send_all(2);
}
