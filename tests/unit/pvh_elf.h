/* SPDX-License-Identifier: Apache-2.0 */
/* ELF files made for tests of the PVH loader: one program header after the other, each with its bytes. */
#ifndef TESTS_PVH_ELF_H
#define TESTS_PVH_ELF_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ELF_FILE_BYTES 8192U
#define ELF_PHDRS_AT   64U
#define ELF_DATA_AT    1024U
#define ELF_LOAD       1U
#define ELF_NOTE       4U

struct elf_file {
	uint8_t bytes[ELF_FILE_BYTES];
	bool is_64;
	unsigned int nr;
	uint32_t used; /* the next byte of data */
};

static inline void elf_put(struct elf_file *f, uint64_t at, uint64_t value, unsigned int bytes)
{
	for (unsigned int n = 0; n < bytes; n++) {
		f->bytes[at + n] = (uint8_t)(value >> 8 * n);
	}
}

/* A field of the class's width at one of two places. */
static inline void elf_put_word(struct elf_file *f, uint64_t base, unsigned int at32,
				unsigned int at64, uint64_t value)
{
	elf_put(f, base + (f->is_64 ? at64 : at32), value, f->is_64 ? 8 : 4);
}

static inline uint64_t elf_phdr(const struct elf_file *f, unsigned int n)
{
	return ELF_PHDRS_AT + n * (f->is_64 ? 56U : 32U);
}

static inline void elf_begin(struct elf_file *f, bool is_64)
{
	memset(f, 0, sizeof(*f));
	f->is_64 = is_64;
	f->used = ELF_DATA_AT;
	memcpy(f->bytes,
	       "\x7f"
	       "ELF",
	       4);
	f->bytes[4] = is_64 ? 2 : 1;
	f->bytes[5] = 1;
	f->bytes[6] = 1;
	elf_put(f, 16, 2, 2);
	elf_put(f, 18, is_64 ? 62 : 3, 2);
	elf_put_word(f, 0, 28, 32, ELF_PHDRS_AT);
	elf_put(f, is_64 ? 54 : 42, is_64 ? 56 : 32, 2);
}

/* One more program header; its bytes in the file are the next @filesz ones. */
static inline void elf_add(struct elf_file *f, uint32_t type, uint64_t paddr, uint64_t filesz,
			   uint64_t memsz, uint64_t align)
{
	uint64_t at = elf_phdr(f, f->nr);

	elf_put(f, at, type, 4);
	elf_put_word(f, at, 4, 8, f->used);
	elf_put_word(f, at, 12, 24, paddr);
	elf_put_word(f, at, 16, 32, filesz);
	elf_put_word(f, at, 20, 40, memsz);
	elf_put_word(f, at, 28, 48, align);
	f->nr++;
	f->used += (uint32_t)filesz;
	elf_put(f, f->is_64 ? 56 : 44, f->nr, 2);
}

/* A note's bytes at the end of the data, to be covered by the next elf_add(). */
static inline uint32_t elf_note(struct elf_file *f, uint32_t at, const char *name, uint32_t type,
				const void *desc, uint32_t bytes)
{
	uint32_t namesz = (uint32_t)strlen(name) + 1;

	elf_put(f, at, namesz, 4);
	elf_put(f, at + 4, bytes, 4);
	elf_put(f, at + 8, type, 4);
	memcpy(f->bytes + at + 12, name, namesz);
	at += 12 + ((namesz + 3) & ~3U);
	memcpy(f->bytes + at, desc, bytes);
	return at + ((bytes + 3) & ~3U);
}

#endif
