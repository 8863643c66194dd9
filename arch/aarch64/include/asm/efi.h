/* SPDX-License-Identifier: Apache-2.0 */
/* How a UEFI firmware of AArch64 is called, and calls: as any C function (UEFI 2.10, 2.3.6.4). */
#ifndef ASM_EFI_H
#define ASM_EFI_H

#define EFIAPI

#endif
