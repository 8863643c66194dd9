// SPDX-License-Identifier: Apache-2.0
/* xenstore's operations one by one: what is asked and what must be answered, to the byte. "|" stands for a zero. */
#include "unit.h"
#include "xenstore_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define is(c, type, tx, text, answer) assert_string_equal(sw_say(c, type, tx, text), answer)
#define hears_nothing(c)	      assert_null(sw_event(c))

static void hears(unsigned int c, const char *want)
{
	const char *event = sw_event(c);

	assert_non_null(event);
	assert_string_equal(event, want);
}

static int setup(void **state)
{
	(void)state;
	sw_setup(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sw_check();
	return 0;
}

static void what_a_domain_finds(void **state)
{
	(void)state;
	is(0, XS_READ, 0, "name|", "one");
	is(0, XS_READ, 0, "domid|", "1");
	is(1, XS_READ, 0, "/local/domain/2/name|", "two");
	is(0, XS_READ, 0, "control/platform-feature-xs_reset_watches|", "1");
	is(0, XS_DIRECTORY, 0, "/local/domain/1|",
	   "name|domid|control|device|backend|data|drivers|feature|attr|error|");
	is(0, XS_DIRECTORY, 0, "control|",
	   "platform-feature-multiprocessor-suspend|platform-feature-xs_reset_watches|shutdown|"
	   "feature-poweroff|feature-reboot|feature-suspend|sysrq|");
	is(0, XS_GET_PERMS, 0, "control/shutdown|", "n1|");
	is(0, XS_GET_PERMS, 0, "device|", "n0|r1|");
	is(0, XS_WRITE, 0, "control/feature-poweroff|1", "OK|");
	is(0, XS_WRITE, 0, "device/x|1", "!EACCES|");
	is(0, XS_DIRECTORY, 0, "/|", "!EACCES|");
	is(0, XS_DIRECTORY, 0, "/local/domain|", "!EACCES|");
}

static void reads_and_writes(void **state)
{
	(void)state;
	is(0, XS_READ, 0, "data/a|", "!ENOENT|");
	is(0, XS_WRITE, 0, "data/a|", "OK|");
	is(0, XS_READ, 0, "data/a|", "");
	is(0, XS_WRITE, 0, "data/a|value", "OK|");
	is(0, XS_READ, 0, "/local/domain/1/data/a|", "value");
	is(0, XS_WRITE, 0, "data/a|with|zeros|", "OK|");
	is(0, XS_READ, 0, "data/a|", "with|zeros|");
	is(0, XS_WRITE, 0, "data/p/q/r|deep", "OK|");
	is(0, XS_DIRECTORY, 0, "data/p|", "q|");
	is(0, XS_READ, 0, "data/p|", "");
	is(0, XS_GET_PERMS, 0, "data/p/q|", "n1|");
}

/* A guest hears of it, answers by taking it back, and can be asked again; others do not hear. */
static void is_asked_to_stop(void **state)
{
	(void)state;
	is(0, XS_WATCH, 0, "control/shutdown|t|", "OK|");
	hears(0, "control/shutdown|t");
	is(1, XS_WATCH, 0, "/local/domain/1/control/shutdown|t|", "OK|");
	hears(1, "/local/domain/1/control/shutdown|t");
	for (int i = 0; i < 2; i++) {
		store_ask_to_stop(&sw, &sw.clients[0]);
		sw_run();
		hears(0, "control/shutdown|t");
		hears_nothing(0);
		hears_nothing(1);
		is(0, XS_READ, 0, "control/shutdown|", "poweroff");
		is(0, XS_GET_PERMS, 0, "control/shutdown|", "n1|");
		is(0, XS_WRITE, 0, "control/shutdown|", "OK|");
		hears(0, "control/shutdown|t");
	}
	is(0, XS_RM, 0, "control/shutdown|", "OK|");
	store_ask_to_stop(&sw, &sw.clients[0]);
	sw_run();
	is(0, XS_READ, 0, "control/shutdown|", "poweroff");
}

static void wrong_payloads(void **state)
{
	(void)state;
	is(0, XS_READ, 0, "", "!EINVAL|");
	is(0, XS_READ, 0, "|", "!EINVAL|");
	is(0, XS_READ, 0, "data", "!EINVAL|");
	is(0, XS_READ, 0, "data|x", "!EINVAL|");
	is(0, XS_READ, 0, "data||", "!EINVAL|");
	is(0, XS_READ, 0, "data/|", "!EINVAL|");
	is(0, XS_READ, 0, "//data|", "!EINVAL|");
	is(0, XS_READ, 0, "/local//domain|", "!EINVAL|");
	is(0, XS_READ, 0, "da.ta|", "!EINVAL|");
	is(0, XS_READ, 0, "da ta|", "!EINVAL|");
	is(0, XS_READ, 0, "@releaseDomain|", "!EINVAL|");
	is(0, XS_WRITE, 0, "", "!EINVAL|");
	is(0, XS_WRITE, 0, "data/a", "!EINVAL|");
	is(0, XS_WRITE, 0, "@new|x", "!EINVAL|");
	is(0, XS_MKDIR, 0, "data/a|x", "!EINVAL|");
	is(0, XS_RM, 0, "data/a|x", "!EINVAL|");
	is(0, XS_DIRECTORY, 0, "data", "!EINVAL|");
	is(0, XS_DIRECTORY_PART, 0, "data|", "!EINVAL|");
	is(0, XS_DIRECTORY_PART, 0, "data|x|", "!EINVAL|");
	is(0, XS_DIRECTORY_PART, 0, "data|0|0|", "!EINVAL|");
	is(0, XS_DIRECTORY_PART, 0, "data||0", "!EINVAL|");
	is(0, XS_WATCH, 0, "data|", "!EINVAL|");
	is(0, XS_WATCH, 0, "data|t|0|", "!EINVAL|");
	is(0, XS_WATCH, 0, "da ta|t|", "!EINVAL|");
	is(0, XS_UNWATCH, 0, "data|", "!EINVAL|");
	is(0, XS_TRANSACTION_END, 0, "T|", "!ENOENT|");
	is(0, XS_TRANSACTION_END, 0, "X|", "!EINVAL|");
	is(0, XS_GET_DOMAIN_PATH, 0, "x|", "!EINVAL|");
	is(0, XS_GET_DOMAIN_PATH, 0, "65536|", "!EINVAL|");
	is(0, XS_IS_DOMAIN_INTRODUCED, 0, "|", "!EINVAL|");
}

static void paths_too_long(void **state)
{
	char text[4096];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "data/", 5);
	strcpy(text + 1024, "|");
	is(0, XS_WRITE, 0, text, "OK|");
	strcpy(text + 1025, "|");
	text[1024] = 'a';
	is(0, XS_WRITE, 0, text, "!EINVAL|");
	is(0, XS_READ, 0, text, "!EINVAL|");
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	memset(text, 'a', sizeof(text));
	strcpy(text + 4000, "|");
	is(0, XS_READ, 0, text, "!EINVAL|");
}

