/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot, in order. Each step relies on the ones above it; a step that fails names itself and
 * stops the board.
 */
#include <hyp/arch/cpu.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/console.h>
#include <hyp/contract.h>
#include <hyp/core.h>
#include <hyp/crash.h>
#include <hyp/domain.h>
#include <hyp/hwdog.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/pool.h>
#include <hyp/sched.h>
#include <hyp/wallclock.h>

static struct plan plan;

static void must(int err, const char *what)
{
	if (err != 0) {
		halt("refused: %s failed (%d)", what, err);
	}
}

struct plan_range image_range(void)
{
	extern char __image_start[], __image_end[];

	return (struct plan_range){
		.base = arch_virt_to_phys(__image_start).v,
		.size = (uint64_t)(__image_end - __image_start),
	};
}

static void say_hello(void)
{
	struct plan_range self = image_range();

	hyp_printf("Ashlar " ASHLAR_VERSION ", image 0x%lx-0x%lx, pool %zu KiB", self.base,
		   self.base + self.size, pool_total_pages() * PAGE_SIZE / KIB);
}

static unsigned int nr_online(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < plan.nr_cpus; i++) {
		n += cpu_get(i)->is_online;
	}
	return n;
}

static void say_ready(void)
{
	hyp_printf(
		"%u domains on %u CPUs, pool %zu of %zu KiB free, %lu ms since the counter started",
		plan.nr_domains, nr_online(), pool_free_pages() * PAGE_SIZE / KIB,
		pool_total_pages() * PAGE_SIZE / KIB, (unsigned long)(arch_now_ns() / 1000000));
}

void hyp_main(paddr_t loader_fdt)
{
	console_early_init(); /* polled UART: from here on errors are seen */
	say_hello();
	bundle_bring_up(loader_fdt, &plan); /* verified, moved, verified again, plan read */
	crash_init(&plan);		    /* what the boot before left behind */
	must(arch_irq_init(&plan), "interrupt controller");
	must(console_init(&plan), "console"); /* interrupt driven from here on */
	wallclock_init(&plan);
	must(sched_init(&plan), "choosing the scheduler");
	hwdog_init(&plan);
	must(domains_build(&plan),
	     "building the domains"); /* memory, images, device trees; nothing runs */
	must(arch_cpus_start(&plan),
	     "starting the CPUs"); /* they idle until a vCPU of theirs is runnable */
	hwdog_start();
	say_ready();
	contract_try(); /* nothing, but in a build for that */
	domains_start();
	cpu_main();
}
