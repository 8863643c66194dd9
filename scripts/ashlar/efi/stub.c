// SPDX-License-Identifier: Apache-2.0
/* The stub's ELF file (arch/efi/stub.lds.S): its three segments, page by page, behind the page of the headers. */
#include <elf.h>
#include <string.h>

#include "efi_file.h"

#define PAGE 4096U

/* Of the PE specification. */
#define PE_X86_64  0x8664
#define PE_AARCH64 0xaa64

static void __noreturn bad(const char *why)
{
	fail("EFI stub: %s", why);
}

static const Elf64_Ehdr *head_of(const struct file *elf)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)elf->data;

	if (elf->size < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_phentsize != sizeof(Elf64_Phdr) ||
	    h->e_phoff % 8 != 0 || h->e_phoff > elf->size ||
	    h->e_phnum > (elf->size - h->e_phoff) / sizeof(Elf64_Phdr)) {
		bad("not a 64-bit ELF file");
	}
	return h;
}

void efi_stub_read(const struct file *elf, struct efi_contents *c)
{
	static const Elf64_Word flags[EFI_STUB_SEGMENTS] = { PF_R | PF_X, PF_R, PF_R | PF_W };
	const Elf64_Ehdr *h = head_of(elf);
	const Elf64_Phdr *p = (const Elf64_Phdr *)(elf->data + h->e_phoff);
	uint64_t at = PAGE;
	unsigned int n = 0;

	for (unsigned int i = 0; i < h->e_phnum; i++) {
		if (p[i].p_type != PT_LOAD) {
			continue;
		}
		if (n == EFI_STUB_SEGMENTS || p[i].p_flags != flags[n] || p[i].p_vaddr != at ||
		    p[i].p_filesz != p[i].p_memsz || p[i].p_filesz % PAGE != 0 ||
		    p[i].p_offset > elf->size || p[i].p_filesz > elf->size - p[i].p_offset) {
			bad("its segments are not those of arch/efi/stub.lds.S");
		}
		c->stub[n++] = (struct efi_bytes){ elf->data + p[i].p_offset, p[i].p_filesz };
		at += p[i].p_filesz;
	}
	if (n != EFI_STUB_SEGMENTS) {
		bad("segments are missing");
	}
	c->machine = h->e_machine == EM_X86_64 ? PE_X86_64 : PE_AARCH64;
	c->entry = (uint32_t)h->e_entry;
}
