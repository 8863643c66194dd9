// SPDX-License-Identifier: Apache-2.0
/*
 * A gzip member read back: the configuration that a kernel carries in itself is one. Bounded, and bit by bit: it is small,
 * and read once.
 *
 * Spec: RFC 1951 (deflate), RFC 1952 (gzip), whose sums are not looked at: a digest guards what this lies in.
 */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"

#define MAX_BITS      15U
#define MAX_LITERALS  288U
#define MAX_DISTANCES 30U
#define MAX_SYMBOLS   (MAX_LITERALS + 32U)
#define NR_ORDERED    19U
#define END_OF_BLOCK  256U
#define HEADER_BYTES  10U
#define DEFLATE	      8
#define KNOWN_FLAGS \
	0U /* gzip -n writes none; a name, an extra field or a sum of the header are refused */

/* A canonical code: how many there are of each length, and the symbols in the order of their codes. */
struct code {
	uint16_t count[MAX_BITS + 1];
	uint16_t symbol[MAX_SYMBOLS];
};

struct stream {
	const uint8_t *in;
	size_t in_bytes, at;
	uint32_t hold;
	unsigned int held;
	bool is_bad;
	uint8_t *out;
	size_t out_bytes, max;
};

static unsigned int take(struct stream *s, unsigned int bits)
{
	unsigned int value;

	while (s->held < bits) {
		if (s->at == s->in_bytes) {
			s->is_bad = true;
			return 0;
		}
		s->hold |= (uint32_t)s->in[s->at++] << s->held;
		s->held += 8;
	}
	value = s->hold & ((1U << bits) - 1);
	s->hold >>= bits;
	s->held -= bits;
	return value;
}

static void put(struct stream *s, uint8_t byte)
{
	if (s->out_bytes == s->max) {
		s->is_bad = true;
		return;
	}
	s->out[s->out_bytes++] = byte;
}

/* Return: false: more codes of some length than there can be. */
static bool code_make(struct code *c, const uint8_t *lengths, unsigned int n)
{
	uint16_t next[MAX_BITS + 2] = { 0 };
	int left = 1;
	unsigned int i;

	memset(c->count, 0, sizeof(c->count));
	for (i = 0; i < n; i++) {
		c->count[lengths[i]]++;
	}
	c->count[0] = 0;
	for (i = 1; i <= MAX_BITS; i++) {
		left = left * 2 - c->count[i];
		if (left < 0) {
			return false;
		}
		next[i + 1] = (uint16_t)(next[i] + c->count[i]);
	}
	for (i = 0; i < n; i++) {
		if (lengths[i] != 0) {
			c->symbol[next[lengths[i]]++] = (uint16_t)i;
		}
	}
	return true;
}

static unsigned int decode(struct stream *s, const struct code *c)
{
	unsigned int code = 0, first = 0, index = 0, length;

	for (length = 1; length <= MAX_BITS && !s->is_bad; length++) {
		code |= take(s, 1);
		if (code - first < c->count[length]) {
			return c->symbol[index + code - first];
		}
		index += c->count[length];
		first = (first + c->count[length]) << 1;
		code <<= 1;
	}
	s->is_bad = true;
	return END_OF_BLOCK;
}

static void copy_back(struct stream *s, unsigned int length, const struct code *distances)
{
	static const uint16_t base[MAX_DISTANCES] = { 1,    2,	  3,	4,     5,     7,
						      9,    13,	  17,	25,    33,    49,
						      65,   97,	  129,	193,   257,   385,
						      513,  769,  1025, 1537,  2049,  3073,
						      4097, 6145, 8193, 12289, 16385, 24577 };
	unsigned int symbol = decode(s, distances);
	size_t distance;

	if (s->is_bad || symbol >= MAX_DISTANCES) {
		s->is_bad = true;
		return;
	}
	distance = base[symbol] + (size_t)take(s, symbol < 4 ? 0 : symbol / 2 - 1);
	if (distance > s->out_bytes) {
		s->is_bad = true;
		return;
	}
	while (length-- > 0 && !s->is_bad) {
		put(s, s->out[s->out_bytes - distance]);
	}
}

