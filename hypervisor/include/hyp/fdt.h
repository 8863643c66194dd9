/* SPDX-License-Identifier: Apache-2.0 */
/* Device trees from outside: what must hold before libfdt is let loose on one. */
#ifndef HYP_FDT_H
#define HYP_FDT_H

#include <hyp/types.h>

/**
 * fdt_is_sound() - may libfdt read this tree, whatever is in it?
 * @fdt: first byte
 * @len: bytes that may be read
 *
 * libfdt's own full check, and what it takes for granted: the alignment of the tree and of its blocks, by which it
 * reads whole words, and version 17, in which every block has its length.
 * Return: true if so. Names and values are still anybody's.
 * Spec:   Devicetree Specification v0.4 section 5.6.
 */
bool fdt_is_sound(const void *fdt, size_t len);

#endif
