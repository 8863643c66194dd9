// SPDX-License-Identifier: Apache-2.0
/*
 * Domains of ours from an ImageBuilder `config`, with its defaults: domU0 is the domain of the index 0.
 * Spec: ImageBuilder's README.md, "scripts/uboot-script-gen".
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../../../hypervisor/domain/plan_reader.h"
#include "imagebuilder.h"

#define DEFAULT_MIB  512U
#define DEFAULT_ARGS "console=ttyAMA0"
#define MAX_STATIC   (2 * PLAN_MAX_RANGES)
#define CELLS(v)     (uint64_t)(v) >> 32, (uint64_t)(v)&UINT32_MAX
#define CELLS_FORMAT "0x%lx 0x%lx"

struct ib {
	struct import *im;
	struct ib_config config;
	struct import_domain *domain;
	uint32_t index;
	bool has_uart;
	bool is_direct;
};

static const struct ib_setting *of_domain(const struct ib *x, const char *name)
{
	return ib_find(&x->config, name, x->index);
}

/* @fallback where it is not set, or, reported, no such number. */
static uint64_t number_of(struct ib *x, const char *name, uint64_t max, uint64_t fallback)
{
	const struct ib_setting *s = of_domain(x, name);
	uint64_t value;

	if (s == NULL) {
		return fallback;
	}
	if (import_number(s->value, &value) && value <= max) {
		return value;
	}
	import_error(x->im, s->line, "%s[%u]: \"%s\"; possible are 0 to %lu", name, x->index,
		     s->value, max);
	return fallback;
}

/* Numbers between blanks. Return: how many; 0, reported: none, or something else. */
static uint32_t numbers_of(struct ib *x, const struct ib_setting *s, const char *text,
			   uint64_t *values, uint32_t max)
{
	char *copy = xstrdup(text), *state = NULL, *word;
	uint32_t n = 0;

	for (word = strtok_r(copy, " \t", &state); word != NULL;
	     word = strtok_r(NULL, " \t", &state)) {
		if (n == max || !import_number(word, &values[n])) {
			import_error(x->im, s->line,
				     "%s[%u]: \"%s\" is no number, or one too many (%u)", s->name,
				     x->index, word, max);
			n = 0;
			break;
		}
		n++;
	}
	free(copy);
	return n;
}

static void put_static_mem(struct ib *x, const struct ib_setting *s)
{
	uint64_t v[MAX_STATIC], total = 0;
	uint32_t n = numbers_of(x, s, s->value, v, MAX_STATIC), i;
	char *text = xstrdup("");

	for (i = 0; i + 1 < n; i += 2) {
		char *more = xasprintf("%s%s" CELLS_FORMAT " " CELLS_FORMAT, text, i > 0 ? " " : "",
				       CELLS(v[i]), CELLS(v[i + 1]));

		free(text);
		text = more;
		total += v[i + 1];
	}
	if (n % 2 != 0) {
		import_error(x->im, s->line, "%s[%u]: an address without a size", s->name,
			     x->index);
	}
	import_line(x->domain, "memory = <" CELLS_FORMAT ">; /* KiB */", CELLS(total / 1024));
	import_line(x->domain, "xen,static-mem = <%s>;", text);
	free(text);
	import_note(
		x->im, s->line,
		"%s[%u]: these are addresses of the other board; leave them out, and pack finds some",
		s->name, x->index);
	x->is_direct = number_of(x, "DOMU_DIRECT_MAP", 1, 1) != 0;
	if (x->is_direct) {
		import_line(x->domain, "direct-map;");
	}
}

static void take_memory(struct ib *x)
{
	const struct ib_setting *s = of_domain(x, "DOMU_STATIC_MEM");
	uint64_t mib = number_of(x, "DOMU_MEM", IMPORT_MIB_MAX, DEFAULT_MIB);

	x->is_direct = false;
	if (s != NULL) {
		put_static_mem(x, s);
	} else {
		import_line(x->domain, "memory = <0 %lu>; /* KiB */", mib * 1024);
	}
}

