// SPDX-License-Identifier: Apache-2.0
/*
 * Partial device trees in a packed plan, as the target reads them: what they give, every flipped byte, and every way
 * in which one inside the plan can be broken though the host tool put it there. The words are tests/golden's matter.
 */
#include <errno.h>
#include <hyp/plan.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unit.h>

#define ROOM (16 * 1024)

static struct plan plan; /* large */
static uint8_t tree[ROOM] __aligned(8);
static size_t size;
static struct {
	unsigned int errors;
	int node;
	char prop[64];
} heard;

static void hear(void *ctx, enum plan_severity sev, int node, const char *prop, const char *msg)
{
	(void)ctx;
	assert_true(strlen(msg) > 10);
	heard.errors += sev == PLAN_ERROR;
	heard.node = node;
	snprintf(heard.prop, sizeof(heard.prop), "%s", prop != NULL ? prop : "");
}

static int read_tree(void)
{
	memset(&heard, 0, sizeof(heard));
	return plan_read(tree, size, true, &plan, hear, NULL);
}

/* tests/golden/accepted/partial-tree.dts, packed. */
static int setup(void **state)
{
	FILE *in = fopen(DATA "/partial.dtb", "rb");

	(void)state;
	assert_non_null(in);
	size = fread(tree, 1, ROOM, in);
	fclose(in);
	assert_true(size > 0 && size < ROOM);
	return 0;
}

/* The tree of a domain, inside the plan's bytes; its properties keep their length. */
static uint8_t *partial(unsigned int domain, int *node, const char *path)
{
	uint8_t *fdt;

	assert_int_equal(read_tree(), 0);
	fdt = tree + ((const uint8_t *)plan.domains[domain].tree.fdt - tree);
	*node = fdt_path_offset(fdt, path);
	assert_true(*node >= 0);
	return fdt;
}

static void set(unsigned int domain, const char *path, const char *prop, const void *value, int len)
{
	int node;
	uint8_t *fdt = partial(domain, &node, path);

	assert_int_equal(fdt_setprop_inplace(fdt, node, prop, value, len), 0);
}

static void set_cells(unsigned int domain, const char *path, const char *prop,
		      const uint64_t *values, unsigned int n)
{
	fdt64_t cells[8];

	for (unsigned int i = 0; i < n; i++) {
		fdt64_st(&cells[i], values[i]);
	}
	set(domain, path, prop, cells, (int)(n * sizeof(cells[0])));
}

static void refused_at(unsigned int domain, const char *prop)
{
	assert_int_equal(read_tree(), -EINVAL);
	assert_int_equal(heard.errors, 1);
	assert_int_equal(PLAN_TREE_DOMID(heard.node), domain + 1);
	assert_string_equal(heard.prop, prop);
}

static void gives_what_it_says(void **state)
{
	const struct plan_domain *first = &plan.domains[0], *second = &plan.domains[1];
	const struct plan_device *dev = plan.devices;
	int gic;

	(void)state;
	assert_int_equal(read_tree(), 0);
	assert_int_equal(first->nr_devices, 2);
	assert_int_equal(second->nr_devices, 3);
	assert_int_equal(dev[0].reset, PLAN_RESET_PL031);
	assert_true(dev[0].regs[0].base == 0x9010000 && dev[0].nr_maps == 1);
	assert_true(dev[0].maps[0].machine.base == 0x9010000 && dev[0].maps[0].at == 0x28010000);
	assert_true(dev[0].nr_irqs == 1 && dev[0].irqs[0].intid == 34);
	assert_true(dev[2].nr_maps == 2 && dev[2].maps[1].at == 0xb100000 && dev[2].is_dma);
	/* Cells of one on its bus. */
	assert_true(dev[3].maps[0].machine.base == 0xa003000 &&
		    dev[3].maps[0].machine.size == PAGE_SIZE && dev[3].maps[0].at == 0x28003000);
	assert_true(dev[3].irqs[0].intid == 78 && dev[3].irqs[0].is_edge);
	gic = fdt_path_offset(first->tree.fdt, "/gic");
	assert_int_equal(first->tree.controller, fdt_get_phandle(first->tree.fdt, gic));
	assert_int_equal(second->tree.controller, 65000);
	assert_null(first->tree.name);
	assert_null(fdt_getprop(tree, first->tree.node, "ashlar,image", NULL));
}

static void refuses_registers_of_others(void **state)
{
	(void)state;
	set_cells(0, "/passthrough/clock", "xen,reg",
		  (const uint64_t[]){ 0x9000000, 0x1000, 0x28010000 }, 3);
	refused_at(0, "xen,reg");
	setup(state);
	set_cells(0, "/passthrough/clock", "xen,reg", /* of gpio, which it has too */
		  (const uint64_t[]){ 0x9030000, 0x1000, 0x28010000 }, 3);
	refused_at(0, "xen,reg");
}

static void refuses_a_device_of_another(void **state)
{
	(void)state;
	set(1, "/passthrough/engine", "xen,path", "/gpio@9030000\0\0\0", 16);
	assert_int_equal(read_tree(), -EINVAL); /* several strings */
	setup(state);
	set(1, "/passthrough/disks/disk@28003c00", "xen,path", "/bus/virtio@a003e00", 20);
	assert_int_equal(read_tree(), -EINVAL);
	assert_int_equal(PLAN_TREE_DOMID(heard.node), 2);
}

