// SPDX-License-Identifier: Apache-2.0
/* The console: whole lines with names, partial ones in time, losses counted, the focus and its keys. */
#include <stdio.h>
#include <unit.h>
#include <world.h>

#include "../../hypervisor/console/internal.h"

#define MS 1000000ULL

static struct console_client *one, *two, *three;

/* The UART interrupts for as long as it takes something and there is something; where it is never full, time goes on. */
static void settle(void)
{
	while ((host.uart_tx_irq && host.uart_room > 0) || console.credit == 0) {
		if (console.credit == 0) {
			host_advance(CONSOLE_PACE_NS);
		} else {
			host_raise(WORLD_UART_IRQ);
		}
	}
}

static void say(struct console_client *c, const char *text)
{
	console_write(c, text, strlen(text));
	settle();
}

static void type(const char *keys)
{
	host.typed = keys;
	host_raise(WORLD_UART_IRQ);
	settle();
}

static int setup(void **state)
{
	(void)state;
	world_setup(3);
	one = domain_get(1)->console;
	two = domain_get(2)->console;
	three = domain_get(3)->console;
	return 0;
}

/* Each test begins on a quiet, empty terminal with the focus on domain one. */
static int quiet(void **state)
{
	(void)state;
	host.uart_room = SIZE_MAX;
	console_log("", 0);
	host_advance(2000 * MS);
	say(one, "\n");
	say(two, "\n");
	say(three, "\n");
	host_advance(2000 * MS);
	for (int i = 0; i < 3; i++) {
		type("?");
		if (console_getc(one) == '?') {
			break;
		}
		while (console_getc(two) >= 0 || console_getc(three) >= 0) {
		}
		type("\001\001\001");
	}
	host.uart_len = 0;
	host.uart[0] = '\0';
	return 0;
}

static void prefixes_whole_lines(void **state)
{
	(void)state;
	say(two, "hello\nworld\r\n");
	console_log("log\n", 4);
	assert_string_equal(host.uart, "two: hello\r\ntwo: world\r\nashlar: log\r\n");
}

static void shows_focused_prompt_at_once(void **state)
{
	(void)state;
	say(one, "login: ");
	assert_string_equal(host.uart, "one: login: ");
	say(one, "me\n");
	assert_string_equal(host.uart, "one: login: me\r\n");
}

static void holds_others_parts_back(void **state)
{
	(void)state;
	say(two, "prompt> ");
	assert_string_equal(host.uart, "");
	assert_true(host.timer_ns != UINT64_MAX);
	host_advance(900 * MS);
	assert_string_equal(host.uart, "");
	host_advance(5000 * MS);
	assert_string_equal(host.uart, "two: prompt> ");
}

static void lines_written_by_character_stay_whole(void **state)
{
	const char *a = "first line of one\n", *b = "first line of two\n";

	(void)state;
	for (size_t i = 0; a[i] != '\0'; i++) {
		console_write(one, &a[i], 1);
		console_write(two, &b[i], 1);
	}
	host_advance(5000 * MS);
	assert_string_equal(host.uart, "one: first line of one\r\ntwo: first line of two\r\n");
}

static void cuts_in_on_a_quiet_line(void **state)
{
	(void)state;
	say(one, "$ ");
	say(two, "news\n");
	assert_string_equal(host.uart, "one: $ ");
	host_advance(CONSOLE_QUIET_NS / 2);
	assert_string_equal(host.uart, "one: $ ");
	host_advance(2 * CONSOLE_QUIET_NS);
	assert_string_equal(host.uart, "one: $ \r\ntwo: news\r\n");
	say(one, "l");
	say(one, "s\nagain\n");
	assert_string_equal(host.uart, "one: $ \r\ntwo: news\r\none: $ ls\r\none: again\r\n");
}

static void cuts_an_endless_line(void **state)
{
	(void)state;
	say(two, "patience\n");
	for (int i = 0; i < 4000; i++) {
		say(one, "x");
		say(two, i == 0 ? "me too\n" : "");
	}
	assert_non_null(strstr(host.uart, "two: me too\r\n"));
}

