/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arch contract, physical interrupts of the hypervisor's own (the console's UART) and masking.
 */
#ifndef HYP_ARCH_IRQ_H
#define HYP_ARCH_IRQ_H

#include <hyp/types.h>

struct plan;

/**
 * arch_irq_init() - the interrupt controller as the plan says; boot CPU's part too. Return: 0;
 * -ENODEV.
 */
int __must_check arch_irq_init(const struct plan *plan);

/**
 * arch_irq_request() - call @handler in interrupt context on the boot CPU, level triggered. Return:
 * 0; -EINVAL; -EBUSY.
 */
int __must_check arch_irq_request(unsigned int irq, void (*handler)(void *arg), void *arg);

/** arch_irq_save() / arch_irq_restore() - mask interrupts on this CPU; nestable. */
unsigned long arch_irq_save(void);
void arch_irq_restore(unsigned long flags);

#endif
