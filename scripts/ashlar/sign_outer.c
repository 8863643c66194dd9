// SPDX-License-Identifier: Apache-2.0
/*
 * The outer FIT: hypervisor, board tree and bundle for U-Boot's bootm. mkimage makes it, so that two independent programs
 * agree on the format; it is signed here, as bundles are, so that a key may be in a token or elsewhere.
 */
#include <hyp/fdt.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../../hypervisor/verify/fit.h"
#include "ashlar.h"

/* How much room mkimage takes while it works: its file, and a copy of it. */
#define MKIMAGE_COPIES 2U
#define ROOM_BYTES     2048U /* a signature, with its names */

/* In a FIT's source a path is a string: what would end it is refused. */
static char *quoted(const char *path)
{
	char *real = realpath(path, NULL);

	if (real == NULL) {
		fail("%s: there is no such file", path);
	}
	if (strpbrk(real, "\"\\\n") != NULL) {
		fail("%s: a path with a quote, backslash or newline cannot be given to mkimage",
		     path);
	}
	return real;
}

static struct plan *packed_plan(const char *path)
{
	struct file f = file_read(path, "plan");
	struct plan *plan = xalloc(sizeof(*plan));

	if (plan_read(f.data, f.size, true, plan, NULL, NULL) != 0) {
		fail("%s: not a packed plan", path);
	}
	file_free(&f); /* only the plan's numbers are looked at */
	return plan;
}

/* The bundle's version counter stands in the outer configuration too: the boot loader knows no bundles. */
uint32_t bundle_rollback(const char *path)
{
	struct file f = file_read(path, "bundle");
	const char *why = "no device tree";
	const void *value = NULL;
	uint32_t counter;
	int conf, len = 0;

	conf = fdt_is_sound(f.data, f.size) ? fit_default_config(f.data, &why) : -1;
	if (conf < 0) {
		fail("%s: not a bundle: %s", path, why);
	}
	value = fdt_getprop(f.data, conf, "ashlar,rollback", &len);
	counter = value != NULL && len == sizeof(counter) ? fdt32_ld(value) : 0;
	file_free(&f);
	return counter;
}

static void put_image(FILE *its, const char *name, const char *description, const char *type,
		      const char *file, const char *more)
{
	char *path = quoted(file);

	fprintf(its,
		"\t\t%s {\n\t\t\tdescription = \"%s\";\n\t\t\ttype = \"%s\";\n\t\t\tarch = \"arm64\";\n\t\t\tos = \"linux\";\n"
		"\t\t\tcompression = \"none\";\n\t\t\tdata = /incbin/(\"%s\");\n%s"
		"\t\t\thash-1 {\n\t\t\t\talgo = \"sha256\";\n\t\t\t};\n\t\t};\n",
		name, description, type, path, more);
	free(path);
}

static char *place_of(uint64_t base)
{
	return xasprintf("\t\t\tload = <0x%lx 0x%lx>;\n\t\t\tentry = <0x%lx 0x%lx>;\n", base >> 32,
			 base & UINT32_MAX, base >> 32, base & UINT32_MAX);
}

/* A property for what is added later: digest of the file, signatures. */
static void put_space(FILE *its, const char *name, size_t bytes)
{
	fprintf(its, "\t%s = [", name);
	while (bytes-- > 0) {
		fputs("00", its);
	}
	fputs("];\n", its);
}

/* Xen looks for domains' images where the plan has them, so the boot loader puts the bundle there. */
static void put_source(FILE *its, const struct outer *o, const struct keys *keys)
{
	struct plan *plan = packed_plan(o->plan);
	char *place = place_of(plan->hyp.base);
	char *bundle_place = o->for_xen ? place_of(plan->bundle.base) : xstrdup("");
	const char *role = o->for_xen ? "loadables" : "ramdisk";

	fputs("/dts-v1/;\n/ {\n\tdescription = \"Ashlar\";\n\t#address-cells = <2>;\n", its);
	put_space(its, FIT_WHOLE_FILE, SHA256_BYTES);
	put_space(its, FIT_ROOM, ROOM_BYTES * keys->count);
	fputs("\timages {\n", its);
	put_image(its, "hypervisor", "hypervisor", "kernel", o->hypervisor, place);
	put_image(its, "board", "board's device tree", "flat_dt", o->fdt, "");
	put_image(its, "bundle", "signed bundle of plan and domain images",
		  o->for_xen ? "loadable" : "ramdisk", o->bundle, bundle_place);
	fprintf(its,
		"\t};\n\tconfigurations {\n\t\tdefault = \"conf-1\";\n\t\tconf-1 {\n\t\t\tdescription = \"hypervisor and bundle\";\n"
		"\t\t\tkernel = \"hypervisor\";\n\t\t\tfdt = \"board\";\n\t\t\t%s = \"bundle\";\n"
		"\t\t\tashlar,rollback = <%u>;\n"
		"\t\t};\n\t};\n};\n",
		role, bundle_rollback(o->bundle));
	free(bundle_place);
	free(place);
	free(plan);
}

static uint64_t file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static uint64_t free_bytes(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize : UINT64_MAX;
}

/* mkimage says of a full disk that its last write was short, then how it is called. The reader wants the reason. */
static void __noreturn explain_mkimage(const struct outer *o, const char *path, char *log)
{
	uint64_t all = file_bytes(o->hypervisor) + file_bytes(o->fdt) + file_bytes(o->bundle);
	uint64_t left = free_bytes(path);
	char *usage = strstr(log, "Usage: ");
	const char *slash = strrchr(path, '/');
	int folder = slash != NULL ? (int)(slash - path) + 1 : 0;

	if (left < MKIMAGE_COPIES * all) {
		fail("the outer image cannot be written: mkimage needs %lu MiB for a while in %.*s, and the disk has %lu MiB left; make room",
		     MKIMAGE_COPIES * all / MIB + 1, folder, path, left / MIB);
	}
	if (usage != NULL) {
		*usage = '\0';
	}
	fail("mkimage failed:\n%s", log);
}

static void run_mkimage(const struct outer *o, const char *its, const char *path)
{
	char *argv[] = { (char *)"mkimage", (char *)"-f",     (char *)its,  (char *)"-E",
			 (char *)"-B",	    (char *)"0x1000", (char *)path, NULL };
	char *log;

	source_date_tell();
	if (run(argv, &log) != 0) {
		explain_mkimage(o, path, log);
	}
	free(log);
}

struct file sign_outer(const struct outer *o, const struct keys *keys, const char *path,
		       uint8_t *only_hash)
{
	char *name = xasprintf("%s.its", path);
	struct output *its = output_open(name);
	struct file fit;

	put_source(its->stream, o, keys);
	fflush(its->stream);
	run_mkimage(o, its->temp, path);
	output_discard(its);
	free(name);
	fit = file_read(path, "outer image");
	sign_whole(&fit, keys, path, only_hash);
	return fit;
}
