// SPDX-License-Identifier: Apache-2.0
/* Guest memory: copies that cross pages and fault, device accesses, and the fake machine's own stage 2. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/errno.h>
#include <hyp/guest_copy.h>
#include <hyp/mmio.h>

#define A \
	0x100000UL /* guest addresses of pages that follow each other, on machine pages that do not */
#define B (A + PAGE_SIZE)
#define C (B + PAGE_SIZE) /* read only */
#define D (C + PAGE_SIZE) /* nothing */

static struct domain dom;
static struct vcpu cpu = { .domain = &dom };

static int fresh(void **state)
{
	(void)state;
	host_reset();
	memset(&dom, 0, sizeof(dom));
	assert_int_equal(
		arch_p2m_map(&dom, gpa(A), paddr(HOST_RAM_BASE + 0x5000), PAGE_SIZE, P2M_RAM), 0);
	assert_int_equal(
		arch_p2m_map(&dom, gpa(B), paddr(HOST_RAM_BASE + 0x2000), PAGE_SIZE, P2M_RAM), 0);
	assert_int_equal(arch_p2m_map(&dom, gpa(C), paddr(HOST_RAM_BASE + 0x9000), PAGE_SIZE,
				      P2M_RAM_RO),
			 0);
	return 0;
}

static void copies_cross_pages(void **state)
{
	char out[100], in[100];

	(void)state;
	for (size_t i = 0; i < sizeof(out); i++) {
		out[i] = (char)(i + 1);
	}
	assert_int_equal(guest_write(&cpu, B - 40, out, sizeof(out)), 0);
	assert_memory_equal(host_ram + 0x5000 + PAGE_SIZE - 40, out, 40);
	assert_memory_equal(host_ram + 0x2000, out + 40, 60);
	assert_int_equal(host_ram[0x2000 + 60], 0);
	assert_int_equal(guest_read(&cpu, in, B - 40, sizeof(in)), 0);
	assert_memory_equal(in, out, sizeof(in));
	memset(in, 0, sizeof(in));
	assert_int_equal(domain_read_phys(&dom, in, gpa(B - 40), sizeof(in)), 0);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(host.irq_masked, 0);
	assert_false(host.window_open);
}

static void copies_fault(void **state)
{
	char buf[64] = { 0 };

	(void)state;
	assert_int_equal(guest_read(&cpu, buf, D - 32, 64), -EFAULT);
	assert_int_equal(guest_read(&cpu, buf, D, 1), -EFAULT);
	assert_int_equal(guest_read(&cpu, buf, A - 1, 2), -EFAULT);
	assert_int_equal(guest_read(&cpu, buf, UINT64_MAX - 3, 16), -EFAULT);
	assert_int_equal(guest_read(&cpu, buf, A, SIZE_MAX), -EFAULT);
	assert_int_equal(guest_read(&cpu, buf, C, 8), 0);
	assert_int_equal(guest_write(&cpu, C, buf, 8), -EFAULT);
	assert_int_equal(guest_write(&cpu, C - 4, buf, 8), -EFAULT);
	assert_int_equal(domain_write_phys(&dom, gpa(C), buf, 8), -EFAULT);
	assert_int_equal(domain_read_phys(&dom, buf, gpa(C), 8), 0);
	assert_int_equal(domain_read_phys(&dom, buf, gpa(D), 8), -EFAULT);
	assert_int_equal(host.irq_masked, 0);
}

static void nothing_is_nothing(void **state)
{
	(void)state;
	assert_int_equal(guest_read(&cpu, NULL, D, 0), 0);
	assert_int_equal(guest_write(&cpu, D, NULL, 0), 0);
}

static void devices_are_not_memory(void **state)
{
	char buf[4];

	(void)state;
	assert_int_equal(arch_p2m_map(&dom, gpa(D), paddr(HOST_RAM_BASE), PAGE_SIZE, P2M_DEVICE),
			 0);
	assert_int_equal(domain_read_phys(&dom, buf, gpa(D), 4), -EFAULT);
	assert_int_equal(domain_write_phys(&dom, gpa(D), buf, 4), -EFAULT);
}

/* MMIO */

static struct {
	uint64_t offset;
	unsigned int size;
	uint64_t value;
	unsigned int reads;
	unsigned int writes;
} seen;

static bool dev_read(struct vcpu *v, void *dev, uint64_t offset, unsigned int size, uint64_t *value)
{
	assert_ptr_equal(v, &cpu);
	assert_ptr_equal(dev, &seen);
	seen.offset = offset;
	seen.size = size;
	seen.reads++;
	*value = 0x1122334455667788;
	return offset != 0xf00;
}

static bool dev_write(struct vcpu *v, void *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	(void)v;
	(void)dev;
	seen.offset = offset;
	seen.size = size;
	seen.value = value;
	seen.writes++;
	return true;
}

static const struct mmio_ops dev_ops = { .name = "dev", .read = dev_read, .write = dev_write };

static void mmio_finds_its_device(void **state)
{
	uint64_t value = 5;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(mmio_register(&dom, 0x9000000, 0x1000, &dev_ops, &seen), 0);
	assert_true(trap_mmio(&cpu, gpa(0x9000018), 4, false, &value));
	assert_int_equal(seen.offset, 0x18);
	assert_int_equal(seen.size, 4);
	assert_int_equal(value, 0x1122334455667788);
	value = 9;
	assert_true(trap_mmio(&cpu, gpa(0x9000ff8), 8, true, &value));
	assert_int_equal(seen.offset, 0xff8);
	assert_int_equal(seen.value, 9);
	assert_false(
		trap_mmio(&cpu, gpa(0x9000f00), 1, false, &value)); /* the model's own refusal */
}

