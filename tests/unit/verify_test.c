// SPDX-License-Identifier: Apache-2.0
/*
 * Verification against files signed by mkimage and by the host tool: what is good is accepted, every byte that
 * matters is tried, and so is every way to make a tree mean two things. Which bytes matter is worked out here by
 * itself, from the properties, not from the code under test.
 */
#include <errno.h>
#include <hyp/arena.h>
#include <hyp/log.h>
#include <hyp/verify.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unit.h>

#define MAX_TREE  (64 * 1024)
#define MAX_BYTES (1 << 16) /* of a FIT from mkimage */

struct sample {
	uint8_t *fit;
	size_t size;
	struct verify_key key;
	uint8_t modulus[512];
};

static const uint8_t exponent[] = { 1, 0, 1 };

int hyp_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

static uint8_t *read_file(const char *name, size_t *size)
{
	char path[4096];
	uint8_t *data;
	FILE *in;
	long n;

	snprintf(path, sizeof(path), "%s/%s", DATA, name);
	in = fopen(path, "rb");
	assert_non_null(in);
	assert_int_equal(fseek(in, 0, SEEK_END), 0);
	n = ftell(in);
	assert_true(n > 0);
	rewind(in);
	data = malloc((size_t)n);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, (size_t)n, in), (size_t)n);
	fclose(in);
	*size = (size_t)n;
	return data;
}

