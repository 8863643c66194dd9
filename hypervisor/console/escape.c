/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Escape sequences in a domain's output.
 *
 * A terminal answers some sequences by sending characters, as if they had been typed. Whoever has the input then would
 * get them: a domain could type at another's shell. So only what is known to move the cursor, erase, or colour passes;
 * the rest, all control strings too, is swallowed. Owns no state; no lock. Spec: ECMA-48.
 */
#include "escape.h"

#include <string.h>

/* ICH CUU CUD CUF CUB CNL CPL CHA CUP ED EL IL DL DCH SU SD ECH VPA HVP SGR DECSTBM; none of them is answered. */
static const char harmless[] = "@ABCDEFGHJKLMPSTXdfmr";

static void escape_begin(struct escape *e)
{
	e->state = ESC_SEEN;
	e->buf[0] = '\033';
	e->len = 1;
}

/* Too long a sequence is still followed to its end; it is only never shown. */
static void keep(struct escape *e, char ch)
{
	if (e->len < ESCAPE_BYTES) {
		e->buf[e->len] = ch;
	}
	e->len += e->len <= ESCAPE_BYTES ? 1 : 0;
}

static enum escape_verdict end_csi(struct escape *e, char ch)
{
	keep(e, ch);
	e->state = ESC_NONE;
	if (e->len > ESCAPE_BYTES || strchr(harmless, ch) == NULL) {
		return ESCAPE_TAKEN;
	}
	e->buf[e->len] = '\0';
	return ESCAPE_WHOLE;
}

static enum escape_verdict in_csi(struct escape *e, char ch)
{
	if (ch >= '@' && ch <= '~') {
		return end_csi(e, ch);
	}
	if ((ch >= '0' && ch <= '9') || ch == ';' || ch == ':') {
		keep(e, ch);
	} else {
		e->len = ESCAPE_BYTES + 1; /* private or intermediate: not one that we know */
	}
	return ESCAPE_TAKEN;
}

static enum escape_verdict after_esc(struct escape *e, char ch)
{
	if (ch == '[') {
		e->state = ESC_CSI;
		keep(e, ch);
	} else if (ch != '\0' && strchr("P]X^_", ch) != NULL) {
		e->state = ESC_STRING; /* DCS OSC SOS PM APC */
	} else {
		e->state = ESC_NONE;
	}
	return ESCAPE_TAKEN;
}

enum escape_verdict escape_feed(struct escape *e, char ch)
{
	if (ch == '\033') {
		escape_begin(
			e); /* begins anew, and ends a string together with the backslash that follows */
		return ESCAPE_TAKEN;
	}
	switch (e->state) {
	case ESC_SEEN:
		return after_esc(e, ch);
	case ESC_CSI:
		return in_csi(e, ch);
	case ESC_STRING:
		e->state = ch == '\a' ? ESC_NONE : ESC_STRING;
		return ESCAPE_TAKEN;
	default:
		return ESCAPE_PLAIN;
	}
}