static void mmio_refuses_what_is_outside(void **state)
{
	uint64_t value = 0;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(mmio_register(&dom, 0x9000000, 0x1006, &dev_ops, &seen), 0);
	assert_false(trap_mmio(&cpu, gpa(0x8fffffc), 4, false, &value));
	assert_false(trap_mmio(&cpu, gpa(0x9001004), 4, false,
			       &value)); /* only two bytes are left there */
	assert_true(trap_mmio(&cpu, gpa(0x9001004), 2, false, &value));
	assert_false(trap_mmio(&cpu, gpa(0x9001008), 4, false, &value));
	assert_false(trap_mmio(&cpu, gpa(UINT64_MAX - 7), 8, true, &value));
	assert_false(trap_mmio(&cpu, gpa(0x9000002), 4, true, &value)); /* misaligned */
	assert_false(trap_mmio(&cpu, gpa(0x9000000), 3, true, &value));
	assert_false(trap_mmio(&cpu, gpa(0x9000000), 16, true, &value));
	assert_false(trap_mmio(&cpu, gpa(0x9000000), 0, true, &value));
	assert_int_equal(seen.reads, 1);
	assert_int_equal(seen.writes, 0);
}

static void mmio_regions_do_not_overlap(void **state)
{
	(void)state;
	assert_int_equal(mmio_register(&dom, 0x1000, 0x1000, &dev_ops, &seen), 0);
	assert_int_equal(mmio_register(&dom, 0x1fff, 1, &dev_ops, &seen), -EEXIST);
	assert_int_equal(mmio_register(&dom, 0, 0x1001, &dev_ops, &seen), -EEXIST);
	assert_int_equal(mmio_register(&dom, 0x3000, 0, &dev_ops, &seen), -EINVAL);
	assert_int_equal(mmio_register(&dom, UINT64_MAX - 4, 100, &dev_ops, &seen), -EINVAL);
	for (uint64_t i = 1; i < MMIO_MAX_REGIONS; i++) {
		assert_int_equal(mmio_register(&dom, 0x10000 * i, 0x1000, &dev_ops, &seen), 0);
	}
	assert_int_equal(mmio_register(&dom, 0x5000, 0x1000, &dev_ops, &seen), -ENOSPC);
}

/* The contract of hyp/arch/p2m.h, on the machine whose tests rely on it. */

static uint64_t behind(uint64_t at)
{
	enum p2m_type type;
	paddr_t pa;

	return arch_p2m_lookup(&dom, gpa(at), &pa, &type) == 0 ? pa.v : 0;
}

static void p2m_maps_once(void **state)
{
	(void)state;
	assert_int_equal(arch_p2m_map(&dom, gpa(B), paddr(0x7000), PAGE_SIZE, P2M_RAM), -EEXIST);
	assert_int_equal(arch_p2m_map(&dom, gpa(A - PAGE_SIZE), paddr(0x7000), 2 * PAGE_SIZE,
				      P2M_RAM),
			 -EEXIST);
	assert_int_equal(behind(A - PAGE_SIZE), 0);
	assert_int_equal(arch_p2m_map(&dom, gpa(D + 1), paddr(0x7000), PAGE_SIZE, P2M_RAM),
			 -EINVAL);
	assert_int_equal(arch_p2m_map(&dom, gpa(D), paddr(0x7000), 100, P2M_RAM), -EINVAL);
	assert_int_equal(arch_p2m_map(&dom, gpa(UINT64_MAX & ~0xfffUL), paddr(0), 2 * PAGE_SIZE,
				      P2M_RAM),
			 -EINVAL);
	assert_int_equal(behind(B + 5), HOST_RAM_BASE + 0x2005);
}

static void p2m_unmaps_the_middle(void **state)
{
	(void)state;
	assert_int_equal(
		arch_p2m_map(&dom, gpa(GIB), paddr(HOST_RAM_BASE), 16 * PAGE_SIZE, P2M_RAM), 0);
	assert_int_equal(arch_p2m_unmap(&dom, gpa(GIB + 4 * PAGE_SIZE), PAGE_SIZE), 0);
	assert_int_equal(behind(GIB + 3 * PAGE_SIZE), HOST_RAM_BASE + 3 * PAGE_SIZE);
	assert_int_equal(behind(GIB + 4 * PAGE_SIZE), 0);
	assert_int_equal(behind(GIB + 5 * PAGE_SIZE), HOST_RAM_BASE + 5 * PAGE_SIZE);
	assert_int_equal(arch_p2m_unmap(&dom, gpa(0), 64 * GIB), 0);
	assert_int_equal(behind(GIB), 0);
	assert_int_equal(behind(A), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(copies_cross_pages, fresh),
		cmocka_unit_test_setup(copies_fault, fresh),
		cmocka_unit_test_setup(nothing_is_nothing, fresh),
		cmocka_unit_test_setup(devices_are_not_memory, fresh),
		cmocka_unit_test_setup(mmio_finds_its_device, fresh),
		cmocka_unit_test_setup(mmio_refuses_what_is_outside, fresh),
		cmocka_unit_test_setup(mmio_regions_do_not_overlap, fresh),
		cmocka_unit_test_setup(p2m_maps_once, fresh),
		cmocka_unit_test_setup(p2m_unmaps_the_middle, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
