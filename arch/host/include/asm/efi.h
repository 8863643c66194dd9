/* SPDX-License-Identifier: Apache-2.0 */
/* A firmware that a unit test plays is called as any C function. */
#ifndef ASM_EFI_H
#define ASM_EFI_H

#define EFIAPI

#endif
