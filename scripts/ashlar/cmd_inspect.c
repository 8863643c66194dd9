// SPDX-License-Identifier: Apache-2.0
/* ashlar inspect: what is in an image or a plan. It shows, it does not judge: `ashlar verify` does that. */
#include <libfdt.h>
#include <string.h>

#include "../../hypervisor/verify/fit.h"
#include "ashlar.h"

static const char usage[] =
	"usage: ashlar inspect [--coverage] FILE...\n"
	"Show the tree of a FIT (images with place, size and digest; signatures with key id) or of a plan, what ashlar.efi is made of,\n"
	"or a disk's partitions and the files of its FAT volumes.\n"
	"Nothing is verified: use `ashlar verify`.\n"
	"  --coverage  instead: the bytes that the signature leaves out, on the target";

static bool show_file(const struct file *f, const char *name, int indent);

static void show_range(const struct plan_range *r)
{
	printf("0x%010lx-0x%010lx  %9lu KiB", r->base, r->base + r->size, r->size / KIB);
}

static void show_image(const char *what, const struct plan_image *img, int indent)
{
	if (img->name != NULL) {
		printf("%*s  %-8s %-28s 0x%010lx  %9lu KiB\n", indent, "", what, img->name,
		       img->base, (img->size + KIB - 1) / KIB);
	}
}

static void show_devices(const struct plan *p, const struct plan_domain *d, int indent)
{
	uint32_t n, i;

	for (n = d->first_device; n < d->first_device + d->nr_devices; n++) {
		const struct plan_device *dev = &p->devices[n];

		printf("%*s  device   %-28s ", indent, "", fdt_get_name(p->fdt, dev->node, NULL));
		for (i = 0; i < dev->nr_maps; i++) {
			fputs(i == 0 ? "" : ", ", stdout);
			show_range(&dev->maps[i].machine);
			if (dev->maps[i].at != dev->maps[i].machine.base) {
				printf(" seen at 0x%010lx", dev->maps[i].at);
			}
		}
		for (i = 0; i < dev->nr_irqs; i++) {
			printf("%s%u%s", i == 0 ? "  interrupt " : ", ", dev->irqs[i].intid,
			       dev->irqs[i].is_edge ? " (edge)" : "");
		}
		printf("%s%s\n", dev->is_dma ? "  DMA" : "",
		       dev->reset == PLAN_RESET_NONE ? "  no reset" : "");
	}
}

static void show_ends(const struct plan_life *l, int indent)
{
	static const char *const ends[PLAN_ENDS] = {
		[PLAN_ON_CRASH] = "crash",
		[PLAN_ON_REBOOT] = "reboot",
		[PLAN_ON_POWEROFF] = "poweroff",
		[PLAN_ON_WATCHDOG] = "watchdog",
		[PLAN_ON_BACKEND_LOSS] = "backend-loss",
	};
	static const char *const actions[] = {
		[PLAN_STOP] = "stop",
		[PLAN_RESTART] = "restart",
		[PLAN_REBOOT_BOARD] = "reboot-board",
	};
	bool restarts = false;
	uint32_t i;

	printf("%*s  ends     ", indent, "");
	for (i = 0; i < PLAN_ENDS; i++) {
		if (i == PLAN_ON_BACKEND_LOSS && !l->ends_on_loss) {
			continue;
		}
		printf("%s%s: %s", i > 0 ? ", " : "", ends[i], actions[l->on[i]]);
		restarts |= l->on[i] == PLAN_RESTART;
	}
	if (restarts) {
		printf("; at most %u restarts in %u s", l->restart_limit, l->restart_window_s);
	}
	if (restarts && l->restart_backoff_ms > 0) {
		printf(", after %u ms", l->restart_backoff_ms);
	}
	if (restarts && l->restart_backoff_max_ms > l->restart_backoff_ms) {
		printf(", doubled up to %u ms", l->restart_backoff_max_ms);
	}
	putchar('\n');
}