static void refuses_places_that_are_taken(void **state)
{
	static const uint64_t taken[] = { 0x40000000, 0x3001000, 0x321f000,	    0x38000000,
					  0x22000000, 1UL << 40, UINT64_MAX - 0xfff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		setup(state);
		set_cells(0, "/passthrough/clock", "xen,reg",
			  (const uint64_t[]){ 0x9010000, 0x1000, taken[i] }, 3);
		refused_at(0, "xen,reg");
	}
}

static void refuses_another_interrupt(void **state)
{
	const fdt32_t irq[] = { cpu_to_fdt32(0), cpu_to_fdt32(7), cpu_to_fdt32(4) };

	(void)state;
	set(0, "/passthrough/clock", "interrupts", irq, sizeof(irq));
	refused_at(0, "interrupts");
}

static void refuses_the_controllers_phandle(void **state)
{
	int node;
	const uint8_t *fdt = partial(0, &node, "/gic");
	const fdt32_t phandle = cpu_to_fdt32(fdt_get_phandle(fdt, node));

	(void)state;
	set(0, "/passthrough/port", "phandle", &phandle, sizeof(phandle));
	assert_int_equal(read_tree(), -EINVAL);
	assert_int_equal(PLAN_TREE_DOMID(heard.node), 1);
}

/* Its own totalsize must not reach past the property. */
static void refuses_a_tree_that_is_longer_than_it_is(void **state)
{
	int node;
	uint8_t *fdt = partial(0, &node, "/");

	(void)state;
	fdt_set_totalsize(fdt, fdt_totalsize(fdt) + 64);
	assert_int_equal(read_tree(), -EINVAL);
	assert_int_equal(heard.errors, 1);
	assert_string_equal(heard.prop, "ashlar,tree");
}

static void refuses_a_tree_off_its_place(void **state)
{
	int node, len;
	uint8_t *fdt = partial(0, &node, "/"), *value;
	size_t bytes = fdt_totalsize(fdt);

	(void)state;
	value = fdt_getprop_w(tree, plan.domains[0].tree.node, "ashlar,tree", &len);
	assert_true((size_t)len >= bytes + 8);
	memmove(fdt == value ? value + 4 : value, fdt, bytes);
	assert_int_equal(read_tree(), -EINVAL);
	assert_string_equal(heard.prop, "ashlar,tree");
}

static void refuses_a_plan_without_the_tree(void **state)
{
	(void)state;
	assert_int_equal(read_tree(), 0);
	assert_int_equal(fdt_nop_property(tree, plan.domains[0].tree.node, "ashlar,tree"), 0);
	assert_int_equal(read_tree(), -EINVAL);
	assert_int_equal(heard.errors, 1);
	assert_null(plan.domains[0].tree.fdt);
}

/* What is mapped is in the pages of the device that the plan names, wherever a bit fell over. */
static void is_sound(void)
{
	for (uint32_t i = 0; i < plan.nr_devices; i++) {
		const struct plan_device *dev = &plan.devices[i];

		assert_true(dev->nr_maps > 0 && dev->nr_maps <= PLAN_DEVICE_MAPS);
		for (uint32_t k = 0; k < dev->nr_maps; k++) {
			const struct plan_map *m = &dev->maps[k];
			bool is_in = false;

			for (uint32_t n = 0; n < dev->nr_regs; n++) {
				uint64_t base = ALIGN_DOWN(dev->regs[n].base, PAGE_SIZE);
				uint64_t end =
					ALIGN_UP(dev->regs[n].base + dev->regs[n].size, PAGE_SIZE);

				is_in |= m->machine.base >= base &&
					 m->machine.base + m->machine.size <= end;
			}
			assert_true(is_in);
			assert_true(m->at < 0x3001000 || m->at >= 0x3220000);
			assert_true(i >= 2 || m->at < 0x40000000 || m->at >= 0x44000000);
		}
	}
}

static void survives_every_flipped_byte(void **state)
{
	static const uint8_t masks[] = { 0x01, 0x10, 0x80, 0xff };
	unsigned int accepted = 0, tried = 0;

	(void)state;
	for (unsigned int d = 0; d < 2; d++) {
		int node;
		uint8_t *fdt = partial(d, &node, "/");
		size_t bytes = fdt_totalsize(fdt);

		for (size_t i = 0; i < bytes; i += 1 + 2 * d) {
			uint8_t mask = masks[(i + i / 4) % ARRAY_SIZE(masks)];

			fdt[i] ^= mask;
			tried++;
			if (read_tree() == 0) {
				is_sound();
				accepted++;
			}
			fdt[i] ^= mask;
		}
	}
	assert_true(accepted > 0 && accepted < tried);
}

#define FRESH(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(gives_what_it_says),
		FRESH(refuses_registers_of_others),
		FRESH(refuses_a_device_of_another),
		FRESH(refuses_places_that_are_taken),
		FRESH(refuses_another_interrupt),
		FRESH(refuses_the_controllers_phandle),
		FRESH(refuses_a_tree_that_is_longer_than_it_is),
		FRESH(refuses_a_tree_off_its_place),
		FRESH(refuses_a_plan_without_the_tree),
		FRESH(survives_every_flipped_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
