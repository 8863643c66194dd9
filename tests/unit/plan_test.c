// SPDX-License-Identifier: Apache-2.0
/*
 * The plan's reader on a packed plan, as the target reads it: the values, every way in which a packed plan can be
 * wrong though its source was right, and every flipped byte. The words of each finding are tests/golden's matter.
 */
#include <errno.h>
#include <hyp/plan.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unit.h>

#define ROOM (16 * 1024)

struct heard {
	unsigned int errors;
	unsigned int warnings;
	char last[512];
	char prop[64];
};

static struct plan plan; /* large */
static uint8_t tree[ROOM] __aligned(8);
static struct heard heard;

static void hear(void *ctx, enum plan_severity sev, int node, const char *prop, const char *msg)
{
	struct heard *h = ctx;

	assert_true(node >= -1);
	assert_true(strlen(msg) > 10);
	*(sev == PLAN_ERROR ? &h->errors : &h->warnings) += 1;
	snprintf(h->last, sizeof(h->last), "%s", msg);
	snprintf(h->prop, sizeof(h->prop), "%s", prop != NULL ? prop : "");
}

static size_t load(const char *name)
{
	char path[4096];
	uint8_t *data = calloc(1, ROOM);
	size_t n;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", DATA, name);
	in = fopen(path, "rb");
	assert_non_null(in);
	n = fread(data, 1, ROOM, in);
	fclose(in);
	assert_true(n > 0 && n < ROOM);
	assert_int_equal(fdt_open_into(data, tree, ROOM), 0);
	free(data);
	memset(&heard, 0, sizeof(heard));
	return n;
}

static int read_tree(bool packed)
{
	memset(&heard, 0, sizeof(heard));
	return plan_read(tree, ROOM, packed, &plan, hear, &heard);
}

static int packed_setup(void **state)
{
	(void)state;
	load("plan.dtb");
	return 0;
}

static int at(const char *path)
{
	int node = fdt_path_offset(tree, path);

	assert_true(node >= 0);
	return node;
}

static void set_cells(const char *path, const char *prop, const uint64_t *values, unsigned int n)
{
	fdt64_t cells[32];
	unsigned int i;

	for (i = 0; i < n; i++) {
		fdt64_st(&cells[i], values[i]);
	}
	assert_int_equal(fdt_setprop(tree, at(path), prop, cells, (int)(n * sizeof(cells[0]))), 0);
}

static void set_range(const char *path, const char *prop, uint64_t base, uint64_t size)
{
	set_cells(path, prop, (const uint64_t[]){ base, size }, 2);
}

static void refused_with(const char *prop, const char *part)
{
	assert_int_equal(read_tree(true), -EINVAL);
	assert_int_equal(heard.errors, 1);
	assert_string_equal(heard.prop, prop);
	if (strstr(heard.last, part) == NULL) {
		fail_msg("\"%s\" is not in \"%s\"", part, heard.last);
	}
}

/* ---- values ---- */

static void reads_the_board(void **state)
{
	(void)state;
	assert_int_equal(read_tree(true), 0);
	assert_int_equal(heard.errors + heard.warnings, 0);
	assert_string_equal(plan.board, "ashlar,test-board");
	assert_string_equal(plan.model, "test board");
	assert_int_equal(plan.nr_ram, 1);
	assert_true(plan.ram[0].base == 0x40000000 && plan.ram[0].size == 0x40000000);
	assert_int_equal(plan.nr_cpus, 4);
	assert_true(plan.cpus[1] == 1 && plan.cpus[2] == 0x100 && plan.cpus[3] == 0x101);
	assert_int_equal(plan.gic.type, PLAN_GIC_V3);
	assert_true(plan.gic.dist.base == 0x8000000 && plan.gic.redist.size == 0x80000);
	assert_int_equal(plan.uart.type, PLAN_UART_MMIO);
	assert_int_equal(plan.uart.intid, 33);
	assert_true(plan.hyp.base == 0x40200000 && plan.bundle.size > 0);
	assert_int_equal(plan.nr_reserved, 0);
}

static void reads_the_domains(void **state)
{
	const struct plan_domain *first = &plan.domains[0], *second = &plan.domains[1];

	(void)state;
	assert_int_equal(read_tree(true), 0);
	assert_int_equal(plan.nr_domains, 2);
	assert_string_equal(first->name, "first");
	assert_string_equal(second->name, "second");
	assert_true(first->domid == 1 && second->domid == 2);
	assert_true(first->nr_vcpus == 2 && first->cpus[0] == 0 && first->cpus[1] == 1 &&
		    second->cpus[0] == 2);
	assert_int_equal(first->memory_bytes, 64 * MIB);
	assert_true(first->nr_mem == 1 && first->mem[0].size == 64 * MIB);
	assert_string_equal(first->kernel.name, "rule-kernel");
	assert_true(first->kernel.base == second->kernel.base && first->kernel.size == 70000);
	assert_string_equal(first->ramdisk.name, "rule-ramdisk");
	assert_string_equal(first->bootargs, "");
	assert_false(first->vpl011);
	assert_ptr_equal(plan.fdt, tree);
}