static void show_ready(const struct plan_order *o)
{
	static const char *const kinds[] = {
		[PLAN_READY_STARTED] = "once started",
		[PLAN_READY_DELAY] = "after a delay",
		[PLAN_READY_WATCHDOG] = "once it arms a watchdog",
		[PLAN_READY_EVENT] = "once it sends an event",
		[PLAN_READY_CONSOLE] = "once its console says",
	};

	printf("ready %s", kinds[o->ready]);
	if (o->ready_text != NULL) {
		printf(" \"%s\"", o->ready_text);
	}
	if (o->ready_after_ms > 0) {
		printf(o->ready == PLAN_READY_DELAY ? " of %u ms" : ", at the latest after %u ms",
		       o->ready_after_ms);
	}
}

static bool is_asked_by_store(const struct plan_domain *d)
{
	return d->pv.has_store && !d->pv.is_io;
}

/* Only what is not the default. */
static void show_order(const struct plan *p, const struct plan_domain *d, int indent)
{
	const struct plan_order *o = &d->order;
	const char *before = "after";
	uint32_t left;

	if (o->after == 0 && o->ready == PLAN_READY_STARTED && o->stop_text == NULL &&
	    !is_asked_by_store(d)) {
		return;
	}
	printf("%*s  order    ", indent, "");
	for (left = o->after; left != 0; left &= left - 1) {
		printf("%s \"%s\"", before, p->domains[__builtin_ctz(left)].name);
		before = ",";
	}
	printf("%s", o->after != 0 ? "; " : "");
	show_ready(o);
	if (o->stop_text != NULL) {
		printf("; stopped by typing \"%s\", by force after %u ms", o->stop_text,
		       o->stop_within_ms);
	} else if (is_asked_by_store(d)) {
		printf("; stopped by control/shutdown, by force after %u ms", o->stop_within_ms);
	}
	putchar('\n');
}

static void show_net(const struct plan_link *l, int indent)
{
	printf("%*s  network  " PLAN_MAC_FORMAT "            bridge %s, VLAN %u", indent, "",
	       PLAN_MAC_ARGS(l->net.mac), l->net.bridge, l->net.vlan);
	for (uint32_t i = 0; i < l->net.nr_trunk; i++) {
		printf(", %u tagged", l->net.trunk[i]);
	}
	if (l->net.may_use_any_mac) {
		printf(", any MAC");
	}
	if (l->net.nr_ips > 0) {
		printf(", %u IP address%s", l->net.nr_ips, l->net.nr_ips == 1 ? "" : "es");
	}
	if (l->net.rate_bytes > 0) {
		printf(", %lu bytes in %u us", l->net.rate_bytes, l->net.rate_us);
	}
	printf(", of domain %u\n", l->back);
}

static void show_links(const struct plan *p, const struct plan_domain *d, int indent)
{
	uint32_t i;

	for (i = 0; i < p->nr_links; i++) {
		const struct plan_link *l = &p->links[i];

		if (l->front == d->domid && l->kind == PLAN_LINK_DISK) {
			printf("%*s  disk     %-28s %s, %s, of domain %u\n", indent, "",
			       l->disk.source, l->disk.target,
			       l->disk.is_writable ? "read and write" : "read only", l->back);
		} else if (l->front == d->domid && l->kind == PLAN_LINK_NET) {
			show_net(l, indent);
		}
	}
	if (d->pv.is_io) {
		printf("%*s  io       back end of the others\n", indent, "");
	}
}

