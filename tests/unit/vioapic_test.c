// SPDX-License-Identifier: Apache-2.0
/* The virtual I/O APIC, before real virtual local APICs. */
#include <unit.h>

#include "vlapic_fake.h"

#include <asm/vioapic.h>

static struct vioapic io;

unsigned long arch_irq_save(void)
{
	return 0;
}

void arch_irq_restore(unsigned long flags)
{
	(void)flags;
}

static int set_up(void **state)
{
	(void)state;
	vlapic_fake_begin();
	for (unsigned int n = 0; n < NR_CPUS; n++) {
		assert_true(vlapic_mmio_write(&apic[n], APIC_SVR, 4, 0x1ff));
		assert_true(vlapic_mmio_write(&apic[n], APIC_LDR, 4, 1U << (24 + n)));
	}
	vioapic_init(&io, &set);
	return 0;
}

static uint32_t reg(uint32_t n)
{
	vioapic_write(&io, 0, 4, n);
	assert_int_equal(vioapic_read(&io, 0, 4), n);
	return (uint32_t)vioapic_read(&io, 0x10, 4);
}

static void set_reg(uint32_t n, uint32_t value)
{
	vioapic_write(&io, 0, 4, n);
	vioapic_write(&io, 0x10, 4, value);
}

static void set_pin(unsigned int pin, uint32_t dest, uint32_t low)
{
	set_reg(0x11 + 2 * pin, dest << 24);
	set_reg(0x10 + 2 * pin, low);
}

/* Who has @vector pending, a bit each; they take it. */
static unsigned int taken(uint8_t vector)
{
	unsigned int mask = 0;

	for (unsigned int n = 0; n < NR_CPUS; n++) {
		if (vlapic_pending(&apic[n]) == vector) {
			vlapic_take(&apic[n], vector);
			mask |= 1U << n;
		}
	}
	return mask;
}

/* The guest ends it; the machine tells the I/O APIC, as vlapic_hw_eoi() says. */
static void end(unsigned int n)
{
	unsigned int eois = fake[n].eois;

	vlapic_mmio_write(&apic[n], APIC_EOI, 4, 0);
	if (fake[n].eois != eois) {
		vioapic_eoi(&io, (uint8_t)fake[n].eoi);
	}
}

static void registers(void **state)
{
	(void)state;
	assert_int_equal(reg(1), 0x170011);
	assert_int_equal(reg(0), 0);
	set_reg(0, UINT32_MAX);
	assert_int_equal(reg(0), 0x0f000000);
	assert_int_equal(reg(2), 0x0f000000);
	set_reg(1, 0);
	assert_int_equal(reg(1), 0x170011);
	for (uint32_t n = 0x10; n < 0x40; n++) {
		assert_int_equal(reg(n), n % 2 == 0 ? IOAPIC_MASKED : 0);
	}
	set_reg(0x12, UINT32_MAX);
	set_reg(0x13, UINT32_MAX);
	assert_int_equal(reg(0x12), 0x1afff);
	assert_int_equal(reg(0x13), 0xff000000);
	assert_int_equal(reg(0x10), IOAPIC_MASKED);
	assert_int_equal(reg(0x40), 0);
	assert_int_equal(reg(0xff), 0);
	set_reg(0x40, UINT32_MAX);
	assert_int_equal(vioapic_read(&io, 0, 8), 0);
	assert_int_equal(vioapic_read(&io, 1, 1), 0);
	vioapic_write(&io, 0x10, 1, 7);
	vioapic_write(&io, 0x40, 4, 7);
	assert_int_equal(reg(0x12), 0x1afff);
}

static void edges(void **state)
{
	(void)state;
	vioapic_set_line(&io, 4, true);
	vioapic_set_line(&io, 4, false);
	set_pin(4, 1, 0x44);
	assert_int_equal(taken(0x44), 0); /* it came while masked */
	vioapic_set_line(&io, 4, true);
	assert_int_equal(taken(0x44), 2);
	vioapic_set_line(&io, 4, true);
	assert_int_equal(taken(0x44), 0);
	end(1);
	assert_int_equal(taken(0x44), 0); /* still up, no edge */
	vioapic_set_line(&io, 4, false);
	vioapic_set_line(&io, 4, true);
	assert_int_equal(taken(0x44), 2);
	assert_int_equal(fake[1].eois, 0);
}

