/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PVH guest's beginning: what its kernel's ELF file asks for, where it goes, and the start info it is handed.
 *
 * Pure: the file is read where it lies (verified memory that nobody writes), what is built goes into the caller's
 * buffer. Copying to the guest is the core's business; so are the segments' bytes: pvh_read() only says which.
 *
 * Spec: System V gABI, "Object Files"; Xen public elfnote.h (XEN_ELFNOTE_PHYS32_ENTRY, _RELOC) and
 * arch-x86/hvm/start_info.h.
 */
#ifndef ASM_PVH_H
#define ASM_PVH_H

#include <hyp/types.h>

#define PVH_MAX_SEGMENTS 16
#define PVH_MAX_MODULES	 4
#define PVH_MAX_MEMORY	 16

/** struct pvh_segment - a piece of the file and where it goes. */
struct pvh_segment {
	uint64_t offset; /* in the file */
	uint64_t bytes;	 /* of the file; 0: only zeroes */
	uint64_t at;	 /* guest physical, as linked: pvh_place() may move it */
	uint64_t room;	 /* >= bytes: the rest is zeroes (.bss) */
};

/** struct pvh_kernel - all that is asked of the loader. Addresses are guest physical, as linked. */
struct pvh_kernel {
	uint64_t entry;	     /* 32-bit flat, below 4 GiB, inside a segment */
	uint64_t start;	     /* first byte of any segment */
	uint64_t end;	     /* first byte behind all */
	bool is_relocatable; /* PHYS32_RELOC: may go elsewhere as a whole */
	uint32_t align;	     /* the rest only then: of start */
	uint32_t min;	     /* start is at least this */
	uint32_t max;	     /* the last byte is at most this */
	unsigned int nr_segments;
	struct pvh_segment segments[PVH_MAX_SEGMENTS];
};

/**
 * pvh_read() - read an ELF64 or ELF32 file of x86.
 * @image, @size: the file; every field in it is bounded by @size
 * @why: on error, what is wrong with it, for the log
 * Return: 0; -ENOEXEC.
 */
int __must_check pvh_read(const void *image, uint64_t size, struct pvh_kernel *k, const char **why);

/** struct pvh_range - guest memory from @base, @bytes long. */
struct pvh_range {
	uint64_t base;
	uint64_t bytes;
};

/**
 * pvh_place() - where the kernel goes in @ram: as linked if that is RAM, else the lowest place that its note allows.
 * @by: what is added to each segment's address and to the entry, modulo 2^64
 * Return: 0; -ENOMEM there is no such place.
 */
int __must_check pvh_place(const struct pvh_kernel *k, const struct pvh_range *ram, unsigned int nr,
			   uint64_t *by);

/** struct pvh_module - what lies in guest memory for the kernel: module 0 is its ramdisk. */
struct pvh_module {
	uint64_t at;
	uint64_t bytes;
	const char *cmdline; /* NULL: none */
};

/** struct pvh_memory - a line of the memory map; @type: XEN_HVM_MEMMAP_TYPE_*. */
struct pvh_memory {
	uint64_t base;
	uint64_t bytes;
	uint32_t type;
};

/** struct pvh_start - what the start info is made of. */
struct pvh_start {
	uint64_t at;	     /* guest physical place of the block: RAM, page aligned, below 4 GiB */
	const char *cmdline; /* NULL: none */
	uint64_t rsdp;	     /* 0: no ACPI */
	unsigned int nr_modules;
	struct pvh_module modules[PVH_MAX_MODULES];
	unsigned int nr_memory;
	struct pvh_memory memory[PVH_MAX_MEMORY];
};

/** pvh_start_bytes() - the size of the block that pvh_start_write() makes. */
uint64_t pvh_start_bytes(const struct pvh_start *s);

/**
 * pvh_start_write() - the start info (version 1), at the block's first byte, and behind it all that it points to.
 * @block, @room: the caller's memory, to be copied to @s->at; guests write to the start info
 * Return: 0; -EINVAL too many modules or lines, or a place that is not as said above; -E2BIG.
 */
int __must_check pvh_start_write(const struct pvh_start *s, void *block, uint64_t room);

#endif