static void take_vcpus(struct ib *x)
{
	const struct ib_setting *s = of_domain(x, "DOMU_VCPUS");
	uint64_t n = number_of(x, "DOMU_VCPUS", PLAN_MAX_VCPUS, 1);

	if (n == 0) {
		import_error(x->im, s->line, "DOMU_VCPUS[%u]: it must be 1 or more", x->index);
	}
	import_line(x->domain, "cpus = <%lu>;", n);
}

static void take_links(struct ib *x)
{
	bool has_dom0 = ib_find(&x->config, "DOM0_KERNEL", IB_NO_INDEX) != NULL;
	uint64_t enhanced = number_of(x, "DOMU_ENHANCED", 2, has_dom0);

	x->has_uart = number_of(x, "DOMU_VPL011", 1, 1) != 0;
	if (x->has_uart) {
		import_line(x->domain, "vpl011;");
	}
	if (enhanced == 1) {
		import_enhanced(x->domain);
	} else if (enhanced == 2) {
		import_line(x->domain, "xen,enhanced = \"no-xenstore\";");
	}
}

static void take_grants(struct ib *x)
{
	static const struct {
		const char *name, *prop;
		uint64_t max;
	} keys[] = {
		{ "DOMU_GRANT_VER", "max_grant_version", 1 },
		{ "DOMU_GRANT_FRAMES", "max_grant_frames", PLAN_MAX_FRAMES },
		{ "DOMU_MAPTRACK_FRAMES", "max_maptrack_frames", PLAN_MAX_FRAMES },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct ib_setting *s = of_domain(x, keys[i].name);
		uint64_t n = number_of(x, keys[i].name, UINT32_MAX, 0);

		if (n > keys[i].max) {
			import_note(x->im, s->line, "%s[%u]: %lu here, the most that is possible",
				    keys[i].name, x->index, keys[i].max);
			n = keys[i].max;
		}
		if (n > 0) {
			import_line(x->domain, "%s = <%lu>;", keys[i].prop, n);
		}
	}
}

/* "ID [HOST] GUEST SIZE" */
static void take_shared(struct ib *x)
{
	const struct ib_setting *s = of_domain(x, "DOMU_SHARED_MEM");
	size_t id = s != NULL ? strcspn(s->value, " \t") : 0;
	struct import_node *node;
	char *name, *quoted;
	uint64_t v[3];
	uint32_t n, i;

	if (s == NULL) {
		return;
	}
	n = numbers_of(x, s, s->value + id, v, 3);
	if (n < 2 || id == 0) {
		import_error(x->im, s->line,
			     "%s[%u]: write \"<id> [<host address>] <address> <size>\"", s->name,
			     x->index);
		return;
	}
	if (n == 3 && v[0] != v[1] && x->is_direct) {
		import_error(
			x->im, s->line,
			"%s[%u]: the guest's address must be the host's where it has a direct map; set DOMU_DIRECT_MAP[%u]=0, or make them equal",
			s->name, x->index, x->index);
	}
	name = xasprintf("%.*s", (int)id, s->value);
	quoted = import_quoted(x->im, s->line, s->name, name);
	node = quoted != NULL ? import_node(x->im, x->domain, s->line, "shared-memory") : NULL;
	if (node != NULL) {
		import_node_line(node, "compatible = \"xen,domain-shared-memory-v1\";");
		import_node_line(node, "xen,shm-id = %s;", quoted);
		free(name);
		name = xstrdup("");
		for (i = 0; i < n; i++) {
			char *more =
				xasprintf("%s%s" CELLS_FORMAT, name, i > 0 ? " " : "", CELLS(v[i]));

			free(name);
			name = more;
		}
		import_node_line(node, "xen,shared-mem = <%s>;", name);
	}
	free(name);
	free(quoted);
}

