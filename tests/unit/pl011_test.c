// SPDX-License-Identifier: Apache-2.0
/* The PL011 driver against a page of memory: which register it touches when, and that nothing makes it wait for ever. */
#include <unit.h>

#include <hyp/console.h>

#define DR   (0x00 / 4)
#define FR   (0x18 / 4)
#define IBRD (0x24 / 4)
#define LCRH (0x2c / 4)
#define CR   (0x30 / 4)
#define IMSC (0x38 / 4)
#define ICR  (0x44 / 4)

static uint32_t regs[PAGE_SIZE / 4];

static int zero(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		regs[i] = 0;
	}
	return 0;
}

static void init_keeps_rate_and_modem_lines(void **state)
{
	(void)state;
	regs[IBRD] = 26;
	regs[CR] = 0xfc01; /* with RTS and DTR */
	regs[IMSC] = 0x7ff;
	uart_ops.init(regs);
	assert_int_equal(regs[IBRD], 26);
	assert_int_equal(regs[LCRH], 0x70); /* 8N1, FIFO */
	assert_int_equal(regs[CR], 0xf01);
	assert_int_equal(regs[IMSC], 0);
	assert_int_equal(regs[ICR], 0x7ff);
}

static void a_busy_uart_does_not_hold_the_boot_up(void **state)
{
	(void)state;
	regs[FR] = 0x8;
	uart_ops.init(regs);
	assert_int_equal(regs[CR], 0x301);
}

static void puts_only_where_there_is_room(void **state)
{
	(void)state;
	regs[FR] = 0x20;
	assert_false(uart_ops.put(regs, 'a'));
	assert_int_equal(regs[DR], 0);
	regs[FR] = 0;
	assert_true(uart_ops.put(regs, '\xe4'));
	assert_int_equal(regs[DR], 0xe4);
}

static void gets_what_arrived_whole(void **state)
{
	(void)state;
	regs[FR] = 0x10;
	assert_int_equal(uart_ops.get(regs), -1);
	regs[FR] = 0;
	regs[DR] = 0xe4;
	assert_int_equal(uart_ops.get(regs), 0xe4);
	regs[DR] = 0x400 | 'x'; /* a break, for ever */
	assert_int_equal(uart_ops.get(regs), -1);
}

static void interrupts(void **state)
{
	(void)state;
	uart_ops.irq_enable(regs, true, false);
	assert_int_equal(regs[IMSC], 0x50);
	uart_ops.irq_enable(regs, true, true);
	assert_int_equal(regs[IMSC], 0x70);
	uart_ops.irq_enable(regs, false, false);
	assert_int_equal(regs[IMSC], 0);
	uart_ops.irq_ack(regs);
	assert_int_equal(regs[ICR], 0x70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(init_keeps_rate_and_modem_lines, zero),
		cmocka_unit_test_setup(a_busy_uart_does_not_hold_the_boot_up, zero),
		cmocka_unit_test_setup(puts_only_where_there_is_room, zero),
		cmocka_unit_test_setup(gets_what_arrived_whole, zero),
		cmocka_unit_test_setup(interrupts, zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
