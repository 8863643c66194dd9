// SPDX-License-Identifier: Apache-2.0
/* Building a domain: images where the boot protocol wants them, a device tree that libfdt accepts, no secret left. */
#include <unit.h>
#include <world.h>

#include "../../hypervisor/domain/internal.h"
#include <hyp/arch/p2m.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <libfdt.h>
#include <sys/wait.h>
#include <unistd.h>

static struct domain *one;
static const void *fdt;

static int setup(void **state)
{
	(void)state;
	world_setup(3);
	one = domain_get(1);
	fdt = world_ram(one, one->vcpus[0]->arch.arg);
	return 0;
}

static void kernel_is_at_its_place(void **state)
{
	const uint8_t *image = host_ram + (WORLD_IMAGES - HOST_RAM_BASE);

	(void)state;
	assert_int_equal(one->vcpus[0]->arch.entry, GUEST_RAM0_BASE + 0x80000);
	assert_memory_equal(world_ram(one, GUEST_RAM0_BASE + 0x80000), image, WORLD_KERNEL_BYTES);
}

/* Domain two's memory is two pieces of the machine's, and one for its guest. */
static void pieces_are_one_for_the_guest(void **state)
{
	const uint8_t *image = host_ram + (WORLD_IMAGES - HOST_RAM_BASE);
	struct domain *two = domain_get(2);
	const void *tree = world_ram(two, two->vcpus[0]->arch.arg);
	int memory = fdt_path_offset(tree, "/memory@40000000");
	const fdt64_t *reg = fdt_getprop(tree, memory, "reg", NULL);

	(void)state;
	assert_int_equal(two->nr_ram, 2);
	for (uint64_t i = 0; i < WORLD_KERNEL_BYTES; i += PAGE_SIZE) {
		assert_memory_equal(world_ram(two, GUEST_RAM0_BASE + 0x80000 + i), image + i,
				    PAGE_SIZE);
	}
	assert_non_null(reg);
	assert_int_equal(fdt64_ld(&reg[1]), WORLD_DOMAIN_BYTES);
	assert_int_equal(fdt_next_node(tree, memory, NULL), fdt_path_offset(tree, "/hypervisor"));
}

static struct domain_ram *lay_out(struct domain *d, struct plan_domain *p, uint32_t nr,
				  uint64_t each)
{
	memset(d, 0, sizeof(*d));
	memset(p, 0, sizeof(*p));
	d->plan = p;
	p->nr_mem = nr;
	for (uint32_t i = 0; i < nr; i++) {
		p->mem[i] = (struct plan_range){ 0x8000000000 - i * 16 * GIB, each };
	}
	assert_int_equal(ram_lay_out(d), 0);
	return d->ram;
}

static void big_memory_goes_on_in_the_high_bank(void **state)
{
	static struct domain d;
	static struct plan_domain p;
	const struct domain_ram *r = lay_out(&d, &p, 1, 4 * GIB);

	(void)state;
	assert_int_equal(d.nr_ram, 2);
	assert_int_equal(r[0].gpa, GUEST_RAM0_BASE);
	assert_int_equal(r[0].size, 3 * GIB);
	assert_int_equal(r[1].gpa, GUEST_RAM1_BASE);
	assert_int_equal(r[1].pa, r[0].pa + 3 * GIB);
	assert_int_equal(r[1].size, GIB);

	r = lay_out(&d, &p, 1, 3 * GIB);
	assert_int_equal(d.nr_ram, 1);

	r = lay_out(&d, &p, PLAN_MAX_RANGES, GIB + 4096);
	assert_int_equal(d.nr_ram, PLAN_MAX_RANGES + 1);
	assert_int_equal(r[2].gpa, GUEST_RAM0_BASE + 2 * (GIB + 4096));
	assert_int_equal(r[2].size, GIB - 8192);
	assert_int_equal(r[3].gpa, GUEST_RAM1_BASE);
	assert_int_equal(r[3].pa, r[2].pa + r[2].size);
	assert_int_equal(r[4].gpa, GUEST_RAM1_BASE + r[3].size);
}

static const void *prop(const char *path, const char *name, int len)
{
	int have = 0;
	int node = fdt_path_offset(fdt, path);
	const void *p;

	assert_true(node >= 0);
	p = fdt_getprop(fdt, node, name, &have);
	assert_non_null(p);
	if (len >= 0) {
		assert_int_equal(have, len);
	}
	return p;
}

static uint64_t number(const char *path, const char *name)
{
	return fdt64_ld(prop(path, name, 8));
}

