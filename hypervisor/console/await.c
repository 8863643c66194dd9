/* SPDX-License-Identifier: Apache-2.0 */
/* A text that a domain is awaited to say: looked for in what it writes, whether that is shown or dropped. */
#include "internal.h"

#include <string.h>

void console_client_await(struct console_client *c, const char *text, void (*fn)(struct domain *d))
{
	size_t len = MIN(strlen(text), sizeof(c->await.seen));

	memset(c->await.seen, 0, sizeof(c->await.seen));
	c->await.text = text;
	c->await.len = len;
	__atomic_store_n(&c->await.fn, fn, __ATOMIC_RELEASE);
}

bool await_feed(struct console_client *c, const char *buf, size_t len)
{
	size_t last = c->await.len - 1, i;

	for (i = 0; i < len; i++) {
		memmove(c->await.seen, c->await.seen + 1, last);
		c->await.seen[last] = buf[i];
		if (buf[i] == c->await.text[last] &&
		    memcmp(c->await.seen, c->await.text, c->await.len) == 0) {
			return true;
		}
	}
	return false;
}
