// SPDX-License-Identifier: Apache-2.0
/* The guests' UART, register by register, the way Linux's driver and a whole-PL011 driver use it. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/trap.h>
#include <hyp/console.h>

#define DR   0x00
#define FR   0x18
#define IMSC 0x38
#define RIS  0x3c
#define MIS  0x40
#define ICR  0x44

#define RXFE 0x10
#define TXFF 0x20
#define TXFE 0x80
#define RX   0x10
#define TX   0x20
#define RT   0x40

static struct domain *d;
static struct vcpu *v;

static int setup(void **state)
{
	(void)state;
	world_setup(2);
	host_advance(1000000); /* what the console said so far is gone */
	d = domain_get(1);
	v = d->vcpus[0];
	return 0;
}

static uint64_t get(uint64_t reg)
{
	uint64_t value = UINT64_MAX;

	assert_true(trap_mmio(v, gpa(GUEST_PL011_BASE + reg), 4, false, &value));
	return value;
}

static void set(uint64_t reg, uint64_t value)
{
	assert_true(trap_mmio(v, gpa(GUEST_PL011_BASE + reg), 4, true, &value));
}

static void type(const char *keys)
{
	host.typed = keys;
	host_raise(WORLD_UART_IRQ);
}

static bool line(void)
{
	return d->arch.irq[GUEST_VPL011_SPI];
}

static void at_reset(void **state)
{
	(void)state;
	assert_int_equal(get(FR), RXFE | TXFE);
	assert_int_equal(get(IMSC), 0);
	assert_int_equal(get(RIS), 0);
	assert_false(line());
}

static void transmits(void **state)
{
	static const char text[] = "hello, world\r\n";

	(void)state;
	host.uart_len = 0;
	for (size_t i = 0; text[i] != '\0'; i++) {
		assert_int_equal(get(FR) & TXFF, 0);
		set(DR, (uint8_t)text[i]);
	}
	assert_string_equal(host.uart, "one: hello, world\r\n");
}

static void transmit_interrupt(void **state)
{
	(void)state;
	set(ICR, 0x7ff);
	assert_int_equal(get(RIS) & TX, 0);
	set(IMSC, TX);
	assert_false(line());
	set(DR, '\n');
	assert_int_equal(get(MIS), TX);
	assert_true(line());
	set(ICR, TX);
	assert_false(line());
	set(IMSC, 0);
	set(DR, '\n');
	assert_int_equal(get(MIS), 0);
	assert_int_equal(get(RIS) & TX, TX);
	assert_false(line());
	set(ICR, 0x7ff);
}

static void receives(void **state)
{
	(void)state;
	set(IMSC, RX | RT);
	type("ab");
	assert_true(line());
	assert_int_equal(get(FR) & RXFE, 0);
	assert_int_equal(get(RIS) & (RX | RT), RX | RT);
	set(ICR, RX | RT); /* what waits is not forgotten */
	assert_true(line());
	assert_int_equal(get(DR), 'a');
	assert_true(line());
	assert_int_equal(get(DR), 'b');
	assert_false(line());
	assert_int_equal(get(FR) & RXFE, RXFE);
	assert_int_equal(get(DR), 0);
	set(IMSC, 0);
	type("c");
	assert_false(line());
	set(IMSC, RX);
	assert_true(line());
	assert_int_equal(get(DR), 'c');
	set(IMSC, 0);
}

/* All that the console holds goes out, at its pace. */
static void drain(void)
{
	for (unsigned int i = 0; i < 2000; i++) {
		if (host.uart_tx_irq) {
			host_raise(WORLD_UART_IRQ);
		}
		host_advance(1000000);
	}
}

/* The board's UART takes nothing: the guest sees its FIFO full, and an interrupt when there is room again. */
static void presses_back(void **state)
{
	size_t written = 0;

	(void)state;
	set(ICR, 0x7ff);
	set(IMSC, TX);
	host.uart_room = 0;
	while ((get(FR) & TXFF) == 0) {
		set(DR, 'x');
		written++;
		assert_true(written < 100000);
	}
	assert_true(written > 60000); /* more than a boot log */
	assert_int_equal(get(RIS) & TX, 0);
	assert_false(line());
	assert_int_equal(get(FR) & TXFE, 0);
	host.uart_room = SIZE_MAX;
	host.uart_len = 0;
	drain();
	assert_true(line());
	assert_int_equal(get(FR) & (TXFF | TXFE), TXFE);
	set(DR, '\n');
	drain();
	assert_null(strstr(host.uart, "dropped"));
	set(IMSC, 0);
}

static void rest_reads_zero(void **state)
{
	static const uint8_t ids[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
	uint64_t value;

	(void)state;
	for (uint64_t reg = 0x24; reg < 0x38; reg += 4) {
		set(reg, UINT32_MAX);
		assert_int_equal(get(reg), 0);
	}
	for (uint64_t i = 0; i < ARRAY_SIZE(ids); i++) {
		assert_int_equal(get(0xfe0 + 4 * i), ids[i]);
	}
	assert_true(trap_mmio(v, gpa(GUEST_PL011_BASE + FR), 2, false, &value));
	assert_true(trap_mmio(v, gpa(GUEST_PL011_BASE + FR), 1, false, &value));
	assert_false(trap_mmio(v, gpa(GUEST_PL011_BASE), 8, false, &value));
	assert_false(trap_mmio(v, gpa(GUEST_PL011_BASE + 0x1000), 4, false, &value));
	set(IMSC, UINT32_MAX);
	assert_int_equal(get(IMSC), 0x7ff);
	set(IMSC, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_reset),	      cmocka_unit_test(transmits),
		cmocka_unit_test(transmit_interrupt), cmocka_unit_test(receives),
		cmocka_unit_test(presses_back),	      cmocka_unit_test(rest_reads_zero),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
