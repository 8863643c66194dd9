// SPDX-License-Identifier: Apache-2.0
/* A PCI function of a domain: read from the plan, put in its place, seen through a filter, quiet after the domain's end. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>

#include "../../hypervisor/domain/internal.h"
#include "../../hypervisor/domain/plan_reader.h"

#define CONFIG 0xb0020000UL
#define MEMORY 0xd0000000UL
#define NEXT   0xd0010000UL

static struct domain *one;
static uint8_t board[4096] __aligned(8);
static struct plan plan; /* large */
static unsigned int nr_heard;

static volatile uint32_t *config(uint32_t at)
{
	return (volatile uint32_t *)(void *)(host_device + at);
}

static void hear(void *ctx, enum plan_severity sev, int node, const char *prop, const char *msg)
{
	(void)ctx;
	(void)node;
	(void)prop;
	assert_true(sev == PLAN_ERROR && strlen(msg) > 10);
	nr_heard++;
}

/* A board with a bridge and one function below it. */
static int make_board(const uint32_t reg[5], const uint32_t *assigned, size_t cells)
{
	const fdt64_t window[2] = { cpu_to_fdt64(0xb0000000), cpu_to_fdt64(0x100000) };
	fdt32_t be[20];
	int bridge, at;

	assert_int_equal(fdt_create_empty_tree(board, sizeof(board)), 0);
	assert_int_equal(fdt_setprop_u32(board, 0, "#address-cells", 2), 0);
	assert_int_equal(fdt_setprop_u32(board, 0, "#size-cells", 2), 0);
	bridge = fdt_add_subnode(board, 0, "pci");
	assert_int_equal(fdt_setprop_string(board, bridge, "compatible", "pci-host-ecam-generic"),
			 0);
	assert_int_equal(fdt_setprop(board, bridge, "reg", window, sizeof(window)), 0);
	at = fdt_add_subnode(board, bridge, "disk@4,0");
	for (size_t i = 0; i < cells; i++) {
		be[i] = cpu_to_fdt32(assigned[i]);
	}
	assert_int_equal(fdt_setprop(board, at, "assigned-addresses", be, (int)cells * 4), 0);
	for (size_t i = 0; i < 5; i++) {
		be[i] = cpu_to_fdt32(reg[i]);
	}
	assert_int_equal(fdt_setprop(board, at, "reg", be, 20), 0);
	return fdt_path_offset(board, "/pci/disk@4,0");
}

static int read_function(int node, struct plan_device *dev)
{
	struct plan_reader r = { .fdt = board, .plan = &plan, .report = hear };
	const struct plan_domain d = { .name = "io" };

	nr_heard = 0;
	*dev = (struct plan_device){ .node = node };
	return plan_read_pci(&r, &d, dev);
}

static const uint32_t function[5] = { 0x2000 };
static const uint32_t memory[10] = { 0x83002020, 0, MEMORY, 0, 0x4000,
				     0x82002010, 0, NEXT,   0, 0x1000 };

static void plan_says_where(void **state)
{
	struct plan_device dev;

	(void)state;
	assert_int_equal(read_function(make_board(function, memory, 10), &dev), 1);
	assert_int_equal(nr_heard, 0);
	assert_int_equal(dev.reset, PLAN_RESET_PCI);
	assert_true(dev.is_dma);
	assert_int_equal(dev.function, 0x20);
	assert_int_equal(dev.nr_regs, 3);
	assert_true(dev.regs[0].base == CONFIG && dev.regs[0].size == 4096);
	assert_true(dev.regs[1].base == MEMORY && dev.regs[1].size == 0x4000);
	assert_int_equal(dev.bars[1], 0x20);
	assert_int_equal(dev.bars[2], 0x10);
	assert_int_equal(read_function(fdt_path_offset(board, "/pci"), &dev), 0); /* it is none */
}

static void plan_is_held_against_the_bus(void **state)
{
	static const uint32_t beyond[5] = { 0x10000 }; /* bus 1: the window has one bus */
	uint32_t bad[5];
	struct plan_device dev;

	(void)state;
	assert_int_equal(read_function(make_board(beyond, memory, 10), &dev), -1);
	assert_int_equal(nr_heard, 1);
	for (unsigned int i = 0; i < 5; i++) {
		static const struct {
			unsigned int at;
			uint32_t value;
		} change[5] = { { 0, 0x83002820 }, /* another's register */
				{ 0, 0x83002030 }, /* not a base register */
				{ 1, 1 },	   /* beyond 4 GiB */
				{ 2, 0xd0000800 }, /* not on a page */
				{ 4, 0 } };

		memcpy(bad, memory, sizeof(bad));
		bad[change[i].at] = change[i].value;
		assert_int_equal(read_function(make_board(function, bad, 5), &dev), -1);
		assert_int_equal(nr_heard, 1);
	}
}