static void directories(void **state)
{
	(void)state;
	is(0, XS_DIRECTORY, 0, "data|", "");
	is(0, XS_MKDIR, 0, "data/dir|", "OK|");
	is(0, XS_WRITE, 0, "data/dir|kept", "OK|");
	is(0, XS_MKDIR, 0, "data/dir|", "OK|");
	is(0, XS_READ, 0, "data/dir|", "kept");
	is(0, XS_MKDIR, 0, "data/x/y/z|", "OK|");
	is(0, XS_DIRECTORY, 0, "data|", "dir|x|");
	is(0, XS_RM, 0, "data/x|", "OK|");
	is(0, XS_DIRECTORY, 0, "data|", "dir|");
	is(0, XS_RM, 0, "data/x|", "OK|");
	is(0, XS_RM, 0, "data/x/y|", "!ENOENT|");
	is(0, XS_RM, 0, "data/x/y/z|", "!ENOENT|");
	is(0, XS_RM, 0, "/|", "!EACCES|");
	is(0, XS_RM, 0, "/local/domain/1|", "!EACCES|");
	is(0, XS_DIRECTORY, 0, "data/x|", "!ENOENT|");
}

static void huge_directory(void **state)
{
	char text[64], got[65536] = "", want[65536] = "";
	const struct sw_message *m;
	unsigned long long first = 0, generation;
	size_t len = 0, end = 0;
	bool is_done = false;

	(void)state;
	for (unsigned int i = 0; i < 400; i++) {
		snprintf(text, sizeof(text), "data/child-number-%u|", i * 7919);
		is(0, XS_MKDIR, 0, text, "OK|");
		end += (size_t)sprintf(want + end, "child-number-%u", i * 7919) + 1;
	}
	is(0, XS_DIRECTORY, 0, "data|", "!E2BIG|");
	while (!is_done) {
		const char *list;
		size_t n;

		n = (size_t)snprintf(text, sizeof(text), "data%c%zu", 0, len) + 1;
		m = sw_ask(0, XS_DIRECTORY_PART, 0, text, n);
		assert_int_equal(m->head.type, XS_DIRECTORY_PART);
		generation = strtoull(m->payload, NULL, 10);
		first = first != 0 ? first : generation;
		assert_true(generation == first);
		list = m->payload + strlen(m->payload) + 1;
		n = m->head.len - strlen(m->payload) - 1;
		assert_true(n > 0 && len + n < sizeof(got));
		is_done = n == 1 || list[n - 2] == '\0';
		is_done = is_done && list[n - 1] == '\0';
		memcpy(got + len, list, n);
		len += n - (is_done ? 1 : 0);
	}
	assert_int_equal(len, end);
	assert_memory_equal(got, want, end);
	assert_string_equal(strchr(sw_say(0, XS_DIRECTORY_PART, 0, "data|99999|"), '|'), "||");
	is(0, XS_RM, 0, "data/child-number-0|", "OK|");
	m = sw_ask(0, XS_DIRECTORY_PART, 0,
		   "data\0"
		   "0",
		   7);
	assert_true(strtoull(m->payload, NULL, 10) > first);
}

