// SPDX-License-Identifier: Apache-2.0
/*
 * The board's half of the plan: memory, reservations, CPUs, console, clock. What goes by the kind of its interrupt
 * controller is read in board_gic.c or board_apic.c.
 * Devicetree Specification v0.4 chapter 3; Linux binding arm,pl031.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define CRASH_RECORD_MAX (64 * KIB)

static void read_memory(struct plan_reader *r)
{
	struct plan *p = r->plan;
	bool is_named = false;
	int node;

	fdt_for_each_subnode(node, r->fdt, 0) {
		const char *type = fdt_getprop(r->fdt, node, "device_type", NULL);
		uint32_t n, i, first = p->nr_ram;

		if (type == NULL || strcmp(type, "memory") != 0) {
			continue;
		}
		is_named = true;
		if (fdt_getprop(r->fdt, node, "reg", NULL) == NULL) {
			plan_error(r, node, NULL, "%s: reg is missing; write where the memory is",
				   fdt_get_name(r->fdt, node, NULL));
		}
		n = plan_ranges(r, node, "reg", &p->ram[first], PLAN_MAX_RANGES - first);
		for (i = first; i < first + n; i++) {
			if (plan_is_page_range(r, node, "reg", &p->ram[i])) {
				p->ram[p->nr_ram++] = p->ram[i];
			}
		}
	}
	if (!is_named) {
		plan_error(
			r, -1, NULL,
			"the board has no memory; add a node with device_type = \"memory\" and reg to board.dts");
	}
}

/* Its pages are reserved as any others; here is what they are for. */
static void read_crash_record(struct plan_reader *r, int node, const struct plan_range *range,
			      uint32_t n)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);

	if (n != 1) {
		plan_error(r, node, n == 0 ? NULL : "reg",
			   "%s: crash records lie in one range, here are %u; write one", name, n);
	} else if (r->plan->crash_record.size != 0) {
		plan_error(r, node, NULL,
			   "%s: a second place for crash records, 0x%lx is the first; remove one",
			   name, r->plan->crash_record.base);
	} else if (range->size < 2 * PAGE_SIZE || range->size > CRASH_RECORD_MAX) {
		plan_error(
			r, node, "reg",
			"%s: crash records have 0x%lx bytes, possible are 0x%lx (two pages) to 0x%lx",
			name, range->size, 2 * PAGE_SIZE, CRASH_RECORD_MAX);
	} else {
		r->plan->crash_record = *range;
		r->plan->crash_record_node = node;
	}
}

static void read_one_reserved(struct plan_reader *r, int node)
{
	struct plan *p = r->plan;
	struct plan_range range[PLAN_MAX_RANGES];
	uint32_t n = plan_ranges(r, node, "reg", range, PLAN_MAX_RANGES), i;

	if (plan_is_compatible(r, node, "ashlar,hypervisor-memory")) {
		if (n > 0 && plan_is_page_range(r, node, "reg", &range[0])) {
			p->hyp = range[0];
		}
		return;
	}
	if (plan_is_compatible(r, node, "ashlar,bundle")) {
		if (n > 0 && plan_is_page_range(r, node, "reg", &range[0])) {
			p->bundle = range[0];
		}
		return;
	}
	if (plan_is_compatible(r, node, "ashlar,crash-record")) {
		read_crash_record(r, node, range, n);
	}
	for (i = 0; i < n; i++) {
		if (p->nr_reserved == PLAN_MAX_RANGES) {
			plan_error(r, node, "reg", "%s: more than %u reserved ranges; join some",
				   fdt_get_name(r->fdt, node, NULL), PLAN_MAX_RANGES);
			return;
		}
		if (plan_is_page_range(r, node, "reg", &range[i])) {
			p->reserved[p->nr_reserved++] = range[i];
		}
	}
}

static void read_reserved(struct plan_reader *r)
{
	int parent = fdt_subnode_offset(r->fdt, 0, "reserved-memory");
	int node;

	if (parent >= 0 && plan_cells(r, parent)) {
		fdt_for_each_subnode(node, r->fdt, parent) {
			read_one_reserved(r, node);
		}
	}
	if (r->packed && r->plan->hyp.size == 0) {
		plan_error(r, -1, NULL,
			   "the plan has no ashlar,hypervisor-memory; pack it with `ashlar pack`");
	}
	if (r->packed && r->plan->bundle.size == 0) {
		plan_error(r, -1, NULL,
			   "the plan has no ashlar,bundle; pack it with `ashlar pack`");
	}
}

