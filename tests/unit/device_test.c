// SPDX-License-Identifier: Apache-2.0
/* A domain with devices of the board: mapped, quiet, in its tree; and so again after each of its lives. */
#include "../../hypervisor/domain/internal.h"

#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/console.h>
#include <hyp/verify.h>
#include <libfdt.h>

#define RTC_REGS   0x09010000UL
#define VIRTIO	   0x0a003000UL
#define RTC_MASK   (*(volatile uint32_t *)(host_device + 0x10))
#define VIRTIO_ST  (*(volatile uint32_t *)(host_device + 0x70))
#define BOARD_ROOM 4096

static uint8_t board[BOARD_ROOM] __aligned(8);
static struct domain *one;

static int node(const char *name, const char *compatible)
{
	int at = fdt_add_subnode(board, 0, name);

	assert_true(at > 0);
	assert_int_equal(
		fdt_setprop(board, at, "compatible", compatible, (int)strlen(compatible) + 1), 0);
	return at;
}

/* The nodes that the plan's devices stand for, with words that no guest is to see. */
static void make_board(void)
{
	int at;

	assert_int_equal(fdt_create_empty_tree(board, sizeof(board)), 0);
	at = node("clock", "fixed-clock");
	assert_int_equal(fdt_setprop_u32(board, at, "phandle", 7), 0);
	at = node("other-clock", "fixed-clock");
	assert_int_equal(fdt_setprop_u32(board, at, "phandle", 8), 0);
	at = node("rtc", "arm,pl031");
	assert_int_equal(fdt_setprop_u32(board, at, "clocks", 7), 0);
	assert_int_equal(fdt_setprop_u32(board, at, "interrupt-parent", 1), 0);
	assert_int_equal(fdt_setprop_u32(board, at, "ashlar,secret", 1), 0);
	assert_true(fdt_add_subnode(board, at, "child") > 0);
	at = fdt_path_offset(board, "/rtc/child");
	assert_true(fdt_add_subnode(board, at, "grandchild") > 0);
	at = fdt_path_offset(board, "/rtc");
	assert_true(fdt_add_subnode(board, at, "sibling") > 0);
	(void)node("disk-a", "virtio,mmio");
	at = node("disk-b", "virtio,mmio");
	assert_int_equal(fdt_setprop_u32(board, at, "clocks", 9), 0); /* no such */
}

static struct plan_device device(const char *path, enum plan_reset reset, uint64_t base,
				 uint64_t size, uint32_t intid)
{
	return (struct plan_device){ .domid = 1,
				     .node = fdt_path_offset(board, path),
				     .reset = reset,
				     .regs = { { base, size } },
				     .nr_regs = 1,
				     .maps = { { { base, size }, base } },
				     .nr_maps = 1,
				     .irqs = { { intid, intid > 40 } },
				     .nr_irqs = 1 };
}

static int setup(void **state)
{
	struct plan_domain *p = &world_plan.domains[0];

	(void)state;
	make_board();
	world_describe(1);
	world_plan.fdt = board;
	world_plan.devices[0] = device("/rtc", PLAN_RESET_PL031, RTC_REGS, 0x1000, 34);
	world_plan.devices[1] =
		device("/disk-a", PLAN_RESET_VIRTIO_MMIO, VIRTIO + 0xc00, 0x200, 78);
	world_plan.devices[2] = device("/disk-b", PLAN_RESET_NONE, VIRTIO + 0xe00, 0x600, 79);
	world_plan.nr_devices = 3;
	p->nr_devices = 3;
	p->life.on[PLAN_ON_CRASH] = PLAN_RESTART;
	p->life.restart_limit = 50;
	p->life.restart_window_s = 60;
	digest_sha256(host_ram + (p->kernel.base - HOST_RAM_BASE), p->kernel.size,
		      p->kernel.sha256);
	digest_sha256(host_ram + (p->ramdisk.base - HOST_RAM_BASE), p->ramdisk.size,
		      p->ramdisk.sha256);
	world_plan.self = (struct plan_image){ .name = "plan", .base = WORLD_IMAGES, .size = 4096 };
	digest_sha256(host_ram + (WORLD_IMAGES - HOST_RAM_BASE), 4096, world_plan.self.sha256);
	RTC_MASK = 1;
	VIRTIO_ST = 15;
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	domains_start();
	one = domain_get(1);
	return 0;
}

