/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MultiProcessor table, for kernels that are told to do without ACPI: which local APICs there are, and nothing else.
 * Linux with support for several CPUs takes its timer from Xen only where it knows of a local APIC.
 * Spec: Intel MultiProcessor Specification 1.4, chapter 4.
 */
#ifndef ASM_GUEST_MP_H
#define ASM_GUEST_MP_H

#include <hyp/types.h>

#define GUEST_MP_AT \
	0x9fc00U /* the last KiB of base memory: one of the places where it is looked for */
#define GUEST_MP_BYTES	  1024U
#define GUEST_MP_MAX_CPUS 48U

/** guest_mp_is_asked() - whether a kernel with this command line wants it. @cmdline: NULL: it has none. */
bool guest_mp_is_asked(const char *cmdline);

/**
 * guest_mp_write() - what goes to GUEST_MP_AT, into @buf of GUEST_MP_BYTES, zeroed. CPU n has the APIC ID n.
 * Return: its bytes; 0: there are too many CPUs.
 */
size_t guest_mp_write(unsigned int nr_cpus, uint8_t *buf);

#endif