/* A CPU's reg is what tells it from the others (its MPIDR affinity, its APIC ID), in one cell or two as /cpus says. */
static bool cpu_affinity(struct plan_reader *r, int node, uint64_t *mpidr)
{
	const uint64_t affinity_bits = plan_cpu_id_bits;
	const char *name = fdt_get_name(r->fdt, node, NULL);
	int len;
	const void *p = fdt_getprop(r->fdt, node, "reg", &len);

	if (p == NULL || (len != 4 && len != 8)) {
		plan_error(r, node, "reg", "%s: reg must be the CPU's affinity, one number", name);
		return false;
	}
	*mpidr = len == 4 ? fdt32_ld(p) : fdt64_ld(p);
	if ((*mpidr & ~affinity_bits) != 0) {
		plan_error(r, node, "reg", "%s: affinity 0x%lx has bits outside 0x%lx", name,
			   *mpidr, affinity_bits);
		return false;
	}
	return true;
}

static void add_cpu(struct plan_reader *r, int node)
{
	struct plan *p = r->plan;
	const char *name = fdt_get_name(r->fdt, node, NULL);
	uint64_t mpidr;
	uint32_t i;

	if (!cpu_affinity(r, node, &mpidr)) {
		return;
	}
	if (p->nr_cpus == PLAN_MAX_CPUS) {
		plan_error(r, node, NULL,
			   "%s: the board has more than %u CPUs; remove the others from board.dts",
			   name, PLAN_MAX_CPUS);
		return;
	}
	for (i = 0; i < p->nr_cpus; i++) {
		if (p->cpus[i] == mpidr) {
			plan_error(r, node, "reg",
				   "%s: affinity 0x%lx is CPU %u's already; each CPU has its own",
				   name, mpidr, i);
			return;
		}
	}
	p->cpus[p->nr_cpus++] = mpidr;
}

static void read_cpus(struct plan_reader *r)
{
	int parent = fdt_subnode_offset(r->fdt, 0, "cpus");
	int node;

	if (parent >= 0) {
		fdt_for_each_subnode(node, r->fdt, parent) {
			const char *type = fdt_getprop(r->fdt, node, "device_type", NULL);

			if (type != NULL && strcmp(type, "cpu") == 0) {
				add_cpu(r, node);
			}
		}
	}
	if (r->plan->nr_cpus == 0) {
		plan_error(r, parent, NULL,
			   "the board has no CPU; add /cpus with one node for each to board.dts");
	}
}

/* /chosen/stdout-path: an alias or a path, options after ':' (Devicetree Specification section 3.6). */
static int console_node(struct plan_reader *r, int chosen)
{
	const char *path = plan_string(r, chosen, "stdout-path");
	const char *colon;
	int node;

	if (path == NULL) {
		plan_warn(r, chosen, NULL, "no console; add stdout-path to /chosen in board.dts");
		return -1;
	}
	colon = strchr(path, ':');
	node = fdt_path_offset_namelen(r->fdt, path,
				       colon != NULL ? (int)(colon - path) : (int)strlen(path));
	if (node < 0) {
		plan_error(r, chosen, "stdout-path",
			   "stdout-path names \"%s\", which is not in the tree", path);
	}
	return node;
}

static void read_console(struct plan_reader *r)
{
	int chosen = fdt_subnode_offset(r->fdt, 0, "chosen");
	int node = console_node(r, chosen);

	if (node >= 0) {
		plan_read_uart(r, node);
	}
}

/* A clock that keeps running while the board is off; a board may have none. */
static void read_rtc(struct plan_reader *r)
{
	int node = fdt_node_offset_by_compatible(r->fdt, -1, "arm,pl031");

	if (node >= 0 && plan_ranges(r, node, "reg", &r->plan->rtc.regs, 1) == 1 &&
	    plan_is_page_range(r, node, "reg", &r->plan->rtc.regs)) {
		r->plan->rtc.type = PLAN_RTC_PL031;
	}
	(void)plan_u64(r, 0, "ashlar,build-time", &r->plan->build_time);
}

void plan_read_board(struct plan_reader *r)
{
	const char *model = plan_string(r, 0, "model");

	r->plan->model = model != NULL ? model : "";
	r->plan->board = fdt_stringlist_get(r->fdt, 0, "compatible", 0, NULL);
	if (r->plan->board == NULL) {
		plan_error(r, 0, "compatible", "/: compatible is missing; it names the board");
		r->plan->board = "";
	}
	if (!plan_cells(r, 0)) {
		return;
	}
	read_memory(r);
	read_reserved(r);
	read_cpus(r);
	plan_read_controller(r);
	read_console(r);
	read_rtc(r);
	plan_read_watchdog(r);
}
