/* SPDX-License-Identifier: Apache-2.0 */
/* The arch contract, virtual CPUs and the virtual interrupts they take. */
#ifndef HYP_ARCH_VCPU_H
#define HYP_ARCH_VCPU_H

#include <hyp/types.h>

struct domain;
struct vcpu;

/**
 * arch_domain_init() - the domain's virtual interrupt controller and timers; no vCPU yet. Return:
 * 0; -ENOMEM.
 */
int __must_check arch_domain_init(struct domain *d);

/**
 * arch_vcpu_init() - registers at reset, offline; traps and ID registers set up. Return: 0;
 * -ENOMEM.
 */
int __must_check arch_vcpu_init(struct vcpu *v);

/**
 * arch_domain_reset() - virtual interrupt controller, timers and vCPUs as at reset: nothing enabled,
 * pending or active. Context: @d's vCPUs are off their CPUs and its address space is empty; others may
 * still set interrupt lines. Return: 0; -ENOMEM.
 */
int __must_check arch_domain_reset(struct domain *d);

/**
 * arch_vcpu_set_entry() - where an offline vCPU will start, with caches and MMU off.
 * @arg: first argument: x0 on AArch64 (device tree's address, or PSCI context id), EBX on x86_64 (start info's address)
 */
void arch_vcpu_set_entry(struct vcpu *v, gpa_t entry, uint64_t arg);

/**
 * arch_vcpu_run() - load @v on this CPU and run it; traps come back as trap_*() up-calls on its
 * stack. It goes on where it left, or starts where arch_vcpu_set_entry() said since.
 * Returns when @v must leave this CPU: it went offline or waits, its domain stopped, or the CPU has
 * to choose again. While it is off, its own timers wake it (trap_wake()) when it is blocked.
 */
void arch_vcpu_run(struct vcpu *v);

/**
 * arch_vcpu_has_pending() - would an instruction that waits for an interrupt return at once?
 * Context: @v's CPU, from its trap.
 */
bool arch_vcpu_has_pending(struct vcpu *v);

/**
 * arch_vcpu_set_upcall() - raise the event-channel interrupt of @v (edge 0 -> 1 of upcall_pending).
 * Context: any CPU; kicks it.
 */
void arch_vcpu_set_upcall(struct vcpu *v);

/**
 * arch_domain_set_upcall_vector() - that interrupt is @vector from now on, on all of @d's vCPUs.
 * arch_domain_upcall_vector() - it; 0: not said yet.
 * arch_vcpu_set_upcall_vector() - of @v alone, by its interrupt controller; it goes before the domain's.
 * Only where guests choose it (UPCALL_VECTOR). Context: any CPU.
 */
void arch_vcpu_set_upcall_vector(struct vcpu *v, uint8_t vector);
void arch_domain_set_upcall_vector(struct domain *d, uint8_t vector);
uint8_t arch_domain_upcall_vector(const struct domain *d);

/*
 * arch_domain_word_bits() - bits of a long of @a's guest, 64 or 32: by these the shared info page and vcpu_infos are laid
 * out. Inline, in the architecture's asm/domain.h: where all guests have the same it is a constant.
 *
 *   static inline unsigned int arch_domain_word_bits(const struct arch_domain *a);
 *
 * ARCH_RUNSTATE_PIECES, there too: 2; where a long may have 32 bits, 4.
 */

/**
 * arch_vcpu_latch_word() - its domain's words are those of the code that @v is running. As above, only with UPCALL_VECTOR.
 * Context: @v's CPU. Return: were they others before?
 */
bool arch_vcpu_latch_word(struct vcpu *v);

/**
 * arch_vcpu_set_irq() - level of a shared virtual interrupt of @d (e.g. the vPL011's). Context: any
 * CPU; kicks the target.
 */
void arch_domain_set_irq(struct domain *d, unsigned int intid, bool level);

/**
 * arch_vcpu_translate() - guest virtual to machine address, by the guest's current stage 1, then
 * stage 2.
 * Context: @v runs on this CPU. Return: 0; -EFAULT.
 */
int __must_check arch_vcpu_translate(struct vcpu *v, uint64_t va, bool is_write, paddr_t *pa);

/**
 * arch_vcpu_call_again() - the hypercall that @v is making is not done: it makes it once more, with @args, when it has
 * taken its interrupts. Context: @v's CPU, in trap_hypercall().
 * Return: what trap_hypercall() must return.
 */
int64_t __must_check arch_vcpu_call_again(struct vcpu *v, const uint64_t args[5]);

/** arch_vcpu_dump() - registers and decoded fault of a crashed vCPU, to the log, once. */
void arch_vcpu_dump(struct vcpu *v);

/**
 * arch_domain_fdt() - write the nodes of a guest's tree that the architecture owns: cpus, psci,
 * timer, interrupt controller (sets the root's interrupt-parent). @fdt is in libfdt's sequential-
 * write state, in the root node.
 * Return: 0; a negative libfdt error.
 */
int __must_check arch_domain_fdt(struct domain *d, void *fdt);

#endif
