// SPDX-License-Identifier: Apache-2.0
/* What a PVH kernel's file asks for, where it goes, and the start info that it finds. */
#include <unit.h>

#include "pvh_elf.h"

#include <asm/pvh.h>
#include <hyp/errno.h>
#include <stdlib.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/elfnote.h>

#define TEXT 0x1000000ULL
#define DATA 0x1200000ULL

static struct elf_file file;
static struct pvh_kernel k;
static const char *why;

/* Read from memory of exactly @size bytes, so that the sanitizer sees each byte too many. */
static int read_of(uint64_t size)
{
	uint8_t *copy = malloc(size == 0 ? 1 : size);
	int rc;

	memcpy(copy, file.bytes, size);
	rc = pvh_read(copy, size, &k, &why);
	free(copy);
	return rc;
}

static int read_file(void)
{
	return read_of(ELF_FILE_BYTES);
}

#define REFUSED(text)                                    \
	do {                                             \
		assert_int_equal(read_file(), -ENOEXEC); \
		assert_string_equal(why, text);          \
	} while (0)

static void begin_with_segments(bool is_64)
{
	elf_begin(&file, is_64);
	elf_add(&file, ELF_LOAD, TEXT, 512, 512, 0x200000);
	elf_add(&file, ELF_LOAD, DATA, 256, 4096, 0x1000);
}

static void add_notes(uint64_t entry, unsigned int entry_bytes, const uint32_t *reloc,
		      unsigned int words)
{
	uint32_t at = elf_note(&file, file.used, "GNU", 3, "abcdefgh", 8);

	at = elf_note(&file, at, "Xen", XEN_ELFNOTE_GUEST_OS, "linux", 6);
	at = elf_note(&file, at, "Xen", XEN_ELFNOTE_PHYS32_ENTRY, &entry, entry_bytes);
	if (reloc != NULL) {
		at = elf_note(&file, at, "Xen", XEN_ELFNOTE_PHYS32_RELOC, reloc, words * 4);
	}
	elf_add(&file, ELF_NOTE, 0, at - file.used, at - file.used, 4);
}

static void both_classes(void **state)
{
	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		begin_with_segments(is_64 != 0);
		add_notes(TEXT + 0x40, is_64 != 0 ? 8 : 4, NULL, 0);
		assert_int_equal(read_file(), 0);
		assert_int_equal(k.entry, TEXT + 0x40);
		assert_int_equal(k.nr_segments, 2);
		assert_int_equal(k.start, TEXT);
		assert_int_equal(k.end, DATA + 4096);
		assert_int_equal(k.segments[0].offset, ELF_DATA_AT);
		assert_int_equal(k.segments[1].offset, ELF_DATA_AT + 512);
		assert_int_equal(k.segments[1].bytes, 256);
		assert_int_equal(k.segments[1].room, 4096);
		assert_int_equal(k.segments[1].at, DATA);
		assert_false(k.is_relocatable);
	}
}

/* 64-bit code in a file of 32 bits, with a long entry note: as GRUB's and XTF's. */
static void mixed(void **state)
{
	(void)state;
	begin_with_segments(false);
	elf_put(&file, 18, 62, 2);
	elf_put(&file, 16, 3, 2);
	add_notes(TEXT, 8, NULL, 0);
	assert_int_equal(read_file(), 0);
	assert_int_equal(k.entry, TEXT);
}

/* Cut anywhere, no byte behind the end is read, and only the whole file is accepted. */
static void cut_short(void **state)
{
	(void)state;
	begin_with_segments(true);
	add_notes(TEXT, 4, NULL, 0);
	for (uint32_t size = 0; size < file.used; size++) {
		assert_int_equal(read_of(size), -ENOEXEC);
	}
	assert_int_equal(read_of(file.used), 0);
}

static void not_for_us(void **state)
{
	(void)state;
	begin_with_segments(true);
	add_notes(TEXT, 4, NULL, 0);
	file.bytes[1] = 'e';
	REFUSED("not an ELF file");
	file.bytes[1] = 'E';
	file.bytes[5] = 2;
	REFUSED("not an ELF file");
	file.bytes[5] = 1;
	elf_put(&file, 18, 183, 2); /* AArch64 */
	REFUSED("not an executable file for x86");
	elf_put(&file, 18, 62, 2);
	elf_put(&file, 16, 1, 2); /* an object */
	REFUSED("not an executable file for x86");
	elf_put(&file, 16, 2, 2);
	file.bytes[4] = 3;
	REFUSED("not an executable file for x86");
}

