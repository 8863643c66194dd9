/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The multiplexer: many sources, one UART, whole lines with a prefix.
 *
 * One source at a time owns the line that is open on the terminal. A source is due when it has a whole line, when its
 * ring fills up, or when a part of a line has waited; the source with the focus is due at once, so that a prompt and
 * what is typed at it appear. Others cut in on an open line only when its owner has been quiet or the line is endless;
 * when its owner goes on, what was there of the line is shown again.
 *
 * What could move the cursor into other sources' text passes only from the source with the focus, and what a terminal
 * would answer passes from nobody (escape.c).
 *
 * The UART's interrupt asks for more only after its FIFO was full. One that is never full, as an emulator's, would
 * interrupt without end while a ring is emptied, and the guests of that CPU would stand still: so there is a pace, too.
 */
#include "internal.h"

#include <hyp/arch/time.h>
#include <hyp/domain.h>

#define DRAIN_CHAR_NS (20ULL * 1000 * 1000)	   /* one character at 600 baud */
#define DRAIN_MAX_NS  (10ULL * 1000 * 1000 * 1000) /* others may go on writing meanwhile */

static bool is_focused(const struct console_client *c)
{
	return console.focus != 0 && console.source[console.focus] == c;
}

/* Is there a reason to show what @c has now? */
static bool is_due(const struct console_client *c, uint64_t now)
{
	uint32_t used = ring_used(&c->out);

	if (used == 0) {
		return false;
	}
	return c->nr_lines > 0 || used > c->out.size / 2 || is_focused(c) || console.is_polled ||
	       now - c->last_ns >= CONSOLE_PART_NS;
}

/* The next due source after the one served last, so that a talkative one cannot starve the others. */
static struct console_client *pick(uint64_t now)
{
	unsigned int i;

	for (i = 1; i <= console.nr; i++) {
		unsigned int n = (console.turn + i) % console.nr;

		if (is_due(console.source[n], now) && console.source[n] != console.owner) {
			console.turn = n;
			return console.source[n];
		}
	}
	return NULL;
}

static bool is_other_due(uint64_t now)
{
	unsigned int turn = console.turn;
	bool is_due_one = pick(now) != NULL;

	console.turn = turn;
	return is_due_one;
}

static void lead_add(const char *s)
{
	for (; *s != '\0' && console.lead_len < sizeof(console.lead); s++) {
		console.lead[console.lead_len++] = *s;
	}
}

static void line_open(struct console_client *c)
{
	console.owner = c;
	console.line_len = c->part_len;
	lead_add(c->name);
	lead_add(": ");
	c->part[c->part_len] = '\0';
	lead_add(c->part); /* of a line that was cut: it goes on whole */
}

/* What is shown of an unfinished line, to show it again after a cut; too long a one just goes on. */
static void part_add(struct console_client *c, const char *text)
{
	for (; *text != '\0'; text++) {
		if (c->part_len == CONSOLE_PART_BYTES || c->is_part_lost) {
			c->is_part_lost = true;
			c->part_len = 0;
			return;
		}
		c->part[c->part_len++] = *text;
	}
}

static void part_clear(struct console_client *c)
{
	c->is_part_lost = false;
	c->part_len = 0;
}

static void line_close(void)
{
	console.owner = NULL;
	lead_add("\r\n");
}

/* May another source cut in on the open line? */
static bool may_cut(const struct console_client *owner, uint64_t now)
{
	if (ring_used(&owner->out) == 0) {
		return console.is_polled || now - owner->last_ns >= CONSOLE_QUIET_NS;
	}
	return console.line_len >= CONSOLE_LINE_BYTES;
}

/* What of @ch may be shown: itself, or the escape sequence that it ends; NULL: nothing. */
static const char *shown(struct console_client *c, char ch, char plain[2])
{
	switch (escape_feed(&c->escape, ch)) {
	case ESCAPE_WHOLE:
		return is_focused(c) ? c->escape.buf : NULL;
	case ESCAPE_TAKEN:
		return NULL;
	default:
		plain[0] = ch;
		plain[1] = '\0';
		return (unsigned char)ch >= ' ' || ch == '\t' ||
				       (is_focused(c) && (ch == '\b' || ch == '\a'))
			       ? plain
			       : NULL;
	}
}

