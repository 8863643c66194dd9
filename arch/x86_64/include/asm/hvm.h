/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guests by hardware virtualization: the seam between what is the same for all vendors (hvm/) and the vendor's part
 * (hvm/svm/, hvm/vmx/). One const table, chosen once while booting.
 */
#ifndef ASM_HVM_H
#define ASM_HVM_H

#include <asm/vcpuid.h>
#include <hyp/arch/p2m.h>
#include <hyp/types.h>

struct cpu;
struct tsc_scaler;
struct domain;
struct vcpu;

/** struct hvm_modes - what decides how a guest's addresses are meant. */
struct hvm_modes {
	uint64_t cr0, cr3, cr4, efer;
	uint64_t rip, rflags;
	unsigned int cpl;
	bool is_long; /* its code segment is a 64-bit one */
};

#define HVM_NO_ERROR UINT32_MAX /* an exception that pushes none */

#define EXCP_DB 1
#define EXCP_UD 6
#define EXCP_GP 13
#define EXCP_AC 17

/** enum hvm_exit_kind - what a guest left for. The instruction, if it was one, has not been stepped over. */
enum hvm_exit_kind {
	HVM_EXIT_UNKNOWN, /* at: the hardware's number of it. The domain ends. 0: of what no table has */
	HVM_EXIT_NOTHING,   /* done already, or nothing to do */
	HVM_EXIT_INTERRUPT, /* one of ours */
	HVM_EXIT_HYPERCALL,
	HVM_EXIT_CPUID,
	HVM_EXIT_RDMSR,
	HVM_EXIT_WRMSR,
	HVM_EXIT_HLT,
	HVM_EXIT_PORT, /* port, bytes, is_in, is_string */
	HVM_EXIT_XSETBV,
	HVM_EXIT_CR8_WRITE, /* its length is to be found out */
	HVM_EXIT_DELIVERY, /* at: as MMIO, but it was an event's delivery that wanted to be there */
	HVM_EXIT_MMIO,	   /* at: guest-physical, where nothing is mapped */
	HVM_EXIT_SKIP,	   /* an instruction that does nothing here */
	HVM_EXIT_UNDEFINED, /* one that is not there: #UD */
	HVM_EXIT_GENERAL,   /* one that it may not execute: #GP */
	/* vector; intercepted because a guest could else keep the CPU busy with its own for ever (CVE-2015-5307, -8104) */
	HVM_EXIT_EXCEPTION,
	HVM_EXIT_SHUTDOWN,
};

struct hvm_exit {
	enum hvm_exit_kind kind;
	uint8_t vector, bytes;
	bool is_in, is_string;
	uint16_t port;
	uint64_t at;
	uint64_t next; /* RIP behind the instruction */
};

/* Registers that the control block keeps and C asks for one by one. EFER is the guest's: SVME is not in it. */
enum hvm_reg {
	HVM_CR0,
	HVM_CR4,
	HVM_EFER,
	HVM_PAT,
	HVM_RFLAGS
};

/** struct hvm_p2m - a domain's tables, as far as they differ. */
struct hvm_p2m {
	uint64_t (*leaf)(enum p2m_type type); /* access and memory type of a page or block */
	uint64_t table;			      /* of what leads to a table */
	unsigned int (*max_level)(void);      /* of the largest block: 2 or 3 */
};

/** struct hvm_ops - a vendor's way. All but is_there and cpu_init: on @v's CPU. */
struct hvm_ops {
	const char *name;
	bool (*is_there)(void);
	int (*cpu_init)(struct cpu *cpu);
	int (*vcpu_init)(struct vcpu *v);
	/* PVH's first instruction: Xen public docs/misc/pvh.pandoc, in words in the project's guest ABI */
	void (*reset)(struct vcpu *v);
	void (*turn_to)(
		const struct domain
			*d); /* before that if another domain was here last; NULL: nothing to do */
	void (*load)(struct vcpu *v); /* before the first enter() on this CPU since unload() */
	void (*unload)(struct vcpu *v);
	void (*enter)(struct vcpu *v); /* into the guest, until it exits; handles that */
	void (*modes)(const struct vcpu *v, struct hvm_modes *m);
	void (*inject)(struct vcpu *v, unsigned int exception, uint32_t error);
	uint64_t (*get)(const struct vcpu *v, enum hvm_reg reg);
	void (*set)(struct vcpu *v, enum hvm_reg reg,
		    uint64_t value); /* HVM_EFER, HVM_PAT; checked by the caller */
	/* behind an instruction that is done: an interrupt shadow ends, a single step is made (#DB) */
	void (*go_to)(struct vcpu *v, uint64_t rip);
	/* the same, where flags have changed too */
	void (*step)(struct vcpu *v, uint64_t rip, uint64_t rflags);
	/* what its TSC has more than the machine's, multiplied as its domain's struct tsc says */
	void (*set_tsc)(struct vcpu *v, uint64_t offset);
	const struct tsc_scaler *(*tsc_scaler)(void); /* returns NULL: it cannot multiply */
	/* the linear address of @offset in @segment, of enum insn_segment */
	uint64_t (*linear)(const struct vcpu *v, unsigned int segment, uint64_t offset);
	void (*back_up)(struct vcpu *v,
			unsigned int bytes); /* the instruction behind which it is is made again */
	uint64_t (*dump)(
		const struct vcpu *v); /* says the vendor's part. Return: where its IDT is */
	/* nothing of any domain's space is cached by this CPU any more; NULL: ages alone say so. Context: NMI */
	void (*flush)(void);
	struct hvm_p2m p2m;
};