static void program_headers(void **state)
{
	(void)state;
	begin_with_segments(true);
	add_notes(TEXT, 4, NULL, 0);
	elf_put(&file, 54, 55, 2);
	REFUSED("its program headers are not in the file");
	elf_put(&file, 54, 56, 2);
	elf_put(&file, 56, 0xffff, 2);
	REFUSED("its program headers are not in the file");
	elf_put(&file, 56, 3, 2);
	elf_put(&file, 32, UINT64_MAX - 8, 8);
	REFUSED("its program headers are not in the file");
}

/* One field of the second segment at a time. */
static void set_field(unsigned int at, uint64_t value)
{
	begin_with_segments(true);
	add_notes(TEXT, 4, NULL, 0);
	elf_put(&file, elf_phdr(&file, 1) + at, value, 8);
}

static void segments(void **state)
{
	(void)state;
	set_field(8, UINT64_MAX);
	REFUSED("a segment is not in the file");
	set_field(32, 4097);
	REFUSED("a segment is not in the file");
	set_field(8, ELF_FILE_BYTES - 255);
	REFUSED("a segment is not in the file");
	set_field(24, 1ULL << 32);
	REFUSED("a segment goes beyond 4 GiB");
	set_field(24, (1ULL << 32) - 4095);
	REFUSED("a segment goes beyond 4 GiB");
	set_field(40, UINT64_MAX);
	REFUSED("a segment goes beyond 4 GiB");
	set_field(24, TEXT + 511);
	REFUSED("its segments overlap");
	set_field(24, TEXT - 4095);
	REFUSED("its segments overlap");
	set_field(24, TEXT - 4096);
	assert_int_equal(read_file(), 0);
	assert_int_equal(k.start, TEXT - 4096);
	assert_int_equal(k.end, TEXT + 512);
	set_field(24, (1ULL << 32) - 4096);
	assert_int_equal(read_file(), 0);
}

static void too_many_segments(void **state)
{
	(void)state;
	for (unsigned int n = PVH_MAX_SEGMENTS; n <= PVH_MAX_SEGMENTS + 1; n++) {
		elf_begin(&file, false);
		elf_add(&file, ELF_LOAD, 0x5000, 0, 0, 0); /* nothing: not counted */
		for (unsigned int i = 0; i < n; i++) {
			elf_add(&file, ELF_LOAD, 0x100000 + i * 4096, 4, 4096, 4096);
		}
		add_notes(0x100000, 4, NULL, 0);
		if (n == PVH_MAX_SEGMENTS) {
			assert_int_equal(read_file(), 0);
		} else {
			REFUSED("it has too many segments");
		}
	}
}

static void entries(void **state)
{
	(void)state;
	begin_with_segments(true);
	REFUSED("it has no PVH entry (PHYS32_ENTRY note)");
	add_notes(DATA + 4096, 4, NULL, 0);
	REFUSED("its entry is in none of its segments");
	begin_with_segments(true);
	add_notes(TEXT | 1ULL << 32, 8, NULL, 0);
	REFUSED("its entry is in none of its segments");
	begin_with_segments(true);
	add_notes(TEXT, 2, NULL, 0);
	REFUSED("its PHYS32_ENTRY note has no address in it");
	begin_with_segments(true);
	add_notes(DATA + 4095, 4, NULL, 0);
	assert_int_equal(read_file(), 0);
}

static void note_bounds(void **state)
{
	uint32_t notes;

	(void)state;
	begin_with_segments(true);
	notes = file.used;
	add_notes(TEXT, 4, NULL, 0);
	elf_put(&file, notes, UINT32_MAX, 4);
	REFUSED("a note is not in its segment");
	elf_put(&file, notes, 4, 4);
	elf_put(&file, notes + 4, UINT32_MAX, 4);
	REFUSED("a note is not in its segment");
	elf_put(&file, notes + 4, 8, 4);
	assert_int_equal(read_file(), 0);
	elf_put(&file, elf_phdr(&file, 2) + 32, ELF_FILE_BYTES, 8);
	REFUSED("its notes are not in the file");
}

