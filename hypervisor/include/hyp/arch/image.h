/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arch contract, how a guest begins, where that is the architecture's to know (GUEST_BLOCK): what its kernel's file
 * asks for, and the block that says what its machine has. The core does the copying.
 *
 * Nothing here is called for architectures whose guests have a device tree.
 */
#ifndef HYP_ARCH_IMAGE_H
#define HYP_ARCH_IMAGE_H

#include <hyp/types.h>

struct domain;
struct guest_layout;

/** struct image_piece - bytes of a kernel's file, and where a guest has them. What lies between pieces is zeroes. */
struct image_piece {
	uint64_t offset;
	uint64_t bytes;
	uint64_t at;
};

/**
 * arch_image_place() - where @d's kernel, ramdisk and block go.
 * @image: the whole file, verified; @at: filled
 * @why: on error, what is wrong, for the log
 * Context: building; d->ram is laid out. Return: 0; -ENOEXEC; -ENOMEM.
 */
int __must_check arch_image_place(const struct domain *d, const void *image,
				  struct guest_layout *at, const char **why);

/** arch_image_piece() - piece @n of it. Return: false: there are no more. */
bool arch_image_piece(const struct domain *d, const void *image, unsigned int n,
		      struct image_piece *out);

/* Where in a block a device tree begins, for a domain that has one (domain/guest_tree.c), and how long it may be. */
#define GUEST_TREE_AT	 (16 * KIB)
#define GUEST_TREE_BYTES (44 * KIB)

/**
 * arch_guest_block() - the block that goes to @at->info.
 * @tree_bytes: of the device tree that lies at GUEST_TREE_AT already and which the block is to name; 0: none
 * @buf, @size: zeroes but for that
 * Return: bytes of it; -E2BIG; -EINVAL.
 */
int __must_check arch_guest_block(const struct domain *d, const struct guest_layout *at,
				  uint32_t tree_bytes, void *buf, size_t size);

/**
 * arch_guest_low() - what @d is told besides, at a place of its own in memory: into @buf, zeroed; *@gpa is where it goes.
 * Return: its bytes, of @size at most; 0: nothing.
 */
size_t arch_guest_low(const struct domain *d, void *buf, size_t size, uint64_t *gpa);

/** struct guest_memory - a line of what a guest is told of its memory. */
struct guest_memory {
	uint64_t base;
	uint64_t bytes;
	uint32_t type; /* E820h's: 1 is RAM */
};

/** arch_guest_memory() - line @n of it, as the block has it. Return: false: there are no more. */
bool arch_guest_memory(const struct domain *d, unsigned int n, struct guest_memory *line);

#endif
