/* SPDX-License-Identifier: Apache-2.0 */
/* Words on the firmware's console. */
#ifndef EFI_SAY_H
#define EFI_SAY_H

#include "efi.h"

/** efi_say() - print ASCII; a firmware without a console prints nothing. */
void efi_say(const struct efi_system_table *table, const char *text);

/** efi_say_number() - print @n in decimal. */
void efi_say_number(const struct efi_system_table *table, uint32_t n);

#endif
