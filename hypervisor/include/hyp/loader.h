/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the boot loader's device tree is believed for: where memory is, what is reserved, where the
 * initrd lies. Each is a restriction; nothing else of that tree is read, for the loader changes it
 * after its own check. The one exception decides nothing: the firmware's random seed, an input to
 * the mixing of guests' seeds (hyp/entropy.h).
 */
#ifndef HYP_LOADER_H
#define HYP_LOADER_H

#include <hyp/plan.h>
#include <hyp/types.h>

#define LOADER_MAX_RANGES 32
#define LOADER_SEED_MAX	  128

struct loader_facts {
	struct plan_range ram[LOADER_MAX_RANGES];
	unsigned int nr_ram;
	/* /memreserve/ and /reserved-memory, without initrd and tree */
	struct plan_range reserved[LOADER_MAX_RANGES];
	unsigned int nr_reserved;
	struct plan_range initrd; /* byte exact */
	/* /chosen/rng-seed and kaslr-seed, one after the other, cut to what fits */
	uint8_t seed[LOADER_SEED_MAX];
	size_t seed_len;
};

/**
 * loader_read() - @fdt: mapped tree, @len readable bytes, @fdt_pa its machine address. Return: 0;
 * -EINVAL with *why set.
 */
int __must_check loader_read(const void *fdt, size_t len, uint64_t fdt_pa,
			     struct loader_facts *facts, const char **why);

/**
 * loader_allows() - is [@base, +@size) inside memory and off every reserved range? On false *clash
 * is the range in the way (size 0: not memory).
 */
bool loader_allows(const struct loader_facts *facts, uint64_t base, uint64_t size,
		   struct plan_range *clash);

#endif
