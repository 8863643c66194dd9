/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls of 32-bit code: its structures have other layouts, which are made the core's in a page of ours that the core
 * reads and writes at addresses no 32-bit code has. What a call answers goes back the same way.
 */
#ifndef ASM_COMPAT_H
#define ASM_COMPAT_H

#include <hyp/types.h>

struct vcpu;

/* Where that page is to the core, above 32 bits and what an address of them may run over to. */
#define COMPAT_AREA_BASE  0x200000000UL
#define COMPAT_AREA_BYTES 4096U

/**
 * compat_hypercall() - a hypercall whose caller has 32-bit registers.
 * @args: its arguments; where *again is set, those to make it again with
 * Return: what the caller is told, unless *again.
 */
int64_t compat_hypercall(struct vcpu *v, uint32_t nr, uint32_t args[5], bool *again);

/* What compat/ asks of the machine: hvm/hypercall.c, or a test. */

/** compat_read() / compat_write() - by address of the code that @v is running. Return: 0; -EFAULT. */
int __must_check compat_read(struct vcpu *v, void *to, uint64_t from, size_t len);
int __must_check compat_write(struct vcpu *v, uint64_t to, const void *from, size_t len);
/** compat_area() - @v's page, and where the core sees it. */
uint8_t *compat_area(struct vcpu *v, uint64_t *at);
/** compat_took_again() - did the core ask, in the call it has just come back from, to be called again? With @args. */
bool compat_took_again(struct vcpu *v, uint64_t args[5]);

#endif
