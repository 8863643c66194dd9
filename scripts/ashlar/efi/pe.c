// SPDX-License-Identifier: Apache-2.0
/*
 * The PE32+ file, its layout and back. Places in the file and in memory are the same: sections begin at pages, one after
 * the other, and nothing is left out. So a firmware has nothing to decide, and every byte belongs to something. The selector, a
 * program alone, has no sections for hypervisor and bundle.
 * Spec: Microsoft PE Format (headers, Attribute Certificate Table, appendix on CheckSum).
 */
#include <stdlib.h>
#include <string.h>

#include "../../../hypervisor/verify/digest.h"
#include "efi_file.h"

#define PAGE	       4096U
#define PE_AT	       0x80U
#define OPTIONAL_AT    (PE_AT + 24U)
#define OPTIONAL_BYTES 240U
#define CHECKSUM_AT    (OPTIONAL_AT + 64U)
#define CERTIFICATE_AT (OPTIONAL_AT + 112U + 4U * 8U)
#define RELOCATION_AT  (OPTIONAL_AT + 112U + 5U * 8U)
#define SECTIONS_AT    (OPTIONAL_AT + OPTIONAL_BYTES)
#define SECTION_BYTES  40U
#define NR_SECTIONS    7U
#define MAX_BYTES      0x7fff0000U /* places are 32 bits, and firmware reads some as signed */

#define PE32_PLUS	 0x20bU
#define EFI_APPLICATION	 10U
#define NX_COMPATIBLE	 0x100U
#define IS_EXECUTABLE	 0x0002U
#define LARGE_ADDRESSES	 0x0020U
#define HAS_CODE	 0x00000020U
#define HAS_DATA	 0x00000040U
#define MAY_DISCARD	 0x02000000U
#define MAY_EXECUTE	 0x20000000U
#define MAY_READ	 0x40000000U
#define MAY_WRITE	 0x80000000U
#define CERTIFICATE_HEAD 8U
#define CERTIFICATE_REV	 0x0200U
#define CERTIFICATE_PKCS 0x0002U

static const struct section {
	const char *name;
	uint32_t flags;
} sections[NR_SECTIONS] = {
	{ ".text", HAS_CODE | MAY_EXECUTE | MAY_READ },
	{ ".rodata", HAS_DATA | MAY_READ },
	{ ".data", HAS_DATA | MAY_READ | MAY_WRITE },
	{ ".parts", HAS_DATA | MAY_READ },
	{ ".hyp", HAS_DATA | MAY_READ },
	{ ".bundle", HAS_DATA | MAY_READ },
	{ ".reloc", HAS_DATA | MAY_READ | MAY_DISCARD },
};

enum {
	PARTS = EFI_STUB_SEGMENTS,
	HYP,
	BUNDLE,
	RELOC
};

/* An empty block: there is nothing to relocate, and some firmware wants to be told so. */
static const uint8_t no_relocations[12] = { 0, 0, 0, 0, 12 };

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* ---- making ---- */

struct layout {
	struct efi_bytes of[NR_SECTIONS];
	uint32_t at[NR_SECTIONS];
	uint32_t end;
};

static void lay_out(struct layout *l)
{
	uint64_t at = PAGE;

	for (unsigned int i = 0; i < NR_SECTIONS; i++) {
		l->at[i] = (uint32_t)at;
		at += ALIGN_UP((uint64_t)l->of[i].size, PAGE);
		if (at > MAX_BYTES) {
			fail("ashlar.efi would be larger than 2 GiB, which a PE file cannot be");
		}
	}
	l->end = (uint32_t)at;
}

/* What lies between two sections' starts is theirs, zeroes included; a section without bytes is left out. */
static uint32_t room(const struct layout *l, unsigned int i)
{
	return (i + 1 < NR_SECTIONS ? l->at[i + 1] : l->end) - l->at[i];
}

static void put_optional(uint8_t *p, const struct efi_contents *c, const struct layout *l)
{
	uint8_t *o = p + OPTIONAL_AT;

	put16(o, PE32_PLUS);
	put32(o + 4, room(l, 0));	 /* SizeOfCode */
	put32(o + 8, l->end - l->at[1]); /* SizeOfInitializedData */
	put32(o + 16, c->entry);
	put32(o + 20, l->at[0]); /* BaseOfCode */
	put32(o + 32, PAGE);	 /* SectionAlignment */
	put32(o + 36, PAGE);	 /* FileAlignment */
	put32(o + 56, l->end);	 /* SizeOfImage */
	put32(o + 60, PAGE);	 /* SizeOfHeaders */
	put16(o + 68, EFI_APPLICATION);
	put16(o + 70, NX_COMPATIBLE);
	put32(o + 108, 16); /* NumberOfRvaAndSizes */
	put32(p + RELOCATION_AT, l->at[RELOC]);
	put32(p + RELOCATION_AT + 4, sizeof(no_relocations));
}

