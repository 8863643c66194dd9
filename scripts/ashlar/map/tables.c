// SPDX-License-Identifier: Apache-2.0
/* Requirement: map */
/* A plan as tables of who owns what: scripts/ashlar/map/map.h. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"

static const struct table_column memory_columns[] = {
	{ "from", "from", COLUMN_ADDRESS }, { "to", "to", COLUMN_ADDRESS },
	{ "kib", "KiB", COLUMN_NUMBER },    { "owner", "owner", COLUMN_TEXT },
	{ "use", "for", COLUMN_TEXT },	    { 0 },
};

static const struct table_column cpu_columns[] = {
	{ "cpu", "CPU", COLUMN_NUMBER },	  { "affinity", "affinity", COLUMN_ADDRESS },
	{ "domain", "domain", COLUMN_TEXT },	  { "vcpu", "vCPU", COLUMN_NUMBER },
	{ "permille", "of 1000", COLUMN_NUMBER }, { 0 },
};

static const struct table_column time_columns[] = {
	{ "cpu", "CPU", COLUMN_NUMBER },     { "from_us", "from us", COLUMN_NUMBER },
	{ "to_us", "to us", COLUMN_NUMBER }, { "domain", "domain", COLUMN_TEXT },
	{ "vcpu", "vCPU", COLUMN_NUMBER },   { 0 },
};

static const struct table_column device_columns[] = {
	{ "device", "device", COLUMN_TEXT },
	{ "from", "from", COLUMN_ADDRESS },
	{ "to", "to", COLUMN_ADDRESS },
	{ "seen_at", "seen at", COLUMN_ADDRESS },
	{ "owner", "owner", COLUMN_TEXT },
	{ "dma", "DMA", COLUMN_TEXT },
	{ 0 },
};

static const struct table_column interrupt_columns[] = {
	{ "number", "number", COLUMN_NUMBER },
	{ "trigger", "trigger", COLUMN_TEXT },
	{ "owner", "owner", COLUMN_TEXT },
	{ "device", "device", COLUMN_TEXT },
	{ 0 },
};

static const struct table_column link_columns[] = {
	{ "link", "link", COLUMN_NUMBER }, { "kind", "kind", COLUMN_TEXT },
	{ "from", "from", COLUMN_TEXT },   { "to", "to", COLUMN_TEXT },
	{ "what", "what", COLUMN_TEXT },   { 0 },
};

struct table_row *map_row(struct table *t)
{
	struct table_row *more = realloc(t->rows, (t->nr_rows + 1) * sizeof(*more));

	if (more == NULL) {
		fail("no memory for a table");
	}
	t->rows = more;
	memset(&t->rows[t->nr_rows], 0, sizeof(*more));
	return &t->rows[t->nr_rows++];
}

static const char *name_of(const struct plan *p, uint16_t domid)
{
	return domid == 0 || domid > p->nr_domains ? MAP_HYPERVISOR : p->domains[domid - 1].name;
}

static const char *device_name(const struct plan *p, const struct plan_device *d)
{
	return fdt_get_name(p->fdt, d->node, NULL);
}

/* ---- memory ---- */

static void add_memory(struct table *t, const struct plan_range *r, const char *owner,
		       const char *use)
{
	struct table_row *row;

	if (r->size == 0) {
		return;
	}
	row = map_row(t);
	row->cell[MEMORY_FROM].number = r->base;
	row->cell[MEMORY_TO].number = r->base + r->size;
	row->cell[MEMORY_KIB].number = r->size / KIB;
	row->cell[MEMORY_OWNER].text = owner;
	row->cell[MEMORY_USE].text = use;
}

/* Everybody who has a view of the same shared memory. */
static char *sharers(const struct plan *p, uint32_t first)
{
	char *names = xstrdup("");
	uint32_t i;

	for (i = first; i < p->nr_shms; i++) {
		if (strcmp(p->shms[i].id, p->shms[first].id) == 0) {
			char *more = xasprintf("%s%s%s", names, names[0] == '\0' ? "" : ", ",
					       name_of(p, p->shms[i].domid));

			free(names);
			names = more;
		}
	}
	return names;
}