static void take_images(struct ib *x)
{
	const struct ib_setting *kernel = of_domain(x, "DOMU_KERNEL"),
				*args = of_domain(x, "DOMU_CMD"),
				*ramdisk = of_domain(x, "DOMU_RAMDISK"),
				*tree = of_domain(x, "DOMU_PASSTHROUGH_DTB");

	if (args != NULL && strlen(args->value) > PLAN_MAX_BOOTARGS) {
		import_error(x->im, args->line,
			     "DOMU_CMD[%u] has %zu characters, at most %u are possible", x->index,
			     strlen(args->value), PLAN_MAX_BOOTARGS);
	}
	import_image(x->im, x->domain, kernel->line, "kernel", kernel->value,
		     args != NULL  ? args->value
		     : x->has_uart ? DEFAULT_ARGS
				   : NULL);
	if (ramdisk != NULL) {
		import_image(x->im, x->domain, ramdisk->line, "ramdisk", ramdisk->value, NULL);
	}
	if (tree != NULL) {
		import_image(x->im, x->domain, tree->line, "device-tree", tree->value, NULL);
		import_note(
			x->im, tree->line,
			"%s[%u]: a device that accesses memory by itself needs ashlar,dma-without-iommu in the domain, after thought",
			tree->name, x->index);
	}
}

static void take_domain(struct ib *x)
{
	char *name = xasprintf("domu%u", x->index);
	const struct ib_setting *kernel = of_domain(x, "DOMU_KERNEL");

	if (kernel == NULL) {
		import_error(x->im, ib_find(&x->config, "NUM_DOMUS", IB_NO_INDEX)->line,
			     "DOMU_KERNEL[%u] is missing, or NUM_DOMUS is too large", x->index);
	} else {
		x->domain = import_domain(x->im, name, kernel->line);
	}
	free(name);
	if (kernel == NULL || x->domain == NULL) {
		return;
	}
	take_memory(x);
	take_vcpus(x);
	take_links(x);
	take_grants(x);
	take_images(x);
	take_shared(x);
}

/* ---- all the rest ---- */

static const char *const taken[] = {
	"DOMU_CMD",
	"DOMU_DIRECT_MAP",
	"DOMU_ENHANCED",
	"DOMU_GRANT_FRAMES",
	"DOMU_GRANT_VER",
	"DOMU_KERNEL",
	"DOMU_MAPTRACK_FRAMES",
	"DOMU_MEM",
	"DOMU_PASSTHROUGH_DTB",
	"DOMU_RAMDISK",
	"DOMU_SHARED_MEM",
	"DOMU_STATIC_MEM",
	"DOMU_VCPUS",
	"DOMU_VPL011",
	"NUM_DOMUS",
	NULL,
};

/* By their beginnings. */
static const struct {
	const char *begin, *why;
} reasons[] = {
	{ "DOMU_PASSTHROUGH_PATHS", "write the devices' labels in ashlar,devices" },
	{ "DOMU_COLORS", "caches are not coloured" },
	{ "DOMU_NOBOOT",
	  "nothing is started later: the domain starts with the others, unless its switch is off" },
	{ "DOMU_CPUPOOL", "there are no CPU pools; write ashlar,cpus = <cpu ...>" },
	{ "DOMU_DRIVER_DOMAIN", "a domain is one where another names it by ashlar,backend" },
	{ "DOMU_ROOTFS",
	  "put it into a partition: [partition NAME] in boards/<board>/image.cfg, and ashlar,disk" },
	{ "DOMU_CAPS", "no domain has rights over others: who may reach whom is the plan" },
	{ "DOM0_", "there is no dom0; import what it runs as a domain of its own" },
	{ "CPUPOOL", "there are no CPU pools; write ashlar,cpus = <cpu ...>" },
	{ "NUM_CPUPOOLS", "there are no CPU pools; write ashlar,cpus = <cpu ...>" },
	{ "XEN_PASSTHROUGH_PATHS", "write the devices' labels in ashlar,devices" },
	{ "XEN", "the hypervisor is Ashlar's own, set by `make menuconfig`" },
	{ "MEMORY_", "boards/<board>/board.dts says what memory there is" },
	{ "DEVICE_TREE", "boards/<board>/board.dts is the board's tree" },
	{ "DT_OVERLAY", "boards/<board>/board.dts is the board's tree" },
	{ "NUM_DT_OVERLAY", "boards/<board>/board.dts is the board's tree" },
	{ "FDTEDIT", "the build writes board.dtb" },
	{ "LINUX", "the image holds no system without a hypervisor" },
	{ "BITSTREAM", "an FPGA is loaded before the hypervisor starts" },
	{ "UBOOT_", "the build writes images/ashlar.itb, which U-Boot starts by bootm" },
	{ "LOAD_CMD", "the board's boot script loads one file, images/ashlar.itb" },
	{ "BOOT_CMD", "the board's boot script starts it by bootm" },
	{ "BOOT_AUX_FILE", "boards/<board>/image.cfg says what is in the image" },
	{ "NUM_BOOT_AUX_FILE", "boards/<board>/image.cfg says what is in the image" },
	{ "APPEND_EXTRA_CMDS", "the board's boot script is its own" },
	{ "FIT", "the image is a signed FIT always; CONFIG_SIGN_KEY is its key" },
	{ "PASSTHROUGH_DTS_REPO", "partial trees are files here: DOMU_PASSTHROUGH_DTB" },
	{ "LOPPER_", "partial trees are files here: DOMU_PASSTHROUGH_DTB" },
	{ "GPT", "the image has a GPT" },
};

