// SPDX-License-Identifier: Apache-2.0
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>

#include <stdlib.h>

struct plan world_plan;

/* Not cmocka's: fuzzers use this too. */
static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static const char *const names[] = { "one", "two", "three" };

/* An arm64 Image: the fields of its header, then a pattern. */
static void make_kernel(uint8_t *at)
{
	const uint64_t text_offset = 0x80000, image_size = 4 * MIB;

	for (size_t i = 0; i < WORLD_KERNEL_BYTES; i++) {
		at[i] = (uint8_t)(i * 31 + i / 256);
	}
	memcpy(at + 8, &text_offset, sizeof(text_offset));
	memcpy(at + 16, &image_size, sizeof(image_size));
	memcpy(at + 56, "ARM\x64", 4);
}

static void make_ramdisk(uint8_t *at)
{
	for (size_t i = 0; i < WORLD_RAMDISK_BYTES; i++) {
		at[i] = (uint8_t)(255 - i % 251);
	}
}

/* Two pieces in the wrong order, cut in the middle of the kernel. */
static void split_memory(struct plan_domain *p)
{
	const uint64_t first = 0x90000, base = p->mem[0].base;

	p->mem[0] = (struct plan_range){ base + WORLD_DOMAIN_BYTES - first, first };
	p->mem[1] = (struct plan_range){ base, WORLD_DOMAIN_BYTES - first };
	p->nr_mem = 2;
}

static void describe_domain(unsigned int n, uint32_t *cpu)
{
	struct plan_domain *p = &world_plan.domains[n];

	strcpy(p->name, names[n]);
	p->domid = (uint16_t)(n + 1);
	p->nr_vcpus = n == 0 ? 2 : 1;
	for (uint32_t i = 0; i < p->nr_vcpus; i++) {
		p->cpus[i] = (*cpu)++;
	}
	p->memory_bytes = WORLD_DOMAIN_BYTES;
	p->mem[0] =
		(struct plan_range){ HOST_RAM_BASE + n * WORLD_DOMAIN_BYTES, WORLD_DOMAIN_BYTES };
	p->nr_mem = 1;
	if (n == 1) {
		split_memory(p);
	}
	p->kernel = (struct plan_image){ "kernel", WORLD_IMAGES, WORLD_KERNEL_BYTES, -1, { 0 } };
	if (n == 0) {
		p->ramdisk = (struct plan_image){
			"ramdisk", WORLD_IMAGES + MIB, WORLD_RAMDISK_BYTES, -1, { 0 }
		};
	}
	p->bootargs = n == 0 ? "console=ttyAMA0 quiet" : "";
	p->vpl011 = n != 2;
	p->pv.grant_frames = 4;
	p->pv.maptrack_frames = 1;
}

void world_describe(unsigned int nr_domains)
{
	uint32_t cpu = 0;

	host_reset();
	memset(&world_plan, 0, sizeof(world_plan));
	world_plan.uart.type = PLAN_UART_MMIO;
	world_plan.uart.regs = (struct plan_range){ CONFIG_CONSOLE_UART_BASE, PAGE_SIZE };
	world_plan.uart.intid = WORLD_UART_IRQ;
	world_plan.nr_cpus = HOST_CPUS;
	world_plan.nr_domains = nr_domains;
	for (unsigned int i = 0; i < nr_domains; i++) {
		describe_domain(i, &cpu);
	}
	memset(host_ram, 0xa5, sizeof(host_ram)); /* what somebody left there */
	make_kernel(host_ram + (WORLD_IMAGES - HOST_RAM_BASE));
	make_ramdisk(host_ram + (WORLD_IMAGES - HOST_RAM_BASE) + MIB);
}

void world_setup(unsigned int nr_domains)
{
	world_describe(nr_domains);
	console_early_init();
	must(console_init(&world_plan) == 0);
	must(domains_build(&world_plan) == 0);
	domains_start();
}

unsigned int world_bury(struct domain *d)
{
	unsigned int turns = 0;

	for (; d->state == DOMAIN_GONE; turns++) {
		domain_work(d->vcpus[0]);
	}
	return turns;
}

unsigned int world_grants_die(struct domain *d)
{
	unsigned int turns = 1;
	uint64_t done = 0;

	for (; gnttab_domain_died(d, &done); turns++) {
	}
	return turns;
}

unsigned int world_ports_die(struct domain *d)
{
	unsigned int turns = 1;
	uint64_t done = 0;

	for (; evtchn_domain_died(d, &done); turns++) {
	}
	return turns;
}

void world_grants_restart(struct domain *d)
{
	for (uint32_t i = 0; gnttab_restart(d, i); i++) {
	}
}

void *world_ram(struct domain *d, uint64_t at)
{
	enum p2m_type type;
	paddr_t pa;

	must(arch_p2m_lookup(d, gpa(at), &pa, &type) == 0);
	if (pa.v >= HOST_RAM_BASE && pa.v < HOST_RAM_BASE + HOST_RAM_BYTES) {
		return host_ram + (pa.v - HOST_RAM_BASE);
	}
	return (void *)pa.v;
}

int64_t world_call(struct vcpu *v, uint64_t nr, uint64_t op, void *arg, size_t size)
{
	const uint64_t args[5] = { op, WORLD_SCRATCH, 1 };
	void *scratch = world_ram(v->domain, WORLD_SCRATCH);
	int64_t rc;

	memcpy(scratch, arg, size);
	rc = trap_hypercall(v, nr, args);
	memcpy(arg, scratch, size);
	return rc;
}