static void put_section(uint8_t *s, const struct layout *l, unsigned int i)
{
	memcpy(s, sections[i].name, strlen(sections[i].name));
	put32(s + 8, room(l, i));
	put32(s + 12, l->at[i]);
	put32(s + 16, room(l, i));
	put32(s + 20, l->at[i]);
	put32(s + 36, sections[i].flags);
}

static void put_headers(uint8_t *p, const struct efi_contents *c, const struct layout *l)
{
	unsigned int n = 0;

	memcpy(p, "MZ", 2);
	put32(p + 0x3c, PE_AT);
	memcpy(p + PE_AT, "PE\0\0", 4);
	put16(p + PE_AT + 4, c->machine);
	put16(p + PE_AT + 20, OPTIONAL_BYTES);
	put16(p + PE_AT + 22, IS_EXECUTABLE | LARGE_ADDRESSES);
	put_optional(p, c, l);
	for (unsigned int i = 0; i < NR_SECTIONS; i++) {
		if (room(l, i) > 0) {
			put_section(p + SECTIONS_AT + n++ * SECTION_BYTES, l, i);
		}
	}
	put16(p + PE_AT + 6, n);
}

struct file efi_compose(const struct efi_contents *c)
{
	struct efi_parts parts = { .magic = EFI_PARTS_MAGIC,
				   .hyp_base = c->hyp_base,
				   .hyp_room = c->hyp_room,
				   .hyp_entry = c->hyp_entry,
				   .hyp_bytes = c->hypervisor.size,
				   .bundle_bytes = c->bundle.size,
				   .version = c->version };
	struct layout l = { .of = { [PARTS] = { (const uint8_t *)&parts, sizeof(parts) },
				    [HYP] = c->hypervisor,
				    [BUNDLE] = c->bundle,
				    [RELOC] = { no_relocations, sizeof(no_relocations) } } };
	struct file f;

	memcpy(l.of, c->stub, sizeof(c->stub));
	lay_out(&l);
	parts.hyp_at = l.at[HYP];
	parts.bundle_at = l.at[BUNDLE];
	f.size = l.end;
	f.data = xalloc(f.size + 1);
	put_headers(f.data, c, &l);
	for (unsigned int i = 0; i < NR_SECTIONS; i++) {
		memcpy(f.data + l.at[i], l.of[i].data, l.of[i].size);
	}
	return f;
}

void efi_digest(const struct file *f, uint8_t out[SHA256_BYTES])
{
	struct digest d;

	digest_begin(&d);
	digest_add(&d, f->data, CHECKSUM_AT);
	digest_add(&d, f->data + CHECKSUM_AT + 4, CERTIFICATE_AT - CHECKSUM_AT - 4);
	digest_add(&d, f->data + CERTIFICATE_AT + 8, f->size - CERTIFICATE_AT - 8);
	digest_end(&d, out);
}

/* The sum of all 16-bit words, carries added back, plus the file's length. The field itself is 0 so far. */
static uint32_t checksum(const struct file *f)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < f->size; i += 2) {
		sum += f->data[i] | (uint32_t)f->data[i + 1] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint32_t)(sum + f->size);
}

struct file efi_join(const struct file *bare, const struct file *signature)
{
	uint32_t table = (uint32_t)ALIGN_UP(CERTIFICATE_HEAD + signature->size, 8UL);
	struct file f = { xalloc(bare->size + table + 1), bare->size + table };
	uint8_t *at = f.data + bare->size;

	memcpy(f.data, bare->data, bare->size);
	put32(f.data + CERTIFICATE_AT, (uint32_t)bare->size);
	put32(f.data + CERTIFICATE_AT + 4, table);
	put32(at, table);
	put16(at + 4, CERTIFICATE_REV);
	put16(at + 6, CERTIFICATE_PKCS);
	memcpy(at + CERTIFICATE_HEAD, signature->data, signature->size);
	put32(f.data + CHECKSUM_AT, checksum(&f));
	return f;
}

