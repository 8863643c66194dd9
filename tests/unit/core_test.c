// SPDX-License-Identifier: Apache-2.0
/*
 * The boot, from the loader's device tree to the first domain, on a bundle that the host tool packed and signed; and each
 * thing that can be wrong with it, which halts the board and says why.
 */
#include <unit.h>
#include <world.h>

#include <hyp/arch/cpu.h>
#include <hyp/arch/irq.h>
#include <hyp/core.h>
#include <hyp/entropy.h>
#include <hyp/errno.h>
#include <hyp/percpu.h>
#include <hyp/pool.h>
#include <hyp/verify.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>

#define TREE_AT	   (HOST_RAM_BASE + MIB) /* below the hypervisor */
#define TREE_BYTES (16 * KIB)
#define BUNDLE_AT  (HOST_RAM_BASE + 36 * MIB) /* behind the domain, before the bundle's place */
#define MAX_BUNDLE (8 * MIB)
#define TAIL	   (64 * KIB)

static uint8_t bundle[MAX_BUNDLE], modulus[256];
static size_t bundle_bytes;
static const uint8_t exponent[] = { 1, 0, 1 };
const struct verify_key verify_builtin_key = {
	.modulus = modulus,
	.modulus_bytes = sizeof(modulus),
	.exponent = exponent,
	.exponent_bytes = sizeof(exponent),
	.id = "0123456789abcdef",
	.is_dev = true,
};

static struct plan plan;
static uint64_t seed_bytes;
static int irq_error, cpus_error;

/* What of the architecture and the core the fake machine leaves to this test. */

int arch_irq_init(const struct plan *p)
{
	assert_int_equal(p->nr_domains, 1);
	return irq_error;
}

int arch_cpus_start(const struct plan *p)
{
	for (unsigned int i = 0; cpus_error == 0 && i < p->nr_cpus; i++) {
		cpu_get(i)->is_online = i != 3; /* one that is not needed */
	}
	return cpus_error;
}

void cpu_main(void)
{
	arch_cpu_stop();
}

size_t pool_free_pages(void)
{
	return 5;
}

size_t pool_total_pages(void)
{
	return 8;
}

void entropy_add(const void *data, size_t len)
{
	(void)data;
	seed_bytes += len;
}

static size_t read_file(const char *name, void *to, size_t room)
{
	char path[4096];
	FILE *in;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", DATA, name);
	in = fopen(path, "rb");
	assert_non_null(in);
	n = fread(to, 1, room, in);
	assert_true(n > 0 && n < room);
	fclose(in);
	return n;
}

