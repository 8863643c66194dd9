// SPDX-License-Identifier: Apache-2.0
/*
 * What a PVH kernel's ELF file asks for: asm/pvh.h.
 *
 * One table of field places makes the two classes one; every field is read after a check that it is inside the file.
 * A file that says something that no PVH kernel needs (a segment beyond 4 GiB, overlapping ones) is refused, so that
 * nobody behind has to think of it.
 */
#include <asm/pvh.h>
#include <hyp/errno.h>

#include <string.h>
#include <xen/elfnote.h>

#define ELF_CLASS_32  1
#define ELF_CLASS_64  2
#define ELF_LITTLE    1
#define ELF_EXEC      2
#define ELF_DYN	      3
#define ELF_386	      3
#define ELF_X86_64    62
#define ELF_LOAD      1
#define ELF_NOTE      4
#define ELF_HEADER    64U /* at least the larger class's */
#define NOTE_HEADER   12U
#define DEFAULT_ALIGN 0x200000U

/* Where a class has its fields; w: bytes of an address, an offset or a size. */
struct elf_class {
	uint8_t w;
	uint8_t phoff, phentsize, phnum;		   /* of the file's header */
	uint8_t offset, paddr, filesz, memsz, align, size; /* of a program header */
};

static const struct elf_class class32 = { 4, 28, 42, 44, 4, 12, 16, 20, 28, 32 };
static const struct elf_class class64 = { 8, 32, 54, 56, 8, 24, 32, 40, 48, 56 };

struct elf {
	const uint8_t *image;
	uint64_t size;
	const struct elf_class *class;
	uint64_t phoff;
	unsigned int phnum;
	unsigned int phentsize;
	struct pvh_kernel *k;
	bool has_entry;
	bool has_align;	    /* in the note */
	uint64_t max_align; /* of any segment */
	const char *why;
};

struct segment {
	uint32_t type;
	uint64_t offset, paddr, filesz, memsz, align;
};

/* @w bytes, little endian; the caller has checked that they are there. */
static uint64_t field(const uint8_t *at, unsigned int w)
{
	uint64_t value = 0;

	while (w-- > 0) {
		value = value << 8 | at[w];
	}
	return value;
}

static int refuse(struct elf *e, const char *why)
{
	e->why = why;
	return -ENOEXEC;
}

static bool is_inside(const struct elf *e, uint64_t offset, uint64_t bytes)
{
	return offset <= e->size && bytes <= e->size - offset;
}

static int read_header(struct elf *e)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };
	uint64_t type, machine;

	if (e->size < ELF_HEADER || memcmp(e->image, magic, sizeof(magic)) != 0 ||
	    e->image[5] != ELF_LITTLE) {
		return refuse(e, "not an ELF file");
	}
	type = field(e->image + 16, 2);
	machine = field(e->image + 18, 2);
	if ((e->image[4] != ELF_CLASS_32 && e->image[4] != ELF_CLASS_64) ||
	    (type != ELF_EXEC && type != ELF_DYN) ||
	    (machine != ELF_386 && machine != ELF_X86_64)) {
		return refuse(e, "not an executable file for x86");
	}
	e->class = e->image[4] == ELF_CLASS_64 ? &class64 : &class32;
	e->phoff = field(e->image + e->class->phoff, e->class->w);
	e->phentsize = (unsigned int)field(e->image + e->class->phentsize, 2);
	e->phnum = (unsigned int)field(e->image + e->class->phnum, 2);
	if (e->phentsize < e->class->size ||
	    !is_inside(e, e->phoff, (uint64_t)e->phnum * e->phentsize)) {
		return refuse(e, "its program headers are not in the file");
	}
	return 0;
}

static struct segment segment_at(const struct elf *e, unsigned int n)
{
	const uint8_t *at = e->image + e->phoff + (uint64_t)n * e->phentsize;
	const struct elf_class *c = e->class;

	return (struct segment){
		.type = (uint32_t)field(at, 4),
		.offset = field(at + c->offset, c->w),
		.paddr = field(at + c->paddr, c->w),
		.filesz = field(at + c->filesz, c->w),
		.memsz = field(at + c->memsz, c->w),
		.align = field(at + c->align, c->w),
	};
}

static bool is_overlapping(const struct pvh_kernel *k, const struct segment *s)
{
	unsigned int i;

	for (i = 0; i < k->nr_segments; i++) {
		const struct pvh_segment *other = &k->segments[i];

		if (s->paddr < other->at + other->room && other->at < s->paddr + s->memsz) {
			return true;
		}
	}
	return false;
}

static int add_load(struct elf *e, const struct segment *s)
{
	struct pvh_kernel *k = e->k;

	if (s->memsz == 0) {
		return 0;
	}
	if (s->filesz > s->memsz || !is_inside(e, s->offset, s->filesz)) {
		return refuse(e, "a segment is not in the file");
	}
	if (s->paddr >= 4 * GIB || s->memsz > 4 * GIB - s->paddr) {
		return refuse(e, "a segment goes beyond 4 GiB");
	}
	if (k->nr_segments == PVH_MAX_SEGMENTS) {
		return refuse(e, "it has too many segments");
	}
	if (is_overlapping(k, s)) {
		return refuse(e, "its segments overlap");
	}
	k->segments[k->nr_segments++] =
		(struct pvh_segment){ s->offset, s->filesz, s->paddr, s->memsz };
	k->start = MIN(k->start, s->paddr);
	k->end = MAX(k->end, s->paddr + s->memsz);
	e->max_align = MAX(e->max_align, s->align);
	return 0;
}

