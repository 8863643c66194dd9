/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a multiboot2 loader (GRUB) says: a list of tags. Read are the memory map, the first module, and the copies of ACPI's
 * root; names, command lines and everything else are passed over. Pure: runs on any build host.
 *
 * Nothing is believed of a tag but what lies within it and it within the list.
 * Spec: Multiboot2 Specification 2.0, section 3.6.
 */
#include <asm/multiboot2.h>
#include <hyp/errno.h>
#include <string.h>

#define TAG_END	     0U
#define TAG_MODULE   3U
#define TAG_MMAP     6U
#define TAG_ACPI_OLD 14U
#define TAG_ACPI_NEW 15U

#define MMAP_AVAILABLE 1U

struct head {
	uint32_t total_size, reserved;
};

struct tag {
	uint32_t type, size;
};

struct mmap {
	uint32_t entry_size, entry_version;
};

struct mmap_entry {
	uint64_t base, size;
	uint32_t type, reserved;
};

struct module {
	uint32_t start, end;
};

static void read_mmap(const uint8_t *tag, uint32_t size, struct boot_info *b)
{
	struct mmap_entry e;
	struct mmap m;
	uint32_t at = sizeof(struct tag) + sizeof(m);

	if (size < at) {
		return;
	}
	memcpy(&m, tag + sizeof(struct tag), sizeof(m));
	if (m.entry_size < sizeof(e)) {
		return;
	}
	for (; at < size && size - at >= m.entry_size; at += m.entry_size) {
		memcpy(&e, tag + at, sizeof(e));
		if (e.type == MMAP_AVAILABLE && !boot_info_add_memory(b, e.base, e.size)) {
			return;
		}
	}
}

/* The first is the bundle; further ones are nobody's. */
static void read_module(const uint8_t *tag, uint32_t size, struct boot_info *b)
{
	struct module m;

	if (b->bundle.size != 0 || size < sizeof(struct tag) + sizeof(m)) {
		return;
	}
	memcpy(&m, tag + sizeof(struct tag), sizeof(m));
	if (m.end > m.start) {
		b->bundle = (struct boot_range){ m.start, m.end - m.start };
	}
}

int multiboot2_read(const void *info, size_t size, uint64_t at, struct boot_info *b)
{
	const uint8_t *p = info;
	bool has_new_root = false;
	struct head h;
	struct tag t;

	if (size < sizeof(h)) {
		return -EINVAL;
	}
	memcpy(&h, p, sizeof(h));
	size = MIN(size, (size_t)h.total_size);
	for (size_t i = sizeof(h); i < size && size - i >= sizeof(t);) {
		memcpy(&t, p + i, sizeof(t));
		if (t.type == TAG_END) {
			return 0;
		}
		if (t.size < sizeof(t) || t.size > size - i) {
			return -EINVAL;
		}
		if (t.type == TAG_MMAP) {
			read_mmap(p + i, t.size, b);
		} else if (t.type == TAG_MODULE) {
			read_module(p + i, t.size, b);
		} else if (t.type == TAG_ACPI_NEW || (t.type == TAG_ACPI_OLD && !has_new_root)) {
			has_new_root = t.type == TAG_ACPI_NEW;
			b->rsdp = at + i + sizeof(t);
		}
		i += ALIGN_UP((size_t)t.size, 8UL);
	}
	return -EINVAL;
}