static void permissions(void **state)
{
	(void)state;
	is(0, XS_WRITE, 0, "data/mine|x", "OK|");
	is(1, XS_READ, 0, "/local/domain/1/data/mine|", "!EACCES|");
	is(1, XS_READ, 0, "/local/domain/1/data/none|", "!EACCES|");
	is(1, XS_GET_PERMS, 0, "/local/domain/1/data/mine|", "!EACCES|");
	is(0, XS_SET_PERMS, 0, "data/mine|n1|r2|w3|b4|", "OK|");
	is(0, XS_GET_PERMS, 0, "data/mine|", "n1|r2|w3|b4|");
	is(1, XS_READ, 0, "/local/domain/1/data/mine|", "x");
	is(1, XS_WRITE, 0, "/local/domain/1/data/mine|y", "!EACCES|");
	is(1, XS_WRITE, 0, "/local/domain/1/data/mine/z|y", "!EACCES|");
	is(2, XS_READ, 0, "/local/domain/1/data/mine|", "!EACCES|");
	is(2, XS_WRITE, 0, "/local/domain/1/data/mine|y", "OK|");
	is(3, XS_READ, 0, "/local/domain/1/data/mine|", "y");
	is(3, XS_WRITE, 0, "/local/domain/1/data/mine/new|z", "OK|");
	is(3, XS_GET_PERMS, 0, "/local/domain/1/data/mine/new|", "n4|r2|w3|b4|");
	is(3, XS_SET_PERMS, 0, "/local/domain/1/data/mine|n4|", "!EACCES|");
	is(0, XS_SET_PERMS, 0, "data/mine|n2|", "!EPERM|");
	is(0, XS_SET_PERMS, 0, "data/mine|r1|", "OK|");
	is(2, XS_READ, 0, "/local/domain/1/data/mine|", "y");
	is(0, XS_SET_PERMS, 0, "data/mine|", "!EINVAL|");
	is(0, XS_SET_PERMS, 0, "data/mine|x1|", "!EINVAL|");
	is(0, XS_SET_PERMS, 0, "data/mine|r|", "!EINVAL|");
	is(0, XS_SET_PERMS, 0, "data/mine|r1", "!EINVAL|");
	is(0, XS_SET_PERMS, 0, "data/mine|r99999|", "!EINVAL|");
	is(0, XS_SET_PERMS, 0, "data/none|n1|", "!ENOENT|");
	is(0, XS_SET_PERMS, 0, "data/mine|n1|r2|r3|r4|r5|r6|", "!ENOSPC|");
	is(0, XS_SET_PERMS, 0, "@releaseDomain|n1|", "!EACCES|");
	is(0, XS_GET_PERMS, 0, "@releaseDomain|", "!EACCES|");
	/* a node goes with its parent, whoever owns it */
	is(0, XS_RM, 0, "data/mine|", "OK|");
	is(0, XS_READ, 0, "data/mine/new|", "!ENOENT|");
}

