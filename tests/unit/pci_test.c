// SPDX-License-Identifier: Apache-2.0
/* A PCI function of a domain: read from the plan, put in its place, seen through a filter, quiet after the domain's end. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/errno.h>

#include "../../hypervisor/domain/pci.h"
#include "../../hypervisor/domain/plan_reader.h"

#define CONFIG 0xb0020000UL
#define MEMORY 0xd0000000UL
#define NEXT   0xd0011000UL
#define TABLE  0x800U /* of MSI-X, in the page of NEXT */
#define MSI    0x60U  /* capabilities */
#define MSIX   0x98U

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

static volatile uint32_t *entry(uint32_t n, uint32_t at)
{
	return (volatile uint32_t *)(void *)(host_bar + 0x1000 + TABLE + 16 * n + at);
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
		.is_guarded = true,
		.regs = { { CONFIG, 4096 }, { MEMORY, 0x4000 }, { NEXT, 0x1000 } },
		.nr_regs = 3,
		.function = 0x20,
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
	*config(0x34) = MSI;
	*config(MSI) = 0x018a0005 | MSIX << 8; /* 64-bit addresses, masks, asks for 32 */
	*config(MSIX) = 0x80110011;	       /* 18 entries, on */
	*config(MSIX + 4) = TABLE;	       /* in the memory of the first base register */
	*config(0x3c) = 0x010b;		       /* its line */
	memset(host_bar, 0, HOST_BAR_BYTES);
	host.has_iommu = true;
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
	assert_int_equal(*config(0x20), MEMORY | 0xc);
	assert_int_equal(*config(0x24), 0);
	assert_int_equal(*config(0x10), NEXT);
	assert_int_equal(*config(0x04) & 0xffff, 0x400);
	assert_int_equal(arch_p2m_lookup(one, gpa(MEMORY), &pa, &type), 0);
	assert_true(pa.v == MEMORY && type == P2M_DEVICE);
	assert_int_equal(arch_p2m_lookup(one, gpa(NEXT), &pa, &type),
			 -EFAULT); /* the table's page */
	assert_int_equal(arch_p2m_lookup(one, gpa(CONFIG), &pa, &type), -EFAULT); /* never mapped */
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
	assert_int_equal(reads(4096, 4), UINT32_MAX); /* the neighbours */
	assert_int_equal(reads(-4UL, 4), UINT32_MAX);
	assert_int_equal(reads(-0x20000UL, 2), UINT16_MAX);
	assert_int_equal(reads(0xdfffc, 4), UINT32_MAX);
	assert_false(trap_mmio(one->vcpus[0], gpa(CONFIG + 0xe0000), 4, false, &value));
	assert_int_equal(reads(0x3c, 4), 0); /* no line */
	assert_int_equal(reads(0x30, 4), 0); /* no ROM */
}

/* Memory and bus master, and INTx stays off; what is not its to write stays as it was. */
static void domain_writes_its_command(void **state)
{
	(void)state;
	writes(0x04, 4, 0xffffffff);
	assert_int_equal(*config(0x04) & 0xffff, 0x406);
	writes(0x04, 2, 0);
	assert_int_equal(*config(0x04) & 0xffff, 0x400);
	writes(0x04, 1, 0xff);
	assert_int_equal(*config(0x04) & 0xffff, 0x406);
	writes(0x05, 1, 0); /* INTx stays off */
	assert_int_equal(*config(0x04) & 0xffff, 0x406);
	writes(0x04, 1, 0);
	writes(0x3c, 4, 0xffffffff);
	writes(0x30, 4, 0xffffffff);
	writes(MSIX + 4, 4, 0);
	writes(4096 + 4, 4, 0xffffffff); /* a neighbour's */
	assert_int_equal(*config(0x04) & 0xffff, 0x400);
	assert_int_equal(*config(0x3c), 0x010b);
	assert_int_equal(*config(0x30), 0);
	assert_int_equal(*config(MSIX + 4), TABLE);
}