extern const struct hvm_ops svm_ops, vmx_ops;
extern const struct hvm_ops *hvm; /* NULL: this CPU has none that we know */

/* An arch_vcpu_set_entry() with this for an argument is a SIPI's: real mode, at a page below 1 MiB. */
#define HVM_SIPI UINT64_MAX

/** cpuid_init() - what @d's guest sees of CPUID. */
void cpuid_init(struct domain *d);
/** apic_take_init() - an INIT came for @v: it stops. Context: its CPU. */
void apic_take_init(struct vcpu *v);
/** hvm_wake() - @v is to look what there is for it. Context: any CPU. */
void hvm_wake(struct vcpu *v);

/** hvm_choose() - the boot CPU's. Return: 0; -ENODEV, logged. */
int __must_check hvm_choose(void);

/** hvm_exit() - do what it was left for. Context: its general registers are in struct arch_vcpu, interrupts masked. */
void hvm_exit(struct vcpu *v, const struct hvm_exit *e);

/* What exits ask for, in terms of the guest's registers; hvm_exit() then steps over the instruction. */
void hvm_cpuid(struct vcpu *v);
void hvm_hypercall(struct vcpu *v);
/** hvm_msr_read() / _write() - of registers that the vendor's part does not keep. Return: false: the guest takes a #GP. */
bool hvm_msr_read(struct vcpu *v, uint32_t msr, uint64_t *value);
bool hvm_msr_write(struct vcpu *v, uint32_t msr, uint64_t value);
/** hvm_in() / hvm_out() - ports; @bytes 1, 2 or 4. Nobody's port reads as ones. */
uint32_t hvm_in(struct vcpu *v, uint16_t port, unsigned int bytes);
void hvm_out(struct vcpu *v, uint16_t port, unsigned int bytes, uint32_t value);
/** hvm_mmio() - an access to guest-physical @at, where nothing is mapped. */
void hvm_mmio(struct vcpu *v, uint64_t at);
/** hvm_fetch() - as much of the instruction under way as lies in memory, into INSN_MAX_BYTES at @code. Return: bytes. */
size_t hvm_fetch(struct vcpu *v, const struct hvm_modes *m, uint8_t *code);
/** hvm_cr8_write() - MOV to CR8. Return: its length; 0: the guest takes a #GP. */
unsigned int hvm_cr8_write(struct vcpu *v);
/** hvm_pending() - vector of the interrupt that the guest would take now if its flags allow it; -1: none. */
int hvm_pending(struct vcpu *v);
/** hvm_taken() - it takes @vector, which hvm_pending() has just found. */
void hvm_taken(struct vcpu *v, int vector);
/** hvm_give_back() - it had not taken it after all: it waits again. */
void hvm_give_back(struct vcpu *v, int vector);
/** hvm_halt() - it executed HLT; @is_masked: with interrupts masked, so that an NMI alone wakes it. */
void hvm_halt(struct vcpu *v, bool is_masked);
/** hvm_xsetbv() - XSETBV by its registers. Return: 0; the exception it takes instead (#GP with error code 0). */
unsigned int hvm_xsetbv(struct vcpu *v);
/** hvm_time_tell() - the guest's vcpu_info, if it has another one now, says how its TSC becomes time. */
void hvm_time_tell(struct vcpu *v);
/** hvm_time_moved() - it has written its TSC. Context: its CPU. */
void hvm_time_moved(struct vcpu *v);

/* hvm/tsc.c; what has a vCPU on that one's CPU. */
/** hvm_tsc_init() - at the rate that the plan says. Return: 0; -EOPNOTSUPP, logged: this CPU has none but its own. */
int __must_check hvm_tsc_init(struct domain *d);
/** hvm_tsc_reset() - behind hvm_ops's reset; with the domain's first vCPU it begins for all. */
void hvm_tsc_reset(struct vcpu *v);
/** hvm_tsc_read() / hvm_tsc_write() - as RDMSR and WRMSR. */
uint64_t hvm_tsc_read(const struct vcpu *v);
void hvm_tsc_write(struct vcpu *v, uint64_t value);

/* hvm/fp.c: x87, SSE and vector registers. */
/** fp_cpu_init() - of this CPU. fp_has_xsave() - can all that @c shows be switched? */
void fp_cpu_init(void);
bool fp_has_xsave(const struct vcpuid *c);
int __must_check fp_vcpu_init(struct vcpu *v);
void fp_reset(struct vcpu *v);
/** fp_load() / fp_save() - to and from this CPU. */
void fp_load(const struct vcpu *v);
/** fp_xcr0() - what @v, which is on this CPU, has set XCR0 to; 0: it has none. */
uint64_t fp_xcr0(const struct vcpu *v);
/** tsc_aux_init() - @is_allowed: virtualization lets guests run what reads it. Context: boot, before domains are built. */
void tsc_aux_init(bool is_allowed);
/** tsc_aux_is_given() - do domains have it, and RDTSCP or RDPID? */
bool tsc_aux_is_given(void);
/** tsc_aux_load() - @v's to this CPU. */
void tsc_aux_load(const struct vcpu *v);
/** tsc_aux_write() - @v, which runs, writes the MSR. Return: false: #GP. */
bool tsc_aux_write(struct vcpu *v, uint64_t value);
void fp_save(struct vcpu *v);

/** guest_walk() - hvm/walk.c: guest virtual to guest physical, by the guest's own tables. Return: 0; -EFAULT. */
int __must_check guest_walk(struct vcpu *v, const struct hvm_modes *m, uint64_t va, bool is_write,
			    uint64_t *at);

#endif
