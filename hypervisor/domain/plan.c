// SPDX-License-Identifier: Apache-2.0
/* Requirement: same-reader */
/*
 * Reading the plan (hyp/plan.h): entry, reports, and the ways to read a property. The board is read in
 * plan_board.c, the domains in plan_domain.c, and what concerns several of them is checked in plan_check.c and plan_sched.c.
 */
#include <hyp/errno.h>
#include <hyp/fdt.h>
#include <hyp/log.h>
#include <libfdt.h>
#include <stdarg.h>
#include <string.h>

#include "plan_reader.h"

static void plan_report(struct plan_reader *r, enum plan_severity sev, int node, const char *prop,
			const char *msg)
{
	if (sev == PLAN_ERROR) {
		r->errors++;
	}
	if (r->report != NULL) {
		r->report(r->ctx, sev, node, prop, msg);
	}
}

void(plan_error)(struct plan_reader *r, int node, const char *prop, const char *fmt, ...)
{
	char msg[PLAN_MSG_LEN];
	va_list ap;

	va_start(ap, fmt);
	hyp_vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	plan_report(r, PLAN_ERROR, node, prop, msg);
}

void(plan_warn)(struct plan_reader *r, int node, const char *prop, const char *fmt, ...)
{
	char msg[PLAN_MSG_LEN];
	va_list ap;

	va_start(ap, fmt);
	hyp_vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	plan_report(r, PLAN_WARNING, node, prop, msg);
}

void plan_error_at(struct plan_reader *r, int node, const char *prop)
{
	plan_report(r, PLAN_ERROR, node, prop, "refused; `ashlar check` says why");
}

void plan_warn_at(struct plan_reader *r, int node, const char *prop)
{
	plan_report(r, PLAN_WARNING, node, prop, "doubtful; `ashlar check` says why");
}

static const void *fixed_prop(struct plan_reader *r, int node, const char *prop, int bytes)
{
	int len;
	const void *p = fdt_getprop(r->fdt, node, prop, &len);

	if (p == NULL) {
		return NULL;
	}
	if (len != bytes) {
		plan_error(r, node, prop, "%s: %s has %d bytes, it must have %d; write %s",
			   fdt_get_name(r->fdt, node, NULL), prop, len, bytes,
			   bytes == 4 ? "one number, <n>" : "two numbers, <0 n>");
		return NULL;
	}
	return p;
}

bool plan_u32(struct plan_reader *r, int node, const char *prop, uint32_t *value)
{
	const fdt32_t *p = fixed_prop(r, node, prop, 4);

	if (p == NULL) {
		return false;
	}
	*value = fdt32_ld(p);
	return true;
}

bool plan_u64(struct plan_reader *r, int node, const char *prop, uint64_t *value)
{
	const fdt64_t *p = fixed_prop(r, node, prop, 8);

	if (p == NULL) {
		return false;
	}
	*value = fdt64_ld(p);
	return true;
}

const char *plan_string(struct plan_reader *r, int node, const char *prop)
{
	int len;
	const char *s = fdt_getprop(r->fdt, node, prop, &len);

	if (s == NULL) {
		return NULL;
	}
	if (len < 2 || memchr(s, '\0', (size_t)len) != s + len - 1) {
		plan_error(r, node, prop, "%s: %s is not one string; write %s = \"...\"",
			   fdt_get_name(r->fdt, node, NULL), prop, prop);
		return NULL;
	}
	return s;
}

bool plan_is_compatible(const struct plan_reader *r, int node, const char *what)
{
	return fdt_stringlist_search(r->fdt, node, "compatible", what) >= 0;
}

static bool cells_are_two(struct plan_reader *r, int node, const char *prop)
{
	const char *name = node == 0 ? "/" : fdt_get_name(r->fdt, node, NULL);
	uint32_t value;

	if (fdt_getprop(r->fdt, node, prop, NULL) == NULL) {
		plan_error(r, node, NULL, "%s: %s is missing; write %s = <2>", name, prop, prop);
		return false;
	}
	if (!plan_u32(r, node, prop, &value)) {
		return false;
	}
	if (value != 2) {
		plan_error(r, node, prop, "%s: %s is %u, it must be 2", name, prop, value);
		return false;
	}
	return true;
}

