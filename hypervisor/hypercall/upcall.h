/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HVM_PARAM_CALLBACK_IRQ, the interrupt by which a guest hears of event channels: one that its machine has (upcall_ppi.c), or a vector of
 * its own choice (upcall_vector.c). UPCALL_VECTOR of boards/Kconfig says which is linked.
 */
#ifndef HYPERCALL_UPCALL_H
#define HYPERCALL_UPCALL_H

#include <hyp/types.h>

struct domain;
struct vcpu;

/** upcall_irq() - the parameter's value for @d. */
uint64_t upcall_irq(const struct domain *d);

/** upcall_set_param() - @v's guest sets parameter @index to @value. Return: 0; -EPERM it is not its to set; -EINVAL. */
int upcall_set_param(struct vcpu *v, uint32_t index, uint64_t value);

/** upcall_op() - an hvm_op of its own; -ENOSYS: it is none. */
int64_t upcall_op(struct vcpu *v, const uint64_t args[5]);

#endif