static void waits_for_no_uart(void **state)
{
	uint64_t before;

	(void)state;
	host.uart_room = 5;
	before = host.now_ns;
	say(two, "slow\n");
	assert_int_equal(host.now_ns, before);
	assert_string_equal(host.uart, "two: ");
	assert_true(host.uart_tx_irq);
	host.uart_room = SIZE_MAX;
	host_raise(WORLD_UART_IRQ);
	assert_string_equal(host.uart, "two: slow\r\n");
	assert_false(host.uart_tx_irq);
}

static void counts_what_it_drops(void **state)
{
	static char big[64 * 1024];

	(void)state;
	memset(big, 'b', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	host.uart_room = 0;
	console_write(two, big, sizeof(big));
	assert_int_equal(console_room(two), 0);
	say(two, "these nineteen too\n");
	host.uart_room = SIZE_MAX;
	settle();
	assert_non_null(strstr(host.uart, "ashlar: two: 19 bytes of output dropped\r\n"));
	assert_null(strstr(host.uart, "nineteen"));
	assert_true(console_room(two) > 60000);
}

static void one_source_cannot_starve_another(void **state)
{
	(void)state;
	host.uart_room = 0;
	for (int i = 0; i < 100; i++) {
		say(two, "noise noise noise\n");
	}
	say(three, "quiet voice\n");
	host.uart_room = 200;
	settle();
	assert_non_null(strstr(host.uart, "three: quiet voice\r\n"));
}

/* A UART that is never full, a line without end: all of it comes, but others have their time in between. */
static void keeps_a_pace(void **state)
{
	static char big[32 * 1024];
	uint64_t start = host.now_ns;
	size_t seen;

	(void)state;
	memset(big, 'b', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	console_write(two, big, sizeof(big));
	assert_in_range(host.uart_len, 1, CONSOLE_PACE_BYTES);
	seen = host.uart_len;
	while (ring_used(&two->out) > 0) {
		assert_in_range(host.uart_len - seen, 0, 2 * CONSOLE_PACE_BYTES);
		seen = host.uart_len;
		assert_false(host.uart_tx_irq);
		host_advance(CONSOLE_PACE_NS);
	}
	assert_in_range(host.now_ns - start, sizeof(big) / CONSOLE_PACE_BYTES * CONSOLE_PACE_NS / 2,
			sizeof(big) / CONSOLE_PACE_BYTES * CONSOLE_PACE_NS * 2);
}

static void keys_move_the_focus(void **state)
{
	(void)state;
	type("a\001b");
	assert_int_equal(console_input_pending(one), 3);
	assert_int_equal(console_getc(one), 'a');
	assert_int_equal(console_getc(one), 1);
	assert_int_equal(console_getc(one), 'b');
	assert_int_equal(console_getc(one), -1);
	type("\001\001\001x");
	assert_string_equal(host.uart,
			    "ashlar: Ctrl-A three times moves the input; it goes to two\r\n");
	assert_int_equal(console_getc(one), -1);
	assert_int_equal(console_getc(two), 'x');
	type("\001\001");
	type("\001");
	type("y");
	assert_int_equal(console_getc(three), 'y');
}

/* What one said last, over its restart too, as lines that cannot be taken for its own; no more than a screenful. */
static void keys_show_the_log(void **state)
{
	char text[64];

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "\033[31mline %d\r\n", i);
		say(one, text);
	}
	say(one, "cut");
	console_client_restart(one);
	say(one, "anew\n");
	say(two, "not of one\n");
	memset(host.uart, 0, sizeof(host.uart));
	host.uart_len = 0;
	type("\001\001l");
	assert_non_null(strstr(host.uart, "ashlar: the last that one said:\r\nashlar: one| line "));
	assert_non_null(strstr(host.uart,
			       "ashlar: one| line 199\r\nashlar: one| cut\r\n"
			       "ashlar: one| anew\r\nashlar: the end of what one said\r\n"));
	assert_null(strstr(host.uart, "line 10\r"));
	assert_null(strstr(host.uart, "not of one"));
	assert_null(strchr(host.uart, '\033'));
	assert_int_equal(console_getc(one), -1);
	type("\001l\001\001k"); /* these are its own */
	assert_int_equal(console_input_pending(one), 5);
	while (console_getc(one) >= 0) {
	}
}