/* ---- reading ---- */

bool efi_is_pe(const struct file *f)
{
	return f->size > PAGE && memcmp(f->data, "MZ", 2) == 0 &&
	       memcmp(f->data + PE_AT, "PE\0\0", 4) == 0;
}

static bool is_alone(const struct file *f)
{
	const uint8_t *nr = f->data + PE_AT + 6;

	return (nr[0] | (uint32_t)nr[1] << 8) == NR_SECTIONS - 2;
}

/* Section @i's bytes, whole pages, by its header, the @n-th; false: it is not inside the file, or is called otherwise. */
static bool find_section(const struct file *f, unsigned int i, unsigned int n,
			 struct efi_bytes *out)
{
	const uint8_t *s = f->data + SECTIONS_AT + n * SECTION_BYTES;
	uint32_t size = get32(s + 16), at = get32(s + 20);

	if (strncmp((const char *)s, sections[i].name, 8) != 0 || at > f->size ||
	    size > f->size - at) {
		return false;
	}
	*out = (struct efi_bytes){ f->data + at, size };
	return true;
}

static bool find_sections(const struct file *f, struct efi_bytes of[NR_SECTIONS])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < NR_SECTIONS; i++) {
		of[i] = (struct efi_bytes){ f->data, 0 };
		if (is_alone(f) && (i == HYP || i == BUNDLE)) {
			continue;
		}
		if (!find_section(f, i, n++, &of[i])) {
			return false;
		}
	}
	return true;
}

static bool cut(struct efi_bytes *b, uint64_t bytes)
{
	bool fits = bytes <= b->size;

	b->size = fits ? (size_t)bytes : 0;
	return fits;
}

const char *efi_parse(const struct file *f, struct efi_contents *c, size_t *signed_bytes)
{
	struct efi_bytes of[NR_SECTIONS];
	struct efi_parts parts;
	uint32_t certificate;

	if (!efi_is_pe(f)) {
		return "not a PE file";
	}
	if (!find_sections(f, of)) {
		return "its sections are not those of ashlar.efi";
	}
	if (of[PARTS].size < sizeof(parts)) {
		return "its list of parts is cut short";
	}
	memcpy(&parts, of[PARTS].data, sizeof(parts));
	certificate = get32(f->data + CERTIFICATE_AT);
	*signed_bytes = certificate == 0 ? f->size : certificate;
	*c = (struct efi_contents){
		.machine = (uint16_t)get32(f->data + PE_AT + 4),
		.entry = get32(f->data + OPTIONAL_AT + 16),
		.hypervisor = of[HYP],
		.hyp_base = parts.hyp_base,
		.hyp_room = parts.hyp_room,
		.hyp_entry = parts.hyp_entry,
		.bundle = of[BUNDLE],
		.version = (uint32_t)parts.version,
	};
	memcpy(c->stub, of, sizeof(c->stub));
	if (!cut(&c->hypervisor, parts.hyp_bytes) || !cut(&c->bundle, parts.bundle_bytes)) {
		return "its list of parts does not fit its sections";
	}
	return NULL;
}

bool efi_uncovered(const struct file *f, size_t from[2], size_t bytes[2], size_t *end)
{
	struct efi_contents c;

	if (efi_parse(f, &c, end) != NULL || *end > f->size) {
		return false;
	}
	from[0] = CHECKSUM_AT;
	bytes[0] = 4;
	from[1] = CERTIFICATE_AT;
	bytes[1] = 8;
	return true;
}

struct efi_bytes efi_signature(const struct file *f, size_t signed_bytes)
{
	const uint8_t *at = f->data + signed_bytes;
	struct efi_bytes der = { NULL, 0 };
	size_t size;

	/* PKCS#7 says its own length: 30 82 and two bytes, as long as it is between 256 and 65535 */
	if (signed_bytes > f->size || f->size - signed_bytes < CERTIFICATE_HEAD + 4 ||
	    at[CERTIFICATE_HEAD] != 0x30 || at[CERTIFICATE_HEAD + 1] != 0x82) {
		return der;
	}
	size = 4U + ((size_t)at[CERTIFICATE_HEAD + 2] << 8 | at[CERTIFICATE_HEAD + 3]);
	if (size <= f->size - signed_bytes - CERTIFICATE_HEAD) {
		der = (struct efi_bytes){ at + CERTIFICATE_HEAD, size };
	}
	return der;
}
