/* SPDX-License-Identifier: Apache-2.0 */
/* What of the store's memory lies before the cells. */
#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#include "internal.h"

#include <stddef.h>

/** struct kept - the beginning of the memory. */
struct kept {
	uint64_t magic;
	uint64_t form; /* of the program and its plan */
	uint64_t commits;
	uint32_t nr_tries;
	uint32_t zero;
	struct journal_head journal;
};

/** union fields - those of the store that are kept. */
union fields {
	uint8_t bytes[offsetof(struct store, limits)];
	struct {
		struct pool pool; /* the first of them */
	};
};

/** struct slot - followed by the clients. */
struct slot {
	uint64_t commit;
	uint64_t sum;
	union fields store;
};

#endif
