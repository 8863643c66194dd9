/* SPDX-License-Identifier: Apache-2.0 */
/* The lowest version that may start, in an authenticated variable of the firmware's. */
#ifndef EFI_LOWEST_H
#define EFI_LOWEST_H

#include "efi.h"
#include "handoff.h"

/**
 * efi_lowest() - read it, raise it if a signed order on our partition says so, and compare.
 * @version: ours, of the signed file
 * @h: its lowest is set
 * Return: NULL; else why we may not start.
 */
const char *efi_lowest(const struct efi_system_table *table, void *image, uint32_t version,
		       struct efi_handoff *h);

#endif