/* "Modulus=HEX" as openssl writes it. */
static void read_key(void)
{
	char text[1024] = { 0 };
	const char *digits;

	(void)read_file("rsa2048.modulus", text, sizeof(text) - 1);
	digits = strchr(text, '=') + 1;
	for (size_t i = 0; i < sizeof(modulus); i++) {
		char pair[3] = { digits[2 * i], digits[2 * i + 1], '\0' };

		modulus[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

static void *at(uint64_t pa)
{
	return host_ram + (pa - HOST_RAM_BASE);
}

static void check(int err)
{
	assert_int_equal(err, 0);
}

static int chosen(void)
{
	return fdt_path_offset(at(TREE_AT), "/chosen");
}

static void say_initrd(uint64_t start, uint64_t end)
{
	check(fdt_setprop_u64(at(TREE_AT), chosen(), "linux,initrd-start", start));
	check(fdt_setprop_u64(at(TREE_AT), chosen(), "linux,initrd-end", end));
}

/* What the loader leaves: a tree, and the bundle at @where. */
static void load(uint64_t where)
{
	void *fdt = at(TREE_AT);
	int memory;

	check(fdt_create_empty_tree(fdt, TREE_BYTES));
	check(fdt_setprop_u32(fdt, 0, "#address-cells", 2));
	check(fdt_setprop_u32(fdt, 0, "#size-cells", 2));
	memory = fdt_add_subnode(fdt, 0, "memory@40000000");
	check(fdt_setprop_string(fdt, memory, "device_type", "memory"));
	check(fdt_appendprop_u64(fdt, memory, "reg", HOST_RAM_BASE));
	check(fdt_appendprop_u64(fdt, memory, "reg", HOST_RAM_BYTES));
	(void)fdt_add_subnode(fdt, 0, "chosen");
	check(fdt_setprop_u64(fdt, chosen(), "rng-seed", 0x1234));
	memcpy(at(where), bundle, bundle_bytes);
	say_initrd(where, where + bundle_bytes);
}

static void reserve(uint64_t base, uint64_t size)
{
	check(fdt_add_mem_rsv(at(TREE_AT), base, size));
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	memset(&plan, 0, sizeof(plan));
	seed_bytes = 0;
	load(BUNDLE_AT);
	return 0;
}

static int group_setup(void **state)
{
	(void)state;
	bundle_bytes = read_file("core.itb", bundle, sizeof(bundle));
	read_key();
	return 0;
}

static void bring_up(void)
{
	host.log_len = 0;
	memset(host.log, 0, sizeof(host.log));
	host.end = HOST_RUNS;
	HOST_ENDS(bundle_bring_up(paddr(TREE_AT), &plan));
}

static void refuses(const char *why)
{
	bring_up();
	assert_int_equal(host.end, HOST_HALTED);
	if (strstr(host.log, why) == NULL) {
		fail_msg("the log has no \"%s\": %s", why, host.log);
	}
}

static void accepts(void)
{
	bring_up();
	assert_string_equal(host.end == HOST_RUNS ? "" : host.log, "");
	assert_int_equal(plan.nr_domains, 1);
	assert_memory_equal(at(plan.bundle.base), bundle, bundle_bytes);
	assert_int_equal(plan.domains[0].kernel.base & (PAGE_SIZE - 1), 0);
	assert_non_null(strstr(
		host.log, "bundle verified: key 0123456789abcdef (INSECURE DEV KEY), 3 images"));
}

static void is_moved_and_read(void **state)
{
	uint8_t sum[SHA256_BYTES];

	(void)state;
	accepts();
	assert_int_equal(host.mapped, 1); /* the bundle, for good */
	assert_int_equal(seed_bytes, 8);
	assert_string_equal(plan.domains[0].name, "only");
	digest_sha256(at(plan.domains[0].ramdisk.base), plan.domains[0].ramdisk.size, sum);
	assert_memory_equal(sum, plan.domains[0].ramdisk.sha256, sizeof(sum));
	digest_sha256(at(plan.self.base), plan.self.size, sum);
	assert_memory_equal(sum, plan.self.sha256, sizeof(sum));
}

/* Wherever the loader puts it: its place may begin in the middle of it, or end there, or be the same. */
static void is_moved_from_anywhere(void **state)
{
	uint64_t place;

	(void)state;
	accepts();
	place = plan.bundle.base;
	for (int i = -2; i <= 1; i++) {
		memset(host_ram, 0, sizeof(host_ram));
		load(place + (uint64_t)(i * (int64_t)TAIL));
		accepts();
	}
}

static void no_tree_no_boot(void **state)
{
	(void)state;
	HOST_ENDS(bundle_bring_up(paddr(0), &plan));
	assert_non_null(strstr(host.log, "the loader passed no device tree (x0 = 0x0)"));
	HOST_ENDS(bundle_bring_up(paddr(TREE_AT + 4), &plan));
	assert_int_equal(host.end, HOST_HALTED);
	HOST_ENDS(bundle_bring_up(paddr(BUNDLE_AT + MIB), &plan));
	assert_non_null(
		strstr(host.log, "no device tree at 0x42500000, where the loader says it is"));
	fdt_set_totalsize(at(TREE_AT), 3 * MIB);
	refuses("no device tree at");
}

static void a_loader_that_says_nothing_useful(void **state)
{
	(void)state;
	check(fdt_delprop(at(TREE_AT), chosen(), "linux,initrd-end"));
	refuses("refused: ");
	load(BUNDLE_AT);
	say_initrd(BUNDLE_AT + 4, BUNDLE_AT + bundle_bytes);
	refuses("the loader put the bundle at 0x42400004, not a multiple of 8");
	say_initrd(0x90000000, 0x90001000);
	refuses("initrd 0x90000000-0x90001000 is not in this board's memory");
}

static void what_others_reserve_is_theirs(void **state)
{
	(void)state;
	accepts();
	load(BUNDLE_AT);
	reserve(plan.bundle.base + PAGE_SIZE, PAGE_SIZE);
	refuses("refused: bundle 0x");
	assert_non_null(strstr(host.log, "lies on memory reserved by the loader (0x"));
	load(BUNDLE_AT);
	reserve(plan.hyp.base + plan.hyp.size - PAGE_SIZE, PAGE_SIZE);
	refuses("refused: hypervisor 0x");
	load(BUNDLE_AT);
	reserve(plan.domains[0].mem[0].base, PAGE_SIZE);
	refuses("refused: only: memory 0x");
}

static uint8_t *in_memory(size_t offset)
{
	return (uint8_t *)at(BUNDLE_AT) + offset;
}

/* Nothing unsigned, nothing hurt, nothing cut. */
static void a_hurt_bundle_is_refused(void **state)
{
	int conf;

	(void)state;
	*in_memory(0) ^= 1;
	refuses("the bundle is not a FIT, is misaligned or cut short");
	load(BUNDLE_AT);
	say_initrd(BUNDLE_AT, BUNDLE_AT + bundle_bytes - PAGE_SIZE);
	refuses("cut short");
	load(BUNDLE_AT);
	*in_memory(bundle_bytes - 1) ^= 0x80; /* the plan is the last */
	refuses("image plan does not match its digest");
	load(BUNDLE_AT);
	*in_memory(PAGE_SIZE) ^= 0x80;
	refuses("does not match its digest");
	conf = fdt_path_offset(bundle, "/configurations/conf-1");
	assert_true(conf > 0);
	load(BUNDLE_AT);
	check(fdt_setprop_inplace_u64(at(BUNDLE_AT), conf, "ashlar,load", HOST_RAM_BASE));
	refuses("refused: bundle: ");
	load(BUNDLE_AT);
	fdt_set_totalsize(at(BUNDLE_AT), 64);
	refuses("refused: ");
}

/* The bundle's version is 3. What the loader says can only restrict; what is no number says nothing. */
static void an_older_one_is_refused(void **state)
{
	(void)state;
	accepts();
	assert_non_null(
		strstr(host.log,
		       "version 3, the lowest that may start is 0 (nobody said so: any starts)"));
	load(BUNDLE_AT);
	check(fdt_setprop_u32(at(TREE_AT), chosen(), "ashlar,lowest", 3));
	accepts();
	assert_non_null(strstr(host.log, "version 3, the lowest that may start is 3 (kept by "));
	load(BUNDLE_AT);
	check(fdt_setprop_u32(at(TREE_AT), chosen(), "ashlar,lowest", 4));
	refuses("refused: bundle: version 3, the lowest that may start is 4");
	load(BUNDLE_AT);
	check(fdt_setprop_u32(at(TREE_AT), chosen(), "ashlar,lowest", UINT32_MAX));
	refuses("the lowest that may start is 4294967295");
	load(BUNDLE_AT);
	check(fdt_setprop_u64(at(TREE_AT), chosen(), "ashlar,lowest", UINT64_MAX));
	accepts();
	assert_non_null(strstr(host.log, "nobody said so"));
}

/* The first mapping fails, then the second, and so on; then the only allocation. */
static void a_shortage_is_said(void **state)
{
	long n = 0;

	(void)state;
	for (;; n++) {
		load(BUNDLE_AT);
		host.maps_left = n;
		bring_up();
		if (host.end == HOST_RUNS) {
			break;
		}
		assert_int_equal(host.end, HOST_HALTED);
		assert_non_null(strstr(host.log, "refused: cannot map the "));
	}
	assert_in_range(n, 6, 6);
	host.maps_left = -1;
	load(BUNDLE_AT);
	host.allocs_left = 0;
	refuses("no memory for the bundle's tree");
}

static void boot(void)
{
	host.log_len = 0;
	memset(host.log, 0, sizeof(host.log));
	HOST_ENDS(hyp_main(paddr(TREE_AT)));
}

/* Last, for domains are built once: what fails is named, and then nothing does. */
static void boots_to_the_first_domain(void **state)
{
	(void)state;
	irq_error = -ENODEV;
	boot();
	assert_int_equal(host.end, HOST_HALTED);
	assert_non_null(strstr(host.log, "refused: interrupt controller failed (-19)"));
	irq_error = 0;
	setup(state);
	host.allocs_left = 1; /* the bundle's tree */
	boot();
	assert_int_equal(host.end, HOST_HALTED);
	assert_non_null(strstr(host.log, "refused: building the domains failed (-12)"));
	setup(state);
	boot();
	assert_string_equal(host.end == HOST_STOPPED ? "" : host.log, ""); /* in cpu_main() */
	assert_non_null(strstr(host.log, "Ashlar " ASHLAR_VERSION
					 ", image 0x40200000-0x40600000, pool 32 KiB"));
	assert_non_null(strstr(host.log, "1 domains on 3 CPUs, pool 20 of 32 KiB free"));
	assert_non_null(strstr(host.log, "only: started"));
	assert_int_equal(domain_get(1)->state, DOMAIN_RUNNING);
	assert_ptr_equal(sched_next(0), domain_get(1)->vcpus[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(is_moved_and_read, setup),
		cmocka_unit_test_setup(is_moved_from_anywhere, setup),
		cmocka_unit_test_setup(no_tree_no_boot, setup),
		cmocka_unit_test_setup(a_loader_that_says_nothing_useful, setup),
		cmocka_unit_test_setup(what_others_reserve_is_theirs, setup),
		cmocka_unit_test_setup(a_hurt_bundle_is_refused, setup),
		cmocka_unit_test_setup(an_older_one_is_refused, setup),
		cmocka_unit_test_setup(an_older_one_is_refused, setup),
		cmocka_unit_test_setup(a_shortage_is_said, setup),
		cmocka_unit_test_setup(boots_to_the_first_domain, setup),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
