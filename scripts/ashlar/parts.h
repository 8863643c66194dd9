/* SPDX-License-Identifier: Apache-2.0 */
/* An image taken apart: what is in a FIT, and in FITs inside it, each under a name such as "bundle/plan". */
#ifndef ASHLAR_PARTS_H
#define ASHLAR_PARTS_H

#include "ashlar.h"

/** struct part - an image of a FIT, in memory of its own. */
struct part {
	char *name;
	struct file data;
	uint8_t sha256[SHA256_BYTES]; /* of what is there, not of what the FIT says */
};

/** struct parts - all of them, in the order in which they stand; and what the configurations say, a line each. */
struct parts {
	struct part *items;
	size_t count;
	char **facts;
	size_t nr_facts;
};

/** parts_read() - @path: a FIT, or a plan, which is its one part then, "plan". fail() if it is neither. */
void parts_read(struct parts *p, const char *path);

/** parts_find() - NULL: there is none of that name. */
const struct part *parts_find(const struct parts *p, const char *name);

#endif
