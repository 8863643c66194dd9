// SPDX-License-Identifier: Apache-2.0
/* The virtual 16550, on rings that the test fills and empties. */
#include <unit.h>

#include <asm/v16550.h>
#include <string.h>

enum {
	DATA,
	IER,
	IIR,
	LCR,
	MCR,
	LSR,
	MSR,
	SCR
};
#define FCR IIR

static struct v16550 u;
static char out[64], in[64];
static size_t nr_out, nr_in, room;
static bool line, is_locked;

unsigned long arch_irq_save(void)
{
	assert_false(is_locked);
	is_locked = true;
	return 0;
}

void arch_irq_restore(unsigned long flags)
{
	(void)flags;
	is_locked = false;
}

struct v16550_levels v16550_hw_levels(const struct v16550 *uart)
{
	(void)uart;
	return (struct v16550_levels){ room, nr_in };
}

void v16550_hw_put(struct v16550 *uart, char c)
{
	(void)uart;
	assert_false(is_locked);
	if (room > 0) {
		out[nr_out++] = c;
		room--;
	}
}

int v16550_hw_get(struct v16550 *uart)
{
	int c = nr_in == 0 ? -1 : (uint8_t)in[0];

	(void)uart;
	assert_false(is_locked);
	if (nr_in > 0) {
		memmove(in, in + 1, --nr_in);
	}
	return c;
}

void v16550_hw_line(struct v16550 *uart, bool is_up)
{
	(void)uart;
	assert_true(is_locked);
	line = is_up;
}

static void type(const char *text)
{
	memcpy(in + nr_in, text, strlen(text));
	nr_in += strlen(text);
	v16550_input(&u);
}

static int set_up(void **state)
{
	(void)state;
	nr_out = nr_in = 0;
	room = sizeof(out);
	memset(&u, 0xff, sizeof(u));
	u.lock = (spinlock_t){ 0 };
	v16550_reset(&u);
	return 0;
}

#define GET(reg)	v16550_read(&u, reg)
#define PUT(reg, value) v16550_write(&u, reg, value)

static void power_on(void **state)
{
	(void)state;
	assert_int_equal(GET(IER), 0);
	assert_int_equal(GET(IIR), 1);
	assert_int_equal(GET(LCR), 0);
	assert_int_equal(GET(MCR), 0);
	assert_int_equal(GET(LSR), 0x60);
	assert_int_equal(GET(MSR), 0xb0);
	assert_int_equal(GET(SCR), 0);
	assert_int_equal(GET(DATA), 0);
	assert_false(line);
	assert_false(v16550_is_listening(&u));
}

/* The questions by which Linux's driver finds a 16550A. */
static void as_linux_asks(void **state)
{
	(void)state;
	PUT(IER, 0);
	assert_int_equal(GET(IER) & 0xf, 0);
	PUT(IER, 0xf);
	assert_int_equal(GET(IER), 0xf);
	PUT(IER, 0);
	PUT(MCR, 0x10 | 0x0a);
	assert_int_equal(GET(MSR) & 0xf0, 0x90);
	PUT(MCR, 0x10 | 0x05);
	assert_int_equal(GET(MSR) & 0xf0, 0x60);
	PUT(MCR, 0);
	PUT(FCR, 1);
	assert_int_equal(GET(IIR) >> 6, 3);
	PUT(LCR, 0xbf); /* no extended features there */
	assert_int_not_equal(GET(IIR), 0);
	PUT(LCR, 0);
	PUT(SCR, 0x5a);
	assert_int_equal(GET(SCR), 0x5a);
	PUT(FCR, 0);
	assert_int_equal(GET(IIR) >> 6, 0);
	PUT(IER, 0xff);
	assert_int_equal(GET(IER), 0xf); /* no UUE */
}

static void divisor(void **state)
{
	(void)state;
	PUT(LCR, 0x83);
	assert_int_equal(GET(DATA), 1);
	PUT(DATA, 0x0c);
	PUT(IER, 0x02);
	assert_int_equal(GET(DATA), 0x0c);
	assert_int_equal(GET(IER), 0x02);
	PUT(LCR, 3);
	assert_int_equal(GET(LCR), 3);
	assert_int_equal(GET(IER), 0);
	assert_int_equal(nr_out, 0);
}

