/* SPDX-License-Identifier: Apache-2.0 */
/* The UART of a PC's guest and its I/O APIC: what ports and local APICs lead to. */
#ifndef ASM_COM1_H
#define ASM_COM1_H

#include <asm/v16550.h>
#include <asm/vioapic.h>

struct domain;

/** struct vpl011 - what hypervisor/ calls a guest's UART. */
struct vpl011 {
	struct domain *domain; /* constant */
	struct v16550 uart;
	struct vioapic ioapic;
};

#endif
