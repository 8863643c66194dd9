// SPDX-License-Identifier: Apache-2.0
/*
 * A front end that does as it likes with its ring, its grants and its data. Whatever it does, the back end touches none
 * of the pages that are not granted, and serves it well once it starts anew and behaves.
 */
#include <io_world.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore_world.h>

#define DATA	  40u
#define SECRET	  100u /* pages from here on are never granted */
#define CANARY	  0x5a
#define MAX_STEPS 200u

struct input {
	const uint8_t *at;
	size_t left;
};

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static void take(struct input *in, void *to, size_t len)
{
	size_t n = len < in->left ? len : in->left;

	memset(to, 0, len);
	memcpy(to, in->at, n);
	in->at += n;
	in->left -= n;
}

static uint8_t take8(struct input *in)
{
	uint8_t byte;

	take(in, &byte, 1);
	return byte;
}

static uint32_t take32(struct input *in)
{
	uint32_t word;

	take(in, &word, sizeof(word));
	return word;
}

static void set_state(const char *state)
{
	char text[64] = IW_FNODE "/state|";

	strcat(text, state);
	must(strcmp(sw_say(0, XS_WRITE, 0, text), "OK|") == 0);
	iw_run();
}

static void connect(uint32_t order)
{
	set_state("1");
	must(strcmp(iw_state(), "2") == 0);
	iw_connect(order);
	must(strcmp(iw_state(), "4") == 0);
}

static void put_request(struct input *in)
{
	struct blkif_request *q = iw_request();

	take(in, q, sizeof(*q));
	if (take8(in) % 4 != 0) { /* nearly right, so that it gets further */
		q->operation %= 7;
		q->nr_segments %= 12;
		q->sector_number %= 2049;
		for (uint32_t i = 0; i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++) {
			q->seg[i].gref %= IW_PAGES;
			q->seg[i].first_sect %= 8;
			q->seg[i].last_sect %= 9;
		}
	}
}

static void step(struct input *in)
{
	uint32_t word;

	switch (take8(in) % 8) {
	case 0:
	case 1:
	case 2:
		put_request(in);
		break;
	case 3:
		iw_push();
		iw_run();
		break;
	case 4:
		iw_ring()->req_prod = take32(in);
		iw_run();
		break;
	case 5:
		word = take32(in);
		iw.is_granted[word % SECRET] = (word >> 16 & 3) != 0;
		iw.is_read_only[word % SECRET] = (word >> 18 & 3) == 0;
		break;
	case 6: /* anywhere in the pages that both see, and in those with segments */
		word = take32(in);
		iw_page[word % DATA][word >> 8 & 4095] = take8(in);
		break;
	default:
		set_state((const char *[]){ "1", "3", "4", "5", "6", "", "9" }[take8(in) % 7]);
		break;
	}
}

static void behave(void)
{
	const struct blkif_response *r;
	struct blkif_request *q;

	memset(iw.is_granted, 0, sizeof(iw.is_granted));
	memset(iw.is_read_only, 0, sizeof(iw.is_read_only));
	connect(0);
	iw.is_granted[DATA] = true;
	q = iw_request();
	q->operation = BLKIF_OP_READ;
	q->id = 77;
	q->nr_segments = 1;
	q->seg[0] = (struct blkif_request_segment){ DATA, 0, 7 };
	iw_push();
	iw_run();
	r = iw_response();
	must(r != NULL && r->id == 77 && r->status == BLKIF_RSP_OKAY);
	must(iw.nr_mapped == 1 && iw.nr_bound == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t secret[4096];
	static bool is_set_up;
	struct input in = { data, size };

	if (!is_set_up) {
		iw_setup("RAM=1", true);
		is_set_up = true;
	}
	memset(secret, CANARY, sizeof(secret));
	memset(iw_page[SECRET], CANARY, (IW_PAGES - SECRET) * 4096);
	connect(take8(&in) % 4);
	for (unsigned int i = 0; i < MAX_STEPS && in.left > 0; i++) {
		step(&in);
	}
	behave();
	for (size_t i = SECRET; i < IW_PAGES; i++) {
		must(memcmp(iw_page[i], secret, sizeof(secret)) == 0);
	}
	return 0;
}