/* Of a segment aligned to 8, notes are too: as GNU properties are. */
static void wide_notes(void **state)
{
	uint32_t at;

	(void)state;
	begin_with_segments(true);
	at = elf_note(&file, file.used, "GNU", 5, "abcd", 4);
	at += 4;
	at = elf_note(&file, at, "Xen", XEN_ELFNOTE_PHYS32_ENTRY, &(uint32_t){ TEXT + 1 }, 4);
	elf_add(&file, ELF_NOTE, 0, at - file.used, at - file.used, 8);
	assert_int_equal(read_file(), 0);
	assert_int_equal(k.entry, TEXT + 1);
}

static int read_with_reloc(const uint32_t *reloc, unsigned int words)
{
	begin_with_segments(true);
	add_notes(TEXT, 4, reloc, words);
	return read_file();
}

static void relocation(void **state)
{
	(void)state;
	assert_int_equal(read_with_reloc((uint32_t[]){ 0x400000, 0x800000, 0x7fffffff }, 3), 0);
	assert_true(k.is_relocatable);
	assert_int_equal(k.align, 0x400000);
	assert_int_equal(k.min, 0x800000);
	assert_int_equal(k.max, 0x7fffffff);
	assert_int_equal(read_with_reloc((uint32_t[]){ 0x1000 }, 1), 0);
	assert_int_equal(k.align, 0x1000);
	assert_int_equal(k.min, 0);
	assert_int_equal(k.max, UINT32_MAX);
	assert_int_equal(read_with_reloc((uint32_t[]){ 0 }, 0), 0);
	assert_int_equal(k.align, 0x200000); /* the segments' largest */
	elf_put(&file, elf_phdr(&file, 0) + 48, 16, 8);
	elf_put(&file, elf_phdr(&file, 1) + 48, 16, 8);
	assert_int_equal(read_file(), 0);
	assert_int_equal(k.align, 0x200000); /* too small to count */
}

static void bad_relocation(void **state)
{
	static const char text[] = "its PHYS32_RELOC note is malformed";

	(void)state;
	read_with_reloc((uint32_t[]){ 0, 0, UINT32_MAX }, 3);
	REFUSED(text);
	read_with_reloc((uint32_t[]){ 0x3000 }, 1);
	REFUSED(text);
	read_with_reloc((uint32_t[]){ 0x1000, 2, 1 }, 3);
	REFUSED(text);
	read_with_reloc((uint32_t[]){ 0x1000, 1, 2, 3 }, 4);
	REFUSED(text);
}

static int place(uint64_t base, uint64_t bytes, uint64_t *by)
{
	return pvh_place(&k, &(struct pvh_range){ base, bytes }, 1, by);
}

static void placing(void **state)
{
	uint64_t by = 1;

	(void)state;
	assert_int_equal(read_with_reloc((uint32_t[]){ 0x200000, 0x400000, 0x3fffffff }, 3), 0);
	assert_int_equal(place(0, 0x10000000, &by), 0);
	assert_int_equal(by, 0);
	/* exactly as linked, then a byte too few at either end */
	assert_int_equal(place(k.start, k.end - k.start, &by), 0);
	assert_int_equal(by, 0);
	assert_int_equal(place(0, k.end - 1, &by), 0);
	assert_int_equal((int64_t)by, 0x400000 - (int64_t)TEXT);
	assert_int_equal(place(k.start + 1, 0x10000000, &by), 0);
	assert_int_equal(by, 0x200000);
	/* no room above the lowest address, or below the highest */
	assert_int_equal(place(0, 0x400000 + (k.end - k.start) - 1, &by), -ENOMEM);
	assert_int_equal(place(0x3fe00000, 0x40000000, &by), -ENOMEM);
	assert_int_equal(place(1ULL << 32, 1ULL << 32, &by), -ENOMEM);
	assert_int_equal(place(0x500000, 0x100000, &by), -ENOMEM);
}

static void placing_among(void **state)
{
	static const struct pvh_range ram[] = { { 0x80000000, 0x10000000 },
						{ 0x40000000, 0x10000000 },
						{ 0, 0x1000 } };
	uint64_t by;

	(void)state;
	assert_int_equal(read_with_reloc(NULL, 0), 0);
	assert_int_equal(pvh_place(&k, ram, 3, &by), -ENOMEM);
	assert_int_equal(read_with_reloc((uint32_t[]){ 0x200000 }, 1), 0);
	assert_int_equal(pvh_place(&k, ram, 3, &by), 0);
	assert_int_equal(k.start + by, 0x40000000);
	/* never at 0, which says "none" */
	assert_int_equal(place(0, TEXT, &by), 0);
	assert_int_equal(k.start + by, 0x200000);
}