static void levels(void **state)
{
	(void)state;
	set_pin(9, 2, 0x59 | IOAPIC_LEVEL);
	vioapic_set_line(&io, 9, true);
	assert_int_equal(taken(0x59), 4);
	assert_true((reg(0x22) & IOAPIC_REMOTE_IRR) != 0);
	vioapic_set_line(&io, 9, false);
	vioapic_set_line(&io, 9, true);
	assert_int_equal(taken(0x59), 0); /* under way */
	end(2);
	assert_int_equal(taken(0x59), 4); /* still up */
	vioapic_set_line(&io, 9, false);
	end(2);
	assert_int_equal(taken(0x59), 0);
	assert_int_equal(reg(0x22) & IOAPIC_REMOTE_IRR, 0);
}

/* What waited while it was masked, or while its entry was wrong, comes then. */
static void levels_masked(void **state)
{
	(void)state;
	set_pin(9, 2, 0x59 | IOAPIC_LEVEL | IOAPIC_MASKED);
	vioapic_set_line(&io, 9, true);
	assert_int_equal(taken(0x59), 0);
	set_reg(0x22, 0x59 | IOAPIC_LEVEL);
	assert_int_equal(taken(0x59), 4);
	/* masked and open again while it is served: not twice */
	set_reg(0x22, 0x59 | IOAPIC_LEVEL | IOAPIC_MASKED);
	set_reg(0x22, 0x59 | IOAPIC_LEVEL);
	assert_int_equal(taken(0x59), 0);
	/* masked when it ends: it comes with the mask's end */
	set_reg(0x22, 0x59 | IOAPIC_LEVEL | IOAPIC_MASKED);
	end(2);
	assert_int_equal(taken(0x59), 0);
	set_reg(0x22, 0x59 | IOAPIC_LEVEL);
	assert_int_equal(taken(0x59), 4);
	set_reg(0x22, 0x59); /* edge: nothing is under way */
	assert_int_equal(reg(0x22) & IOAPIC_REMOTE_IRR, 0);
}

static void destinations(void **state)
{
	(void)state;
	set_pin(0, 0xff, 0x40);
	vioapic_set_line(&io, 0, true);
	assert_int_equal(taken(0x40), 0xf);
	set_pin(1, 0x6, 0x61 | IOAPIC_LOGICAL);
	vioapic_set_line(&io, 1, true);
	assert_int_equal(taken(0x61), 6);
	set_pin(2, 0xc, 0x82 | IOAPIC_LOGICAL | APIC_LOWEST << 8);
	vioapic_set_line(&io, 2, true);
	assert_int_equal(taken(0x82), 4);
	set_pin(3, 1, APIC_NMI << 8 | IOAPIC_LEVEL);
	vioapic_set_line(&io, 3, true);
	assert_true(vlapic_take_nmi(&apic[1]));
	set_pin(5, 1, APIC_INIT << 8); /* no device starts a CPU anew */
	vioapic_set_line(&io, 5, true);
	assert_int_equal(fake[1].inits, 0);
	set_pin(6, 9, 0x93 | IOAPIC_LEVEL); /* nobody: not under way */
	vioapic_set_line(&io, 6, true);
	assert_int_equal(reg(0x1c) & IOAPIC_REMOTE_IRR, 0);
	set_reg(0x1d, 3U << 24); /* until there is somebody */
	assert_int_equal(taken(0x93), 8);
}

/* Two pins with one vector: one end is the end of both. */
static void shared_vector(void **state)
{
	(void)state;
	set_pin(10, 0, 0x71 | IOAPIC_LEVEL);
	set_pin(11, 0, 0x71 | IOAPIC_LEVEL);
	vioapic_set_line(&io, 10, true);
	vioapic_set_line(&io, 11, true);
	assert_int_equal(taken(0x71), 1);
	vioapic_set_line(&io, 10, false);
	end(0);
	assert_int_equal(taken(0x71), 1);
	vioapic_set_line(&io, 11, false);
	end(0);
	assert_int_equal(taken(0x71), 0);
}

static void reset(void **state)
{
	(void)state;
	set_pin(9, 2, 0x59 | IOAPIC_LEVEL);
	vioapic_set_line(&io, 9, true);
	vioapic_reset(&io);
	assert_int_equal(reg(0x22), IOAPIC_MASKED);
	assert_int_equal(taken(0x59), 4);
	set_pin(9, 1, 0x59 | IOAPIC_LEVEL); /* its line is still up */
	assert_int_equal(taken(0x59), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(registers, set_up),
		cmocka_unit_test_setup(edges, set_up),
		cmocka_unit_test_setup(levels, set_up),
		cmocka_unit_test_setup(levels_masked, set_up),
		cmocka_unit_test_setup(destinations, set_up),
		cmocka_unit_test_setup(shared_vector, set_up),
		cmocka_unit_test_setup(reset, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
