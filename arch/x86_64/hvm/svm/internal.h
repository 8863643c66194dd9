/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of SVM share. */
#ifndef SVM_INTERNAL_H
#define SVM_INTERNAL_H

#include <asm/hvm.h>
#include <asm/insn.h>
#include <asm/svm.h>

/** struct svm_cpu - a CPU's part. ASIDs are given in their order; when they are used up a new age begins, with a flush. */
struct svm_cpu {
	void *host; /* what VMRUN leaves alone of our own state: VMSAVE's */
	uint64_t host_pa;
	uint32_t nr_asids;
	uint32_t next_asid;
	uint64_t asid_age;
	bool must_flush; /* a new age has begun */
};

/* setup.c */
/** svm_gives_virtual - interrupts are given as virtual ones, not as injected events: svm.c. The same on all CPUs. */
extern bool svm_gives_virtual;

/* svm.c */
void svm_load(struct vcpu *v);
void svm_unload(struct vcpu *v);
void svm_enter(struct vcpu *v);
void svm_modes(const struct vcpu *v, struct hvm_modes *m);
void svm_inject(struct vcpu *v, unsigned int exception, uint32_t error);
uint64_t svm_get(const struct vcpu *v, enum hvm_reg reg);
void svm_set(struct vcpu *v, enum hvm_reg reg, uint64_t value);
void svm_step(struct vcpu *v, uint64_t rip, uint64_t rflags);
uint64_t svm_linear(const struct vcpu *v, unsigned int segment, uint64_t offset);
void svm_back_up(struct vcpu *v, unsigned int bytes);
uint64_t svm_dump(const struct vcpu *v);

/* exit.c */
/** svm_exit() - what the guest left for, to hvm_exit(); not SVM_EXIT_INTR. */
void svm_exit(struct vcpu *v, struct vmcb *c);
/** svm_step_begin() - leave the guest behind its next instruction, by a single step that it does not see. */
void svm_step_begin(struct vcpu *v, struct vmcb *c);
/** svm_go_to() - behind an instruction that is done. */
void svm_go_to(struct vcpu *v, uint64_t rip);

/* enter.S */
/** svm_switch() - into the guest and back. @regs: struct arch_vcpu's, without RAX and RSP, which the control block has. */
void svm_switch(uint64_t regs[16], uint64_t vmcb_pa, uint64_t host_pa);

#endif
