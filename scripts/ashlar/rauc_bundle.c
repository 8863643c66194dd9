// SPDX-License-Identifier: Apache-2.0
/*
 * A RAUC bundle of a folder, the same bytes for the same folder, key and SOURCE_DATE_EPOCH. rauc itself takes a salt by chance and the
 * clock's time; so the parts are made by the tools that it stands on, and rauc reads what they made.
 *
 *   squashfs of the folder | its dm-verity tree | CMS signature with the manifest in it | the signature's size, 8 bytes, big endian
 *
 * Spec: RAUC 1.8, reference, "Bundle Formats" (verity) and "Manifest"; veritysetup(8); RFC 5652.
 */
#include <errno.h>
#include <hyp/verify.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ashlar.h"

#define BLOCK	   4096u
#define SIZE_BYTES 8u
#define PACKAGES   "apt-get install rauc squashfs-tools cryptsetup-bin faketime"

/* @said: what a tool says; it ends here if it cannot. */
static void ask(char *const argv[], char **said)
{
	if (run(argv, said) != 0) {
		fail("%s cannot make its part of the update; what makes one is installed by: %s\n%s",
		     argv[0], PACKAGES, *said);
	}
}

static size_t size_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		fail("%s cannot be read: %s", path, strerror(errno));
	}
	return (size_t)st.st_size;
}

char *file_digest(const char *path)
{
	struct file f = file_read(path, "file");
	uint8_t digest[SHA256_BYTES];
	char *text = xalloc((size_t)2 * SHA256_BYTES + 1);

	digest_sha256(f.data, f.size, digest);
	hex(text, digest, SHA256_BYTES);
	file_free(&f);
	return text;
}

/* Return: bytes, whole blocks of them. */
static size_t pack(const struct rauc_bundle *b)
{
	char *argv[] = { (char *)"mksquashfs",
			 (char *)b->folder,
			 (char *)b->data,
			 (char *)"-noappend",
			 (char *)"-all-root",
			 (char *)"-no-xattrs",
			 (char *)"-no-progress",
			 (char *)"-no-exports",
			 (char *)"-processors",
			 (char *)"1",
			 NULL };
	char *said;

	ask(argv, &said);
	free(said);
	return size_of(b->data);
}

/* "Root hash:      <hexadecimal>" of what veritysetup says. */
static char *root_hash(const char *said)
{
	char text[2 * SHA256_BYTES + 1];
	const char *at = strstr(said, "Root hash:");

	if (at == NULL || sscanf(at, "Root hash: %64[0-9a-f]", text) != 1 ||
	    strlen(text) != 2 * SHA256_BYTES) {
		fail("veritysetup named no root hash:\n%s", said);
	}
	return xstrdup(text);
}

/* The tree behind the data in the same file, its salt following from them. Return: the manifest's lines on it. */
static char *grow_tree(const char *path, size_t bytes)
{
	char *salt = file_digest(path), *said, *root, *lines;
	char *argv[] = { (char *)"veritysetup",
			 (char *)"format",
			 (char *)"--no-superblock",
			 (char *)"--hash=sha256",
			 (char *)"--data-block-size=4096",
			 (char *)"--hash-block-size=4096",
			 xasprintf("--data-blocks=%zu", bytes / BLOCK),
			 xasprintf("--hash-offset=%zu", bytes),
			 xasprintf("--salt=%s", salt),
			 (char *)path,
			 (char *)path,
			 NULL };

	if (bytes % BLOCK != 0) {
		fail("mksquashfs wrote %zu bytes, which are no whole blocks", bytes);
	}
	ask(argv, &said);
	root = root_hash(said);
	lines = xasprintf("verity-hash=%s\nverity-salt=%s\nverity-size=%zu\n", root, salt,
			  size_of(path) - bytes);
	free(said);
	free(root);
	free(salt);
	return lines;
}

/* The time in it is SOURCE_DATE_EPOCH, by faketime: openssl asks the clock. */
static void sign(const struct rauc_bundle *b)
{
	time_t now = (time_t)source_date();
	char when[sizeof("2000-01-01 00:00:00")];
	struct tm tm;
	char *said;
	char *argv[] = { (char *)"faketime",
			 (char *)"-f",
			 when,
			 (char *)"openssl",
			 (char *)"cms",
			 (char *)"-sign",
			 (char *)"-binary",
			 (char *)"-nodetach",
			 (char *)"-nosmimecap",
			 (char *)"-md",
			 (char *)"sha256",
			 (char *)"-outform",
			 (char *)"DER",
			 (char *)"-signer",
			 (char *)b->certificate,
			 (char *)"-inkey",
			 (char *)b->key,
			 (char *)"-in",
			 (char *)b->manifest,
			 (char *)"-out",
			 (char *)b->signature,
			 NULL };

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm) == 0) {
		fail("SOURCE_DATE_EPOCH cannot be written as a date");
	}
	setenv("TZ", "UTC0", 1); /* what faketime reads the date in */
	ask(argv, &said);
	free(said);
}

/* The data with its tree, the signature, its size. */
static void join(const struct rauc_bundle *b)
{
	struct file data = file_read(b->data, "update");
	struct file signature = file_read(b->signature, "signature");
	struct output *out = output_open(b->out);
	uint8_t size[SIZE_BYTES];
	size_t i;

	for (i = 0; i < SIZE_BYTES; i++) {
		size[SIZE_BYTES - 1 - i] = (uint8_t)((uint64_t)signature.size >> 8 * i);
	}
	output_write(out, data.data, data.size);
	output_write(out, signature.data, signature.size);
	output_write(out, size, sizeof(size));
	output_commit(out);
	file_free(&data);
	file_free(&signature);
}

/* Where users' programs are is not always where veritysetup is. */
static void look_in_sbin(void)
{
	const char *path = getenv("PATH");

	setenv("PATH", xasprintf("%s:/usr/sbin:/sbin", path != NULL ? path : "/usr/bin:/bin"), 1);
}

void rauc_bundle(const struct rauc_bundle *b)
{
	char *packed = xasprintf("%s/" RAUC_MANIFEST, b->folder), *text, *tree;

	look_in_sbin();
	source_date_tell();
	text = xasprintf("%s%s", b->head, b->images);
	file_write(packed, text, strlen(text));
	free(text);
	tree = grow_tree(b->data, pack(b));
	text = xasprintf("%s%s%s", b->head, tree, b->images);
	file_write(b->manifest, text, strlen(text));
	sign(b);
	join(b);
	free(text);
	free(tree);
	free(packed);
}
