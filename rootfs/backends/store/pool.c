// SPDX-License-Identifier: Apache-2.0
/* Cells and ropes: pool.h says what they are. */
#include "pool.h"

#include <string.h>

/* A cell of a rope, and a free cell. */
struct link {
	uint32_t next;
	uint8_t bytes[LINK_BYTES];
};

_Static_assert(sizeof(struct link) == CELL_BYTES, "a link fills its cell");

static struct link *link_at(const struct pool *p, uint32_t index)
{
	return pool_at(p, index);
}

void pool_init(struct pool *p, void *memory, uint32_t nr)
{
	p->cells = memory;
	p->nr = nr;
	p->free = 0;
	p->nr_free = 0;
	for (uint32_t i = nr; i-- > 1;) {
		link_at(p, i)->next = p->free;
		p->free = i;
		p->nr_free++;
	}
}

uint32_t pool_take(struct pool *p, struct account *a)
{
	uint32_t index = p->free;

	if (index == 0 || a->used >= a->max) {
		return 0;
	}
	p->free = link_at(p, index)->next;
	p->nr_free--;
	a->used++;
	memset(pool_at(p, index), 0, CELL_BYTES);
	return index;
}

void pool_give(struct pool *p, struct account *a, uint32_t index)
{
	link_at(p, index)->next = p->free;
	p->free = index;
	p->nr_free++;
	a->used--;
}

uint32_t rope_cells(size_t len, size_t room)
{
	return len <= room ? 0 : (uint32_t)((len - room + LINK_BYTES - 1) / LINK_BYTES);
}

static void drop_cells(struct pool *p, struct account *a, struct rope *r, uint32_t n)
{
	while (n-- > 0) {
		uint32_t index = r->chain;

		r->chain = link_at(p, index)->next;
		pool_give(p, a, index);
	}
}

static bool add_cells(struct pool *p, struct account *a, struct rope *r, uint32_t n)
{
	if (n > p->nr_free || a->used > a->max || n > a->max - a->used) {
		return false;
	}
	while (n-- > 0) {
		uint32_t index = pool_take(p, a);

		link_at(p, index)->next = r->chain;
		r->chain = index;
	}
	return true;
}

/** struct cursor - a place in a rope: what is left of the head or of a cell. */
struct cursor {
	uint8_t *at;
	size_t left;
	uint32_t next;
};

static struct cursor begin(const struct rope *r, uint8_t *head, size_t room)
{
	return (struct cursor){ .at = head, .left = room, .next = r->chain };
}

/* As many bytes as lie in a row, at most @len; moves on. */
static uint8_t *span(const struct pool *p, struct cursor *c, size_t len, size_t *n)
{
	uint8_t *at;

	if (c->left == 0) {
		struct link *l = link_at(p, c->next);

		*c = (struct cursor){ .at = l->bytes, .left = LINK_BYTES, .next = l->next };
	}
	at = c->at;
	*n = len < c->left ? len : c->left;
	c->at += *n;
	c->left -= *n;
	return at;
}

static void write_piece(const struct pool *p, struct cursor *c, const struct piece *piece)
{
	const uint8_t *from = piece->data;
	size_t done = 0, n;

	while (done < piece->len) {
		uint8_t *to = span(p, c, piece->len - done, &n);

		memcpy(to, from + done, n);
		done += n;
	}
}

bool rope_put(struct pool *p, struct account *a, struct rope *r, uint8_t *head, size_t room,
	      const struct piece *pieces, unsigned int n)
{
	uint32_t have = rope_cells(r->len, room), need;
	struct cursor c;
	size_t len = 0;

	for (unsigned int i = 0; i < n; i++) {
		len += pieces[i].len;
	}
	need = rope_cells(len, room);
	if (len > UINT16_MAX || (need > have && !add_cells(p, a, r, need - have))) {
		return false;
	}
	if (need < have) {
		drop_cells(p, a, r, have - need);
	}
	r->len = (uint16_t)len;
	c = begin(r, head, room);
	for (unsigned int i = 0; i < n; i++) {
		write_piece(p, &c, &pieces[i]);
	}
	return true;
}

void rope_free(struct pool *p, struct account *a, struct rope *r)
{
	while (r->chain != 0) {
		drop_cells(p, a, r, 1);
	}
	r->len = 0;
}

static struct cursor skip_to(const struct pool *p, const struct rope *r, const uint8_t *head,
			     size_t room, size_t from)
{
	struct cursor c = begin(r, (uint8_t *)(uintptr_t)head, room);
	size_t n;

	for (; from > 0; from -= n) {
		(void)span(p, &c, from, &n);
	}
	return c;
}

void rope_get(const struct pool *p, const struct rope *r, const uint8_t *head, size_t room,
	      size_t from, void *to, size_t len)
{
	struct cursor c = skip_to(p, r, head, room, from);
	uint8_t *at = to;
	size_t n;

	for (; len > 0; len -= n, at += n) {
		const uint8_t *mine = span(p, &c, len, &n);

		memcpy(at, mine, n);
	}
}

bool rope_equal(const struct pool *p, const struct rope *r, const uint8_t *head, size_t room,
		size_t from, const void *what, size_t len)
{
	struct cursor c = skip_to(p, r, head, room, from);
	const uint8_t *at = what;
	size_t n;

	for (; len > 0; len -= n, at += n) {
		const uint8_t *mine = span(p, &c, len, &n);

		if (memcmp(mine, at, n) != 0) {
			return false;
		}
	}
	return true;
}