static struct pvh_start full(void)
{
	struct pvh_start s = {
		.at = 0x7000,
		.cmdline = "console=hvc0",
		.rsdp = 0xfc000000,
		.nr_modules = 2,
		.modules = { { 0x8000000, 12345, NULL }, { 0x9000000, 1, "second" } },
		.nr_memory = 2,
		.memory = { { 0, 0x10000000, XEN_HVM_MEMMAP_TYPE_RAM },
			    { 0xfc000000, 0x1000, XEN_HVM_MEMMAP_TYPE_ACPI } },
	};

	return s;
}

static void start_info(void **state)
{
	struct pvh_start s = full();
	uint64_t bytes = pvh_start_bytes(&s);
	uint8_t *block = malloc(bytes);
	const struct hvm_start_info *info = (void *)block;
	const struct hvm_modlist_entry *m;
	const struct hvm_memmap_table_entry *e;

	(void)state;
	assert_int_equal(pvh_start_write(&s, block, bytes - 1), -E2BIG);
	assert_int_equal(pvh_start_write(&s, block, bytes), 0);
	assert_int_equal(info->magic, XEN_HVM_START_MAGIC_VALUE);
	assert_int_equal(info->version, 1);
	assert_int_equal(info->flags, 0);
	assert_int_equal(info->nr_modules, 2);
	assert_int_equal(info->rsdp_paddr, 0xfc000000);
	assert_int_equal(info->memmap_entries, 2);
	assert_int_equal(info->reserved, 0);
	assert_string_equal((char *)block + (info->cmdline_paddr - s.at), "console=hvc0");
	m = (void *)(block + (info->modlist_paddr - s.at));
	assert_int_equal(m[0].paddr, 0x8000000);
	assert_int_equal(m[0].size, 12345);
	assert_int_equal(m[0].cmdline_paddr, 0);
	assert_string_equal((char *)block + (m[1].cmdline_paddr - s.at), "second");
	e = (void *)(block + (info->memmap_paddr - s.at));
	assert_int_equal(e[1].addr, 0xfc000000);
	assert_int_equal(e[1].size, 0x1000);
	assert_int_equal(e[1].type, XEN_HVM_MEMMAP_TYPE_ACPI);
	free(block);
}

static void start_info_of_nothing(void **state)
{
	struct pvh_start s = { .at = 0x1000 };
	struct hvm_start_info info;

	(void)state;
	assert_int_equal(pvh_start_bytes(&s), sizeof(info));
	assert_int_equal(pvh_start_write(&s, &info, sizeof(info)), 0);
	assert_int_equal(info.modlist_paddr, 0);
	assert_int_equal(info.memmap_paddr, 0);
	assert_int_equal(info.cmdline_paddr, 0);
}

static void bad_start_info(void **state)
{
	static uint8_t block[PAGE_SIZE];
	struct pvh_start s = full();

	(void)state;
	s.nr_modules = PVH_MAX_MODULES + 1;
	assert_int_equal(pvh_start_write(&s, block, sizeof(block)), -EINVAL);
	s = full();
	s.nr_memory = PVH_MAX_MEMORY + 1;
	assert_int_equal(pvh_start_write(&s, block, sizeof(block)), -EINVAL);
	s = full();
	s.at = 0x7008;
	assert_int_equal(pvh_start_write(&s, block, sizeof(block)), -EINVAL);
	s.at = 0;
	assert_int_equal(pvh_start_write(&s, block, sizeof(block)), -EINVAL);
	s.at = 1ULL << 32;
	assert_int_equal(pvh_start_write(&s, block, sizeof(block)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_classes),	     cmocka_unit_test(mixed),
		cmocka_unit_test(cut_short),	     cmocka_unit_test(not_for_us),
		cmocka_unit_test(program_headers),   cmocka_unit_test(segments),
		cmocka_unit_test(too_many_segments), cmocka_unit_test(entries),
		cmocka_unit_test(note_bounds),	     cmocka_unit_test(wide_notes),
		cmocka_unit_test(relocation),	     cmocka_unit_test(bad_relocation),
		cmocka_unit_test(placing),	     cmocka_unit_test(placing_among),
		cmocka_unit_test(start_info),	     cmocka_unit_test(start_info_of_nothing),
		cmocka_unit_test(bad_start_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
