// SPDX-License-Identifier: Apache-2.0
/* ashlar sign: bundle, outer FIT, or control tree. What was signed is verified before it gets its name. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ashlar.h"

static const char usage[] =
	"usage: ashlar sign --key KEY.pem --output OUT BUNDLE\n"
	"       ashlar sign --key KEY.pem --output OUT --plan PLAN.dtb --hypervisor FILE --fdt FILE --bundle FILE\n"
	"       ashlar sign --key KEY.pem --output OUT.efi --plan PLAN.dtb --hypervisor FILE --stub FILE --bundle FILE\n"
	"       ashlar sign --key KEY.pem --output OUT.dtb --control IN.dtb\n"
	"Sign a bundle made by `ashlar pack`; make and sign the outer image (a FIT by mkimage, or a PE\n"
	"file for UEFI firmware); or make a control tree for U-Boot that requires the key. What was signed is verified before it gets its name.\n"
	"  --release  refuse an " DEV_KEY_SUBJECT;

static void require_good(const struct file *fit, const struct key *k, const char *name)
{
	const char *why = NULL;

	if (!fit_file_verify(fit, key_public(k), &why)) {
		fail("%s: signed, but does not verify: %s", name, why);
	}
}

static void do_bundle(const char *in, struct key *k, const char *out)
{
	struct file fit = file_read(in, "bundle");

	sign_bundle(&fit, k, in);
	require_good(&fit, k, in);
	file_write(out, fit.data, fit.size);
}

static void do_outer(const struct outer *o, struct key *k, const char *key_path, const char *out)
{
	struct output *final = output_open(out);
	struct file fit;

	sign_outer(o, k, key_path, final->temp);
	fit = file_read(final->temp, "outer image");
	require_good(&fit, k, out);
	output_commit(final);
}

static void do_efi(const struct outer *o, struct key *k, const char *out)
{
	struct file f = sign_efi(o, k);
	const char *why = "";

	if (!efi_file_verify(&f, k, &why)) {
		fail("%s: signed, but does not verify: %s", out, why);
	}
	file_write(out, f.data, f.size);
	file_free(&f);
}

int cmd_sign(int argc, char **argv)
{
	struct string_list rest = { 0 };
	const char *key_path = NULL, *out = NULL, *control = NULL;
	struct outer o = { 0 };
	bool is_release = false;
	const struct option_spec specs[] = {
		{ .name = "key", .value = &key_path },
		{ .name = "output", .value = &out },
		{ .name = "control", .value = &control },
		{ .name = "release", .flag = &is_release },
		{ .name = "plan", .value = &o.plan },
		{ .name = "hypervisor", .value = &o.hypervisor },
		{ .name = "fdt", .value = &o.fdt },
		{ .name = "stub", .value = &o.stub },
		{ .name = "bundle", .value = &o.bundle },
		{ 0 },
	};
	struct key *k;

	parse_options(argc, argv, specs, usage, &rest);
	need(key_path, "--key", usage);
	need(out, "--output", usage);
	k = key_read(key_path, true);
	if (is_release && key_public(k)->is_dev) {
		fail("key %s: an " DEV_KEY_SUBJECT
		     " cannot sign a release; let CONFIG_SIGN_KEY name a key of yours, or set CONFIG_RELEASE=n",
		     key_path);
	}
	if (control != NULL) {
		struct file f = sign_control(control, k);

		file_write(out, f.data, f.size);
	} else if (rest.count == 1) {
		do_bundle(rest.items[0], k, out);
	} else {
		need(o.plan, "a bundle, or --plan,", usage);
		need(o.hypervisor, "--hypervisor", usage);
		need(o.bundle, "--bundle", usage);
		if (o.stub != NULL) {
			do_efi(&o, k, out);
		} else {
			need(o.fdt, "--fdt", usage);
			do_outer(&o, k, key_path, out);
		}
	}
	key_free(k);
	return EXIT_OK;
}