static void tree_is_sound(void **state)
{
	uint64_t at = one->vcpus[0]->arch.arg;

	(void)state;
	assert_int_equal(fdt_check_full(fdt, 64 * KIB), 0);
	assert_int_equal(at % 8, 0);
	assert_int_equal(at / (2 * MIB), (at + fdt_totalsize(fdt) - 1) / (2 * MIB));
	assert_string_equal(prop("/", "compatible", -1), "xen,xenvm-4.20");
	assert_string_equal(prop("/", "model", -1), "Ashlar domain one");
}

static void ramdisk_is_where_the_tree_says(void **state)
{
	uint64_t start = number("/chosen", "linux,initrd-start");
	uint64_t end = number("/chosen", "linux,initrd-end");

	(void)state;
	assert_int_equal(end - start, WORLD_RAMDISK_BYTES);
	assert_int_equal(start % PAGE_SIZE, 0);
	assert_true(start >= one->vcpus[0]->arch.entry + 4 * MIB); /* past the kernel's bss */
	assert_true(end <= one->vcpus[0]->arch.arg);
	assert_memory_equal(world_ram(one, start), host_ram + (WORLD_IMAGES - HOST_RAM_BASE) + MIB,
			    WORLD_RAMDISK_BYTES);
}

static void tree_tells_what_the_plan_says(void **state)
{
	const fdt64_t *reg = prop("/memory@40000000", "reg", 16);

	(void)state;
	assert_string_equal(prop("/chosen", "bootargs", -1), "console=ttyAMA0 quiet");
	assert_int_equal(fdt64_ld(&reg[0]), GUEST_RAM0_BASE);
	assert_int_equal(fdt64_ld(&reg[1]), WORLD_DOMAIN_BYTES);
	(void)prop("/cpus/cpu@1", "reg", 4);
	assert_true(fdt_path_offset(fdt, "/cpus/cpu@2") < 0);
	assert_true(fdt_node_offset_by_compatible(fdt, -1, "arm,pl011") < 0);
	assert_null(fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "rng-seed", NULL));
}

static void tree_has_the_hypervisor_and_the_uart(void **state)
{
	const fdt64_t *reg = prop("/hypervisor", "reg", 16);
	const fdt32_t *irq = prop("/hypervisor", "interrupts", 12);

	(void)state;
	assert_string_equal(prop("/hypervisor", "compatible", -1), "xen,xen-4.20");
	assert_int_equal(
		fdt_node_check_compatible(fdt, fdt_path_offset(fdt, "/hypervisor"), "xen,xen"), 0);
	assert_int_equal(fdt64_ld(&reg[0]), GUEST_GNTTAB_BASE);
	assert_int_equal(fdt64_ld(&reg[1]), GUEST_GNTTAB_SIZE);
	assert_int_equal(fdt32_ld(&irq[0]), 1);
	assert_int_equal(fdt32_ld(&irq[1]), 15);
	assert_int_equal(fdt32_ld(&irq[2]), 0xf08);
	irq = prop("/sbsa-uart@22000000", "interrupts", 12);
	assert_int_equal(fdt32_ld(&irq[0]), 0);
	assert_int_equal(fdt32_ld(&irq[1]), 0);
	assert_int_equal(fdt32_ld(&irq[2]), 4);
	assert_string_equal(prop("/sbsa-uart@22000000", "compatible", -1), "arm,sbsa-uart");
	assert_string_equal(prop("/chosen", "stdout-path", -1), "/sbsa-uart@22000000");
}

static void no_uart_no_ramdisk_no_nodes(void **state)
{
	struct domain *three = domain_get(3);
	const void *tree = world_ram(three, three->vcpus[0]->arch.arg);

	(void)state;
	assert_int_equal(fdt_check_full(tree, 64 * KIB), 0);
	assert_true(fdt_path_offset(tree, "/sbsa-uart@22000000") < 0);
	assert_null(
		fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "linux,initrd-start", NULL));
	assert_string_equal(fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "bootargs", NULL),
			    "");
}

/* All of a domain's memory but its images is zero, whatever was there. */
static void memory_holds_no_secret(void **state)
{
	const uint8_t *ram = world_ram(domain_get(3), GUEST_RAM0_BASE);
	uint64_t tree = domain_get(3)->vcpus[0]->arch.arg - GUEST_RAM0_BASE;

	(void)state;
	for (uint64_t i = 0; i < tree; i++) {
		if (i < 0x80000 || i >= 0x80000 + WORLD_KERNEL_BYTES) {
			assert_int_equal(ram[i], 0);
		}
	}
}

static void nothing_stays_mapped_but_the_uart(void **state)
{
	(void)state;
	assert_int_equal(host.mapped, 1);
}

