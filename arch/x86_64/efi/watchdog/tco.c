// SPDX-License-Identifier: Apache-2.0
/*
 * A PC's watchdog is Intel's TCO. It is started while the firmware still has its memory mapped as the machine has it, and runs on:
 * nothing here or in the firmware stops it.
 */
#include <asm/tco.h>

#include "../../../efi/say.h"
#include "../../../efi/watchdog.h"

void efi_watchdog(const struct efi_system_table *table, const char *who)
{
	struct tco t;
	uint32_t ms = 0;

	if (tco_find(&t)) {
		ms = tco_start(t.port, (volatile uint32_t *)t.gcs, CONFIG_EFI_WATCHDOG_S);
	}
	efi_say(table, who);
	if (ms == 0) {
		efi_say(table, ": no watchdog: Intel's TCO is not here, or cannot reset\r\n");
		return;
	}
	efi_say(table, ": watchdog: a start that hangs is reset after ");
	efi_say_number(table, ms / 1000);
	efi_say(table, " s\r\n");
}
