/* SPDX-License-Identifier: Apache-2.0 */
/* Escape sequences in a domain's output: which of them may reach the terminal. */
#ifndef CONSOLE_ESCAPE_H
#define CONSOLE_ESCAPE_H

#include <hyp/types.h>

#define ESCAPE_BYTES 24U

enum escape_state {
	ESC_NONE,
	ESC_SEEN,   /* after ESC */
	ESC_CSI,    /* in a control sequence */
	ESC_STRING, /* in a control string, until BEL or ST */
};

/** struct escape - how far into a sequence a source is; all zero: in none. */
struct escape {
	enum escape_state state;
	uint32_t len;
	char buf[ESCAPE_BYTES + 1];
};

enum escape_verdict {
	ESCAPE_PLAIN, /* not part of a sequence */
	ESCAPE_TAKEN, /* part of one */
	ESCAPE_WHOLE, /* ends one that may be shown; it is in escape.buf, with its NUL */
};

/**
 * escape_feed() - take the next character of a source.
 * Context: any; touches @e only.
 * Return:  what becomes of @ch. Sequences that make a terminal send something back, or change more than colours and
 *          the cursor, are taken and never shown.
 * Spec:    ECMA-48 5.4 (control sequences), 5.6 (control strings).
 */
enum escape_verdict escape_feed(struct escape *e, char ch);

#endif