static void what_no_guest_may(void **state)
{
	static const uint32_t refused[] = { XS_CONTROL, XS_INTRODUCE, XS_RELEASE, XS_RESUME,
					    XS_SET_TARGET };
	static const uint32_t unknown[] = { XS_WATCH_EVENT, XS_ERROR, 20, 23, 24, 99, XS_INVALID };

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		is(0, refused[i], 0, "2|", "!EACCES|");
		is(0, refused[i], 77, "", "!EACCES|");
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		is(0, unknown[i], 0, "2|", "!ENOSYS|");
		is(0, unknown[i], 77, "", "!ENOSYS|");
	}
}

static void domains(void **state)
{
	(void)state;
	is(0, XS_GET_DOMAIN_PATH, 0, "7|", "/local/domain/7|");
	is(0, XS_IS_DOMAIN_INTRODUCED, 0, "2|", "T|");
	is(0, XS_IS_DOMAIN_INTRODUCED, 0, "0|", "T|");
	is(0, XS_IS_DOMAIN_INTRODUCED, 0, "9|", "F|");
	store_release(&sw, &sw.clients[1]);
	is(0, XS_IS_DOMAIN_INTRODUCED, 0, "2|", "F|");
}

static void watches(void **state)
{
	(void)state;
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	hears(0, "data|t");
	hears_nothing(0);
	is(0, XS_WATCH, 0, "data|t|", "!EEXIST|");
	is(0, XS_WATCH, 0, "/local/domain/1/data|t|", "!EEXIST|");
	is(0, XS_WATCH, 0, "/local/domain/1/data/b|abs|", "OK|");
	hears(0, "/local/domain/1/data/b|abs");
	is(0, XS_WRITE, 0, "data/b/c|1", "OK|");
	hears(0, "data/b/c|t");
	hears(0, "/local/domain/1/data/b/c|abs");
	is(0, XS_WRITE, 0, "data/bb|1", "OK|");
	hears(0, "data/bb|t");
	hears_nothing(0);
	is(0, XS_SET_PERMS, 0, "data/bb|r1|", "OK|");
	hears(0, "data/bb|t");
	is(0, XS_MKDIR, 0, "data/bb|", "OK|");
	hears_nothing(0);
	/* a watch below what is removed hears of its own node; one above, of what was removed */
	is(0, XS_RM, 0, "data/b|", "OK|");
	hears(0, "data/b|t");
	hears(0, "/local/domain/1/data/b|abs");
	hears_nothing(0);
	is(0, XS_UNWATCH, 0, "data|u|", "!ENOENT|");
	is(0, XS_UNWATCH, 0, "data|t|", "OK|");
	is(0, XS_UNWATCH, 0, "data|t|", "!ENOENT|");
	is(0, XS_WRITE, 0, "data/x|1", "OK|");
	hears_nothing(0);
}