static void show_domain(const struct plan *p, const struct plan_domain *d, int indent)
{
	uint32_t i;

	printf("%*sdomain %u \"%s\": %u vCPU%s on CPU", indent, "", d->domid, d->name, d->nr_vcpus,
	       d->nr_vcpus == 1 ? "" : "s");
	for (i = 0; i < d->nr_vcpus; i++) {
		if (d->cpus[i] == PLAN_NO_CPU) {
			printf("%s?", i > 0 ? "," : " ");
		} else {
			printf("%s%u", i > 0 ? "," : " ", d->cpus[i]);
		}
	}
	printf(", %lu MiB%s%s%s", d->memory_bytes / MIB, d->vpl011 ? ", vpl011" : "",
	       d->direct_map ? ", direct-map" : "", d->balloon ? ", balloon" : "");
	if (d->weight != PLAN_DEFAULT_WEIGHT) {
		printf(", weight %u", d->weight);
	}
	putchar('\n');
	for (i = 0; i < d->time.nr_windows; i++) {
		printf("%*s  window   at %u us, %u us\n", indent, "", d->time.windows[i].from_us,
		       d->time.windows[i].length_us);
	}
	for (i = 0; i < d->nr_mem; i++) {
		printf("%*s  memory   %-28s ", indent, "", "");
		show_range(&d->mem[i]);
		putchar('\n');
	}
	show_image("kernel", &d->kernel, indent);
	show_image("ramdisk", &d->ramdisk, indent);
	for (i = 0; i < d->nr_evtchns; i++) {
		printf("%*s  evtchn   port %u, to port %u of domain %u\n", indent, "",
		       d->evtchns[i].port, d->evtchns[i].peer_port, d->evtchns[i].peer);
	}
	for (i = d->first_shm; i < d->first_shm + d->nr_shms; i++) {
		const struct plan_shm *s = &p->shms[i];
		struct plan_range host = { s->host, s->size };

		printf("%*s  shared   %-28s ", indent, "", s->id);
		show_range(&host);
		printf("  at 0x%010lx%s%s\n", s->at,
		       s->role == PLAN_ROLE_OWNER      ? ", owner"
		       : s->role == PLAN_ROLE_BORROWER ? ", borrower"
						       : "",
		       s->is_kept ? ", kept" : "");
	}
	show_devices(p, d, indent);
	show_ends(&d->life, indent);
	show_order(p, d, indent);
	if (d->pv.has_store) {
		printf("%*s  store    domain %u, at port %u\n", indent, "", d->pv.store,
		       d->pv.store_port);
	} else if (d->pv.is_store) {
		printf("%*s  store    of the others\n", indent, "");
	}
	if (d->pv.has_console) {
		printf("%*s  console  PV, at port %u\n", indent, "", d->pv.console_port);
	}
	show_links(p, d, indent);
	if (d->pv.free.size > 0) {
		printf("%*s  foreign  at 0x%010lx-0x%010lx\n", indent, "", d->pv.free.base,
		       d->pv.free.base + d->pv.free.size);
	}
	if (d->bootargs[0] != '\0') {
		printf("%*s  bootargs %s\n", indent, "", d->bootargs);
	}
}

static void show_watchdog(const struct plan_watchdog *w, int indent)
{
	static const char *const names[PLAN_WATCHDOGS] = {
		[PLAN_WATCHDOG_SP805] = "SP805",
		[PLAN_WATCHDOG_SBSA] = "SBSA",
		[PLAN_WATCHDOG_IMX2] = "i.MX",
		[PLAN_WATCHDOG_TCO] = "Intel TCO",
	};

	if (w->type == PLAN_WATCHDOG_NONE) {
		return;
	}
	printf("%*swatchdog   %s", indent, "", names[w->type]);
	if (w->regs.size > 0) {
		printf(" at 0x%010lx", w->regs.base);
	}
	printf(", %u s\n", w->timeout_s);
}

static bool show_plan(const struct file *f, int indent)
{
	static struct plan plan;
	bool is_packed = plan_read(f->data, f->size, true, &plan, NULL, NULL) == 0;
	uint32_t i;

	if (!is_packed && plan_read(f->data, f->size, false, &plan, NULL, NULL) != 0) {
		return false;
	}
	printf("%*splan of %s (%s), %u CPUs%s\n", indent, "", plan.board, plan.model, plan.nr_cpus,
	       is_packed ? "" : ", not packed");
	if (fdt_getprop(f->data, 0, "ashlar,software-id", NULL) != NULL) {
		printf("%*ssoftware   %s\n", indent, "",
		       fit_string(f->data, 0, "ashlar,software-id"));
	}
	for (i = 0; i < plan.nr_ram; i++) {
		printf("%*smemory     ", indent, "");
		show_range(&plan.ram[i]);
		putchar('\n');
	}
	show_watchdog(&plan.watchdog, indent);
	if (plan.crash_record.size > 0) {
		printf("%*scrashes    ", indent, "");
		show_range(&plan.crash_record);
		putchar('\n');
	}
	if (is_packed) {
		printf("%*shypervisor ", indent, "");
		show_range(&plan.hyp);
		printf("\n%*sbundle     ", indent, "");
		show_range(&plan.bundle);
		putchar('\n');
	}
	if (plan.scheduler == PLAN_FAIR_SHARE) {
		printf("%*sfair share where vCPUs share a CPU\n", indent, "");
	} else if (plan.scheduler == PLAN_TIME_TABLE) {
		printf("%*stime table of %u us\n", indent, "", plan.frame_us);
	}
	for (i = 0; i < plan.nr_domains; i++) {
		show_domain(&plan, &plan.domains[i], indent);
	}
	return true;
}

