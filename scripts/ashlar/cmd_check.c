// SPDX-License-Identifier: Apache-2.0
/* Requirement: same-reader */
/* ashlar check: every finding about a plan in one run, in the user's own file and line. */
#include <libfdt.h>
#include <string.h>

#include "ashlar.h"

static const char usage[] =
	"usage: ashlar check [--map MAP] [--known REF]... [--image REF=FILE]...\n"
	"                    [--scheduler NAME]... [--partitions FILE] [--kernel-config REF=FILE]...\n"
	"                    [--vouching] [--imx-watchdog | --tco-watchdog] [--efi-watchdog]\n"
	"                    [--xen] [--json | --sarif | --code-quality] PLAN.src.dtb\n"
	"  --map MAP         dtc's annotated source of the plan: gives findings their file and line\n"
	"  --known REF       an image that exists (debian:x, rule:x); with any, others are refused\n"
	"  --image REF=FILE  the file behind a reference; it must be there and fit its domain\n"
	"  --scheduler NAME  one that is built in; with any, others are refused\n"
	"  --partitions FILE the image's, \"label uuid\" on each line; disks of others are refused\n"
	"  --kernel-config REF=FILE  what a Linux kernel was built with; it must have what its domains want\n"
	"  --vouching        the hypervisor is built with CONFIG_HWDOG_DOMAINS\n"
	"  --imx-watchdog    it is built with CONFIG_HWDOG_IMX2\n"
	"  --tco-watchdog    it is built for a PC\n"
	"  --efi-watchdog    ashlar.efi starts the board's watchdog (CONFIG_EFI_WATCHDOG_S)\n"
	"  --xen             the hypervisor is upstream Xen: what it cannot do is an error\n"
	"  --json, --sarif, --code-quality  for programs: the findings as a document on standard output; the last is GitLab's";

static void check_scheduler(const struct plan *plan, const struct string_list *built_in,
			    struct findings *f)
{
	int chosen = fdt_path_offset(plan->fdt, "/chosen");
	static const char *const names[] = { "pinned", "fair-share", "time-table" };
	static const char *const symbols[] = { "", "FAIR_SHARE", "TIME_TABLE" };
	const char *name = names[plan->scheduler];
	size_t i;

	for (i = 0; i < built_in->count; i++) {
		if (strcmp(built_in->items[i], name) == 0) {
			return;
		}
	}
	if (built_in->count > 0) {
		finding(f, chosen, "ashlar,scheduler",
			"ashlar,scheduler is \"%s\", which the hypervisor is built without; choose it in the configuration (CONFIG_SCHED_%s=y)",
			name, symbols[plan->scheduler]);
	}
}

static enum findings_form form_of(bool is_json, bool is_sarif, bool is_quality)
{
	if (is_json) {
		return FINDINGS_JSON;
	}
	if (is_sarif) {
		return FINDINGS_SARIF;
	}
	return is_quality ? FINDINGS_CODE_QUALITY : FINDINGS_TEXT;
}

static enum hwdog_drivers drivers_of(bool has_imx, bool has_tco)
{
	if (has_tco) {
		return HWDOG_TCO;
	}
	return has_imx ? HWDOG_IMX : HWDOG_ARM;
}

int cmd_check(int argc, char **argv)
{
	struct string_list rest = { 0 }, known = { 0 }, images = { 0 }, schedulers = { 0 };
	struct string_list configs = { 0 };
	const char *map = NULL, *partitions = NULL;
	bool is_json = false, is_sarif = false, is_quality = false, for_xen = false,
	     is_vouching = false, has_imx_watchdog = false, has_tco = false, is_started = false;
	const struct option_spec specs[] = {
		{ .name = "map", .value = &map },
		{ .name = "known", .list = &known },
		{ .name = "image", .list = &images },
		{ .name = "scheduler", .list = &schedulers },
		{ .name = "partitions", .value = &partitions },
		{ .name = "kernel-config", .list = &configs },
		{ .name = "vouching", .flag = &is_vouching },
		{ .name = "imx-watchdog", .flag = &has_imx_watchdog },
		{ .name = "tco-watchdog", .flag = &has_tco },
		{ .name = "efi-watchdog", .flag = &is_started },
		{ .name = "xen", .flag = &for_xen },
		{ .name = "json", .flag = &is_json },
		{ .name = "sarif", .flag = &is_sarif },
		{ .name = "code-quality", .flag = &is_quality },
		{ 0 },
	};
	struct findings findings = { 0 };
	struct image_refs refs;
	struct plan plan;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? &rest : NULL, "one plan", usage);
	need(is_json + is_sarif + is_quality > 1 ? NULL : &rest,
	     "a choice: --json, --sarif or --code-quality", usage);
	findings.form = form_of(is_json, is_sarif, is_quality);
	findings_open(&findings);
	findings.map = map != NULL ? source_map_read(map, "") : NULL;
	if (!source_read(rest.items[0], &plan, &findings) && plan.fdt == NULL) {
		(void)findings_close(&findings);
		return EXIT_REFUSED;
	}
	check_scheduler(&plan, &schedulers, &findings);
	board_check(&plan, &findings);
	drivers_check(&plan, &findings);
	vouch_check(&plan, is_vouching, &findings);
	hwdog_check(&plan, drivers_of(has_imx_watchdog, has_tco), is_started, &findings);
	if (partitions != NULL) {
		partitions_check(&plan, partitions, &findings);
	}
	store_check(&plan, &findings);
	refs_collect(&plan, &refs);
	refs_bind(&refs, &images);
	refs_check(&refs, &plan, &known, &findings);
	kernel_config_check(&plan, &refs, &configs, &findings);
	if (for_xen) {
		xen_check(&plan, &findings);
	}
	return findings_close(&findings);
}