static void reports_are_optional(void **state)
{
	(void)state;
	assert_int_equal(plan_read(tree, ROOM, true, &plan, NULL, NULL), 0);
	set_range("/reserved-memory/bundle", "reg", 0, 0);
	assert_int_equal(plan_read(tree, ROOM, true, &plan, NULL, NULL), -EINVAL);
}

static void an_unpacked_plan_is_for_the_host_only(void **state)
{
	(void)state;
	load("plan.src.dtb");
	assert_int_equal(read_tree(false), 0);
	assert_int_equal(plan.domains[0].cpus[0], PLAN_NO_CPU);
	assert_int_equal(read_tree(true), -EINVAL);
	/* hypervisor, bundle; of each domain memory, CPUs, two modules */
	assert_int_equal(heard.errors, 2 + 2 * 4);
}

/* ---- a packed plan that is wrong ---- */

static void refuses_a_module_outside_the_bundle(void **state)
{
	(void)state;
	set_range("/chosen/first/kernel", "reg", 0x50000000, 0x1000);
	refused_with("reg", "not inside the bundle");
	set_range("/chosen/first/kernel", "reg", plan.bundle.base, plan.bundle.size + 1);
	refused_with("reg", "not inside the bundle");
	set_range("/chosen/first/kernel", "reg", plan.bundle.base + plan.bundle.size, 1);
	refused_with("reg", "not inside the bundle");
	set_range("/chosen/first/kernel", "reg", 0xfffffffffffff000, 0x2000);
	refused_with("reg", "not inside the bundle");
}

static void refuses_a_module_off_a_page(void **state)
{
	(void)state;
	assert_int_equal(read_tree(true), 0);
	set_range("/chosen/first/kernel", "reg", plan.bundle.base + 8, 0x1000);
	refused_with("reg", "not inside the bundle");
}

static void refuses_memory_of_the_hypervisor(void **state)
{
	(void)state;
	set_range("/chosen/first", "xen,static-mem", 0x40000000, 64 * MIB);
	refused_with("xen,static-mem", "overlaps the hypervisor (0x40200000");
}

static void refuses_memory_of_the_bundle(void **state)
{
	(void)state;
	assert_int_equal(read_tree(true), 0);
	set_range("/chosen/first", "xen,static-mem", plan.bundle.base - 60 * MIB, 64 * MIB);
	assert_int_equal(read_tree(true), -EINVAL);
	assert_non_null(strstr(heard.last, "overlaps the bundle"));
}

static void refuses_memory_of_another_domain(void **state)
{
	const struct plan_range *mem = plan.domains[0].mem;

	(void)state;
	assert_int_equal(read_tree(true), 0);
	set_range("/chosen/second", "xen,static-mem", mem[0].base + 2 * MIB, mem[0].size);
	refused_with("xen,static-mem", "overlaps domain \"first\"");
}

static void refuses_pieces_that_overlap_each_other(void **state)
{
	(void)state;
	set_cells("/chosen/second", "xen,static-mem",
		  (const uint64_t[]){ 0x60000000, 32 * MIB, 0x61000000, 32 * MIB }, 4);
	refused_with("xen,static-mem", "overlaps domain \"second\"");
}

static void refuses_a_domain_without_a_name(void **state)
{
	(void)state;
	assert_int_equal(fdt_set_name(tree, at("/chosen/first"), ""), 0);
	assert_int_equal(read_tree(true), -EINVAL);
	assert_int_equal(heard.errors, 1);
}

static void refuses_a_shared_cpu(void **state)
{
	(void)state;
	assert_int_equal(fdt_setprop_u32(tree, at("/chosen/second"), "ashlar,cpus", 1), 0);
	refused_with("ashlar,cpus", "vCPU 0 is on CPU 1, which \"first\" has");
}

static void refuses_a_cpu_that_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(fdt_setprop_u32(tree, at("/chosen/second"), "ashlar,cpus", 0xffffffff), 0);
	assert_int_equal(read_tree(true), -EINVAL);
}

static void refuses_a_hypervisor_nowhere(void **state)
{
	(void)state;
	set_range("/reserved-memory/hypervisor", "reg", 0x1000, 0x200000);
	refused_with("reg", "not in the board's memory");
}

