// SPDX-License-Identifier: Apache-2.0
/* No watchdog is started before the hypervisor. */
#include "../watchdog.h"

void efi_watchdog(const struct efi_system_table *table, const char *who)
{
	(void)table;
	(void)who;
}