static void watches_see_what_they_may(void **state)
{
	(void)state;
	is(1, XS_WATCH, 0, "/local/domain/1/data|t|", "OK|");
	hears(1, "/local/domain/1/data|t");
	is(0, XS_WRITE, 0, "data/secret|1", "OK|");
	hears_nothing(1);
	is(0, XS_SET_PERMS, 0, "data/secret|n1|r2|", "OK|");
	hears(1, "/local/domain/1/data/secret|t");
	is(0, XS_SET_PERMS, 0, "data/secret|n1|", "OK|");
	hears(1, "/local/domain/1/data/secret|t"); /* that it may no longer */
	is(0, XS_WRITE, 0, "data/secret|2", "OK|");
	hears_nothing(1);
	is(0, XS_SET_PERMS, 0, "data/secret|r1|", "OK|");
	is(0, XS_RM, 0, "data/secret|", "OK|");
	hears(1, "/local/domain/1/data/secret|t");
}

static void events_keep_their_order(void **state)
{
	char text[64];

	(void)state;
	is(0, XS_SET_PERMS, 0, "data|r1|", "OK|");
	is(1, XS_WATCH, 0, "/local/domain/1/data|t|", "OK|");
	hears(1, "/local/domain/1/data|t");
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(text, sizeof(text), "data/%u|x", i);
		is(0, XS_WRITE, 0, text, "OK|");
	}
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(text, sizeof(text), "/local/domain/1/data/%u|t", i);
		hears(1, text);
	}
	hears_nothing(1);
}

static void special_watches(void **state)
{
	(void)state;
	is(0, XS_WATCH, 0, "@releaseDomain|gone|", "OK|");
	is(1, XS_WATCH, 0, "@releaseDomain|gone|", "OK|");
	is(1, XS_WATCH, 0, "@introduceDomain|here|", "OK|");
	hears(0, "@releaseDomain|gone");
	hears(1, "@releaseDomain|gone");
	hears(1, "@introduceDomain|here");
	store_release(&sw, &sw.clients[2]);
	hears_nothing(0);
	hears_nothing(1);
	/* only whom the store lets */
	assert_int_equal(store_set_perms(&sw, "@releaseDomain", 0, 2), 0);
	assert_int_equal(store_set_perms(&sw, "@introduceDomain", 0, 2), 0);
	is(1, XS_GET_PERMS, 0, "@releaseDomain|", "n0|r2|");
	store_introduce(&sw, &sw.clients[2], &sw_ring[2]);
	store_release(&sw, &sw.clients[2]);
	hears_nothing(0);
	hears(1, "@introduceDomain|here");
	hears(1, "@releaseDomain|gone");
	hears_nothing(1);
}

static void reset_watches(void **state)
{
	uint32_t tx;

	(void)state;
	tx = sw_start(0);
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	is(0, XS_RESET_WATCHES, 0, "|", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "!ENOENT|");
	hears(0, "data|t"); /* it had left before */
	is(0, XS_WRITE, 0, "data/x|1", "OK|");
	hears_nothing(0);
	is(0, XS_WATCH, 0, "data|t|", "OK|");
}

