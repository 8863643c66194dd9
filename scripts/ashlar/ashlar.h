/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host tool `ashlar`: what its sub-commands share. A sub-command a file, cmd_<name>(), exit status as return:
 * 0 done, 1 refused (a finding in the user's input), 2 called wrongly or the machine failed.
 */
#ifndef ASHLAR_H
#define ASHLAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <hyp/plan.h>
#include <hyp/verify.h>

#define EXIT_OK	     0
#define EXIT_REFUSED 1
#define EXIT_TROUBLE 2

#define DEV_KEY_SUBJECT "INSECURE DEV KEY"

#define NO_CERTIFICATE                                                                            \
	"a UEFI firmware knows a key by its certificate, and this one has none; one is made by: " \
	"openssl req -x509 -new -key KEY.pem -subj /CN=NAME -days 3650 -out KEY.crt"

int cmd_check(int argc, char **argv);
int cmd_devkey(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_extract(int argc, char **argv);
int cmd_images(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_keyinfo(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_pack(int argc, char **argv);
int cmd_provenance(int argc, char **argv);
int cmd_sbom(int argc, char **argv);
int cmd_sign(int argc, char **argv);
int cmd_size(int argc, char **argv);
int cmd_update(int argc, char **argv);
int cmd_verify(int argc, char **argv);

/* ---- util.c: messages, memory, files ---- */

/** fail() - say what is wrong on stderr, prefixed `ashlar: `, and end with EXIT_TROUBLE. Nothing half-written stays. */
void __noreturn fail(const char *fmt, ...) __printf(1, 2);

/** finish() - end with @status, or fail() where what was printed did not arrive, as on a full disk. */
void __noreturn finish(int status);

/** xalloc() - zeroed memory, or fail(). xstrdup(), xasprintf() alike. */
void *xalloc(size_t bytes);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __printf(1, 2);

/** struct file - a whole file in memory, 8-byte aligned, a NUL behind its last byte. */
struct file {
	uint8_t *data;
	size_t size;
};

/** file_read() - @what names the file in the message when it cannot be read: then fail(). */
struct file file_read(const char *path, const char *what);
void file_free(struct file *f);

/** file_is_there() - a readable regular file? */
bool file_is_there(const char *path);

/** struct output - a file being written beside its place; output_commit() gives it its name, failing removes it. */
struct output {
	FILE *stream;
	char *path;
	char *temp;
};

/** output_open() - begin @path; fail() if it cannot be. At most OUTPUT_MAX at a time. */
struct output *output_open(const char *path);
void output_write(struct output *out, const void *data, size_t bytes);
void output_commit(struct output *out);
/** output_discard() - remove @out, which was only for a while. */
void output_discard(struct output *out);
/** output_discard_all() - remove what was begun and not committed. */
void output_discard_all(void);

/** file_write() - open, write, commit in one. */
void file_write(const char *path, const void *data, size_t bytes);

/** source_date() - SOURCE_DATE_EPOCH, or 0: the only clock that an output may carry. */
uint32_t source_date(void);

/** source_date_tell() - tell it the programs that run() starts, which would ask the clock without. */
void source_date_tell(void);

/** run() - run a program to its end, its output kept in @log (PATH lookup, no shell). Return: its exit status. */
int run(char *const argv[], char **log);

/** hex() - bytes in hexadecimal into @out (2 * @n + 1 characters). */
void hex(char *out, const uint8_t *bytes, size_t n);

/* ---- options.c ---- */

/** struct option_spec - one option with a value (@value, or collected in @list), or a flag. */
struct option_spec {
	const char *name; /* without the dashes */
	const char **value;
	struct string_list *list;
	bool *flag;
};

/** struct string_list - values of an option that may be repeated. */
struct string_list {
	const char **items;
	size_t count;
};

void string_list_add(struct string_list *l, const char *s);

/**
 * parse_options() - fill @specs (ends with a NULL name) from @argv, the rest into @rest. `--help` prints @usage.
 * Options are `--name value` or `--name=value`. Ends the program on --help or a wrong option.
 */
void parse_options(int argc, char **argv, const struct option_spec *specs, const char *usage,
		   struct string_list *rest);

/** need() - fail() with the usage unless @value is set. */
void need(const void *value, const char *what, const char *usage);

/* ---- source_map.c: where in the user's text a property stands ---- */

struct source_map;

/** source_map_read() - read dtc's annotated source (`dtc -I dts -O dts -T`); @folder: goes before its files' names, "" or with a slash. */
struct source_map *source_map_read(const char *path, const char *folder);

/** source_map_find() - "file:line" of @path's @prop, or of the nearest thing that has a place; NULL without a map. */
const char *source_map_find(const struct source_map *m, const char *path, const char *prop);

/* ---- trees.c: partial device trees, which become part of the plan ---- */

struct findings;

/** struct tree_file - what was read of one. */
struct tree_file {
	const char *name; /* of the user's file; NULL: none */
	void *fdt;	  /* NULL: it could not be read */
	struct source_map *map;
};

/** struct trees - by domid. */
struct trees {
	struct tree_file of[PLAN_MAX_DOMAINS + 1];
};

/**
 * trees_embed() - put the file of each "multiboot,device-tree" of @source into its module, as `ashlar,tree`.
 * @f: its fdt becomes the new tree; what cannot be read is reported
 * Return: the new tree; @source's memory is its again.
 */
struct file trees_embed(struct file source, struct trees *trees, struct findings *f);

/** trees_align() - in a whole plan: each embedded tree where the plan's reader looks for it. Any change before it in the plan undoes it. */
void trees_align(void *fdt);

/**
 * source_read() - a plan before it is packed, with its partial trees: read and checked, findings reported.
 * Return: what plan_read() says, or that a partial tree could not be read.
 */
bool source_read(const char *path, struct plan *plan, struct findings *f);

/* ---- findings.c: reports of the plan's reader and of ours, in one form and order ---- */

/** enum findings_form - how they are said: lines on stderr, or one document on standard output. */
enum findings_form {
	FINDINGS_TEXT,
	FINDINGS_JSON,
	FINDINGS_SARIF,
	FINDINGS_CODE_QUALITY
};

struct findings {
	enum findings_form form;
	const void *fdt;
	const char *plan_path;
	const struct source_map *map;
	const struct trees *trees; /* NULL: none */
	bool only_errors;	   /* warnings were said by an earlier step */
	bool is_silent;		   /* they are counted */
	unsigned int errors;
	unsigned int warnings;
};

/** findings_report() - a plan_report_fn whose context is a struct findings: prints `file:line: message`. */
void findings_report(void *ctx, enum plan_severity sev, int node, const char *prop,
		     const char *msg);

/** finding() - one error of ours on @node's @prop. */
void finding(struct findings *f, int node, const char *prop, const char *fmt, ...) __printf(4, 5);

/** finding_warning() - the same, of what may be meant. */
void finding_warning(struct findings *f, int node, const char *prop, const char *fmt, ...)
	__printf(4, 5);

/** findings_status() - exit status, the number of errors said. */
int findings_status(const struct findings *f);

/** struct finding_place - @where: "file:line", or a file alone; @path: the node; @prop: NULL: the node itself. */
struct finding_place {
	const char *where;
	const char *path;
	const char *prop;
};

/**
 * findings_open() / findings_put() / findings_close() - findings_json.c: a document's beginning, one finding, its end.
 * Without a document the first does nothing, and the last is findings_status(), as its status is.
 */
void findings_open(const struct findings *f);
void findings_put(const struct findings *f, const struct finding_place *p, enum plan_severity sev,
		  const char *msg);
int findings_close(const struct findings *f);

/** put_json() - @s as a string of JSON. */
void put_json(const char *s, FILE *out);

/* ---- refs.c: image references and the files behind them ---- */

#define MAX_REFS (2 * PLAN_MAX_DOMAINS)

/** struct image_ref - a distinct `ashlar,image` of a plan. */
struct image_ref {
	const char *ref;  /* "debian:linux-6.12" */
	const char *file; /* NULL: not known yet */
	const char *domain;
	int node; /* module that names it first */
	bool is_kernel;
	uint64_t room; /* of memory, that it needs at least; 0 until refs_check() */
};

struct image_refs {
	struct image_ref ref[MAX_REFS];
	size_t count;
};

/** refs_collect() - the distinct references of a plan, in its order. */
void refs_collect(const struct plan *plan, struct image_refs *refs);

/** refs_bind() - give references their files: from `--image REF=FILE`, and `file:` its own path. */
void refs_bind(struct image_refs *refs, const struct string_list *images);

/** refs_check() - report references that name nothing, files that are missing or that no domain can boot. */
void refs_check(struct image_refs *refs, const struct plan *plan, const struct string_list *known,
		struct findings *f);

/** ref_file() - the file behind @ref; NULL if there is none. */
const char *ref_file(const struct image_refs *refs, const char *ref);

/* ---- partitions.c ---- */

/** partitions_check() - report disks of partitions that the image has not. @path: a line "label uuid" for each that it has. */
void partitions_check(const struct plan *plan, const char *path, struct findings *f);

/* ---- store_room.c ---- */

/** store_check() - report a store of ours that does not hold all its clients at their quotas. */
void store_check(const struct plan *plan, struct findings *f);

/* ---- kernel_config.c ---- */

/**
 * kernel_config_check() - report kernels built without what their domains want.
 * @configs: "REF=FILE" of packaged kernels; of others, what they carry in themselves is read
 */
void kernel_config_check(const struct plan *plan, const struct image_refs *refs,
			 const struct string_list *configs, struct findings *f);

/* ---- fat.c, disk_show.c: a disk's image ---- */

/** typedef fat_file_fn - a file of a FAT volume, by its path of short names; @f is the reader's. */
typedef void fat_file_fn(void *ctx, const char *path, const struct file *f);

/** fat_walk() - all files of a FAT volume. Return: false: it is none. */
bool fat_walk(const uint8_t *volume, uint64_t bytes, fat_file_fn *found, void *ctx);

/** struct disk_show - how a disk is shown: @found gets the files of its volumes. */
struct disk_show {
	int indent;
	fat_file_fn *found;
	void *ctx;
};

/** disk_show() - print the partitions of a disk's image. Return: false: it has no GPT that can be read. */
bool disk_show(const struct file *f, const struct disk_show *show);

/* ---- inflate.c ---- */

/**
 * gunzip() - a gzip member at the beginning of @data, with a zero byte behind it that does not count.
 * Return: false: damaged, or more than @max bytes; @out is as it was.
 */
bool gunzip(const uint8_t *data, size_t bytes, size_t max, struct file *out);

/* ---- board_kind.c ---- */

/** board_check() - report a board of another architecture than the hypervisor is built for. */
void board_check(const struct plan *plan, struct findings *f);

/* ---- drivers.c ---- */

/** drivers_check() - report what is asked of a back end that is no `ashlar,io`, and that it cannot give. */
void drivers_check(const struct plan *plan, struct findings *f);

/* ---- arm64_image.c, pvh_image.c: one of them, by the board's architecture ---- */

/** kernel_image_kind() - what a kernel has to be, for messages. */
const char *kernel_image_kind(void);

/** kernel_image_size() - memory that a kernel needs. Return: 0 if @data is not one. */
uint64_t kernel_image_size(const uint8_t *data, size_t bytes);

/** kernel_image_why_not() - what @data is instead, and the way out, to end a sentence with; "" when unknown. */
const char *kernel_image_why_not(const uint8_t *data, size_t bytes);

/** kernel_image_bytes() - bytes that its own header says the file of a kernel has. Return: 0 if it says nothing. */
uint64_t kernel_image_bytes(const uint8_t *data, size_t bytes);

/** kernel_foreign_boards - what only the tree of another architecture's board is compatible with; NULL ends it. */
extern const char *const kernel_foreign_boards[];

/** kernel_foreign_props - what only domains of another architecture's boards have; NULL ends it. */
extern const char *const kernel_foreign_props[];

/** hypervisor_image() - memory that the hypervisor needs, and where: *@base, 0: anywhere. Return: 0 if @data is none. */
uint64_t hypervisor_image(const uint8_t *data, size_t bytes, uint64_t *base);

/**
 * hypervisor_in_memory() - its bytes as they lie from @base on; it is what hypervisor_image() accepts.
 * @room: set to the bytes that it needs there, behind the file zeroes; @entry: to its entry's machine address
 */
struct file hypervisor_in_memory(const struct file *image, uint64_t base, uint64_t *room,
				 uint64_t *entry);

/* ---- place.c ---- */

/**
 * place_all() - give the hypervisor, the bundle, and every domain's memory and vCPUs their places in @plan.
 * @hyp: the hypervisor's size, and where it has to be; 0: anywhere
 * @bundle_low: the bundle behind the hypervisor, where a boot loader can put it, which itself is high
 * Return: false, with findings, if something does not fit.
 */
bool place_all(struct plan *plan, const struct plan_range *hyp, uint64_t bundle_bytes,
	       bool bundle_low, struct findings *f);

/* ---- xen_tree.c: upstream Xen in our hypervisor's place ---- */

/** xen_check() - report what upstream Xen cannot do of a plan that is not packed yet. */
void xen_check(const struct plan *plan, struct findings *f);

/** xen_tree() - the packed plan as upstream Xen takes it, the caller's memory. */
struct file xen_tree(const struct file *packed);

/* ---- vouch.c ---- */

/** vouch_check() - report domains with ashlar,vouches where no watchdog is, or where the hypervisor does not ask them (@is_asked). */
void vouch_check(const struct plan *plan, bool is_asked, struct findings *f);

enum hwdog_drivers {
	HWDOG_ARM,
	HWDOG_IMX,
	HWDOG_TCO
};

/**
 * hwdog_check() - report a watchdog that the hypervisor has no driver of, and none where one is started for it.
 * @built_in:   the drivers that it has
 * @is_started: ashlar.efi starts the board's
 */
void hwdog_check(const struct plan *plan, enum hwdog_drivers built_in, bool is_started,
		 struct findings *f);

/* ---- verity.c ---- */

/** verity_check() - report command lines that the disks which their domains verify make too long. */
void verity_check(const struct plan *plan, struct findings *f);

/** verity_room() - how much longer verity_write() makes the tree, at most. */
size_t verity_room(const struct plan *plan);

/** verity_write() - put those disks' root hashes before the command lines, into a copy @fdt of @plan's tree. */
void verity_write(void *fdt, const struct plan *plan);

/* ---- rauc_bundle.c ---- */

#define RAUC_MANIFEST "manifest.raucm"

/** struct rauc_bundle - what a RAUC bundle is made of: a PEM key and its certificate, a folder, and files that are made on the way. */
struct rauc_bundle {
	const char *key, *certificate;
	const char *folder;			 /* it gets a manifest, and is packed */
	const char *data, *manifest, *signature; /* made on the way, beside the folder */
	const char *head,
		*images; /* of the manifest: [update] and [bundle]; sections of the images */
	const char *out;
};

/** file_digest() - a file's SHA-256 in hexadecimal; the caller's to free. */
char *file_digest(const char *path);

/** rauc_bundle() - make @b->out, or fail(). Spec: RAUC 1.8, "verity" bundles; its time is source_date(). */
void rauc_bundle(const struct rauc_bundle *b);

/* ---- plan_write.c ---- */

/**
 * plan_write() - @plan's places and image names written into a copy of its tree, packed. Its size depends on names and counts alone.
 * @software_id: NULL, or what the software is called: in the tree, and before each command line that there is
 */
struct file plan_write(const struct plan *plan, const char *software_id);

/** software_id_check() - fail() if @id is not one; report command lines that it makes too long. */
void software_id_check(const struct plan *plan, const char *id, struct findings *f);

/* ---- bundle.c ---- */

#define BUNDLE_PLAN "plan"

struct bundle_image {
	char *name; /* in the FIT */
	struct file file;
	uint8_t sha256[SHA256_BYTES];
	uint64_t offset; /* from the bundle's start */
};

/** struct bundle - the images of a bundle, each content once; the plan comes last. */
struct bundle {
	struct bundle_image *images;
	size_t count;
	size_t tree_bytes;
	uint32_t rollback;
	unsigned int signatures; /* there is room for; 0: for one */
};

/** bundle_collect() - read and hash the files behind @refs. */
void bundle_collect(struct bundle *b, const struct image_refs *refs);

/** bundle_find() - image of the content of @file. */
const struct bundle_image *bundle_find(const struct bundle *b, const char *file);

/** bundle_layout() - offsets of everything, a plan of @plan_bytes included. Return: bytes of the whole bundle. */
uint64_t bundle_layout(struct bundle *b, size_t plan_bytes);

/** bundle_write() - write the unsigned FIT, which the hypervisor moves to @load. */
void bundle_write(const struct bundle *b, const struct file *plan, uint64_t load, const char *path);

/* ---- key.c ---- */

struct key;

/** key_read() - a key of RSA or ECDSA from PEM: private, or public where @needs_private is false. fail() if it is none. */
struct key *key_read(const char *path, bool needs_private);
void key_free(struct key *k);
const struct verify_key *key_public(const struct key *k);
/** key_subject() - common name of the certificate beside the key, "" without one. */
const char *key_subject(const struct key *k);
/** key_certificate() - the certificate beside the key, DER, the key's memory; size 0: none. */
struct file key_certificate(const struct key *k);
/** key_is_token() - does a token have the private key? */
bool key_is_token(const struct key *k);
/** key_hint() - name that signatures carry: id, and for the dev key that it is one. */
const char *key_hint(const struct key *k);
/** key_is_ec() - a key of ECDSA? key_kind(): "RSA-3072"; key_algo(): "sha256,rsa3072". Both until the next call. */
bool key_is_ec(const struct key *k);
const char *key_kind(const struct key *k);
const char *key_algo(const struct key *k);
/** key_sign() - PKCS#1 v1.5 or ECDSA (r, then s) with SHA-256; deterministic. @sig has modulus_bytes of the public key. */
void key_sign(struct key *k, const uint8_t hash[SHA256_BYTES], uint8_t *sig);
/** key_read_signature() - one that was made elsewhere, as key_sign() makes it, or fail(). */
void key_read_signature(const struct key *k, const char *path, uint8_t *sig);
/** key_montgomery() - what U-Boot wants of a key: R^2 mod N (big endian, modulus' size) and -1/N mod 2^32. */
void key_montgomery(const struct key *k, uint8_t *r_squared, uint32_t *n0_inverse);

/** key_make() - key_make.c: a new key of RSA-3072 or P-256 at @key, its certificate of subject CN=@name at @crt. fail() if it cannot be. */
void key_make(const char *key, const char *crt, bool is_ec, const char *name);

/* ---- sign_*.c, fit_verify.c ---- */

#define MAX_KEYS 4 /* signatures that a verifier looks at: FIT_MAX_SIGNATURES */

/** struct keys - who signs a bundle. @signature: a file with one made elsewhere; NULL: sign. */
struct keys {
	struct key *key[MAX_KEYS];
	const char *signature[MAX_KEYS];
	size_t count;
};

/** sign_bundle() - add all signatures to the default configuration of the FIT in @fit, in place: no byte moves. */
void sign_bundle(struct file *fit, const struct keys *keys, const char *path);

/** sign_digest() - the SHA-256 that the signatures of sign_bundle() are made over. */
void sign_digest(const struct file *fit, const struct keys *keys, const char *path,
		 uint8_t hash[SHA256_BYTES]);

/** struct outer - parts of the outer FIT. */
struct outer {
	const char *plan;
	const char *hypervisor;
	const char *fdt;
	const char *bundle;
	const char *stub; /* of ashlar.efi */
	bool for_xen;	  /* the hypervisor is upstream Xen */
};

/** bundle_rollback() - the version counter of a bundle file. */
uint32_t bundle_rollback(const char *path);

#define FIT_ROOM "ashlar,room" /* a property that makes room for signatures */

/**
 * sign_whole() - as sign_bundle(), and the root's FIT_WHOLE_FILE becomes the digest of the whole file.
 * @only_hash: NULL: sign; else where to put what would be signed
 */
void sign_whole(struct file *fit, const struct keys *keys, const char *path, uint8_t *only_hash);

/** sign_outer() - make the outer FIT with mkimage, at @path for a while; sign it as sign_whole() does. Return: its bytes. */
struct file sign_outer(const struct outer *o, const struct keys *keys, const char *path,
		       uint8_t *only_hash);

/** sign_control() - U-Boot's control tree @in with @keys required for configurations: all, or any one of them. */
struct file sign_control(const char *in, const struct keys *keys, bool any);

/** sign_efi() - make and sign ashlar.efi; deterministic. */
struct file sign_efi(const struct outer *o, struct key *k);

/** sign_efi_alone() - make and sign an EFI program with nothing in it beside itself, the selector; deterministic. */
struct file sign_efi_alone(const char *program, struct key *k);

/**
 * efi_file_verify() - is @f what sign_efi() makes of the parts in it, byte for byte, signed by @k? The bundle is not looked into.
 * @why: set on false (static)
 */
bool efi_file_verify(const struct file *f, const struct key *k, const char **why);

/** efi_file_bundle() - the bundle in it, the caller's memory; size 0: none. */
struct file efi_file_bundle(const struct file *f);

/** efi_file_show() - print what is in it, but for the bundle's content. Return: false: it is no ashlar.efi. */
bool efi_file_show(const struct file *f, int indent);

/** efi_is_pe() - does a file begin as a PE file does? */
bool efi_is_pe(const struct file *f);

#define FIT_WHOLE_FILE "ashlar,file"

/**
 * fit_whole_file() - the digest that the root of an outer FIT has of the whole file; @out: what it must be.
 * Return: 1: it is; 0: it is not; -1: the file has none. *why is set but for 1.
 */
int fit_whole_file(const struct file *fit, uint8_t out[SHA256_BYTES], const char **why);

/** efi_uncovered() - what Authenticode leaves out of ashlar.efi: two fields of its headers, and all from @end on. Return: false: it is none. */
bool efi_uncovered(const struct file *f, size_t from[2], size_t bytes[2], size_t *end);

/** coverage_show() - coverage.c: print the bytes that the signature leaves out. Return: false: neither FIT nor ashlar.efi. */
bool coverage_show(const struct file *f);

/** fit_file_verify() - signature by @k, every digest. Return: false with the reason in *why (static or image's name). */
bool fit_file_verify(const struct file *fit, const struct verify_key *k, const char **why);

#endif
