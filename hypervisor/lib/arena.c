// SPDX-License-Identifier: Apache-2.0
/*
 * The bounded arena under mbedtls (hyp/arena.h). A stack of blocks: each carries a header with its length and
 * whether it was freed; freeing the top one also pops the freed blocks below it. mbedtls frees nearly in
 * reverse order, so the stack stays shallow.
 */
#include <hyp/arena.h>
#include <string.h>

#define ARENA_ALIGN 16

struct arena_block {
	uint32_t prev; /* offset of the block below; itself for the first */
	uint32_t is_free;
	uint64_t pad;
};

static uint8_t arena[ARENA_BYTES] __aligned(ARENA_ALIGN);
static size_t arena_used;
static size_t arena_top; /* offset of the highest block, valid when arena_used > 0 */
static size_t arena_highest;

static struct arena_block *block_at(size_t offset)
{
	return (struct arena_block *)(void *)(arena + offset);
}

void arena_reset(void)
{
	memset(arena, 0, arena_highest);
	arena_used = 0;
	arena_top = 0;
}

void *arena_calloc(size_t nmemb, size_t size)
{
	struct arena_block *b;
	size_t bytes;
	uint8_t *p;

	if (__builtin_mul_overflow(nmemb, size, &bytes) || bytes == 0 || bytes > ARENA_BYTES) {
		return NULL;
	}
	bytes = ALIGN_UP(bytes, (size_t)ARENA_ALIGN);
	if (bytes + sizeof(*b) > ARENA_BYTES - arena_used) {
		return NULL;
	}
	b = block_at(arena_used);
	b->prev = (uint32_t)arena_top;
	b->is_free = 0;
	arena_top = arena_used;
	arena_used += sizeof(*b) + bytes;
	arena_highest = MAX(arena_highest, arena_used);
	p = (uint8_t *)(b + 1);
	memset(p, 0, bytes);
	return p;
}

void arena_free(void *p)
{
	if (p == NULL) {
		return;
	}
	((struct arena_block *)p - 1)->is_free = 1;
	while (arena_used > 0 && block_at(arena_top)->is_free) {
		arena_used = arena_top;
		arena_top = block_at(arena_top)->prev;
	}
}

size_t arena_peak(void)
{
	return arena_highest;
}