static int setup(void **state)
{
	struct plan_device dev = {
		.domid = 1,
		.reset = PLAN_RESET_PCI,
		.is_dma = true,
		.regs = { { CONFIG, 4096 }, { MEMORY, 0x4000 }, { NEXT, 0x1000 } },
		.nr_regs = 3,
		.bars = { 0, 0x20, 0x10 }
	};

	(void)state;
	for (; dev.nr_maps < dev.nr_regs; dev.nr_maps++) {
		dev.maps[dev.nr_maps] =
			(struct plan_map){ dev.regs[dev.nr_maps], dev.regs[dev.nr_maps].base };
	}
	dev.node = make_board(function, memory, 10);
	world_describe(1);
	world_plan.fdt = board;
	world_plan.devices[0] = dev;
	world_plan.nr_devices = 1;
	world_plan.domains[0].nr_devices = 1;
	world_plan.domains[0].life.on[PLAN_ON_CRASH] = PLAN_RESTART;
	world_plan.domains[0].life.restart_limit = 1;
	world_plan.domains[0].life.restart_window_s = 60;
	memset(host_device, 0, 256);
	*config(0x00) = 0x10421af4;
	*config(0x04) = 0x00100007; /* as the firmware left it: on */
	*config(0x20) = 0xfebd000c; /* 64 bits, prefetchable */
	*config(0x24) = 0xdead;
	*config(0x98) = 0x00018011; /* MSI-X */
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	domains_start();
	one = domain_get(1);
	return 0;
}

static void is_placed_and_off(void **state)
{
	enum p2m_type type;
	paddr_t pa;

	(void)state;
	assert_int_equal(*config(0x20), MEMORY);
	assert_int_equal(*config(0x24), 0);
	assert_int_equal(*config(0x10), NEXT);
	assert_int_equal(*config(0x04), 0x400);
	assert_int_equal(arch_p2m_lookup(one, gpa(MEMORY), &pa, &type), 0);
	assert_true(pa.v == MEMORY && type == P2M_DEVICE);
	assert_int_equal(arch_p2m_lookup(one, gpa(NEXT), &pa, &type), 0);
	assert_int_equal(arch_p2m_lookup(one, gpa(CONFIG), &pa, &type), -14); /* never mapped */
}

static uint64_t reads(uint64_t at, unsigned int size)
{
	uint64_t value = 0;

	assert_true(trap_mmio(one->vcpus[0], gpa(CONFIG + at), size, false, &value));
	return value;
}

static void writes(uint64_t at, unsigned int size, uint64_t value)
{
	assert_true(trap_mmio(one->vcpus[0], gpa(CONFIG + at), size, true, &value));
}

static void domain_sees_its_own(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(reads(0, 4), 0x10421af4);
	assert_int_equal(reads(0, 2), 0x1af4);
	assert_int_equal(reads(2, 2), 0x1042);
	assert_int_equal(reads(3, 1), 0x10);
	assert_false(trap_mmio(one->vcpus[0], gpa(CONFIG), 8, false, &value));
	assert_false(trap_mmio(one->vcpus[0], gpa(CONFIG + 4096), 4, false, &value));
	assert_false(trap_mmio(one->vcpus[0], gpa(CONFIG - 4), 4, false, &value));
}

/* Memory and bus master, and INTx stays off; nothing else is written. */
static void domain_writes_its_command(void **state)
{
	(void)state;
	writes(0x04, 4, 0xffffffff);
	assert_int_equal(*config(0x04), 0x406);
	writes(0x04, 2, 0);
	assert_int_equal(*config(0x04), 0x400);
	writes(0x04, 1, 0xff);
	writes(0x20, 4, 0x12345000);
	writes(0x10, 4, 0xffffffff);
	writes(0x98, 4, 0x80000000);
	assert_int_equal(*config(0x04), 0x400);
	assert_int_equal(*config(0x20), MEMORY);
	assert_int_equal(*config(0x10), NEXT);
	assert_int_equal(*config(0x98), 0x00018011);
}

static void is_off_after_its_end(void **state)
{
	(void)state;
	writes(0x04, 2, 6);
	assert_int_equal(*config(0x04), 0x406);
	domain_shutdown(one, SHUTDOWN_crash);
	world_bury(one);
	assert_int_equal(*config(0x04), 0x400);
}

/* Nothing is placed, and its domain reads ones. */
static void what_is_missing_is_seen_so(void **state)
{
	static struct domain other = { .name = "other" };
	struct vcpu v = { .domain = &other };
	void *found = &other;
	uint64_t value = 0;

	(void)state;
	host.has_no_pci = true;
	*config(0x20) = 1;
	assert_int_equal(pci_build(&other, &world_plan.devices[0], &found), 0);
	assert_null(found);
	assert_true(trap_mmio(&v, gpa(CONFIG), 4, false, &value));
	assert_int_equal(value, UINT32_MAX);
	assert_true(trap_mmio(&v, gpa(CONFIG + 0x35), 1, false, &value));
	assert_int_equal(value, 0xff);
	assert_true(trap_mmio(&v, gpa(CONFIG + 4), 2, true, &value));
	assert_int_equal(*config(0x20), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plan_says_where),
		cmocka_unit_test(plan_is_held_against_the_bus),
		cmocka_unit_test_setup(is_placed_and_off, setup),
		cmocka_unit_test(domain_sees_its_own),
		cmocka_unit_test(domain_writes_its_command),
		cmocka_unit_test(is_off_after_its_end),
		cmocka_unit_test(what_is_missing_is_seen_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
