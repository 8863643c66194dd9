/* SPDX-License-Identifier: Apache-2.0 */
/* How a UEFI firmware of x86_64 is called, and calls: UEFI 2.10, 2.3.4.2. */
#ifndef ASM_EFI_H
#define ASM_EFI_H

#define EFIAPI __attribute__((ms_abi))

#endif