static const char *why_not(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (strncmp(name, reasons[i].begin, strlen(reasons[i].begin)) == 0) {
			return reasons[i].why;
		}
	}
	return NULL;
}

static bool is_taken(const char *name)
{
	size_t i;

	for (i = 0; taken[i] != NULL && strcmp(taken[i], name) != 0; i++) {
	}
	return taken[i] != NULL;
}

static void tell(struct import *im, const struct ib_setting *s, uint32_t nr_domains)
{
	char *index = s->index == IB_NO_INDEX ? xstrdup("") : xasprintf("[%u]", s->index);
	const char *why = why_not(s->name), *near = plan_nearest(s->name, taken);

	if (strncmp(s->name, "DOMU_", 5) == 0 && s->index >= nr_domains) {
		import_note(im, s->line, "%s%s: not used: NUM_DOMUS is %u", s->name, index,
			    nr_domains);
	} else if (why != NULL) {
		import_note(im, s->line, "%s%s: no counterpart here: %s", s->name, index, why);
	} else if (!is_taken(s->name)) {
		import_note(im, s->line,
			    "%s%s: no counterpart here: it is no setting that is known%s%s%s",
			    s->name, index, near != NULL ? "; did you mean " : "",
			    near != NULL ? near : "", near != NULL ? "?" : "");
	}
	free(index);
}

bool import_is_imagebuilder(const char *text)
{
	static const char *const begins[] = { "NUM_DOMUS=", "DOMU_",
					      "DOM0_KERNEL=", "MEMORY_START=", "DEVICE_TREE=" };
	size_t i;

	while (*text != '\0') {
		text += strspn(text, " \t\r\n");
		for (i = 0; i < ARRAY_SIZE(begins); i++) {
			if (strncmp(text, begins[i], strlen(begins[i])) == 0) {
				return true;
			}
		}
		text += strcspn(text, "\n");
	}
	return false;
}

void import_imagebuilder(struct import *im, const char *text)
{
	struct ib x = { .im = im };
	const struct ib_setting *s;
	uint64_t n = 0;
	size_t i;

	ib_read(im, text, &x.config);
	s = im->errors == 0 ? ib_find(&x.config, "NUM_DOMUS", IB_NO_INDEX) : NULL;
	if (im->errors == 0 &&
	    (s == NULL || !import_number(s->value, &n) || n == 0 || n > PLAN_MAX_DOMAINS)) {
		import_error(im, s != NULL ? s->line : 1,
			     "NUM_DOMUS is missing, or not 1 to %u: there is no domain but those",
			     PLAN_MAX_DOMAINS);
		n = 0;
	}
	for (x.index = 0; x.index < n; x.index++) {
		take_domain(&x);
	}
	for (i = 0; n > 0 && i < x.config.count; i++) {
		tell(im, &x.config.settings[i], (uint32_t)n);
	}
	ib_free(&x.config);
}