/* Its memory's size can be asked for; the memory stays. One that it does not have is none. */
static void base_registers_are_a_copy(void **state)
{
	(void)state;
	assert_int_equal(reads(0x20, 4), MEMORY | 0xc);
	assert_int_equal(reads(0x24, 4), 0);
	writes(0x20, 4, 0xffffffff);
	assert_int_equal(reads(0x20, 4), 0xfffffffc);
	writes(0x20, 4, 0x12345000);
	assert_int_equal(reads(0x20, 4), 0x1234500c);
	assert_int_equal(*config(0x20), MEMORY | 0xc);
	writes(0x14, 4, 0xffffffff);
	assert_int_equal(reads(0x14, 4), 0);
	writes(0x20, 4, MEMORY);
}

static uint64_t table_reads(uint64_t at, unsigned int size)
{
	uint64_t value = 0;

	assert_true(trap_mmio(one->vcpus[0], gpa(NEXT + at), size, false, &value));
	return value;
}

static void table_writes(uint64_t at, unsigned int size, uint64_t value)
{
	assert_true(trap_mmio(one->vcpus[0], gpa(NEXT + at), size, true, &value));
}

/* The function has our messages, masked; the domain sees sixteen of its own, which are where it put them. */
static void messages_are_ours(void **state)
{
	(void)state;
	assert_int_equal(host.nr_msis, 17);
	assert_int_equal(*entry(2, 0), HOST_MSI_ADDRESS);
	assert_int_equal(*entry(2, 8), 0x2003);
	assert_int_equal(*entry(2, 12), 1);
	assert_int_equal(*entry(17, 12), 1);
	assert_int_equal(*config(MSIX) >> 16, 0x11); /* off */
	assert_int_equal(reads(MSIX, 4), 0x000f0011);
	assert_int_equal(table_reads(TABLE + 2 * 16, 4), 0);
	assert_int_equal(table_reads(TABLE + 2 * 16 + 12, 4), 1);
	table_writes(TABLE + 2 * 16, 4, 0xfee01000);
	table_writes(TABLE + 2 * 16 + 8, 4, 0x4041);
	assert_int_equal(table_reads(TABLE + 2 * 16, 8), 0xfee01000);
	assert_int_equal(table_reads(TABLE + 2 * 16 + 8, 2), 0x4041);
	assert_int_equal(host.msi[3].address, 0xfee01000);
	assert_int_equal(host.msi[3].data, 0x4041);
	assert_int_equal(*entry(2, 0), HOST_MSI_ADDRESS);
	assert_int_equal(*entry(2, 8), 0x2003);
}

static void masks_are_the_functions(void **state)
{
	(void)state;
	table_writes(TABLE + 2 * 16 + 12, 4, 0xfffffffe);
	assert_int_equal(*entry(2, 12), 0);
	assert_int_equal(table_reads(TABLE + 2 * 16 + 12, 4), 0);
	table_writes(TABLE + 2 * 16 + 12, 2, 1); /* not a word: nothing */
	assert_int_equal(*entry(2, 12), 0);
	table_writes(TABLE + 2 * 16 + 8, 8, 0x100004055);
	assert_int_equal(*entry(2, 12), 1);
	assert_int_equal(host.msi[3].data, 0x4055);
	table_writes(TABLE + 17 * 16 + 12, 4, 0); /* beyond its own */
	assert_int_equal(*entry(17, 12), 1);
	assert_int_equal(table_reads(TABLE + 17 * 16, 4), 0);
	writes(MSIX + 2, 2, 0xffff);
	assert_int_equal(*config(MSIX), 0xc0110011);
	writes(MSIX, 4, 0x80000000);
	assert_int_equal(*config(MSIX), 0x80110011);
}

/* What shares the page with the table is the function's. */
static void rest_of_the_page_is_seen(void **state)
{
	(void)state;
	table_writes(0x10, 4, 0x12345678);
	assert_int_equal(*(uint32_t *)(void *)(host_bar + 0x1010), 0x12345678);
	assert_int_equal(table_reads(0x12, 1), 0x34);
	assert_int_equal(table_reads(0x10, 8), 0x12345678);
}