static void add_shared(struct table *t, const struct plan *p)
{
	uint32_t i;

	for (i = 0; i < p->nr_shms; i++) {
		struct plan_range r = { p->shms[i].host, p->shms[i].size };

		if (plan_shm_first(p, i) == i) {
			add_memory(t, &r, sharers(p, i), xasprintf("shared: %s", p->shms[i].id));
		}
	}
}

static int by_address(const void *a, const void *b)
{
	const struct table_row *x = a, *y = b;
	uint64_t left = x->cell[MEMORY_FROM].number, right = y->cell[MEMORY_FROM].number;

	return left < right ? -1 : left > right;
}

static void sort_memory(struct table *t)
{
	if (t->nr_rows > 1) {
		qsort(t->rows, t->nr_rows, sizeof(t->rows[0]), by_address);
	}
}

/* What lies between two owners, within one range of memory. */
static void add_gaps(struct table *t, const struct plan_range *ram)
{
	uint64_t at = ram->base, end = ram->base + ram->size;
	size_t n = t->nr_rows, i;

	for (i = 0; i < n; i++) {
		uint64_t from = t->rows[i].cell[MEMORY_FROM].number;
		uint64_t to = t->rows[i].cell[MEMORY_TO].number;
		struct plan_range gap = { at, from - at };

		if (from >= end || to <= at) {
			continue;
		}
		if (from > at) {
			add_memory(t, &gap, MAP_FREE, "");
		}
		at = MAX(at, to);
	}
	if (at < end) {
		struct plan_range gap = { at, end - at };

		add_memory(t, &gap, MAP_FREE, "");
	}
	sort_memory(t);
}

static void make_memory(struct table *t, const struct plan *p)
{
	uint32_t i, j;

	add_memory(t, &p->hyp, MAP_HYPERVISOR, "its image and pool");
	add_memory(t, &p->bundle, MAP_HYPERVISOR, "bundle");
	add_memory(t, &p->crash_record, MAP_HYPERVISOR, "crash record");
	for (i = 0; i < p->nr_reserved; i++) {
		if (p->crash_record.size == 0 || p->reserved[i].base != p->crash_record.base) {
			add_memory(t, &p->reserved[i], "board", "reserved");
		}
	}
	for (i = 0; i < p->nr_domains; i++) {
		for (j = 0; j < p->domains[i].nr_mem; j++) {
			add_memory(t, &p->domains[i].mem[j], p->domains[i].name, "memory");
		}
	}
	add_shared(t, p);
	sort_memory(t);
	for (i = 0; i < p->nr_ram; i++) {
		add_gaps(t, &p->ram[i]);
	}
}

/* ---- CPUs ---- */

static uint64_t weight_on(const struct plan *p, uint32_t cpu)
{
	uint64_t sum = 0;
	uint32_t i, j;

	for (i = 0; i < p->nr_domains; i++) {
		for (j = 0; j < p->domains[i].nr_vcpus; j++) {
			sum += p->domains[i].cpus[j] == cpu ? p->domains[i].weight : 0;
		}
	}
	return sum;
}

/* Of its CPU's time: by its windows, all of it where it has none and is alone, or by its weight. */
static uint64_t permille_of(const struct plan *p, const struct plan_domain *d, uint32_t cpu)
{
	uint64_t us = 0, all = weight_on(p, cpu);
	uint32_t i;

	if (d->time.nr_windows == 0) {
		return all == 0 ? 0 : 1000 * d->weight / all;
	}
	for (i = 0; i < d->time.nr_windows; i++) {
		us += d->time.windows[i].length_us;
	}
	return 1000 * us / d->time.frame_us;
}

