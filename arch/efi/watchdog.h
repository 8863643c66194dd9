/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's watchdog, from the selector's first steps until the hypervisor feeds it (CONFIG_EFI_WATCHDOG_S). */
#ifndef EFI_WATCHDOG_H
#define EFI_WATCHDOG_H

#include "efi.h"

/**
 * efi_watchdog() - start it, or let its time begin anew; the firmware's console is told.
 * @who: the name of the program that does
 */
void efi_watchdog(const struct efi_system_table *table, const char *who);

#endif