static void compressed(struct stream *s, const struct code *literals, const struct code *distances)
{
	static const uint16_t base[] = { 3,  4,	 5,  6,	  7,   8,   9,	 10,  11, 13,
					 15, 17, 19, 23,  27,  31,  35,	 43,  51, 59,
					 67, 83, 99, 115, 131, 163, 195, 227, 258 };
	static const uint8_t extra[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
					 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };

	while (!s->is_bad) {
		unsigned int symbol = decode(s, literals);

		if (symbol < END_OF_BLOCK) {
			put(s, (uint8_t)symbol);
		} else if (symbol == END_OF_BLOCK) {
			return;
		} else if (symbol - END_OF_BLOCK - 1 < ARRAY_SIZE(base)) {
			symbol -= END_OF_BLOCK + 1;
			copy_back(s, base[symbol] + take(s, extra[symbol]), distances);
		} else {
			s->is_bad = true;
		}
	}
}

static void stored(struct stream *s)
{
	unsigned int length;

	s->hold = 0;
	s->held = 0;
	length = take(s, 16);
	if ((take(s, 16) ^ length) != 0xffff) {
		s->is_bad = true;
	}
	while (length-- > 0 && !s->is_bad) {
		put(s, (uint8_t)take(s, 8));
	}
}

static void fixed(struct stream *s)
{
	uint8_t lengths[MAX_LITERALS];
	struct code literals, distances;
	unsigned int i;

	for (i = 0; i < MAX_LITERALS; i++) {
		lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	}
	(void)code_make(&literals, lengths, MAX_LITERALS);
	memset(lengths, 5, MAX_DISTANCES);
	(void)code_make(&distances, lengths, MAX_DISTANCES);
	compressed(s, &literals, &distances);
}

/* The lengths of both codes' symbols, themselves coded: 16 repeats the last, 17 and 18 repeat 0. */
static void read_lengths(struct stream *s, const struct code *c, uint8_t *lengths, unsigned int n)
{
	unsigned int i = 0;

	while (i < n && !s->is_bad) {
		unsigned int symbol = decode(s, c), times = 1;
		uint8_t value = (uint8_t)symbol;

		if (symbol >= 16) {
			value = symbol == 16 && i > 0 ? lengths[i - 1] : 0;
			s->is_bad |= symbol == 16 && i == 0;
			times = symbol == 16   ? 3 + take(s, 2)
				: symbol == 17 ? 3 + take(s, 3)
					       : 11 + take(s, 7);
		}
		if (times > n - i) {
			s->is_bad = true;
			return;
		}
		memset(lengths + i, value, times);
		i += times;
	}
}

static void dynamic(struct stream *s)
{
	static const uint8_t order[NR_ORDERED] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
						   11, 4,  12, 3, 13, 2, 14, 1, 15 };
	uint8_t lengths[MAX_SYMBOLS] = { 0 };
	unsigned int nr_literals = 257 + take(s, 5), nr_distances = 1 + take(s, 5), i;
	unsigned int nr_ordered = 4 + take(s, 4);
	struct code literals, distances;

	for (i = 0; i < nr_ordered; i++) {
		lengths[order[i]] = (uint8_t)take(s, 3);
	}
	if (nr_literals > MAX_LITERALS - 2 || !code_make(&literals, lengths, NR_ORDERED)) {
		s->is_bad = true;
		return;
	}
	memset(lengths, 0, sizeof(lengths));
	read_lengths(s, &literals, lengths, nr_literals + nr_distances);
	if (s->is_bad || !code_make(&literals, lengths, nr_literals) ||
	    !code_make(&distances, lengths + nr_literals, nr_distances)) {
		s->is_bad = true;
		return;
	}
	compressed(s, &literals, &distances);
}

static void blocks(struct stream *s)
{
	bool is_last = false;

	while (!is_last && !s->is_bad) {
		is_last = take(s, 1) != 0;
		switch (take(s, 2)) {
		case 0:
			stored(s);
			break;
		case 1:
			fixed(s);
			break;
		case 2:
			dynamic(s);
			break;
		default:
			s->is_bad = true;
		}
	}
}

bool gunzip(const uint8_t *data, size_t bytes, size_t max, struct file *out)
{
	struct stream s = { .in = data, .in_bytes = bytes, .at = HEADER_BYTES, .max = max };

	if (bytes < HEADER_BYTES || data[0] != 0x1f || data[1] != 0x8b || data[2] != DEFLATE ||
	    data[3] != KNOWN_FLAGS) {
		return false;
	}
	s.out = xalloc(max + 1);
	blocks(&s);
	if (s.is_bad) {
		free(s.out);
		return false;
	}
	*out = (struct file){ s.out, s.out_bytes };
	return true;
}
