// SPDX-License-Identifier: Apache-2.0
/*
 * plan_read() on any bytes. What it accepts as a packed plan must be safe to boot: memory inside the board's,
 * nothing twice, every CPU there and used once, every image inside the bundle.
 */
#include <hyp/plan.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned int errors;

static void count(void *ctx, enum plan_severity sev, int node, const char *prop, const char *msg)
{
	(void)ctx;
	(void)node;
	(void)prop;
	errors += sev == PLAN_ERROR;
	if (strlen(msg) == 0) {
		abort();
	}
}

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static bool is_inside(const struct plan_range *in, const struct plan_range *r)
{
	return r->base >= in->base && r->size <= in->size &&
	       r->base - in->base <= in->size - r->size;
}

static void check_range(const struct plan *p, const struct plan_range *r)
{
	bool is_in_ram = false;

	must(r->size > 0 && IS_ALIGNED(r->base | r->size, PAGE_SIZE));
	for (uint32_t i = 0; i < p->nr_ram; i++) {
		is_in_ram |= is_inside(&p->ram[i], r);
	}
	must(is_in_ram);
}

static bool overlap(const struct plan_range *a, const struct plan_range *b)
{
	return a->size > 0 && b->size > 0 && a->base < b->base + b->size &&
	       b->base < a->base + a->size;
}

/* Every use of memory, in one list. */
static uint32_t claims(const struct plan *p, const struct plan_range **list)
{
	uint32_t n = 0;

	list[n++] = &p->hyp;
	list[n++] = &p->bundle;
	for (uint32_t d = 0; d < p->nr_domains; d++) {
		for (uint32_t i = 0; i < p->domains[d].nr_mem; i++) {
			list[n++] = &p->domains[d].mem[i];
		}
	}
	return n;
}

static void check_memory(const struct plan *p)
{
	const struct plan_range *list[2 + PLAN_MAX_DOMAINS * PLAN_MAX_RANGES];
	uint32_t n = claims(p, list);

	for (uint32_t i = 0; i < n; i++) {
		check_range(p, list[i]);
		for (uint32_t j = 0; j < i; j++) {
			must(!overlap(list[i], list[j]));
		}
		for (uint32_t j = 0; j < p->nr_reserved; j++) {
			must(!overlap(list[i], &p->reserved[j]));
		}
	}
}

static void check_image(const struct plan *p, const struct plan_image *image)
{
	const struct plan_range at = { image->base, image->size };

	must(image->name == NULL || (image->size > 0 && is_inside(&p->bundle, &at)));
}

static void check_domain(const struct plan *p, const struct plan_domain *d, bool *is_used)
{
	uint64_t bytes = 0;

	must(memchr(d->name, '\0', sizeof(d->name)) != NULL && d->name[0] != '\0');
	must(d->nr_vcpus >= 1 && d->nr_vcpus <= PLAN_MAX_VCPUS);
	must(d->nr_mem >= 1 && d->nr_mem <= PLAN_MAX_RANGES);
	for (uint32_t i = 0; i < d->nr_mem; i++) {
		bytes += d->mem[i].size;
	}
	must(bytes == d->memory_bytes);
	for (uint32_t v = 0; v < d->nr_vcpus; v++) {
		must(d->cpus[v] < p->nr_cpus && !is_used[d->cpus[v]]);
		is_used[d->cpus[v]] = true;
	}
	must(d->kernel.name != NULL && d->bootargs != NULL);
	check_image(p, &d->kernel);
	check_image(p, &d->ramdisk);
}

/* All of @r is in pages in which the device has registers. */
static bool is_all_of(const struct plan_device *dev, const struct plan_range *r)
{
	uint64_t at = r->base;

	while (at < r->base + r->size) {
		bool is_there = false;

		for (uint32_t i = 0; i < dev->nr_regs; i++) {
			is_there |= at >= ALIGN_DOWN(dev->regs[i].base, PAGE_SIZE) &&
				    at < dev->regs[i].base + dev->regs[i].size;
		}
		if (!is_there) {
			return false;
		}
		at = ALIGN_DOWN(at, PAGE_SIZE) + PAGE_SIZE;
	}
	return true;
}

static bool is_below_ram(const struct plan *p, const struct plan_range *r)
{
	for (uint32_t i = 0; i < p->nr_ram; i++) {
		if (overlap(&p->ram[i], r)) {
			return false;
		}
	}
	return true;
}

/* Registers of nobody else, seen where nothing else is. */
static void check_device(const struct plan *p, const struct plan_device *dev)
{
	const struct plan_domain *d = &p->domains[dev->domid - 1];

	must(dev->nr_regs >= 1 && dev->nr_regs <= PLAN_DEVICE_REGS);
	must(dev->nr_maps >= 1 && dev->nr_maps <= PLAN_DEVICE_MAPS);
	must(dev->nr_irqs <= PLAN_DEVICE_IRQS);
	for (uint32_t i = 0; i < dev->nr_maps; i++) {
		const struct plan_map *m = &dev->maps[i];
		struct plan_range seen = { m->at, m->machine.size }, window;
		const char *what;

		must(m->machine.size > 0 && is_all_of(dev, &m->machine));
		must(is_below_ram(p, &m->machine) && !overlap(&m->machine, &p->gic.dist) &&
		     !overlap(&m->machine, &p->uart.regs));
		must((m->at - m->machine.base) % PAGE_SIZE == 0);
		for (uint32_t k = 0; plan_guest_window(d, k, &window, &what); k++) {
			must(!overlap(&seen, &window));
		}
		for (uint32_t k = 0; d->direct_map && k < d->nr_mem; k++) {
			must(!overlap(&seen, &d->mem[k]));
		}
		for (uint32_t k = 0; k < p->nr_devices; k++) {
			must(p->devices[k].domid == dev->domid ||
			     !overlap(&m->machine, &p->devices[k].regs[0]));
		}
	}
}

static void check_plan(const struct plan *p)
{
	bool is_used[PLAN_MAX_CPUS] = { false };

	must(p->nr_ram >= 1 && p->nr_ram <= PLAN_MAX_RANGES && p->nr_reserved <= PLAN_MAX_RANGES);
	must(p->nr_cpus >= 1 && p->nr_cpus <= PLAN_MAX_CPUS);
	must(p->nr_domains >= 1 && p->nr_domains <= PLAN_MAX_DOMAINS);
	check_memory(p);
	for (uint32_t i = 0; i < p->nr_devices; i++) {
		check_device(p, &p->devices[i]);
	}
	for (uint32_t d = 0; d < p->nr_domains; d++) {
		check_domain(p, &p->domains[d], is_used);
		must(p->domains[d].domid == d + 1);
		for (uint32_t i = 0; i < d; i++) {
			must(strcmp(p->domains[i].name, p->domains[d].name) != 0);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plan plan;
	void *copy = NULL;

	if (posix_memalign(&copy, 8, size == 0 ? 8 : size) != 0) {
		return 0;
	}
	memcpy(copy, data, size);
	for (int packed = 0; packed < 2; packed++) {
		int ret;

		errors = 0;
		ret = plan_read(copy, size, packed == 1, &plan, count, NULL);
		must((ret == 0) == (errors == 0));
		if (ret == 0 && packed == 1) {
			check_plan(&plan);
		}
	}
	free(copy);
	return 0;
}
