/* SPDX-License-Identifier: Apache-2.0 */
/* In a hypervisor that does not try its architecture. */
#include <hyp/contract.h>

void contract_try(void)
{
}
