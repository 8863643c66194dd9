/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arch contract, up-calls: what an architecture's trap handlers call in the core.
 * Declared here, owned by the core; all run on the vCPU's own CPU with interrupts masked.
 */
#ifndef HYP_ARCH_TRAP_H
#define HYP_ARCH_TRAP_H

#include <hyp/types.h>

struct vcpu;

/**
 * trap_hypercall() - a Xen hypercall.
 * @nr:   number; @args: up to 5 arguments
 * Return: the result for the guest; unknown numbers give -ENOSYS.
 */
int64_t trap_hypercall(struct vcpu *v, uint64_t nr, const uint64_t args[5]);

/**
 * trap_mmio() - an access to guest-physical space that nothing is mapped at.
 * @size: 1, 2, 4 or 8 bytes; @value: in for a write, out (zero-extended) for a read
 * Return: true when a device model took it; false: the domain is to be crashed by the caller.
 */
bool trap_mmio(struct vcpu *v, gpa_t at, unsigned int size, bool is_write, uint64_t *value);

/**
 * trap_timer() - the timer that arch_timer_set() armed on this CPU went off; it is disarmed.
 * Interrupt context.
 */
void trap_timer(void);

/** trap_wait() - @v executed an instruction that waits for an interrupt; it goes on behind it once there is one. */
void trap_wait(struct vcpu *v);

/** trap_suspend() - @v asked the firmware to suspend it: as trap_wait(), whoever else is on its CPU. */
void trap_suspend(struct vcpu *v);

/** trap_yield() - @v executed an instruction that waits for somebody else to run. */
void trap_yield(struct vcpu *v);

/** trap_wake() - there is something for @v to see. Context: any CPU, interrupt controller's locks may be held. */
void trap_wake(struct vcpu *v);

/** trap_has_upcall() - is there something for @v to see in its vcpu_info? Context: as trap_wake(). */
bool trap_has_upcall(const struct vcpu *v);

/**
 * trap_latch_word() - the pages that @v's domain shares with us are laid out by the words of its present code from now on.
 * Only where guests choose their interrupt (UPCALL_VECTOR). Context: @v's CPU.
 */
void trap_latch_word(struct vcpu *v);

/**
 * trap_register_narrow_runstate() - vCPU @target's runstate goes to @at of @v's space from now on, as code has it whose 64-bit
 * numbers lie on multiples of 4. @is_virt: a virtual address. As above, only with UPCALL_VECTOR. Context: @v's CPU.
 * Return: what the guest gets: 0; -ENOENT no such vCPU; -EINVAL not aligned; -EFAULT not its memory.
 */
int64_t trap_register_narrow_runstate(struct vcpu *v, uint32_t target, uint64_t at, bool is_virt);

/* PSCI and its like, after the architecture decoded the call: */

/**
 * vcpu_power_on() - start offline vCPU @id. Return: 0; -EINVAL no such vCPU; -EBUSY already on or
 * not yet off its CPU.
 */
int vcpu_power_on(struct vcpu *caller, uint32_t id, gpa_t entry, uint64_t arg);
/** vcpu_power_off() - @v goes offline; the caller then leaves it. */
void vcpu_power_off(struct vcpu *v);
/**
 * vcpu_is_on() - for AFFINITY_INFO: on, or not yet off its CPU; false for no such vCPU too, then
 * *exists is false.
 */
bool vcpu_is_on(struct vcpu *caller, uint32_t id, bool *exists);

#endif