static void one_message_by_msi(void **state)
{
	(void)state;
	assert_int_equal(*config(MSI + 4), HOST_MSI_ADDRESS);
	assert_int_equal(*config(MSI + 12) & 0xffff, 0x2000);
	assert_int_equal(reads(MSI, 4), 0x01800005 | MSIX << 8);
	assert_int_equal(reads(MSI + 4, 4), 0);
	assert_int_equal(reads(MSI + 12, 2), 0);
	writes(MSI + 4, 4, 0xfee02000);
	writes(MSI + 8, 4, 0);
	writes(MSI + 12, 2, 0x33);
	assert_int_equal(reads(MSI + 4, 4), 0xfee02000);
	assert_int_equal(reads(MSI + 12, 2), 0x33);
	assert_int_equal(host.msi[0].address, 0xfee02000);
	assert_int_equal(host.msi[0].data, 0x33);
	writes(MSI + 16, 4, 0xffffffff);
	assert_int_equal(*config(MSI + 16), 1);
	assert_int_equal(*config(MSI + 4), HOST_MSI_ADDRESS);
	assert_int_equal(*config(MSI + 12) & 0xffff, 0x2000);
	writes(MSI + 2, 2, 0x71); /* and more messages, which it does not get */
	assert_int_equal(*config(MSI) >> 16, 0x018b);
}

static void is_off_after_its_end(void **state)
{
	(void)state;
	writes(0x04, 2, 6);
	table_writes(TABLE + 2 * 16 + 12, 4, 0);
	assert_int_equal(*config(0x04) & 0xffff, 0x406);
	assert_int_equal(host.guarded, 0x20);
	domain_shutdown(one, SHUTDOWN_crash);
	world_bury(one);
	assert_int_equal(*config(0x04) & 0xffff, 0x400);
	assert_int_equal(host.guarded, 0);
	assert_int_equal(*config(MSIX) >> 16, 0x11);
	assert_int_equal(*config(MSI) >> 16, 0x018a);
	assert_int_equal(*entry(2, 12), 1);
	for (unsigned int i = 0; i < HOST_MSIS; i++) {
		assert_int_equal(host.msi[i].address, 0);
	}
}

/* One that the plan does not let reach all memory needs an IOMMU. */
static void unguarded_is_refused(void **state)
{
	static struct domain other = { .name = "other" };
	struct plan_device dev = world_plan.devices[0];
	struct pci_function *found;

	(void)state;
	dev.nr_regs = 2; /* with no table */
	dev.nr_maps = 2;
	host.has_iommu = false;
	host.nr_msis = 0;
	assert_int_equal(pci_build(&other, &dev, &found), 0);
	assert_int_equal(pci_map(found), -ENODEV);
	assert_non_null(strstr(host.log, "other: PCI function 00:04.0 is guarded by no IOMMU"));
	dev.is_guarded = false;
	assert_int_equal(arch_p2m_init(&other), 0);
	assert_int_equal(pci_map(found), 0);
	assert_int_equal(reads(0x98, 4), 0x000f0011); /* the first is as it was */
}

/* More memory than the plan gives, a bridge, no interrupt left. */
static void unfit_is_refused(void **state)
{
	static struct domain other = { .name = "unfit" };
	struct plan_device dev = world_plan.devices[0];
	struct pci_function *found;

	(void)state;
	dev.nr_regs = 2;
	dev.regs[1].size = 2;
	assert_int_equal(pci_build(&other, &dev, &found), -EINVAL);
	dev.regs[1].size = 0x4000;
	*config(0x20) = 0xe001; /* ports */
	assert_int_equal(pci_build(&other, &dev, &found), -EINVAL);
	*config(0x20) = MEMORY | 0xc;
	*config(0x0c) = 0x00010000;
	assert_int_equal(pci_build(&other, &dev, &found), -EINVAL);
	*config(0x0c) = 0;
	host.nr_msis = HOST_MSIS;
	assert_int_equal(pci_build(&other, &dev, &found), -ENOSPC);
	assert_non_null(strstr(host.log, "unfit: PCI function 00:04.0 is a bridge"));
}

/* Nothing is placed, and its domain reads ones. */
static void what_is_missing_is_seen_so(void **state)
{
	static struct domain other = { .name = "other" };
	struct vcpu v = { .domain = &other };
	struct pci_function *found = NULL;
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
		cmocka_unit_test(base_registers_are_a_copy),
		cmocka_unit_test(messages_are_ours),
		cmocka_unit_test(masks_are_the_functions),
		cmocka_unit_test(rest_of_the_page_is_seen),
		cmocka_unit_test(one_message_by_msi),
		cmocka_unit_test(is_off_after_its_end),
		cmocka_unit_test(unguarded_is_refused),
		cmocka_unit_test(unfit_is_refused),
		cmocka_unit_test(what_is_missing_is_seen_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