static void show_signature(const void *fit, int sig, int indent)
{
	const char *algo = fit_string(fit, sig, "algo");
	const char *hint = fit_string(fit, sig, "key-name-hint");
	const char *id = hint != NULL ? strrchr(hint, '-') : NULL;

	printf("%*s%s: %s, key %s%s%s\n", indent, "", fdt_get_name(fit, sig, NULL),
	       algo != NULL ? algo : "?", id != NULL ? id + 1 : (hint != NULL ? hint : "not named"),
	       hint != NULL && strncmp(hint, "insecure-dev-key-", 17) == 0 ? "  " DEV_KEY_SUBJECT
									   : "",
	       fdt_getprop(fit, sig, "value", NULL) == NULL ? "  (no value: not signed)" : "");
}

static void show_image_list(const void *fit, int conf, const char *prop, int indent)
{
	int n = fdt_stringlist_count(fit, conf, prop), i;

	if (n <= 0) {
		return;
	}
	printf("%*s%s =", indent, "", prop);
	for (i = 0; i < n; i++) {
		printf(" %s", fdt_stringlist_get(fit, conf, prop, i, NULL));
	}
	putchar('\n');
}

static void show_number(const void *fit, int conf, const char *prop, int indent)
{
	int len;
	const void *p = fdt_getprop(fit, conf, prop, &len);

	if (p != NULL && (len == 4 || len == 8)) {
		printf("%*s%s = 0x%lx\n", indent, "", prop,
		       len == 4 ? (uint64_t)fdt32_ld(p) : (uint64_t)fdt64_ld(p));
	}
}

static void show_config(const void *fit, int conf, int indent)
{
	bool is_signed = false;
	int child;

	printf("%*sconfiguration %s\n", indent, "", fdt_get_name(fit, conf, NULL));
	show_image_list(fit, conf, "kernel", indent + 2);
	show_image_list(fit, conf, "fdt", indent + 2);
	show_image_list(fit, conf, "ramdisk", indent + 2);
	show_image_list(fit, conf, "loadables", indent + 2);
	show_number(fit, conf, "ashlar,load", indent + 2);
	show_number(fit, conf, "ashlar,rollback", indent + 2);
	fdt_for_each_subnode(child, fit, conf) {
		show_signature(fit, child, indent + 2);
		is_signed = true;
	}
	if (!is_signed) {
		printf("%*snot signed\n", indent + 2, "");
	}
}

/* What is a tree itself is shown too. */
static void show_content(const struct file *f, uint64_t offset, uint64_t size, int indent)
{
	struct file inner = { xalloc(size + 1), size };

	memcpy(inner.data, f->data + offset, size);
	if (size >= FDT_V17_SIZE && fdt_magic(inner.data) == FDT_MAGIC) {
		(void)show_file(&inner, NULL, indent);
	}
	file_free(&inner);
}

