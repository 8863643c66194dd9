// SPDX-License-Identifier: Apache-2.0
/* The 8250's driver against a page of memory: which register it touches when. */
#include <unit.h>

#include <hyp/console.h>

#define DATA (0x00 / 4)
#define IER  (0x04 / 4)
#define FCR  (0x08 / 4)
#define LCR  (0x0c / 4)
#define MCR  (0x10 / 4)
#define LSR  (0x14 / 4)

#define FIFO_BYTES 16

static uint32_t regs[PAGE_SIZE / 4];

static int fresh(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		regs[i] = 0;
	}
	uart_ops.init(regs);
	return 0;
}

static void init_keeps_the_rate(void **state)
{
	(void)state;
	regs[IER] = 0xf;
	regs[LCR] = 0x83; /* the divisor's latch, open */
	uart_ops.init(regs);
	assert_int_equal(regs[IER], 0);
	assert_int_equal(regs[LCR], 0x3);
	assert_int_equal(regs[FCR], 0x3); /* what is to be sent stays */
	assert_int_equal(regs[MCR], 0xb);
	assert_int_equal(regs[DATA], 0);
}

static void fills_the_fifo_once_it_is_empty(void **state)
{
	(void)state;
	assert_false(uart_ops.put(regs, 'a'));
	assert_int_equal(regs[DATA], 0);
	regs[LSR] = 0x20;
	assert_true(uart_ops.put(regs, '\xe4'));
	assert_int_equal(regs[DATA], 0xe4);
	regs[LSR] = 0;
	for (int i = 1; i < FIFO_BYTES; i++) {
		assert_true(uart_ops.put(regs, 'b'));
	}
	assert_false(uart_ops.put(regs, 'c'));
}

static void gets_what_arrived_well(void **state)
{
	(void)state;
	regs[DATA] = 0xe4;
	assert_int_equal(uart_ops.get(regs), -1);
	regs[LSR] = 0x21;
	assert_int_equal(uart_ops.get(regs), 0xe4);
	regs[LSR] = 0x29; /* a framing error, for ever: it ends all the same */
	assert_int_equal(uart_ops.get(regs), -1);
}

static void interrupts(void **state)
{
	(void)state;
	uart_ops.irq_enable(regs, true, false);
	assert_int_equal(regs[IER], 0x1);
	uart_ops.irq_enable(regs, true, true);
	assert_int_equal(regs[IER], 0x3);
	uart_ops.irq_enable(regs, false, false);
	assert_int_equal(regs[IER], 0);
	uart_ops.irq_ack(regs);
	assert_int_equal(regs[IER], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(init_keeps_the_rate, fresh),
		cmocka_unit_test_setup(fills_the_fifo_once_it_is_empty, fresh),
		cmocka_unit_test_setup(gets_what_arrived_well, fresh),
		cmocka_unit_test_setup(interrupts, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
