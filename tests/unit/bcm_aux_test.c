// SPDX-License-Identifier: Apache-2.0
/* The mini-UART's driver against a page of memory: which register it touches when. */
#include <unit.h>

#include <hyp/console.h>

#define AUX_IRQ	    (0x00 / 4)
#define AUX_ENABLES (0x04 / 4)
#define MU_IO	    (0x40 / 4)
#define MU_IER	    (0x44 / 4)
#define MU_IIR	    (0x48 / 4)
#define MU_LCR	    (0x4c / 4)
#define MU_MCR	    (0x50 / 4)
#define MU_LSR	    (0x54 / 4)
#define MU_CNTL	    (0x60 / 4)
#define MU_BAUD	    (0x68 / 4)

static uint32_t regs[PAGE_SIZE / 4];

static int fresh(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		regs[i] = 0;
	}
	return 0;
}

static void init_keeps_the_rate(void **state)
{
	(void)state;
	regs[AUX_ENABLES] = 0x4; /* SPI 2 is somebody else's */
	regs[MU_BAUD] = 541;
	regs[MU_IER] = 0xf;
	regs[MU_MCR] = 0x2;
	uart_ops.init(regs);
	assert_int_equal(regs[AUX_ENABLES], 0x5);
	assert_int_equal(regs[MU_BAUD], 541);
	assert_int_equal(regs[MU_IER], 0);
	assert_int_equal(regs[MU_LCR], 0x3);
	assert_int_equal(regs[MU_MCR], 0);
	assert_int_equal(regs[MU_IIR], 0x2);  /* what is to be sent stays */
	assert_int_equal(regs[MU_CNTL], 0x3); /* both ways, no flow control */
	assert_int_equal(regs[MU_IO], 0);
}

static void puts_only_where_there_is_room(void **state)
{
	(void)state;
	assert_false(uart_ops.put(regs, 'a'));
	assert_int_equal(regs[MU_IO], 0);
	regs[MU_LSR] = 0x20;
	assert_true(uart_ops.put(regs, '\xe4'));
	assert_int_equal(regs[MU_IO], 0xe4);
}

static void gets_what_arrived(void **state)
{
	(void)state;
	regs[MU_IO] = 0xe4;
	regs[MU_LSR] = 0x20;
	assert_int_equal(uart_ops.get(regs), -1);
	regs[MU_LSR] = 0x21;
	assert_int_equal(uart_ops.get(regs), 0xe4);
}

static void interrupts(void **state)
{
	(void)state;
	uart_ops.irq_enable(regs, true, false);
	assert_int_equal(regs[MU_IER], 0xd);
	uart_ops.irq_enable(regs, true, true);
	assert_int_equal(regs[MU_IER], 0xf);
	uart_ops.irq_enable(regs, false, false);
	assert_int_equal(regs[MU_IER], 0);
	uart_ops.irq_ack(regs);
	assert_int_equal(regs[MU_IIR], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(init_keeps_the_rate, fresh),
		cmocka_unit_test_setup(puts_only_where_there_is_room, fresh),
		cmocka_unit_test_setup(gets_what_arrived, fresh),
		cmocka_unit_test_setup(interrupts, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