static void assert_given(void)
{
	static const uint64_t pages[] = { RTC_REGS, VIRTIO, VIRTIO + PAGE_SIZE };
	enum p2m_type type;
	paddr_t pa;

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		assert_int_equal(arch_p2m_lookup(one, gpa(pages[i]), &pa, &type), 0);
		assert_int_equal(pa.v, pages[i]);
		assert_int_equal(type, P2M_DEVICE);
	}
	assert_int_equal(arch_p2m_lookup(one, gpa(VIRTIO + 2 * PAGE_SIZE), &pa, &type), -14);
	assert_int_equal(arch_p2m_lookup(one, gpa(VIRTIO - PAGE_SIZE), &pa, &type), -14);
	assert_int_equal(RTC_MASK, 0);
	assert_int_equal(VIRTIO_ST, 0);
}

static void is_given_quiet(void **state)
{
	(void)state;
	assert_given();
	assert_ptr_equal(host_spi(34)->owner, one);
	assert_false(host_spi(34)->is_edge);
	assert_true(host_spi(79)->is_edge);
	assert_null(host_spi(35));
}

/* No interrupt any more, then a reset of everything: a transfer that goes on ends there. */
static void host_of_a_card_is_reset(void **state)
{
	uint32_t regs[64];

	(void)state;
	memset(regs, 0xff, sizeof(regs));
	device_reset(PLAN_RESET_SDHCI, regs);
	assert_int_equal(regs[0x38 / 4], 0);
	assert_int_equal(regs[0x2c / 4], 0x01000000);
	assert_int_equal(regs[0x30 / 4], UINT32_MAX);
}

static void tree_has_what_the_guest_can_use(void **state)
{
	const void *fdt = world_ram(one, one->vcpus[0]->arch.arg);
	int rtc = fdt_path_offset(fdt, "/passthrough/rtc");
	int disk = fdt_path_offset(fdt, "/passthrough/disk-b");
	int len;
	const fdt64_t *reg = fdt_getprop(fdt, disk, "reg", &len);

	(void)state;
	assert_int_equal(fdt_check_full(fdt, 64 * KIB), 0);
	assert_true(rtc > 0 && disk > 0);
	assert_int_equal(len, 16);
	assert_int_equal(fdt64_ld(&reg[0]), VIRTIO + 0xe00);
	assert_int_equal(fdt64_ld(&reg[1]), 0x600);
	assert_int_equal(fdt_node_check_compatible(fdt, rtc, "arm,pl031"), 0);
	assert_null(fdt_getprop(fdt, rtc, "interrupt-parent", NULL));
	assert_null(fdt_getprop(fdt, rtc, "ashlar,secret", NULL));
	assert_non_null(fdt_getprop(fdt, rtc, "clocks", NULL));
	assert_null(fdt_getprop(fdt, disk, "clocks", NULL)); /* of a clock that it cannot have */
	assert_true(fdt_node_offset_by_phandle(fdt, 7) > 0);
	assert_true(fdt_node_offset_by_phandle(fdt, 8) < 0); /* nobody named it */
	assert_true(fdt_path_offset(fdt, "/passthrough/rtc/child/grandchild") > 0);
	assert_true(fdt_path_offset(fdt, "/passthrough/rtc/sibling") > 0);
}

static void is_quiet_after_each_life(void **state)
{
	unsigned int mapped = host.mapped;

	(void)state;
	for (unsigned int life = 0; life < 20; life++) {
		unsigned int before = host_spi(34)->quiesced;

		for (uint32_t i = 0; i < one->nr_vcpus; i++) {
			one->vcpus[i]->is_on_cpu = true;
		}
		domain_shutdown(one, SHUTDOWN_crash);
		RTC_MASK = 1;
		VIRTIO_ST = 15; /* as long as a vCPU is left it may do anything */
		assert_int_equal(host_spi(34)->quiesced, before);
		for (uint32_t i = 0; i < one->nr_vcpus; i++) {
			vcpu_left_cpu(one->vcpus[i]);
		}
		world_bury(one);
		assert_true(host_spi(34)->quiesced > before);
		assert_int_equal(RTC_MASK, 0);
		assert_int_equal(VIRTIO_ST, 0);
		while (sched_next(one->vcpus[0]->cpu) == one->vcpus[0] &&
		       vcpu_has_work(one->vcpus[0])) {
			domain_work(one->vcpus[0]);
		}
		assert_int_equal(one->state, DOMAIN_RUNNING);
		assert_given();
		host.log_len = 0;
	}
	assert_int_equal(host.mapped, mapped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_given_quiet),
		cmocka_unit_test(host_of_a_card_is_reset),
		cmocka_unit_test(tree_has_what_the_guest_can_use),
		cmocka_unit_test(is_quiet_after_each_life),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
