// SPDX-License-Identifier: Apache-2.0
/* What a guest is told where that is a block which the architecture writes (hyp/arch/image.h), in place of a device tree. */
#include "internal.h"

#include <hyp/arch/image.h>
#include <hyp/entropy.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/pool.h>

#include <string.h>

/* What of it the architecture's block passes on is the architecture's business. */
void guest_info_seed(struct domain *d)
{
	d->restart.has_seed = entropy_fill(d->restart.seed, sizeof(d->restart.seed));
}

static void forget_seed(struct domain *d)
{
	d->restart.has_seed = false;
	memset(d->restart.seed, 0, sizeof(d->restart.seed));
}

static int write_low(struct domain *d, void *buf)
{
	uint64_t gpa;
	size_t bytes;

	memset(buf, 0, GUEST_FDT_BYTES);
	bytes = arch_guest_low(d, buf, GUEST_FDT_BYTES, &gpa);
	return bytes == 0 ? 0 : ram_write(d, gpa, buf, bytes, NULL);
}

int guest_info_write(struct domain *d, const struct guest_layout *at, void *buf)
{
	int tree = guest_tree_write(d, (char *)buf + GUEST_TREE_AT, GUEST_TREE_BYTES);
	int bytes = tree < 0 ? tree : arch_guest_block(d, at, (uint32_t)tree, buf, GUEST_FDT_BYTES);
	int rc;

	forget_seed(d);
	if (bytes < 0) {
		hyp_printf("%s: what it is to be told has no room (%d)", d->name, bytes);
		return bytes;
	}
	rc = ram_write(d, at->info, buf, (uint64_t)bytes, NULL);
	return rc == 0 ? write_low(d, buf) : rc;
}

void guest_info_end(void *buf)
{
	memset(buf, 0, GUEST_FDT_BYTES);
	page_free(buf, GUEST_FDT_ORDER);
}

int guest_info_load(struct domain *d, const struct guest_layout *at)
{
	void *buf = page_alloc(GUEST_FDT_ORDER);
	int rc;

	if (buf == NULL) {
		return -ENOMEM;
	}
	guest_info_seed(d);
	rc = guest_info_write(d, at, buf);
	guest_info_end(buf);
	return rc;
}
