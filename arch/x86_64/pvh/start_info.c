// SPDX-License-Identifier: Apache-2.0
/*
 * The start info: asm/pvh.h. In the block, each part 8-byte aligned:
 *
 *   hvm_start_info | modules | memory map | command line | modules' command lines
 *
 * Linux uses the start info's first words as a stack while it finds out where it runs: the block is RAM, no more.
 */
#include <asm/pvh.h>
#include <hyp/errno.h>

#include <string.h>
#include <xen/arch-x86/hvm/start_info.h>

#define MODULES_AT sizeof(struct hvm_start_info)

static uint64_t memory_at(const struct pvh_start *s)
{
	return MODULES_AT + s->nr_modules * sizeof(struct hvm_modlist_entry);
}

static uint64_t text_at(const struct pvh_start *s)
{
	return memory_at(s) + s->nr_memory * sizeof(struct hvm_memmap_table_entry);
}

static uint64_t text_bytes(const char *text)
{
	return text == NULL ? 0 : ALIGN_UP(strlen(text) + 1, 8UL);
}

uint64_t pvh_start_bytes(const struct pvh_start *s)
{
	uint64_t bytes = text_at(s) + text_bytes(s->cmdline);
	unsigned int i;

	for (i = 0; i < s->nr_modules; i++) {
		bytes += text_bytes(s->modules[i].cmdline);
	}
	return bytes;
}

/* The next text; *at moves on. Return: its guest physical address; 0: there is none. */
static uint64_t put_text(const struct pvh_start *s, uint8_t *block, uint64_t *at, const char *text)
{
	uint64_t here = *at;

	if (text == NULL) {
		return 0;
	}
	memcpy(block + here, text, strlen(text) + 1);
	*at += text_bytes(text);
	return s->at + here;
}

static void put_modules(const struct pvh_start *s, uint8_t *block, uint64_t *text)
{
	unsigned int i;

	for (i = 0; i < s->nr_modules; i++) {
		struct hvm_modlist_entry m = {
			.paddr = s->modules[i].at,
			.size = s->modules[i].bytes,
			.cmdline_paddr = put_text(s, block, text, s->modules[i].cmdline),
		};

		memcpy(block + MODULES_AT + i * sizeof(m), &m, sizeof(m));
	}
}

static void put_memory(const struct pvh_start *s, uint8_t *block)
{
	unsigned int i;

	for (i = 0; i < s->nr_memory; i++) {
		struct hvm_memmap_table_entry e = {
			.addr = s->memory[i].base,
			.size = s->memory[i].bytes,
			.type = s->memory[i].type,
		};

		memcpy(block + memory_at(s) + i * sizeof(e), &e, sizeof(e));
	}
}

int pvh_start_write(const struct pvh_start *s, void *block, uint64_t room)
{
	struct hvm_start_info info = {
		.magic = XEN_HVM_START_MAGIC_VALUE,
		.version = 1,
		.nr_modules = s->nr_modules,
		.rsdp_paddr = s->rsdp,
		.memmap_entries = s->nr_memory,
	};
	uint64_t text, bytes;

	if (s->nr_modules > PVH_MAX_MODULES || s->nr_memory > PVH_MAX_MEMORY || s->at == 0 ||
	    !IS_ALIGNED(s->at, PAGE_SIZE)) {
		return -EINVAL;
	}
	text = text_at(s);
	bytes = pvh_start_bytes(s);
	if (s->at >= 4 * GIB || bytes > 4 * GIB - s->at) {
		return -EINVAL;
	}
	if (bytes > room) {
		return -E2BIG;
	}
	memset(block, 0, bytes);
	info.modlist_paddr = s->nr_modules > 0 ? s->at + MODULES_AT : 0;
	info.memmap_paddr = s->nr_memory > 0 ? s->at + memory_at(s) : 0;
	info.cmdline_paddr = put_text(s, block, &text, s->cmdline);
	put_modules(s, block, &text);
	put_memory(s, block);
	memcpy(block, &info, sizeof(info));
	return 0;
}