static void show_fit_image(const struct file *f, int image, int indent)
{
	const char *name = fdt_get_name(f->data, image, NULL);
	uint64_t offset, size;
	const char *why;
	char digest[2 * SHA256_BYTES + 1];
	int child, len;

	if (fit_image_range(f->data, image, &offset, &size, &why) != 0) {
		printf("%*s%-28s %s\n", indent, "", name, why);
		return;
	}
	printf("%*s%-28s at 0x%08lx  %10lu bytes\n", indent, "", name, offset, size);
	fdt_for_each_subnode(child, f->data, image) {
		const void *value = fdt_getprop(f->data, child, "value", &len);
		const char *algo = fit_string(f->data, child, "algo");

		if (value != NULL && len == SHA256_BYTES) {
			hex(digest, value, SHA256_BYTES);
			printf("%*s  %s %s\n", indent, "", algo != NULL ? algo : "?", digest);
		}
	}
	show_number(f->data, image, "load", indent + 2);
	if (offset > f->size || size > f->size - offset) {
		printf("%*s  outside the file, which has %zu bytes\n", indent, "", f->size);
		return;
	}
	show_content(f, offset, size, indent + 2);
}

static bool show_fit(const struct file *f, int indent)
{
	const char *why = NULL, *description;
	int images, confs, node;

	if (fit_check_tree(f->data, f->size, &why) != 0) {
		return false;
	}
	images = fdt_subnode_offset(f->data, 0, "images");
	confs = fdt_subnode_offset(f->data, 0, "configurations");
	if (images < 0 || confs < 0) {
		return false;
	}
	description = fit_string(f->data, 0, "description");
	printf("%*sFIT \"%s\", tree of %u bytes, file of %zu\n", indent, "",
	       description != NULL ? description : "", fdt_totalsize(f->data), f->size);
	fdt_for_each_subnode(node, f->data, images) {
		show_fit_image(f, node, indent + 2);
	}
	fdt_for_each_subnode(node, f->data, confs) {
		show_config(f->data, node, indent + 2);
	}
	return true;
}

static bool show_efi(const struct file *f, int indent)
{
	struct file bundle;

	if (!efi_file_show(f, indent)) {
		return false;
	}
	bundle = efi_file_bundle(f);
	if (bundle.size > 0) {
		(void)show_file(&bundle, NULL, indent + 4);
	}
	file_free(&bundle);
	return true;
}

static void show_volume_file(void *ctx, const char *path, const struct file *f)
{
	int indent = *(const int *)ctx;

	printf("%*s%-28s %10zu bytes\n", indent, "", path, f->size);
	(void)show_file(f, NULL, indent + 2);
}

static bool show_disk(const struct file *f, int indent)
{
	int inner = indent + 2;
	struct disk_show show = { .indent = indent, .found = show_volume_file, .ctx = &inner };

	return disk_show(f, &show);
}

/* Return: false if it is neither FIT nor plan nor ashlar.efi nor a disk; said for files of the command line, which have a name. */
static bool show_file(const struct file *f, const char *name, int indent)
{
	if (name != NULL) {
		printf("%s:\n", name);
	}
	if (efi_is_pe(f) && show_efi(f, indent)) {
		return true;
	}
	if (show_fit(f, indent) || show_plan(f, indent) || show_disk(f, indent)) {
		return true;
	}
	if (name != NULL) {
		fprintf(stderr, "ashlar: %s: neither a FIT nor a plan nor ashlar.efi nor a disk\n",
			name);
	}
	return false;
}

static bool show_coverage(const struct file *f, const char *name)
{
	printf("%s:\n", name);
	if (!coverage_show(f)) {
		fprintf(stderr, "ashlar: %s: neither a FIT nor ashlar.efi\n", name);
		return false;
	}
	return true;
}

int cmd_inspect(int argc, char **argv)
{
	struct string_list rest = { 0 };
	bool coverage = false, is_good = true;
	const struct option_spec specs[] = { { .name = "coverage", .flag = &coverage }, { 0 } };
	size_t i;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count > 0 ? &rest : NULL, "a file", usage);
	for (i = 0; i < rest.count; i++) {
		struct file f = file_read(rest.items[i], "file");

		is_good &= coverage ? show_coverage(&f, rest.items[i])
				    : show_file(&f, rest.items[i], 2);
		file_free(&f);
	}
	return is_good ? EXIT_OK : EXIT_REFUSED;
}