static void output(void **state)
{
	(void)state;
	PUT(DATA, 'a');
	PUT(DATA, 'b');
	assert_memory_equal(out, "ab", 2);
	assert_false(line);
	room = 15;
	assert_int_equal(GET(LSR), 0);
	room = 16;
	assert_int_equal(GET(LSR), 0x60);
	PUT(LSR, 0xff);
	PUT(MSR, 0xff);
	assert_int_equal(GET(LSR), 0x60);
}

static void output_interrupt(void **state)
{
	(void)state;
	PUT(IER, 2);
	assert_true(line); /* it is empty already */
	assert_int_equal(GET(IIR), 2);
	assert_false(line); /* acknowledged */
	assert_int_equal(GET(IIR), 1);
	PUT(DATA, 'x');
	assert_true(line);
	room = 10;
	PUT(DATA, 'y');
	assert_false(line);
	room = 20;
	v16550_room(&u);
	assert_true(line);
	PUT(IER, 0);
	assert_false(line);
}

static void input(void **state)
{
	(void)state;
	type("hi");
	assert_false(line);
	assert_int_equal(GET(LSR), 0x61);
	PUT(IER, 1);
	assert_true(line);
	assert_true(v16550_is_listening(&u));
	assert_int_equal(GET(IIR), 4);
	assert_int_equal(GET(DATA), 'h');
	assert_true(line);
	assert_int_equal(GET(DATA), 'i');
	assert_false(line);
	assert_int_equal(GET(LSR), 0x60);
	assert_int_equal(GET(DATA), 0);
}

/* With FIFOs: below the trigger level it is the timeout's interrupt. Input comes before output. */
static void triggers(void **state)
{
	(void)state;
	PUT(FCR, 0x81); /* 8 */
	PUT(IER, 3);
	type("1234567");
	assert_int_equal(GET(IIR), 0xcc);
	type("8");
	assert_int_equal(GET(IIR), 0xc4);
	assert_int_equal(GET(DATA), '1');
	assert_int_equal(GET(IIR), 0xcc);
	PUT(FCR, 0x87); /* resets keep what the console has */
	assert_int_equal(nr_in, 7);
	for (int n = 0; n < 7; n++) {
		GET(DATA);
	}
	assert_int_equal(GET(IIR), 0xc2);
	assert_int_equal(GET(IIR), 0xc1);
}

static void loopback(void **state)
{
	(void)state;
	type("t");
	PUT(IER, 1);
	PUT(MCR, 0x10);
	assert_int_equal(GET(LSR), 0x60); /* not what was typed */
	assert_false(line);
	PUT(DATA, 'q');
	assert_int_equal(nr_out, 0);
	assert_true(line);
	assert_int_equal(GET(LSR), 0x61);
	assert_int_equal(GET(DATA), 'q');
	assert_false(line);
	assert_int_equal(GET(DATA), 0);
	PUT(DATA, 'r');
	PUT(MCR, 0xe0);
	assert_int_equal(GET(MCR), 0);
	assert_int_equal(GET(DATA), 't');
}

static void reset(void **state)
{
	(void)state;
	type("z");
	PUT(IER, 3);
	PUT(FCR, 0x81);
	assert_true(line);
	v16550_reset(&u);
	assert_false(line);
	assert_int_equal(GET(IIR), 1);
	assert_int_equal(GET(IER), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(power_on, set_up),
		cmocka_unit_test_setup(as_linux_asks, set_up),
		cmocka_unit_test_setup(divisor, set_up),
		cmocka_unit_test_setup(output, set_up),
		cmocka_unit_test_setup(output_interrupt, set_up),
		cmocka_unit_test_setup(input, set_up),
		cmocka_unit_test_setup(triggers, set_up),
		cmocka_unit_test_setup(loopback, set_up),
		cmocka_unit_test_setup(reset, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