static void transactions(void **state)
{
	uint32_t tx = sw_start(0);

	(void)state;
	is(0, XS_TRANSACTION_START, tx, "|", "!EBUSY|");
	is(0, XS_READ, tx + 1000, "data|", "!ENOENT|");
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	hears(0, "data|t");
	is(0, XS_WRITE, tx, "data/a/b|1", "OK|");
	is(0, XS_READ, tx, "data/a/b|", "1");
	is(0, XS_READ, 0, "data/a/b|", "!ENOENT|");
	is(0, XS_DIRECTORY, tx, "data|", "a|");
	is(0, XS_DIRECTORY, 0, "data|", "");
	hears_nothing(0);
	is(0, XS_TRANSACTION_END, tx, "T|", "OK|");
	is(0, XS_READ, 0, "data/a/b|", "1");
	hears(0, "data/a/b|t");
	hears_nothing(0);
	is(0, XS_TRANSACTION_END, tx, "T|", "!ENOENT|");
	tx = sw_start(0);
	is(0, XS_RM, tx, "data/a|", "OK|");
	is(0, XS_READ, tx, "data/a/b|", "!ENOENT|");
	is(0, XS_DIRECTORY, tx, "data|", "");
	is(0, XS_WRITE, tx, "data/c|2", "OK|");
	is(0, XS_TRANSACTION_END, tx, "F|", "OK|");
	is(0, XS_DIRECTORY, 0, "data|", "a|");
	hears_nothing(0);
}

static void transaction_changes_everything(void **state)
{
	uint32_t tx;

	(void)state;
	is(0, XS_WRITE, 0, "data/a/b/c|1", "OK|");
	is(0, XS_WRITE, 0, "data/k|1", "OK|");
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	hears(0, "data|t");
	tx = sw_start(0);
	is(0, XS_RM, tx, "data/a|", "OK|");
	is(0, XS_WRITE, tx, "data/a/new|2", "OK|");
	is(0, XS_SET_PERMS, tx, "data/k|r1|w2|", "OK|");
	is(0, XS_GET_PERMS, tx, "data/k|", "r1|w2|");
	is(0, XS_GET_PERMS, 0, "data/k|", "n1|");
	is(0, XS_MKDIR, tx, "data/m|", "OK|");
	is(0, XS_WRITE, tx, "data/gone|x", "OK|");
	is(0, XS_RM, tx, "data/gone|", "OK|");
	is(0, XS_DIRECTORY, tx, "data|", "a|k|m|");
	is(0, XS_DIRECTORY, tx, "data/a|", "new|");
	is(0, XS_READ, tx, "data/a/b|", "!ENOENT|");
	is(0, XS_TRANSACTION_END, tx, "T|", "OK|");
	is(0, XS_DIRECTORY, 0, "data|", "a|k|m|");
	is(0, XS_DIRECTORY, 0, "data/a|", "new|");
	is(0, XS_READ, 0, "data/a/new|", "2");
	is(0, XS_GET_PERMS, 0, "data/k|", "r1|w2|");
	hears(0, "data/a|t");
	hears(0, "data/a/new|t");
	hears(0, "data/k|t");
	hears(0, "data/m|t");
	hears_nothing(0); /* of what came and went inside */
}

/* What one may do outside while another transaction that did @mine is open, and how that ends. */
static void race(const char *mine, uint32_t mine_type, const char *other, uint32_t other_type,
		 const char *end)
{
	uint32_t tx;

	sw_setup(NULL);
	is(0, XS_WRITE, 0, "data/x|0", "OK|");
	is(0, XS_WRITE, 0, "data/d/e|0", "OK|");
	is(0, XS_SET_PERMS, 0, "data|b1|", "OK|");
	is(0, XS_SET_PERMS, 0, "data/x|b1|", "OK|");
	is(0, XS_SET_PERMS, 0, "data/d|b1|", "OK|");
	is(0, XS_SET_PERMS, 0, "data/d/e|b1|", "OK|");
	tx = sw_start(0);
	(void)sw_say(0, mine_type, tx, mine);
	is(0, XS_WRITE, tx, "data/result|1", "OK|");
	(void)sw_say(1, other_type, 0, other);
	is(0, XS_TRANSACTION_END, tx, "T|", end);
	is(0, XS_READ, 0, "data/result|", end[0] == '!' ? "!ENOENT|" : "1");
	sw_check();
}

