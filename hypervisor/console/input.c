/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: what is typed goes to the domain that has the focus. Ctrl-A three times in a row moves the focus to the next
 * domain that lives; twice and then l shows what the domain said last. Fewer of them, or another key after two, are the
 * domain's own.
 */
#include "internal.h"

#define FOCUS_KEY   '\001'
#define FOCUS_TIMES 3U
#define LOG_TIMES   2U
#define LOG_KEY	    'l'

void input_focus_next(void)
{
	unsigned int i;

	for (i = 1; i <= console.nr; i++) {
		unsigned int n = (console.focus + i) % console.nr;

		if (console.source[n]->is_open) {
			console.focus = n;
			console_say("Ctrl-A three times moves the input; it goes to %s\n",
				    console.source[n]->name);
			return;
		}
	}
	console.focus = 0;
}

static void deliver(char c)
{
	struct console_client *to = console.source[console.focus];

	if (console.focus != 0 && ring_put(&to->in, c)) {
		console.told_rx |= BIT(console.focus);
	}
}

void input_char(char c)
{
	if (c == FOCUS_KEY) {
		if (++console.keys == FOCUS_TIMES) {
			console.keys = 0;
			input_focus_next();
		}
		return;
	}
	if (c == LOG_KEY && console.keys == LOG_TIMES && console.focus != 0) {
		console.keys = 0;
		history_say(console.source[console.focus]);
		return;
	}
	for (; console.keys > 0; console.keys--) {
		deliver(FOCUS_KEY);
	}
	deliver(c);
}