static struct table_row *cpu_row(struct table *t, const struct plan *p, uint32_t cpu,
				 const char *name)
{
	struct table_row *row = map_row(t);

	row->cell[CPU_NUMBER].number = cpu;
	row->cell[CPU_AFFINITY].number = p->cpus[cpu];
	row->cell[CPU_DOMAIN].text = name;
	return row;
}

static void add_cpu(struct table *t, const struct plan *p, uint32_t cpu)
{
	uint64_t used = 0;
	bool has_windows = false;
	uint32_t i, j;

	for (i = 0; i < p->nr_domains; i++) {
		const struct plan_domain *d = &p->domains[i];

		for (j = 0; j < d->nr_vcpus; j++) {
			struct table_row *row;

			if (d->cpus[j] != cpu) {
				continue;
			}
			row = cpu_row(t, p, cpu, d->name);
			row->cell[CPU_VCPU].number = j;
			row->cell[CPU_PERMILLE].number = permille_of(p, d, cpu);
			used += row->cell[CPU_PERMILLE].number;
			has_windows = has_windows || d->time.nr_windows > 0;
		}
	}
	if (used == 0) {
		(void)cpu_row(t, p, cpu, MAP_FREE);
	} else if (has_windows && used < 1000) {
		cpu_row(t, p, cpu, MAP_FREE)->cell[CPU_PERMILLE].number = 1000 - used;
	}
}

/* ---- devices and interrupts ---- */

static void make_devices(struct table *t, const struct plan *p)
{
	uint32_t i, j;

	for (i = 0; i < p->nr_devices; i++) {
		const struct plan_device *d = &p->devices[i];

		for (j = 0; j < d->nr_maps; j++) {
			struct table_row *row = map_row(t);

			row->cell[0].text = device_name(p, d);
			row->cell[1].number = d->maps[j].machine.base;
			row->cell[2].number = d->maps[j].machine.base + d->maps[j].machine.size;
			row->cell[3].number = d->maps[j].at;
			row->cell[4].text = name_of(p, d->domid);
			row->cell[5].text = d->is_dma ? "yes" : "no";
		}
	}
}

static void add_interrupt(struct table *t, uint32_t number, bool is_edge, const char *owner,
			  const char *device)
{
	struct table_row *row = map_row(t);

	row->cell[0].number = number;
	row->cell[1].text = is_edge ? "edge" : "level";
	row->cell[2].text = owner;
	row->cell[3].text = device;
}

static void make_interrupts(struct table *t, const struct plan *p)
{
	uint32_t i, j;

	if (p->uart.type != PLAN_UART_NONE) {
		add_interrupt(t, p->uart.intid, false, MAP_HYPERVISOR, "console");
	}
	for (i = 0; i < p->nr_devices; i++) {
		const struct plan_device *d = &p->devices[i];

		for (j = 0; j < d->nr_irqs; j++) {
			add_interrupt(t, d->irqs[j].intid, d->irqs[j].is_edge, name_of(p, d->domid),
				      device_name(p, d));
		}
	}
}

/* ---- links ---- */

static void add_link(struct table *t, const char *kind, const char *from, const char *to,
		     const char *what)
{
	struct table_row *row = map_row(t);

	row->cell[LINK_NUMBER].number = t->nr_rows;
	row->cell[LINK_KIND].text = kind;
	row->cell[LINK_FROM].text = from;
	row->cell[LINK_TO].text = to;
	row->cell[LINK_WHAT].text = what;
}

/* Each channel once, from its end in the earlier domain. */
static void add_channels(struct table *t, const struct plan *p, const struct plan_domain *d)
{
	uint32_t i;

	for (i = 0; i < d->nr_evtchns; i++) {
		const struct plan_evtchn *e = &d->evtchns[i];

		if (e->peer > d->domid || (e->peer == d->domid && e->peer_port >= e->port)) {
			add_link(t, "event channel", d->name, name_of(p, e->peer),
				 xasprintf("port %u, port %u", e->port, e->peer_port));
		}
	}
}