/* A node made in a transaction has its parent's permissions: those at the time of the commit, or it is refused. */
static void permissions_are_inherited_late(void **state)
{
	uint32_t tx;

	(void)state;
	is(0, XS_WRITE, 0, "data/p|", "OK|");
	is(0, XS_WRITE, 0, "data/p/old|", "OK|");
	tx = sw_start(0);
	is(0, XS_WRITE, tx, "data/p/new|1", "OK|");
	is(0, XS_SET_PERMS, 0, "data/p|n1|r2|", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
	tx = sw_start(0);
	is(0, XS_RM, tx, "data/p/old|", "OK|");
	is(0, XS_WRITE, tx, "data/p/old|1", "OK|");
	is(0, XS_SET_PERMS, 0, "data/p|n1|r3|", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
	/* what it was given itself does not depend on that */
	tx = sw_start(0);
	is(0, XS_WRITE, tx, "data/p/new|1", "OK|");
	is(0, XS_SET_PERMS, tx, "data/p/new|n1|r2|", "OK|");
	is(0, XS_SET_PERMS, 0, "data/p|n1|r2|", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "OK|");
	/* and another child of the parent is in nobody's way */
	tx = sw_start(0);
	is(0, XS_WRITE, tx, "data/p/third|1", "OK|");
	is(0, XS_WRITE, 0, "data/p/fourth|1", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "OK|");
	is(0, XS_GET_PERMS, 0, "data/p/third|", "n1|r2|");
}

static void conflicts(void **state)
{
	static const char again[] = "!EAGAIN|", ok[] = "OK|";

	(void)state;
#define OTHER "/local/domain/1/data"
	race("data/x|", XS_READ, OTHER "/x|1", XS_WRITE, again);
	race("data/x|1", XS_WRITE, OTHER "/x|1", XS_WRITE, again);
	race("data/x|", XS_RM, OTHER "/x|1", XS_WRITE, again);
	race("data/d|", XS_RM, OTHER "/d/e|1", XS_WRITE, again);
	race("data/d|", XS_RM, OTHER "/d/f|1", XS_WRITE, again);
	race("data/d/e|", XS_READ, OTHER "/d|", XS_RM, again);
	race("data/d/f|1", XS_WRITE, OTHER "/d|", XS_RM, again);
	race("data/none|", XS_READ, OTHER "/none|1", XS_WRITE, again);
	race("data|", XS_DIRECTORY, OTHER "/new|1", XS_WRITE, again);
	race("data/x|", XS_GET_PERMS, OTHER "/x|1", XS_WRITE, again);
	race("data/x|b1|", XS_SET_PERMS, OTHER "/x|1", XS_WRITE, again);
	/* these do not touch each other */
	race("data/x|", XS_READ, OTHER "/y|1", XS_WRITE, ok);
	race("data/x|1", XS_WRITE, OTHER "/d/e|1", XS_WRITE, ok);
	race("data/new|1", XS_WRITE, OTHER "/other|1", XS_WRITE, ok);
	race("data/x|", XS_READ, OTHER "/x|", XS_READ, ok);
	race("data/x|", XS_READ, "/nowhere|1", XS_WRITE, ok);
}

static void two_transactions_race(void **state)
{
	uint32_t a, b;

	(void)state;
	is(0, XS_WRITE, 0, "data/n|0", "OK|");
	is(0, XS_SET_PERMS, 0, "data|b1|", "OK|");
	is(0, XS_SET_PERMS, 0, "data/n|b1|", "OK|");
	/* each adds one; the one that is late tries again */
	a = sw_start(0);
	b = sw_start(1);
	is(0, XS_READ, a, "data/n|", "0");
	is(1, XS_READ, b, "/local/domain/1/data/n|", "0");
	is(1, XS_WRITE, b, "/local/domain/1/data/n|1", "OK|");
	is(0, XS_WRITE, a, "data/n|1", "OK|");
	is(1, XS_TRANSACTION_END, b, "T|", "OK|");
	is(0, XS_TRANSACTION_END, a, "T|", "!EAGAIN|");
	a = sw_start(0);
	is(0, XS_READ, a, "data/n|", "1");
	is(0, XS_WRITE, a, "data/n|2", "OK|");
	is(0, XS_TRANSACTION_END, a, "T|", "OK|");
	is(1, XS_READ, 0, "/local/domain/1/data/n|", "2");
	/* somebody else's number is nobody's */
	a = sw_start(0);
	is(1, XS_READ, a + 500, "/local/domain/1/data/n|", "!ENOENT|");
	/* a right that was taken away does not outlive the commit */
	b = sw_start(1);
	is(1, XS_WRITE, b, "/local/domain/1/data/late|1", "OK|");
	is(0, XS_SET_PERMS, 0, "data|n1|", "OK|");
	is(1, XS_TRANSACTION_END, b, "T|", "!EAGAIN|");
}

static void without_merging(void **state)
{
	struct store_limits limits = sw_limits();
	uint32_t tx;

	(void)state;
	limits.has_merge = false;
	limits.refuse_commits = 3;
	sw_setup(&limits);
	tx = sw_start(0);
	is(0, XS_WRITE, tx, "data/a|1", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "OK|");
	tx = sw_start(0);
	is(0, XS_WRITE, tx, "data/a|2", "OK|");
	is(1, XS_WRITE, 0, "data/elsewhere|1", "OK|");
	is(0, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
	tx = sw_start(0);
	is(0, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|"); /* the third */
	tx = sw_start(0);
	is(0, XS_TRANSACTION_END, tx, "T|", "OK|");
}

static void without_permissions(void **state)
{
	struct store_limits limits = sw_limits();

	(void)state;
	limits.has_perms = false;
	sw_setup(&limits);
	is(0, XS_WRITE, 0, "/local/domain/2/data/x|1", "OK|");
	is(0, XS_READ, 0, "/local/domain/2/data/x|", "1");
}

static void a_domain_comes_back(void **state)
{
	uint32_t tx;

	(void)state;
	is(0, XS_WRITE, 0, "data/x|1", "OK|");
	is(1, XS_WRITE, 0, "data/theirs|1", "OK|");
	is(1, XS_SET_PERMS, 0, "data|b2|", "OK|");
	is(0, XS_WRITE, 0, "/local/domain/2/data/from-one/a|1", "OK|");
	is(1, XS_WATCH, 0, "data/from-one|t|", "OK|");
	hears(1, "data/from-one|t");
	tx = sw_start(0);
	is(0, XS_WATCH, 0, "data|t|", "OK|");
	hears(0, "data|t");
	store_release(&sw, &sw.clients[0]);
	sw_check();
	hears(1, "data/from-one|t");
	is(1, XS_READ, 0, "data/from-one|", "!ENOENT|");
	is(1, XS_READ, 0, "data/theirs|", "1");
	assert_int_equal(sw.clients[0].nr_nodes, 0);
	assert_int_equal(sw.clients[0].account.used, 0);
	sw_ring[0].connection = XENSTORE_RECONNECT;
	store_introduce(&sw, &sw.clients[0], &sw_ring[0]);
	is(0, XS_READ, 0, "name|", "one");
	is(0, XS_READ, 0, "data/x|", "!ENOENT|");
	is(0, XS_TRANSACTION_END, tx, "T|", "!ENOENT|");
	is(0, XS_WRITE, 0, "data/x|1", "OK|");
	hears_nothing(0);
}

#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(what_a_domain_finds),
		t(is_asked_to_stop),
		t(reads_and_writes),
		t(wrong_payloads),
		t(paths_too_long),
		t(directories),
		t(huge_directory),
		t(permissions),
		t(what_no_guest_may),
		t(domains),
		t(watches),
		t(watches_see_what_they_may),
		t(events_keep_their_order),
		t(special_watches),
		t(reset_watches),
		t(transactions),
		t(transaction_changes_everything),
		t(permissions_are_inherited_late),
		t(conflicts),
		t(two_transactions_race),
		t(without_merging),
		t(without_permissions),
		t(a_domain_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