static void domains_share_nothing(void **state)
{
	(void)state;
	for (uint16_t id = 1; id <= 3; id++) {
		const struct domain *d = domain_get(id);
		uint64_t base = HOST_RAM_BASE + (id - 1U) * WORLD_DOMAIN_BYTES;

		for (unsigned int i = 0; i < d->arch.nr_extents; i++) {
			assert_true(d->arch.extent[i].pa >= base);
			assert_true(d->arch.extent[i].pa + d->arch.extent[i].size <=
				    base + WORLD_DOMAIN_BYTES);
		}
	}
}

/* In a process of its own, for domains are built once in a boot. Return: what domains_build() gave, negated. */
static int build_apart(void (*spoil)(struct plan *plan))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		world_describe(1);
		spoil(&world_plan);
		_exit(-domains_build(&world_plan) & 0xff);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void no_magic(struct plan *plan)
{
	host_ram[plan->domains[0].kernel.base - HOST_RAM_BASE + 56] = 'X';
}

static void tiny_kernel(struct plan *plan)
{
	plan->domains[0].kernel.size = 63;
}

static void huge_bss(struct plan *plan)
{
	uint64_t size = UINT64_MAX - 100;

	memcpy(host_ram + (plan->domains[0].kernel.base - HOST_RAM_BASE) + 16, &size, sizeof(size));
}

static void wild_offset(struct plan *plan)
{
	uint64_t offset = 1UL << 40;

	memcpy(host_ram + (plan->domains[0].kernel.base - HOST_RAM_BASE) + 8, &offset,
	       sizeof(offset));
}

static void little_memory(struct plan *plan)
{
	plan->domains[0].mem[0].size = 4 * MIB;
}

static void same_cpu_twice(struct plan *plan)
{
	plan->domains[0].cpus[1] = plan->domains[0].cpus[0];
}

static void nothing_wrong(struct plan *plan)
{
	(void)plan;
}

static void no_room_to_map(struct plan *plan)
{
	(void)plan;
	host.maps_left = 3;
}

static void long_arguments(struct plan *plan)
{
	static char args[80000];

	memset(args, 'a', sizeof(args) - 1);
	plan->domains[0].bootargs = args;
}

static void impossible_plans_are_refused(void **state)
{
	(void)state;
	assert_int_equal(build_apart(nothing_wrong), 0);
	assert_int_equal(build_apart(no_magic), ENOEXEC);
	assert_int_equal(build_apart(tiny_kernel), ENOEXEC);
	assert_int_equal(build_apart(huge_bss), ENOMEM);
	assert_int_equal(build_apart(wild_offset), ENOMEM);
	assert_int_equal(build_apart(little_memory), ENOMEM);
	assert_int_equal(build_apart(same_cpu_twice), EBUSY);
	assert_int_equal(build_apart(no_room_to_map), ENOMEM);
	assert_int_equal(build_apart(long_arguments), E2BIG);
}

static long failing_allocation;

static void fail_one(struct plan *plan)
{
	(void)plan;
	host.allocs_left = failing_allocation;
}

/* The pool ends at the first allocation, at the second, ...: each time an error, never a crash. */
static void every_allocation_may_fail(void **state)
{
	int rc = ENOMEM;

	(void)state;
	for (failing_allocation = 0; rc != 0; failing_allocation++) {
		rc = build_apart(fail_one);
		assert_true(rc == 0 || rc == ENOMEM);
	}
	assert_in_range(failing_allocation, 8, 100);
}

int main(void)
{
	/* before this process has a world of its own */
	const struct CMUnitTest refused[] = {
		cmocka_unit_test(impossible_plans_are_refused),
		cmocka_unit_test(every_allocation_may_fail),
	};
	const struct CMUnitTest built[] = {
		cmocka_unit_test(kernel_is_at_its_place),
		cmocka_unit_test(pieces_are_one_for_the_guest),
		cmocka_unit_test(big_memory_goes_on_in_the_high_bank),
		cmocka_unit_test(tree_is_sound),
		cmocka_unit_test(ramdisk_is_where_the_tree_says),
		cmocka_unit_test(tree_tells_what_the_plan_says),
		cmocka_unit_test(tree_has_the_hypervisor_and_the_uart),
		cmocka_unit_test(no_uart_no_ramdisk_no_nodes),
		cmocka_unit_test(memory_holds_no_secret),
		cmocka_unit_test(nothing_stays_mapped_but_the_uart),
		cmocka_unit_test(domains_share_nothing),
	};

	return cmocka_run_group_tests(refused, NULL, NULL) +
	       cmocka_run_group_tests(built, setup, NULL);
}