/* A UART that is fed as fast as it is read never comes empty, and so does not interrupt again. */
static void reads_on_without_an_interrupt(void **state)
{
	static char line[301];
	size_t n = 0;

	(void)state;
	memset(line, 'k', sizeof(line) - 1);
	type(line);
	for (int i = 0; i < 10; i++) {
		host_advance(CONSOLE_PACE_NS);
	}
	while (console_getc(one) == 'k') {
		n++;
	}
	assert_int_equal(n, sizeof(line) - 1);
}

static void input_has_an_end(void **state)
{
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		type("z");
	}
	while (console_getc(one) == 'z') {
		n++;
	}
	assert_in_range(n, 256, 1024);
	assert_int_equal(console_getc(one), -1);
}

static void only_the_focused_moves_the_cursor(void **state)
{
	(void)state;
	say(two, "\033[2Jclean\rsweep\a\033[1;31m!\n");
	assert_string_equal(host.uart, "two: cleansweep!\r\n");
	host.uart_len = 0;
	say(one, "\033[1mbold\rover\n");
	assert_string_equal(host.uart, "one: \033[1mbold\rover\r\n");
}

static void nobody_asks_the_terminal(void **state)
{
	(void)state;
	say(one, "a\033[6nb\033[cc\033[>0cd\033[?1000he\033]10;?\af\033P$qm\033\\g\033Zh\n");
	assert_string_equal(host.uart, "one: abcdefgh\r\n");
	host.uart_len = 0;
	say(one, "\033[38;2;1;2;3mx\033[000000000000000000000000000000006ny\033[K\n");
	assert_string_equal(host.uart, "one: \033[38;2;1;2;3mxy\033[K\r\n");
}

static void a_closed_source_loses_the_focus(void **state)
{
	(void)state;
	console_client_close(one);
	settle();
	assert_non_null(strstr(host.uart, "it goes to two\r\n"));
	type("\001\001\001\001\001\001q");
	assert_int_equal(console_getc(two), 'q');
	say(one, "last words\n");
	assert_non_null(strstr(host.uart, "one: last words\r\n"));
}

static void flushes_when_all_is_lost(void **state)
{
	(void)state;
	host.uart_room = 0;
	say(two, "part");
	console_log("fatal\n", 6);
	host.uart_room = SIZE_MAX;
	host.step_ns = 1000;
	console_flush_sync();
	assert_non_null(strstr(host.uart, "ashlar: fatal\r\n"));
	assert_non_null(strstr(host.uart, "two: part"));
	host.uart_len = 0;
	console_log("later\n", 6);
	assert_non_null(strstr(host.uart, "ashlar: later\r\n"));
	host.uart_room = 0;
	console_log("stuck UART\n", 11); /* comes back all the same */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(prefixes_whole_lines, quiet),
		cmocka_unit_test_setup(shows_focused_prompt_at_once, quiet),
		cmocka_unit_test_setup(holds_others_parts_back, quiet),
		cmocka_unit_test_setup(lines_written_by_character_stay_whole, quiet),
		cmocka_unit_test_setup(cuts_in_on_a_quiet_line, quiet),
		cmocka_unit_test_setup(cuts_an_endless_line, quiet),
		cmocka_unit_test_setup(waits_for_no_uart, quiet),
		cmocka_unit_test_setup(counts_what_it_drops, quiet),
		cmocka_unit_test_setup(one_source_cannot_starve_another, quiet),
		cmocka_unit_test_setup(keeps_a_pace, quiet),
		cmocka_unit_test_setup(reads_on_without_an_interrupt, quiet),
		cmocka_unit_test_setup(input_has_an_end, quiet),
		cmocka_unit_test_setup(only_the_focused_moves_the_cursor, quiet),
		cmocka_unit_test_setup(nobody_asks_the_terminal, quiet),
		cmocka_unit_test_setup(keys_move_the_focus, quiet),
		cmocka_unit_test_setup(keys_show_the_log, quiet),
		cmocka_unit_test_setup(a_closed_source_loses_the_focus, quiet),
		cmocka_unit_test_setup(flushes_when_all_is_lost, quiet),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