/* ---- any bytes ---- */

static bool is_apart(const struct plan_range *a, const struct plan_range *b)
{
	return a->base + a->size <= b->base || b->base + b->size <= a->base;
}

/* What the rest of the hypervisor takes for granted of a plan that was accepted. */
static void is_sound(void)
{
	uint32_t d, e, i;

	assert_true(plan.nr_ram > 0 && plan.nr_ram <= PLAN_MAX_RANGES);
	assert_true(plan.nr_cpus > 0 && plan.nr_cpus <= PLAN_MAX_CPUS);
	assert_true(plan.nr_domains > 0 && plan.nr_domains <= PLAN_MAX_DOMAINS);
	assert_true(is_apart(&plan.hyp, &plan.bundle));
	for (d = 0; d < plan.nr_domains; d++) {
		const struct plan_domain *dom = &plan.domains[d];

		assert_true(dom->nr_vcpus > 0 && dom->nr_vcpus <= PLAN_MAX_VCPUS);
		assert_true(dom->nr_mem > 0 && dom->nr_mem <= PLAN_MAX_RANGES);
		assert_true(dom->kernel.name != NULL && dom->kernel.size > 0);
		assert_true(strlen(dom->name) < PLAN_NAME_LEN);
		for (i = 0; i < dom->nr_vcpus; i++) {
			assert_true(dom->cpus[i] < plan.nr_cpus);
		}
		for (i = 0; i < dom->nr_mem; i++) {
			assert_true(IS_ALIGNED(dom->mem[i].base | dom->mem[i].size, PAGE_SIZE));
			assert_true(is_apart(&dom->mem[i], &plan.hyp) &&
				    is_apart(&dom->mem[i], &plan.bundle));
			for (e = 0; e < d; e++) {
				assert_true(is_apart(&dom->mem[i], &plan.domains[e].mem[0]));
			}
		}
	}
}

static void survives_every_flipped_byte(void **state)
{
	static const uint8_t masks[] = { 0x01, 0x10, 0x80, 0xff };
	size_t size, i, m;
	unsigned int accepted = 0;

	(void)state;
	assert_int_equal(fdt_pack(tree), 0);
	size = fdt_totalsize(tree);
	for (m = 0; m < sizeof(masks); m++) {
		for (i = 0; i < size; i++) {
			tree[i] ^= masks[m];
			if (plan_read(tree, size, true, &plan, hear, &heard) == 0) {
				is_sound();
				accepted++;
			}
			tree[i] ^= masks[m];
		}
	}
	assert_true(accepted > 0 && accepted < sizeof(masks) * size);
}

static void refuses_every_shorter_tree(void **state)
{
	size_t size, len;

	(void)state;
	assert_int_equal(fdt_pack(tree), 0);
	size = fdt_totalsize(tree);
	for (len = 0; len < size; len++) {
		uint8_t *part =
			malloc(len > 0 ? len : 1); /* so that a sanitizer sees a read past it */

		memcpy(part, tree, len);
		assert_int_equal(plan_read(part, len, true, &plan, NULL, NULL), -EINVAL);
		free(part);
	}
}

static void suggests_near_names_only(void **state)
{
	static const char *const list[] = { "memory", "cpus", "ashlar,cpus", NULL };

	(void)state;
	assert_string_equal(plan_nearest("memroy", list), "memory");
	assert_string_equal(plan_nearest("cpu", list), "cpus");
	assert_null(plan_nearest("bandwidth", list));
	assert_null(plan_nearest("a-name-that-is-much-longer-than-any-name-that-is-known", list));
}

#define ON_PACKED(test) cmocka_unit_test_setup(test, packed_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_PACKED(reads_the_board),
		ON_PACKED(reads_the_domains),
		ON_PACKED(reports_are_optional),
		ON_PACKED(an_unpacked_plan_is_for_the_host_only),
		ON_PACKED(refuses_a_module_outside_the_bundle),
		ON_PACKED(refuses_a_module_off_a_page),
		ON_PACKED(refuses_memory_of_the_hypervisor),
		ON_PACKED(refuses_memory_of_the_bundle),
		ON_PACKED(refuses_memory_of_another_domain),
		ON_PACKED(refuses_pieces_that_overlap_each_other),
		ON_PACKED(refuses_a_domain_without_a_name),
		ON_PACKED(refuses_a_shared_cpu),
		ON_PACKED(refuses_a_cpu_that_is_not_there),
		ON_PACKED(refuses_a_hypervisor_nowhere),
		ON_PACKED(survives_every_flipped_byte),
		ON_PACKED(refuses_every_shorter_tree),
		cmocka_unit_test(suggests_near_names_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
