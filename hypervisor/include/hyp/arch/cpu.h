/* SPDX-License-Identifier: Apache-2.0 */
/* The arch contract, CPUs: identity, start, sleep, power. Implemented by arch/<arch>. */
#ifndef HYP_ARCH_CPU_H
#define HYP_ARCH_CPU_H

#include <hyp/types.h>

struct plan;

/**
 * arch_cpus_start() - start all other CPUs of the plan; each ends in cpu_main() (hyp/percpu.h).
 * Context: boot CPU, once, interrupt controller up. Returns when all are online.
 * Return:  0; -EIO if one did not come up (it is named in the log).
 */
int __must_check arch_cpus_start(const struct plan *plan);

/** arch_cpu_kick() - make CPU @cpu leave its guest or its sleep and look for work. Context: any. */
void arch_cpu_kick(unsigned int cpu);

/**
 * arch_cpu_idle() - sleep until an interrupt or kick, handle it, return. Context: no guest on this
 * CPU.
 */
void arch_cpu_idle(void);

/**
 * arch_cpu_serve() - handle the interrupts that wait, return. Context: no guest on this CPU; between
 * two steps of a longer piece of work.
 */
void arch_cpu_serve(void);

/**
 * arch_stack_dump() - say the return addresses on this CPU's stack from @sp on, a bounded number of them.
 * Context: panic; @sp may be anything.
 */
void arch_stack_dump(uintptr_t sp);

/** arch_cpu_stop() - stop this CPU for good, interrupts masked. */
void __noreturn arch_cpu_stop(void);

/**
 * arch_cpu_has_sha256() - may SHA-256 instructions be used on this CPU? Where true, FP and SIMD
 * registers are accessible to the hypervisor while it boots. Context: boot CPU; called for every
 * hash, so cheap.
 * Spec:    Arm ARM D19.2.61, ID_AA64ISAR0_EL1.SHA2.
 */
bool arch_cpu_has_sha256(void);

/**
 * arch_random() - a word from the CPU's own random number generator. Context: any.
 * Return:  false: there is none, or it has nothing at the moment.
 * Spec:    Arm ARM D19.2.61 ID_AA64ISAR0_EL1.RNDR; C5.2.19, RNDR.
 */
bool arch_random(uint64_t *value);

/** arch_power_off() / arch_reset() - the whole board. Context: any CPU. */
void __noreturn arch_power_off(void);
void __noreturn arch_reset(void);

#endif