/* "Modulus=HEX" as openssl writes it. */
static void read_key(struct sample *s, const char *name)
{
	size_t size, i;
	char *text = (char *)read_file(name, &size);
	char *digits = strchr(text, '=') + 1;

	s->key.modulus_bytes = (size - 1 - (size_t)(digits - text)) / 2;
	assert_true(s->key.modulus_bytes <= sizeof(s->modulus));
	for (i = 0; i < s->key.modulus_bytes; i++) {
		char pair[3] = { digits[2 * i], digits[2 * i + 1], '\0' };

		s->modulus[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	s->key.modulus = s->modulus;
	s->key.exponent = exponent;
	s->key.exponent_bytes = sizeof(exponent);
	free(text);
}

static struct sample load(const char *fit, const char *modulus)
{
	struct sample s = { 0 };

	s.fit = read_file(fit, &s.size);
	read_key(&s, modulus);
	return s;
}

static struct sample load_mkimage(void)
{
	return load("mkimage2048.itb", "rsa2048.modulus");
}

/* The key points into the sample, so it is set at each use. */
static int verify(struct sample *s, const char **why)
{
	s->key.modulus = s->modulus;
	return fit_verify_config(s->fit, s->size, &s->key, why);
}

static void refuses(struct sample *s, int error, const char *reason)
{
	const char *why = NULL;

	assert_int_equal(verify(s, &why), error);
	assert_string_equal(why, reason);
	free(s->fit);
}

static void accepts(const char *fit, const char *modulus)
{
	struct sample s = load(fit, modulus);
	const char *why = NULL;
	struct fit_image img;
	uint8_t digest[SHA256_BYTES];
	size_t tree, total;
	unsigned int n;
	int conf = verify(&s, &why);

	assert_true(conf > 0);
	assert_null(why);
	assert_int_equal(fit_total_size(s.fit, s.size, &tree, &total), 0);
	assert_true(total <= s.size && s.size - total < 4096); /* mkimage fills the last page */
	for (n = 0; fit_config_image(s.fit, s.size, conf, n, &img, &why) == 0; n++) {
		assert_true(img.offset + img.size <= s.size);
		digest_sha256(s.fit + img.offset, img.size, digest);
		assert_memory_equal(digest, img.sha256, SHA256_BYTES);
	}
	assert_true(n >= 2);
	free(s.fit);
}

static void accepts_what_mkimage_signed(void **state)
{
	(void)state;
	accepts("mkimage2048.itb", "rsa2048.modulus");
	accepts("mkimage3072.itb", "rsa3072.modulus");
	accepts("mkimage4096.itb", "rsa4096.modulus");
}

static void accepts_what_the_host_tool_signed(void **state)
{
	(void)state;
	accepts("bundle.itb", "rsa2048.modulus");
}

/* The largest key was used above. */
static void needs_less_than_the_arena(void **state)
{
	(void)state;
	accepts("mkimage4096.itb", "rsa4096.modulus");
	print_message("# arena: %zu of %d bytes\n", arena_peak(), ARENA_BYTES);
	assert_true(arena_peak() > 4096);
	assert_true(arena_peak() < ARENA_BYTES * 3 / 4);
}

static void names_images_in_order(void **state)
{
	struct sample s = load_mkimage();
	const char *why = NULL;
	struct fit_image img;
	int conf = verify(&s, &why);

	(void)state;
	assert_int_equal(fit_config_image(s.fit, s.size, conf, 0, &img, &why), 0);
	assert_string_equal(img.name, "kernel");
	assert_int_equal(img.size, sizeof("the bytes of the kernel"));
	assert_memory_equal(s.fit + img.offset, "the bytes of the kernel", img.size);
	assert_int_equal(fit_config_image(s.fit, s.size, conf, 1, &img, &why), 0);
	assert_string_equal(img.name, "board");
	assert_int_equal(fit_config_image(s.fit, s.size, conf, 2, &img, &why), -ENOENT);
	free(s.fit);
}

static void refuses_another_key(void **state)
{
	struct sample s = load_mkimage();

	(void)state;
	read_key(&s, "other.modulus");
	refuses(&s, -EACCES, "the signature does not verify with the built-in key");
}

static void refuses_a_key_of_another_size(void **state)
{
	struct sample s = load_mkimage();

	(void)state;
	read_key(&s, "rsa3072.modulus");
	refuses(&s, -EACCES, "the signature is of another kind than the key");
}

/* ---- every byte ---- */

static bool is_place(const char *name)
{
	return strcmp(name, "data") == 0 || strcmp(name, "data-size") == 0 ||
	       strcmp(name, "data-offset") == 0 || strcmp(name, "data-position") == 0;
}

/* Mark what must be signed of one node: its name, and its properties with names and lengths. */
static void mark_node(const uint8_t *fit, const char *path, uint8_t *is_signed)
{
	int node = fdt_path_offset(fit, path), prop, len;
	size_t base = fdt_off_dt_struct(fit);
	const char *name = fdt_get_name(fit, node, &len);

	assert_true(node >= 0);
	memset(is_signed + base + (size_t)node, 1, 4 + (size_t)len + 1);
	assert_ptr_equal(name, fit + base + node + 4);
	fdt_for_each_property_offset(prop, fit, node) {
		assert_non_null(fdt_getprop_by_offset(fit, prop, &name, &len));
		if (is_place(name)) {
			continue;
		}
		memset(is_signed + base + (size_t)prop, 1, 12 + (size_t)len);
		memset(is_signed + ((const uint8_t *)name - fit), 1, strlen(name) + 1);
	}
}

static void mark_signed(const uint8_t *fit, uint8_t *is_signed)
{
	static const char *const paths[] = { "/",
					     "/configurations/conf-1",
					     "/images/kernel",
					     "/images/kernel/hash-1",
					     "/images/board",
					     "/images/board/hash-1",
					     "/images/board/hash-2" };
	int sig = fdt_path_offset(fit, "/configurations/conf-1/signature-1"), len;
	const uint8_t *value = fdt_getprop(fit, sig, "value", &len);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		mark_node(fit, paths[i], is_signed);
	}
	memset(is_signed + (value - fit), 1, (size_t)len);
}

struct meaning {
	unsigned int count;
	struct fit_image images[4];
	char names[4][32];
};

static bool read_meaning(const uint8_t *fit, size_t size, int conf, struct meaning *m)
{
	const char *why;

	for (m->count = 0; m->count < 4; m->count++) {
		struct fit_image *img = &m->images[m->count];
		int ret = fit_config_image(fit, size, conf, m->count, img, &why);

		if (ret != 0) {
			return ret == -ENOENT;
		}
		snprintf(m->names[m->count], sizeof(m->names[0]), "%s", img->name);
	}
	return true;
}

/* Accepted with a changed byte: then the same images with the same digests, be they elsewhere. */
static void means_the_same(const struct sample *s, int conf, const struct meaning *before)
{
	struct meaning now = { 0 };
	unsigned int i;

	assert_true(read_meaning(s->fit, s->size, conf, &now));
	assert_int_equal(now.count, before->count);
	for (i = 0; i < now.count; i++) {
		assert_string_equal(now.names[i], before->names[i]);
		assert_memory_equal(now.images[i].sha256, before->images[i].sha256, SHA256_BYTES);
	}
}

static void flip_each(struct sample *s, uint8_t mask, const uint8_t *is_signed,
		      const struct meaning *before, unsigned int *accepted)
{
	size_t tree = fdt_totalsize(s->fit), at;
	const char *why;
	int conf;

	for (at = 0; at < tree; at++) {
		s->fit[at] ^= mask;
		conf = verify(s, &why);
		if (conf > 0) {
			if (is_signed[at]) {
				fail_msg("byte 0x%zx flipped by 0x%x is accepted", at, mask);
			}
			means_the_same(s, conf, before);
			(*accepted)++;
		}
		s->fit[at] ^= mask;
	}
}

static void refuses_every_flipped_byte(void **state)
{
	static uint8_t is_signed[MAX_TREE];
	struct sample s = load_mkimage();
	struct meaning before = { 0 };
	unsigned int accepted = 0;
	const char *why;
	int conf = verify(&s, &why);

	(void)state;
	assert_true(conf > 0 && s.size <= MAX_BYTES && fdt_totalsize(s.fit) <= MAX_TREE);
	assert_true(read_meaning(s.fit, s.size, conf, &before));
	mark_signed(s.fit, is_signed);
	flip_each(&s, 0x01, is_signed, &before, &accepted);
	flip_each(&s, 0x80, is_signed, &before, &accepted);
	flip_each(&s, 0xff, is_signed, &before, &accepted);
	print_message("# %u flips outside the signed bytes changed nothing\n", accepted);
	free(s.fit);
}

static void refuses_every_shorter_file(void **state)
{
	struct sample s = load_mkimage();
	size_t tree, total, len, whole;
	const char *why;

	(void)state;
	assert_int_equal(fit_total_size(s.fit, s.size, &tree, &whole), 0);
	for (len = 0; len < whole; len++) {
		uint8_t *part =
			malloc(len > 0 ? len : 1); /* so that a sanitizer sees a read past it */

		memcpy(part, s.fit, len);
		assert_int_equal(fit_total_size(part, len, &tree, &total), -EINVAL);
		if (len < fdt_totalsize(s.fit)) {
			assert_int_equal(fit_verify_config(part, len, &s.key, &why), -EINVAL);
		}
		free(part);
	}
	free(s.fit);
}

/* ---- trees that mean two things ---- */

/* Room to edit in: the tree alone, for the images are not read by fit_verify_config(). */
static struct sample editable(void)
{
	struct sample s = load_mkimage();
	uint8_t *room = calloc(1, MAX_TREE);

	assert_int_equal(fdt_open_into(s.fit, room, MAX_TREE), 0);
	free(s.fit);
	s.fit = room;
	s.size = MAX_TREE;
	return s;
}

static int at(const struct sample *s, const char *path)
{
	int node = fdt_path_offset(s->fit, path);

	assert_true(node >= 0);
	return node;
}

static void opening_alone_changes_nothing(void **state)
{
	struct sample s = editable();
	const char *why;

	(void)state;
	/* data-offset counts from the tree's end, which moved by whole pages. */
	assert_true(verify(&s, &why) > 0);
	free(s.fit);
}

static void refuses_unsigned(void **state)
{
	struct sample s = editable();

	(void)state;
	assert_int_equal(fdt_del_node(s.fit, at(&s, "/configurations/conf-1/signature-1")), 0);
	refuses(&s, -EACCES, "the configuration is not signed");
}

static void refuses_an_unsigned_default(void **state)
{
	struct sample s = editable();
	int conf = fdt_add_subnode(s.fit, at(&s, "/configurations"), "conf-2");

	(void)state;
	assert_true(conf > 0);
	assert_int_equal(fdt_setprop(s.fit, conf, "kernel", "stray", 6), 0);
	assert_int_equal(fdt_setprop(s.fit, at(&s, "/configurations"), "default", "conf-2", 7), 0);
	refuses(&s, -EACCES, "the configuration is not signed");
}

static void accepts_a_stray_unsigned_configuration(void **state)
{
	struct sample s = editable();
	int conf = fdt_add_subnode(s.fit, at(&s, "/configurations"), "conf-2");
	const char *why;

	(void)state;
	assert_int_equal(fdt_setprop(s.fit, conf, "kernel", "stray", 6), 0);
	conf = verify(&s, &why);
	assert_string_equal(fdt_get_name(s.fit, conf, NULL), "conf-1");
	free(s.fit);
}

static void refuses_names_with_at(void **state)
{
	struct sample s = editable();

	(void)state;
	assert_true(fdt_add_subnode(s.fit, at(&s, "/images"), "kernel@1") > 0);
	refuses(&s, -EINVAL, "a node's name contains '@'");
}

static void refuses_two_of_a_name(void **state)
{
	struct sample s = editable();
	int node = fdt_add_subnode(s.fit, at(&s, "/images"), "kernex");

	(void)state;
	assert_true(node > 0);
	memcpy((char *)(uintptr_t)fdt_get_name(s.fit, node, NULL), "kernel", 6);
	refuses(&s, -EINVAL, "two nodes have the same name");
}

static void refuses_a_property_twice(void **state)
{
	struct sample s = editable();
	int stray = at(&s, "/images/stray"), prop;
	struct fdt_property *p, *first;

	(void)state;
	assert_int_equal(fdt_setprop(s.fit, stray, "typf", "x", 2), 0);
	first = fdt_get_property_w(s.fit, stray, "type", NULL);
	p = fdt_get_property_w(s.fit, stray, "typf", &prop);
	p->nameoff = first->nameoff;
	refuses(&s, -EINVAL, "a property stands twice in one node");
}

static void refuses_unknown_properties_of_the_configuration(void **state)
{
	struct sample s = editable();

	(void)state;
	assert_int_equal(
		fdt_setprop(s.fit, at(&s, "/configurations/conf-1"), "firmware", "stray", 6), 0);
	refuses(&s, -EINVAL, "the configuration has a property that is not known");
}

static void refuses_an_image_that_is_not_there(void **state)
{
	struct sample s = editable();

	(void)state;
	assert_int_equal(fdt_setprop(s.fit, at(&s, "/configurations/conf-1"), "fdt", "nowhere", 8),
			 0);
	refuses(&s, -EINVAL, "the configuration names an image that is not there");
}

static void refuses_an_image_more(void **state)
{
	struct sample s = editable();
	int conf = at(&s, "/configurations/conf-1");

	(void)state;
	assert_int_equal(fdt_setprop(s.fit, conf, "kernel", "kernel\0stray", 13), 0);
	refuses(&s, -EACCES, "the signature does not verify with the built-in key");
}

static void refuses_a_property_more(void **state)
{
	struct sample s = editable();
	int conf = at(&s, "/configurations/conf-1");

	(void)state;
	assert_int_equal(fdt_setprop(s.fit, conf, "loadables", "stray", 6), 0);
	refuses(&s, -EINVAL, "the name of a signed property is not signed");
}

static void refuses_an_image_without_hash(void **state)
{
	struct sample s = editable();

	(void)state;
	assert_int_equal(fdt_del_node(s.fit, at(&s, "/images/kernel/hash-1")), 0);
	refuses(&s, -EINVAL, "an image has no hash");
}

static void refuses_a_hash_more(void **state)
{
	struct sample s = editable();

	(void)state;
	assert_true(fdt_add_subnode(s.fit, at(&s, "/images/kernel"), "hash-0") > 0);
	refuses(&s, -EACCES, "the signature does not verify with the built-in key");
}

static void refuses_fewer_signed_names(void **state)
{
	struct sample s = editable();
	int sig = at(&s, "/configurations/conf-1/signature-1");
	fdt32_t strings[2] = { 0, cpu_to_fdt32(8) };

	(void)state;
	assert_int_equal(
		fdt_setprop_inplace(s.fit, sig, "hashed-strings", strings, sizeof(strings)), 0);
	refuses(&s, -EINVAL, "the name of a signed property is not signed");
}

static void refuses_signed_names_out_of_bounds(void **state)
{
	struct sample s = editable();
	int sig = at(&s, "/configurations/conf-1/signature-1");
	fdt32_t strings[2] = { 0, cpu_to_fdt32(0x7fffffff) };

	(void)state;
	assert_int_equal(
		fdt_setprop_inplace(s.fit, sig, "hashed-strings", strings, sizeof(strings)), 0);
	refuses(&s, -EINVAL, "the signed part of the strings block is out of bounds");
}

static void ignores_the_list_in_the_file(void **state)
{
	struct sample s = editable();
	int sig = at(&s, "/configurations/conf-1/signature-1");
	const char *why;

	(void)state;
	assert_int_equal(fdt_setprop(s.fit, sig, "hashed-nodes", "/\0/images/stray", 16), 0);
	assert_true(verify(&s, &why) > 0);
	/* ... and with it an attacker cannot leave out what he changed. */
	assert_int_equal(fdt_setprop_u32(s.fit, at(&s, "/images/kernel"), "load", 0x50000000), 0);
	refuses(&s, -EACCES, "the signature does not verify with the built-in key");
}

static void refuses_another_padding(void **state)
{
	struct sample s = editable();
	int sig = at(&s, "/configurations/conf-1/signature-1");

	(void)state;
	assert_int_equal(fdt_setprop(s.fit, sig, "padding", "pss", 4), 0);
	refuses(&s, -EACCES, "the signature is of another kind than the key");
}

static void refuses_many_signatures(void **state)
{
	struct sample s = editable();
	char name[] = "signature-2";
	int i;

	(void)state;
	for (i = 0; i < 5; i++, name[10]++) {
		assert_true(fdt_add_subnode(s.fit, at(&s, "/configurations/conf-1"), name) > 0);
	}
	refuses(&s, -EINVAL, "the configuration has too many signatures");
}

static void refuses_a_child_that_is_no_signature(void **state)
{
	struct sample s = editable();

	(void)state;
	assert_true(fdt_add_subnode(s.fit, at(&s, "/configurations/conf-1"), "other") > 0);
	refuses(&s, -EINVAL, "the configuration has a child that is not a signature");
}

static void refuses_deep_trees(void **state)
{
	struct sample s = editable();
	int node = at(&s, "/images/stray/hash-1");

	(void)state;
	assert_true(fdt_add_subnode(s.fit, node, "deeper") > 0);
	refuses(&s, -EINVAL, "the tree is nested too deeply");
}

static void refuses_misaligned_trees(void **state)
{
	struct sample s = load_mkimage();
	uint8_t *room = malloc(s.size + 4);
	const char *why;
	size_t tree, total;

	(void)state;
	memcpy(room + 4, s.fit, s.size);
	assert_int_equal(fit_verify_config(room + 4, s.size, &s.key, &why), -EINVAL);
	assert_string_equal(why, "the tree is not 8-byte aligned");
	assert_int_equal(fit_total_size(room + 4, s.size, &tree, &total), -EINVAL);
	free(room);
	free(s.fit);
}

/* ---- where the data lies: not signed, so checked ---- */

static void set_place(struct sample *s, const char *image, const char *prop, uint32_t value)
{
	assert_int_equal(fdt_setprop_inplace_u32(s->fit, at(s, image), prop, value), 0);
}

static void refuses_unaligned_images(void **state)
{
	struct sample s = editable();

	(void)state;
	set_place(&s, "/images/kernel", "data-offset", 0x800);
	refuses(&s, -EINVAL, "an image is not 4 KiB aligned");
}

static void refuses_overlapping_images(void **state)
{
	struct sample s = editable();

	(void)state;
	set_place(&s, "/images/board", "data-offset", 0);
	set_place(&s, "/images/kernel", "data-offset", 0);
	refuses(&s, -EINVAL, "two images overlap");
}

static void refuses_images_without_size(void **state)
{
	struct sample s = editable();

	(void)state;
	set_place(&s, "/images/kernel", "data-size", 0);
	refuses(&s, -EINVAL, "an image has no size");
}

static void refuses_two_places(void **state)
{
	struct sample s = editable();

	(void)state;
	assert_int_equal(fdt_setprop_u32(s.fit, at(&s, "/images/kernel"), "data-position", 0x10000),
			 0);
	refuses(&s, -EINVAL, "an image's data is not external, or its place is given twice");
}

static void refuses_data_in_the_tree(void **state)
{
	struct sample s = editable();

	(void)state;
	assert_int_equal(fdt_setprop(s.fit, at(&s, "/images/kernel"), "data", "evil", 5), 0);
	refuses(&s, -EINVAL, "an image's data is not external, or its place is given twice");
}

static void refuses_an_image_inside_the_tree(void **state)
{
	struct sample s = editable();
	int kernel = at(&s, "/images/kernel");

	(void)state;
	assert_int_equal(fdt_delprop(s.fit, kernel, "data-offset"), 0);
	assert_int_equal(fdt_setprop_u32(s.fit, at(&s, "/images/kernel"), "data-position", 0x1000),
			 0);
	refuses(&s, -EINVAL, "an image lies inside the tree");
}

static void total_is_bounded(void **state)
{
	struct sample s = load_mkimage();
	size_t tree, total;

	(void)state;
	set_place(&s, "/images/stray", "data-size", 0xffffffff);
	assert_int_equal(fit_total_size(s.fit, s.size, &tree, &total), -EINVAL);
	set_place(&s, "/images/stray", "data-offset", 0xfffff000);
	assert_int_equal(fit_total_size(s.fit, s.size, &tree, &total), -EINVAL);
	free(s.fit);
}

/* ---- the digest: FIPS 180-4 examples ---- */

static void digest_is(const char *data, size_t len, const char *expected)
{
	uint8_t out[SHA256_BYTES];
	char text[2 * SHA256_BYTES + 1];
	size_t i;

	digest_sha256(data, len, out);
	for (i = 0; i < SHA256_BYTES; i++) {
		snprintf(text + 2 * i, 3, "%02x", out[i]);
	}
	assert_string_equal(text, expected);
}

static void hashes_known_answers(void **state)
{
	char *million = malloc(1000000);

	(void)state;
	memset(million, 'a', 1000000);
	digest_is("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_is("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_is(million, 1000000,
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	assert_string_equal(digest_backend(), "portable");
	free(million);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_what_mkimage_signed),
		cmocka_unit_test(accepts_what_the_host_tool_signed),
		cmocka_unit_test(needs_less_than_the_arena),
		cmocka_unit_test(names_images_in_order),
		cmocka_unit_test(refuses_another_key),
		cmocka_unit_test(refuses_a_key_of_another_size),
		cmocka_unit_test(refuses_every_flipped_byte),
		cmocka_unit_test(refuses_every_shorter_file),
		cmocka_unit_test(opening_alone_changes_nothing),
		cmocka_unit_test(refuses_unsigned),
		cmocka_unit_test(refuses_an_unsigned_default),
		cmocka_unit_test(accepts_a_stray_unsigned_configuration),
		cmocka_unit_test(refuses_names_with_at),
		cmocka_unit_test(refuses_two_of_a_name),
		cmocka_unit_test(refuses_a_property_twice),
		cmocka_unit_test(refuses_unknown_properties_of_the_configuration),
		cmocka_unit_test(refuses_an_image_that_is_not_there),
		cmocka_unit_test(refuses_an_image_more),
		cmocka_unit_test(refuses_a_property_more),
		cmocka_unit_test(refuses_an_image_without_hash),
		cmocka_unit_test(refuses_a_hash_more),
		cmocka_unit_test(refuses_fewer_signed_names),
		cmocka_unit_test(refuses_signed_names_out_of_bounds),
		cmocka_unit_test(ignores_the_list_in_the_file),
		cmocka_unit_test(refuses_another_padding),
		cmocka_unit_test(refuses_many_signatures),
		cmocka_unit_test(refuses_a_child_that_is_no_signature),
		cmocka_unit_test(refuses_deep_trees),
		cmocka_unit_test(refuses_misaligned_trees),
		cmocka_unit_test(refuses_unaligned_images),
		cmocka_unit_test(refuses_overlapping_images),
		cmocka_unit_test(refuses_images_without_size),
		cmocka_unit_test(refuses_two_places),
		cmocka_unit_test(refuses_data_in_the_tree),
		cmocka_unit_test(refuses_an_image_inside_the_tree),
		cmocka_unit_test(total_is_bounded),
		cmocka_unit_test(hashes_known_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
