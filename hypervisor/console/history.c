/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source's log: what it said last, its earlier lives included. That is its ring once more, for what went out stays
 * there until something newer is written over it; so it costs no memory.
 *
 * It is shown as lines of the hypervisor's, which neither move the cursor nor are taken for the domain's own.
 */
#include "internal.h"

#define HISTORY_BYTES 2048U

static char at(const struct console_ring *r, uint32_t index)
{
	return r->buf[index & (r->size - 1)];
}

/* The first whole line of the last HISTORY_BYTES. */
static uint32_t first_line(const struct console_ring *r)
{
	uint32_t i = r->head - HISTORY_BYTES;

	if (r->head <= HISTORY_BYTES) {
		return 0; /* all that was ever said; or, once in 4 GiB, less than there is */
	}
	while (i != r->head && at(r, i) != '\n') {
		i++;
	}
	return i == r->head ? r->head - HISTORY_BYTES : i + 1;
}

/* @i: the line's first character. Return: that of the next one. */
static uint32_t say_line(const struct console_client *c, uint32_t i)
{
	char line[CONSOLE_PART_BYTES + 2];
	size_t n = 0;

	while (i != c->out.head && at(&c->out, i) != '\n' && n < CONSOLE_PART_BYTES) {
		line[n++] = at(&c->out, i++);
	}
	line[n++] = '\n';
	console_say("%s| ", c->name);
	console_say_bytes(line, n);
	return i != c->out.head && at(&c->out, i) == '\n' ? i + 1 : i;
}

void history_say(const struct console_client *c)
{
	uint32_t i = first_line(&c->out);

	console_say("the last that %s said:\n", c->name);
	while (i != c->out.head) {
		i = say_line(c, i);
	}
	console_say("the end of what %s said\n", c->name);
}
