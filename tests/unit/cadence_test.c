// SPDX-License-Identifier: Apache-2.0
/* The Cadence driver against a page of memory: which register it touches when, and that nothing makes it wait for ever. */
#include <unit.h>

#include <hyp/console.h>

#define CR	(0x00 / 4)
#define MR	(0x04 / 4)
#define IER	(0x08 / 4)
#define IDR	(0x0c / 4)
#define ISR	(0x14 / 4)
#define BAUDGEN (0x18 / 4)
#define RXTOUT	(0x1c / 4)
#define RXWM	(0x20 / 4)
#define SR	(0x2c / 4)
#define FIFO	(0x30 / 4)
#define BDIV	(0x34 / 4)

#define SR_REMPTY 0x2
#define SR_TEMPTY 0x8
#define SR_TFUL	  0x10

static uint32_t regs[PAGE_SIZE / 4];

static int fresh(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		regs[i] = 0;
	}
	regs[SR] = SR_TEMPTY | SR_REMPTY;
	return 0;
}

static void init_keeps_the_rate(void **state)
{
	(void)state;
	regs[BAUDGEN] = 62;
	regs[BDIV] = 6;
	regs[MR] = 0x3ff; /* with the prescaler */
	regs[RXTOUT] = 10;
	regs[RXWM] = 32;
	uart_ops.init(regs);
	assert_int_equal(regs[BAUDGEN], 62);
	assert_int_equal(regs[BDIV], 6);
	assert_int_equal(regs[MR], 0x21);	   /* 8N1 */
	assert_int_equal(regs[CR] & 0x3c, 0x14);   /* both ways on, none off */
	assert_int_equal(regs[CR] & 0x180, 0x100); /* no break */
	assert_int_equal(regs[IDR], 0x3fff);
	assert_int_equal(regs[ISR], 0x3fff);
	assert_int_equal(regs[RXTOUT], 0);
	assert_int_equal(regs[RXWM], 1);
}

static void a_busy_uart_does_not_hold_the_boot_up(void **state)
{
	(void)state;
	regs[SR] = SR_REMPTY | SR_TEMPTY | 0x800; /* shifts one out, for ever */
	uart_ops.init(regs);
	assert_int_equal(regs[CR] & 0x3c, 0x14);
	regs[CR] = 0;
	regs[SR] = SR_TFUL;
	uart_ops.init(regs);
	assert_int_equal(regs[CR] & 0x3c, 0x14);
}

static void puts_only_where_there_is_room(void **state)
{
	(void)state;
	regs[SR] = SR_TFUL;
	assert_false(uart_ops.put(regs, 'a'));
	assert_int_equal(regs[FIFO], 0);
	regs[SR] = 0;
	assert_true(uart_ops.put(regs, '\xe4'));
	assert_int_equal(regs[FIFO], 0xe4);
}

static void gets_what_arrived(void **state)
{
	(void)state;
	regs[FIFO] = 0xfe4;
	assert_int_equal(uart_ops.get(regs), -1);
	regs[SR] = 0;
	assert_int_equal(uart_ops.get(regs), 0xe4);
}

static void interrupts(void **state)
{
	(void)state;
	uart_ops.irq_enable(regs, true, false);
	assert_int_equal(regs[IER], 0x1);
	assert_int_equal(regs[IDR], 0x8);
	uart_ops.irq_enable(regs, true, true);
	assert_int_equal(regs[IER], 0x9);
	assert_int_equal(regs[IDR], 0);
	uart_ops.irq_enable(regs, false, false);
	assert_int_equal(regs[IER], 0);
	assert_int_equal(regs[IDR], 0x9);
	uart_ops.irq_ack(regs);
	assert_int_equal(regs[ISR], 0x9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(init_keeps_the_rate, fresh),
		cmocka_unit_test_setup(a_busy_uart_does_not_hold_the_boot_up, fresh),
		cmocka_unit_test_setup(puts_only_where_there_is_room, fresh),
		cmocka_unit_test_setup(gets_what_arrived, fresh),
		cmocka_unit_test_setup(interrupts, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
