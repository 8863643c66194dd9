// SPDX-License-Identifier: Apache-2.0
/* A board that keeps no lowest version (hyp/rollback.h). */
#include <hyp/rollback.h>

void rollback_read(const void *fdt)
{
	(void)fdt;
}

void rollback_check(const void *tree, int conf)
{
	(void)tree;
	(void)conf;
}