static int note_entry(struct elf *e, const uint8_t *desc, uint64_t bytes)
{
	if (bytes != 4 && bytes != 8) {
		return refuse(e, "its PHYS32_ENTRY note has no address in it");
	}
	e->k->entry = field(desc, (unsigned int)bytes);
	e->has_entry = true;
	return 0;
}

/* Up to three words: alignment, lowest address, highest last byte. */
static int note_reloc(struct elf *e, const uint8_t *desc, uint64_t bytes)
{
	if (bytes > 12 || !IS_ALIGNED(bytes, 4)) {
		return refuse(e, "its PHYS32_RELOC note is malformed");
	}
	e->k->is_relocatable = true;
	if (bytes >= 4) {
		e->k->align = (uint32_t)field(desc, 4);
		e->has_align = true;
	}
	e->k->min = bytes >= 8 ? (uint32_t)field(desc + 4, 4) : 0;
	e->k->max = bytes >= 12 ? (uint32_t)field(desc + 8, 4) : UINT32_MAX;
	return 0;
}

static int read_note(struct elf *e, const uint8_t *name, uint64_t namesz, uint64_t type,
		     const uint8_t *desc, uint64_t descsz)
{
	if (namesz != 4 || memcmp(name, "Xen", 4) != 0) {
		return 0;
	}
	if (type == XEN_ELFNOTE_PHYS32_ENTRY) {
		return note_entry(e, desc, descsz);
	}
	return type == XEN_ELFNOTE_PHYS32_RELOC ? note_reloc(e, desc, descsz) : 0;
}

static int read_notes(struct elf *e, const struct segment *s)
{
	uint64_t align = s->align == 8 ? 8 : 4;
	uint64_t left = s->filesz, at = s->offset;
	int rc = 0;

	if (!is_inside(e, s->offset, s->filesz)) {
		return refuse(e, "its notes are not in the file");
	}
	while (rc == 0 && left >= NOTE_HEADER) {
		uint64_t namesz = field(e->image + at, 4), descsz = field(e->image + at + 4, 4);
		uint64_t type = field(e->image + at + 8, 4);
		uint64_t desc = ALIGN_UP(NOTE_HEADER + namesz, align); /* 32-bit sizes: no wrap */
		uint64_t next = ALIGN_UP(desc + descsz, align);

		if (desc + descsz > left) {
			return refuse(e, "a note is not in its segment");
		}
		rc = read_note(e, e->image + at + NOTE_HEADER, namesz, type, e->image + at + desc,
			       descsz);
		next = MIN(next, left); /* the last one's padding may be missing */
		at += next;
		left -= next;
	}
	return rc;
}

static int read_segments(struct elf *e)
{
	unsigned int n;
	int rc = 0;

	for (n = 0; rc == 0 && n < e->phnum; n++) {
		struct segment s = segment_at(e, n);

		if (s.type == ELF_LOAD) {
			rc = add_load(e, &s);
		} else if (s.type == ELF_NOTE) {
			rc = read_notes(e, &s);
		}
	}
	return rc;
}

static bool is_in_segment(const struct pvh_kernel *k)
{
	unsigned int i;

	for (i = 0; i < k->nr_segments; i++) {
		const struct pvh_segment *s = &k->segments[i];

		if (k->entry >= s->at && k->entry - s->at < s->room) {
			return true;
		}
	}
	return false;
}

static int check_whole(struct elf *e)
{
	struct pvh_kernel *k = e->k;

	if (!e->has_entry) {
		return refuse(e, "it has no PVH entry (PHYS32_ENTRY note)");
	}
	if (!is_in_segment(k)) {
		return refuse(e, "its entry is in none of its segments");
	}
	if (!k->is_relocatable) {
		return 0;
	}
	if (!e->has_align) {
		k->align = e->max_align >= PAGE_SIZE && e->max_align <= GIB ? (uint32_t)e->max_align
									    : DEFAULT_ALIGN;
	}
	if (k->align == 0 || (k->align & (k->align - 1)) != 0 || k->min > k->max) {
		return refuse(e, "its PHYS32_RELOC note is malformed");
	}
	return 0;
}

int pvh_read(const void *image, uint64_t size, struct pvh_kernel *k, const char **why)
{
	struct elf e = { .image = image, .size = size, .k = k, .why = "" };
	int rc;

	*k = (struct pvh_kernel){ .start = UINT64_MAX };
	rc = read_header(&e);
	if (rc == 0) {
		rc = read_segments(&e);
	}
	if (rc == 0) {
		rc = check_whole(&e);
	}
	*why = e.why;
	return rc;
}