static void add_shms(struct table *t, const struct plan *p)
{
	uint32_t i, first;

	for (i = 0; i < p->nr_shms; i++) {
		first = plan_shm_first(p, i);
		if (first != i) {
			add_link(t, "shared memory", name_of(p, p->shms[first].domid),
				 name_of(p, p->shms[i].domid),
				 xasprintf("%s, %lu KiB", p->shms[i].id, p->shms[i].size / KIB));
		}
	}
}

static void add_services(struct table *t, const struct plan *p, const struct plan_domain *d)
{
	if (d->pv.has_store) {
		add_link(t, "xenstore", d->name, name_of(p, d->pv.store),
			 xasprintf("port %u", d->pv.store_port));
	}
	if (d->pv.has_console) {
		add_link(t, "PV console", d->name, MAP_HYPERVISOR,
			 xasprintf("port %u", d->pv.console_port));
	}
}

/* What is written while the board runs is data that no signature covers. */
static const char *trust_of(const struct plan_disk *d)
{
	if (d->verity != NULL) {
		return xasprintf("read only, verified by dm-verity: %.16s...",
				 strchr(d->verity, ' ') + 1);
	}
	if (d->source != NULL && strcmp(d->source, PLAN_DISK_SLOT) == 0) {
		return "says that the slot may stay";
	}
	if (d->is_writable) {
		return "read and write, data: unverified";
	}
	return "read only, unverified";
}

static void add_pv_device(struct table *t, const struct plan *p, const struct plan_link *l)
{
	if (l->kind == PLAN_LINK_DISK) {
		add_link(t, "disk", name_of(p, l->front), name_of(p, l->back),
			 xasprintf("%s, %s, %s", l->disk.target, l->disk.source,
				   trust_of(&l->disk)));
	} else {
		add_link(t, "network", name_of(p, l->front), name_of(p, l->back),
			 xasprintf("bridge %s, " PLAN_MAC_FORMAT, l->net.bridge,
				   PLAN_MAC_ARGS(l->net.mac)));
	}
}

static void make_links(struct table *t, const struct plan *p)
{
	uint32_t i;

	for (i = 0; i < p->nr_domains; i++) {
		add_channels(t, p, &p->domains[i]);
	}
	add_shms(t, p);
	for (i = 0; i < p->nr_domains; i++) {
		add_services(t, p, &p->domains[i]);
	}
	for (i = 0; i < p->nr_links; i++) {
		add_pv_device(t, p, &p->links[i]);
	}
}

void map_make(struct map *m, const struct plan *plan)
{
	uint32_t i;

	*m = (struct map){
		.plan = plan,
		.tables = {
			[MAP_MEMORY] = { .key = "memory", .head = "Memory", .columns = memory_columns },
			[MAP_CPUS] = { .key = "cpus", .head = "CPUs", .columns = cpu_columns },
			[MAP_TIME] = { .key = "time", .head = "Time", .columns = time_columns },
			[MAP_DEVICES] = { .key = "devices", .head = "Devices", .columns = device_columns },
			[MAP_INTERRUPTS] = { .key = "interrupts", .head = "Interrupts", .columns = interrupt_columns },
			[MAP_LINKS] = { .key = "links", .head = "Links", .columns = link_columns },
		},
	};
	make_memory(&m->tables[MAP_MEMORY], plan);
	for (i = 0; i < plan->nr_cpus; i++) {
		add_cpu(&m->tables[MAP_CPUS], plan, i);
	}
	map_make_time(&m->tables[MAP_TIME], plan);
	make_devices(&m->tables[MAP_DEVICES], plan);
	make_interrupts(&m->tables[MAP_INTERRUPTS], plan);
	make_links(&m->tables[MAP_LINKS], plan);
}
