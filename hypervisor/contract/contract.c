/* SPDX-License-Identifier: Apache-2.0 */
#include "contract.h"

#include <hyp/contract.h>
#include <hyp/log.h>

static unsigned int nr_tried, nr_broken;

bool contract_holds(bool is_kept, const char *file, int line, const char *what)
{
	nr_tried++;
	if (!is_kept) {
		nr_broken++;
		hyp_printf("contract: broken at %s:%d: %s", file, line, what);
	}
	return is_kept;
}

void contract_try(void)
{
	nr_tried = 0;
	nr_broken = 0;
	contract_memory();
	contract_space();
	contract_time();
	contract_cpu();
	hyp_printf("contract: %u assertions, %u broken", nr_tried, nr_broken);
}
