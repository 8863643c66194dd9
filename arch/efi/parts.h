/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ashlar.efi is made of, behind the stub: the page `.parts` says it to the stub; the host tool writes it. All of
 * it lies inside the one signature that the firmware has verified.
 */
#ifndef EFI_PARTS_H
#define EFI_PARTS_H

#include <stdint.h>

#define EFI_PARTS_MAGIC 0x7472617020726873UL

/** struct efi_parts - places in the file are relative to its first byte, as in memory. */
struct efi_parts {
	uint64_t magic;
	uint64_t hyp_base;  /* machine address that the plan gives the hypervisor */
	uint64_t hyp_room;  /* bytes there; what the file has less is zeroes */
	uint64_t hyp_entry; /* machine address */
	uint64_t hyp_at, hyp_bytes;
	uint64_t bundle_at, bundle_bytes;
	uint64_t version; /* the bundle's */
};

#endif
