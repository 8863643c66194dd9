// SPDX-License-Identifier: Apache-2.0
/* A domain whose devices a partial device tree gives: mapped where it says, its nodes in the guest's tree; in each life. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/console.h>
#include <hyp/verify.h>
#include <libfdt.h>

#define RTC_REGS   0x09010000UL
#define RTC_SEEN   0x28010000UL
#define RTC_MASK   (*(volatile uint32_t *)(host_device + 0x10))
#define TREE_ROOM  4096
#define CONTROLLER 3U

static uint8_t partial[TREE_ROOM] __aligned(8);
static struct domain *one;

static int add(const char *parent, const char *name)
{
	int node = fdt_add_subnode(partial, fdt_path_offset(partial, parent), name);

	assert_true(node > 0);
	return node;
}

static void make_tree(void)
{
	const fdt64_t reg[] = { cpu_to_fdt64(RTC_SEEN), cpu_to_fdt64(0x1000) };
	int at;

	assert_int_equal(fdt_create_empty_tree(partial, sizeof(partial)), 0);
	(void)add("/", "elsewhere");
	(void)add("/", "passthrough");
	at = add("/passthrough", "rtc");
	assert_int_equal(fdt_setprop(partial, at, "reg", reg, sizeof(reg)), 0);
	assert_int_equal(fdt_setprop_string(partial, at, "xen,path", "/rtc"), 0);
	assert_int_equal(fdt_setprop(partial, at, "xen,reg", reg, sizeof(reg)), 0);
	assert_int_equal(fdt_setprop_empty(partial, at, "xen,force-assign-without-iommu"), 0);
	assert_int_equal(fdt_setprop_string(partial, at, "xen,else", "kept"), 0);
	assert_int_equal(fdt_setprop_u32(partial, at, "interrupt-parent", CONTROLLER), 0);
	assert_int_equal(fdt_setprop_u32(partial, at, "resets", 77), 0);
	at = add("/passthrough/rtc", "child");
	assert_int_equal(fdt_setprop_u32(partial, at, "phandle", 9), 0);
	at = add("/", "aliases");
	assert_int_equal(fdt_setprop_string(partial, at, "clock", "/passthrough/rtc"), 0);
}

static void describe(void)
{
	struct plan_domain *p = &world_plan.domains[0];

	world_describe(1);
	make_tree();
	world_plan.fdt = partial; /* not looked at: there is no board's tree */
	world_plan.devices[0] =
		(struct plan_device){ .domid = 1,
				      .tree_node = fdt_path_offset(partial, "/passthrough/rtc"),
				      .reset = PLAN_RESET_PL031,
				      .regs = { { RTC_REGS, 0x1000 } },
				      .nr_regs = 1,
				      .maps = { { { RTC_REGS, 0x1000 }, RTC_SEEN } },
				      .nr_maps = 1,
				      .irqs = { { 34, false } },
				      .nr_irqs = 1 };
	world_plan.nr_devices = 1;
	p->nr_devices = 1;
	p->tree = (struct plan_tree){ .node = 1, .fdt = partial, .controller = CONTROLLER };
	p->life.on[PLAN_ON_CRASH] = PLAN_RESTART;
	p->life.restart_limit = 50;
	p->life.restart_window_s = 60;
}

static int setup(void **state)
{
	struct plan_domain *p = &world_plan.domains[0];

	(void)state;
	describe();
	digest_sha256(host_ram + (p->kernel.base - HOST_RAM_BASE), p->kernel.size,
		      p->kernel.sha256);
	digest_sha256(host_ram + (p->ramdisk.base - HOST_RAM_BASE), p->ramdisk.size,
		      p->ramdisk.sha256);
	world_plan.self = (struct plan_image){ .name = "plan", .base = WORLD_IMAGES, .size = 4096 };
	digest_sha256(host_ram + (WORLD_IMAGES - HOST_RAM_BASE), 4096, world_plan.self.sha256);
	RTC_MASK = 1;
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	domains_start();
	one = domain_get(1);
	return 0;
}

static void assert_given(void)
{
	enum p2m_type type;
	paddr_t pa;

	assert_int_equal(arch_p2m_lookup(one, gpa(RTC_SEEN), &pa, &type), 0);
	assert_int_equal(pa.v, RTC_REGS);
	assert_int_equal(type, P2M_DEVICE);
	assert_int_equal(arch_p2m_lookup(one, gpa(RTC_REGS), &pa, &type), -14);
	assert_int_equal(arch_p2m_lookup(one, gpa(RTC_SEEN + PAGE_SIZE), &pa, &type), -14);
	assert_int_equal(RTC_MASK, 0);
}

static void assert_told(void)
{
	const void *fdt = world_ram(one, one->vcpus[0]->arch.arg);
	int rtc = fdt_path_offset(fdt, "/passthrough/rtc");
	int child = fdt_path_offset(fdt, "/passthrough/rtc/child");
	int len;
	const fdt64_t *reg = fdt_getprop(fdt, rtc, "reg", &len);

	assert_int_equal(fdt_check_full(fdt, 64 * KIB), 0);
	assert_int_equal(len, 16);
	assert_int_equal(fdt64_ld(&reg[0]), RTC_SEEN);
	assert_null(fdt_getprop(fdt, rtc, "xen,reg", NULL));
	assert_null(fdt_getprop(fdt, rtc, "xen,path", NULL));
	assert_null(fdt_getprop(fdt, rtc, "xen,force-assign-without-iommu", NULL));
	assert_string_equal(fdt_getprop(fdt, rtc, "xen,else", NULL), "kept");
	assert_int_equal(fdt32_ld(fdt_getprop(fdt, rtc, "interrupt-parent", NULL)), CONTROLLER);
	assert_non_null(fdt_getprop(fdt, rtc, "resets", NULL)); /* whoever wrote it means it */
	assert_int_equal(fdt_node_offset_by_phandle(fdt, 9), child);
	assert_int_equal(fdt_path_offset(fdt, "clock"), rtc);
	assert_true(fdt_path_offset(fdt, "/elsewhere") < 0);
}

static void is_given_where_the_tree_says(void **state)
{
	(void)state;
	assert_given();
	assert_ptr_equal(host_spi(34)->owner, one);
	assert_told();
}

static void is_given_again_in_each_life(void **state)
{
	unsigned int mapped = host.mapped;

	(void)state;
	for (unsigned int life = 0; life < 20; life++) {
		for (uint32_t i = 0; i < one->nr_vcpus; i++) {
			one->vcpus[i]->is_on_cpu = true;
		}
		domain_shutdown(one, SHUTDOWN_crash);
		RTC_MASK = 1; /* as long as a vCPU is left it may do anything */
		for (uint32_t i = 0; i < one->nr_vcpus; i++) {
			vcpu_left_cpu(one->vcpus[i]);
		}
		world_bury(one);
		assert_int_equal(RTC_MASK, 0);
		while (sched_next(one->vcpus[0]->cpu) == one->vcpus[0] &&
		       vcpu_has_work(one->vcpus[0])) {
			domain_work(one->vcpus[0]);
		}
		assert_int_equal(one->state, DOMAIN_RUNNING);
		assert_given();
		assert_told();
		host.log_len = 0;
	}
	assert_int_equal(host.mapped, mapped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_given_where_the_tree_says),
		cmocka_unit_test(is_given_again_in_each_life),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
