// SPDX-License-Identifier: Apache-2.0
/* The i.MX driver against a page of memory: which register it touches when. */
#include <unit.h>

#include <hyp/console.h>

#define URXD (0x00 / 4)
#define UTXD (0x40 / 4)
#define UCR1 (0x80 / 4)
#define UCR2 (0x84 / 4)
#define UCR3 (0x88 / 4)
#define UCR4 (0x8c / 4)
#define UFCR (0x90 / 4)
#define UBIR (0xa4 / 4)
#define UBMR (0xa8 / 4)
#define UTS  (0xb4 / 4)

static uint32_t regs[PAGE_SIZE / 4];

static int fresh(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		regs[i] = 0;
	}
	return 0;
}

static void init_keeps_rate_and_pins(void **state)
{
	(void)state;
	regs[UBIR] = 0xf;
	regs[UBMR] = 0x68;
	regs[UCR3] = 0x784;
	regs[UFCR] = 0xa90; /* a divider, levels of the firmware's */
	regs[UCR1] = 0xffff;
	regs[UCR4] = 0x80ff;
	uart_ops.init(regs);
	assert_int_equal(regs[UBIR], 0xf);
	assert_int_equal(regs[UBMR], 0x68);
	assert_int_equal(regs[UCR3], 0x784);
	assert_int_equal(regs[UFCR], 0xa81);  /* one character is enough */
	assert_int_equal(regs[UCR1], 0x1);    /* on, no interrupt, no DMA */
	assert_int_equal(regs[UCR2], 0x4027); /* not in reset, both ways, 8N1, no flow control */
	assert_int_equal(regs[UCR4], 0x8000);
}

static void puts_only_where_there_is_room(void **state)
{
	(void)state;
	regs[UTS] = 0x10;
	assert_false(uart_ops.put(regs, 'a'));
	assert_int_equal(regs[UTXD], 0);
	regs[UTS] = 0;
	assert_true(uart_ops.put(regs, '\xe4'));
	assert_int_equal(regs[UTXD], 0xe4);
}

static void gets_what_arrived(void **state)
{
	(void)state;
	regs[URXD] = 0xe4;
	assert_int_equal(uart_ops.get(regs), -1);
	regs[URXD] = 0x80e4;
	assert_int_equal(uart_ops.get(regs), 0xe4);
}

static void interrupts(void **state)
{
	(void)state;
	uart_ops.irq_enable(regs, true, false);
	assert_int_equal(regs[UCR1], 0x201);
	uart_ops.irq_enable(regs, true, true);
	assert_int_equal(regs[UCR1], 0x241);
	uart_ops.irq_enable(regs, false, false);
	assert_int_equal(regs[UCR1], 0x1);
	uart_ops.irq_ack(regs);
	assert_int_equal(regs[UCR1], 0x1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(init_keeps_rate_and_pins, fresh),
		cmocka_unit_test_setup(puts_only_where_there_is_room, fresh),
		cmocka_unit_test_setup(gets_what_arrived, fresh),
		cmocka_unit_test_setup(interrupts, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
