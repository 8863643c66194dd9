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

static const struct link *link_at(const struct pool *p, uint32_t index)
{
	return pool_at(p, index);
}

static struct link *link_edit(struct pool *p, uint32_t index)
{
	return pool_edit(p, index);
}

void pool_init(struct pool *p, void *memory, uint32_t nr)
{
	*p = (struct pool){ .cells = memory, .nr = nr, .fresh = 1, .nr_free = nr - 1 };
}

/* One that was given back before one that never was. */
static uint32_t next_free(struct pool *p)
{
	uint32_t index = p->free;

	if (index != 0) {
		p->free = link_at(p, index)->next;
	} else if (p->fresh < p->nr) {
		index = p->fresh++;
	}
	return index;
}

uint32_t pool_take(struct pool *p, struct account *a)
{
	uint32_t index = a->used < a->max ? next_free(p) : 0;

	if (index == 0) {
		return 0;
	}
	p->nr_free--;
	a->used++;
	memset(pool_edit(p, index), 0, CELL_BYTES);
	return index;
}

void pool_give(struct pool *p, struct account *a, uint32_t index)
{
	link_edit(p, index)->next = p->free;
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

		link_edit(p, index)->next = r->chain;
		r->chain = index;
	}
	return true;
}

/** struct pen - a place in a rope that is written: what is left of the head or of a cell. */
struct pen {
	uint8_t *at;
	size_t left;
	uint32_t next;
};

static void write_piece(struct pool *p, struct pen *pen, const struct piece *piece)
{
	const uint8_t *from = piece->data;
	size_t left = piece->len, n;

	for (; left > 0; left -= n, from += n) {
		if (pen->left == 0) {
			struct link *l = link_edit(p, pen->next);

			*pen = (struct pen){ .at = l->bytes, .left = LINK_BYTES, .next = l->next };
		}
		n = left < pen->left ? left : pen->left;
		memcpy(pen->at, from, n);
		pen->at += n;
		pen->left -= n;
	}
}

bool rope_put(struct pool *p, struct account *a, struct rope *r, uint8_t *head, size_t room,
	      const struct piece *pieces, unsigned int n)
{
	uint32_t have = rope_cells(r->len, room), need;
	struct pen pen;
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
	pen = (struct pen){ .at = head, .left = room, .next = r->chain };
	for (unsigned int i = 0; i < n; i++) {
		write_piece(p, &pen, &pieces[i]);
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

/** struct cursor - a place in a rope that is read. */
struct cursor {
	const uint8_t *at;
	size_t left;
	uint32_t next;
};

/* As many bytes as lie in a row, at most @len; moves on. */
static const uint8_t *span(const struct pool *p, struct cursor *c, size_t len, size_t *n)
{
	const uint8_t *at;

	if (c->left == 0) {
		const struct link *l = link_at(p, c->next);

		*c = (struct cursor){ .at = l->bytes, .left = LINK_BYTES, .next = l->next };
	}
	at = c->at;
	*n = len < c->left ? len : c->left;
	c->at += *n;
	c->left -= *n;
	return at;
}

static struct cursor skip_to(const struct pool *p, const struct rope *r, const uint8_t *head,
			     size_t room, size_t from)
{
	struct cursor c = { .at = head, .left = room, .next = r->chain };
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
