/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of VMX share. */
#ifndef VMX_INTERNAL_H
#define VMX_INTERNAL_H

#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <asm/vmx.h>
#include <asm/vmx_caps.h>

#define VMX_NR_SWITCHED 5U

/** struct vmx_vcpu - a vCPU's part. Its control structure is current on its CPU from load() on. */
struct vmx_vcpu {
	void *vmcs;
	bool is_launched;
	uint32_t primary;		/* as the structure has it: windows come and go */
	uint32_t event;			/* to be injected: VMX_EVENT_*; 0: nothing */
	uint32_t error;			/* its error code */
	uint64_t dr6;			/* no field has it */
	uint64_t msrs[VMX_NR_SWITCHED]; /* those that no field has either; we use none of them */
};

/** struct vmx_cpu - a CPU's part. */
struct vmx_cpu {
	void *on;		  /* VMXON's page */
	struct vmx_vcpu *current; /* whose structure VMREAD reads; NULL: nobody's */
};

extern struct vmx_caps vmx_caps; /* of the boot CPU; all have to have the same */
extern struct vmx_controls vmx_controls;
extern const uint32_t vmx_switched[VMX_NR_SWITCHED];

static inline uint64_t vmread(enum vmx_field field)
{
	uint64_t value;

	__asm__ volatile("vmread %1, %0" : "=r"(value) : "r"((uint64_t)field) : "cc", "memory");
	return value;
}

static inline uint32_t vmread32(enum vmx_field field)
{
	return (uint32_t)vmread(field);
}

static inline void vmwrite(enum vmx_field field, uint64_t value)
{
	__asm__ volatile("vmwrite %0, %1" : : "r"(value), "r"((uint64_t)field) : "cc", "memory");
}

/* The field of @segment, where @first is that of ES. */
static inline enum vmx_field vmx_of(enum vmx_field first, unsigned int segment)
{
	return (enum vmx_field)((unsigned int)first + 2 * segment);
}

/* setup.c */
/** vmx_use() - make @x's structure the current one of this CPU. */
void vmx_use(struct vmx_vcpu *x);
/** vmx_renew() - the same, and forget what it holds. */
void vmx_renew(struct vmx_vcpu *x);
void vmx_maps_set(void);

/* reset.c */
void vmx_reset(struct vcpu *v);
void vmx_set_tsc(struct vcpu *v, uint64_t offset);

/* vmx.c */
void vmx_load(struct vcpu *v);
void vmx_unload(struct vcpu *v);
void vmx_enter(struct vcpu *v);
void vmx_modes(const struct vcpu *v, struct hvm_modes *m);
void vmx_inject(struct vcpu *v, unsigned int exception, uint32_t error);
uint64_t vmx_get(const struct vcpu *v, enum hvm_reg reg);
void vmx_set(struct vcpu *v, enum hvm_reg reg, uint64_t value);
void vmx_go_to(struct vcpu *v, uint64_t rip);
void vmx_step(struct vcpu *v, uint64_t rip, uint64_t rflags);
uint64_t vmx_linear(const struct vcpu *v, unsigned int segment, uint64_t offset);
void vmx_back_up(struct vcpu *v, unsigned int bytes);
uint64_t vmx_dump(const struct vcpu *v);

/* deliver.c */
/** vmx_deliver() - what was cut short again, else what waits, or a window for it. Context: before each entry. */
void vmx_deliver(struct vcpu *v);

/* cr.c */
/** vmx_exit_cr() - a control register that the guest may not reach by itself. @next: behind the instruction. */
void vmx_exit_cr(struct vcpu *v, uint64_t next);
/** vmx_cr4_mask() - bits of CR4 that are not the guest's. */
uint64_t vmx_cr4_mask(const struct vcpu *v);

/* ept.c */
uint64_t ept_leaf(enum p2m_type type);
unsigned int ept_max_level(void);
uint64_t ept_pointer(const struct domain *d);
/** ept_flush() - all that this CPU has cached of any domain's space. Context: NMI too. */
void ept_flush(void);
/** vpid_flush() - what it has cached of the current vCPU's own tables. */
void vpid_flush(const struct vcpu *v);
uint16_t vpid_of(const struct vcpu *v);

/* exit.c */
/** vmx_exit() - what the guest left for, to hvm_exit(). */
void vmx_exit(struct vcpu *v);

/* enter.S */
/** vmx_switch() - into the guest and back. @regs: struct arch_vcpu's, without RSP. Return: 0; 1: it was not entered. */
int vmx_switch(uint64_t regs[16], bool is_launched);
extern const char vmx_exit_point[];

#endif