bool plan_cells(struct plan_reader *r, int node)
{
	bool has_address = cells_are_two(r, node, "#address-cells");

	return cells_are_two(r, node, "#size-cells") && has_address;
}

uint32_t plan_ranges(struct plan_reader *r, int node, const char *prop, struct plan_range *out,
		     uint32_t max)
{
	const uint32_t each = 4 * (uint32_t)sizeof(fdt32_t);
	int len;
	const uint8_t *p = fdt_getprop(r->fdt, node, prop, &len);
	uint32_t n, i;

	if (p == NULL) {
		return 0;
	}
	n = (uint32_t)len / each;
	if (n == 0 || (uint32_t)len % each != 0) {
		plan_error(
			r, node, prop,
			"%s: %s has %d bytes, not a multiple of %u; write an address and a size, two numbers each",
			fdt_get_name(r->fdt, node, NULL), prop, len, each);
		return 0;
	}
	if (n > max) {
		plan_error(r, node, prop,
			   "%s: %s has %u ranges, at most %u are possible; join some",
			   fdt_get_name(r->fdt, node, NULL), prop, n, max);
		n = max;
	}
	for (i = 0; i < n; i++, p += each) {
		out[i].base = fdt64_ld((const fdt64_t *)(const void *)p);
		out[i].size = fdt64_ld((const fdt64_t *)(const void *)(p + 8));
	}
	return n;
}

bool plan_is_page_range(struct plan_reader *r, int node, const char *prop,
			const struct plan_range *range)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	uint64_t end;

	if (range->size == 0) {
		plan_error(r, node, prop,
			   "%s: %s names an empty range at 0x%lx; give it a size or remove it",
			   name, prop, range->base);
		return false;
	}
	if (__builtin_add_overflow(range->base, range->size, &end)) {
		plan_error(r, node, prop,
			   "%s: %s: 0x%lx bytes at 0x%lx pass the end of the address space", name,
			   prop, range->size, range->base);
		return false;
	}
	if (!IS_ALIGNED(range->base | range->size, PAGE_SIZE)) {
		plan_error(r, node, prop,
			   "%s: %s: 0x%lx-0x%lx is not a multiple of 4 KiB; make it 0x%lx-0x%lx",
			   name, prop, range->base, end, ALIGN_DOWN(range->base, PAGE_SIZE),
			   ALIGN_UP(end, PAGE_SIZE));
		return false;
	}
	return true;
}

bool plan_overlap(const struct plan_range *a, const struct plan_range *b)
{
	return a->size > 0 && b->size > 0 && a->base < b->base + b->size &&
	       b->base < a->base + a->size;
}

int plan_read(const void *fdt, size_t len, bool packed, struct plan *plan, plan_report_fn report,
	      void *ctx)
{
	struct plan_reader r = {
		.fdt = fdt, .plan = plan, .packed = packed, .report = report, .ctx = ctx
	};

	memset(plan, 0, sizeof(*plan));
	if (!fdt_is_sound(fdt, len)) {
		plan_report(&r, PLAN_ERROR, -1, NULL, "the plan is not a well-formed device tree");
		return -EINVAL;
	}
	plan->fdt = fdt;
	plan_read_board(&r);
	plan_read_scheduler(&r);
	plan_read_domains(&r);
	plan_check_shms(&r);
	plan_check_memory(&r);
	plan_check_cpus(&r);
	plan_read_time_table(&r);
	plan_check_evtchns(&r);
	plan_check_devices(&r);
	plan_check_space(&r);
	plan_check_links(&r);
	plan_check_pv(&r);
	plan_check_order(&r);
	return r.errors == 0 ? 0 : -EINVAL;
}