/* One character of the open line's owner; -1: it led to nothing, ask again. */
static int owner_char(struct console_client *c)
{
	char ch = (char)ring_get(&c->out);
	const char *text;
	char plain[2];

	if (ch == '\n') {
		c->nr_lines--;
		c->has_cr = false;
		c->escape.state = ESC_NONE;
		part_clear(c);
		line_close();
		return -1;
	}
	if (c->has_cr && is_focused(c)) {
		lead_add("\r"); /* it was not part of a line end: the line begins anew */
		part_clear(c);
	}
	c->has_cr = ch == '\r';
	text = c->has_cr ? NULL : shown(c, ch, plain);
	if (text == NULL) {
		return -1;
	}
	console.line_len++;
	part_add(c, text);
	if (console.lead_len == 0 && text[1] == '\0') {
		return (unsigned char)ch;
	}
	lead_add(text); /* after the carriage return just added, or as one */
	return -1;
}

static void report_losses(void)
{
	unsigned int i;

	for (i = 0; i < console.nr; i++) {
		struct console_client *c = console.source[i];

		if (c->lost > 0 && ring_used(&c->out) < c->out.size / 2) {
			uint64_t lost = c->lost;

			c->lost = 0;
			console_say("%s: %llu bytes of output dropped\n", c->name,
				    (unsigned long long)lost);
		}
	}
}

/* The next character for the UART; -1: none now. */
static int next_char(uint64_t now)
{
	struct console_client *next;

	for (;;) {
		if (console.lead_pos < console.lead_len) {
			return (unsigned char)console.lead[console.lead_pos++];
		}
		console.lead_pos = 0;
		console.lead_len = 0;
		if (console.owner != NULL && may_cut(console.owner, now) && is_other_due(now)) {
			line_close();
			continue;
		}
		if (console.owner != NULL) {
			int ch;

			if (ring_used(&console.owner->out) == 0) {
				return -1;
			}
			ch = owner_char(console.owner);
			if (ch >= 0) {
				return ch;
			}
			continue;
		}
		next = pick(now);
		if (next == NULL) {
			return -1;
		}
		line_open(next);
	}
}

/* Send one character. Return: false when there is none, or the UART does not take it. */
static bool send_one(uint64_t now)
{
	if (console.held < 0) {
		console.held = next_char(now);
	}
	if (console.held < 0 || !console.uart->put(console.regs, (char)console.held)) {
		return false;
	}
	console.held = -1;
	return true;
}

static void note_room(void)
{
	unsigned int i;

	for (i = 1; i < console.nr; i++) {
		struct console_client *c = console.source[i];

		if (c->wants_room && ring_used(&c->out) <= c->out.size / 2) {
			c->wants_room = false;
			console.told_tx |= BIT(i);
		}
	}
}

/* Something that is not due yet must not wait for somebody to write: ask for the timer. */
static void hold_back(uint64_t now)
{
	unsigned int i;

	if (console.timer_armed) {
		return;
	}
	for (i = 0; i < console.nr; i++) {
		if (ring_used(&console.source[i]->out) > 0) {
			console_call_at(now + CONSOLE_QUIET_NS);
			return;
		}
	}
}

/* How much may be sent now: a new piece each CONSOLE_PACE_NS. */
static void refill(uint64_t now)
{
	if (now - console.refill_ns >= CONSOLE_PACE_NS) {
		console.refill_ns = now;
		console.credit = CONSOLE_PACE_BYTES;
	}
}

static void want_tx_irq(bool on)
{
	if (on != console.tx_irq) {
		console.tx_irq = on;
		console.uart->irq_enable(console.regs, true, on);
	}
}

void mux_pump(void)
{
	uint64_t now = arch_now_ns();
	uint32_t sent = 0;

	if (console.uart == NULL) {
		return;
	}
	report_losses();
	refill(now);
	while (sent < console.credit && send_one(now)) {
		sent++;
	}
	console.credit -= sent;
	want_tx_irq(console.held >= 0);
	if (console.credit == 0 && sent > 0) {
		console_call_at(console.refill_ns + CONSOLE_PACE_NS);
	} else if (console.held < 0) {
		hold_back(now);
	}
	note_room();
}

void mux_drain(void)
{
	uint64_t start = arch_now_ns();
	uint64_t since = start;
	uint64_t now = start;

	if (console.uart == NULL) {
		return;
	}
	report_losses();
	for (; now - start < DRAIN_MAX_NS; now = arch_now_ns()) {
		if (send_one(now)) {
			since = now;
		} else if (console.held < 0 || now - since >= DRAIN_CHAR_NS) {
			break; /* all gone, or the UART is stuck */
		}
	}
	note_room();
}
