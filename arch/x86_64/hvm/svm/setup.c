/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVM: is it there, a CPU's part, and a vCPU's control block. Everything is intercepted that a guest is not to do by
 * itself; of ports and model-specific registers, all but those that the control block switches.
 * Spec: AMD APM vol. 2 sections 15.4 (enabling), 15.9 to 15.13 (intercepts), 15.25 (nested paging).
 */
#include "internal.h"

#include <asm/arch.h>
#include <asm/hvm.h>
#include <hyp/arch/mm.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/percpu.h>
#include <hyp/pool.h>
#include <string.h>

#define IOPM_ORDER  2 /* 12 KiB, and a page to spare */
#define MSRPM_ORDER 1
#define MSRPM_BYTES (PAGE_SIZE << MSRPM_ORDER)

#define CR0_RESET (CR0_PE | CR0_ET)
#define DR6_RESET 0xffff0ff0UL
#define DR7_RESET 0x400UL
#define PAT_RESET 0x0007040600070406UL

/* Switched by the control block, so a guest's own. */
static const uint32_t own_msrs[] = {
	0x174,	    0x175,	0x176,			/* SYSENTER */
	0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, /* STAR, LSTAR, CSTAR, SFMASK */
	0xc0000100, 0xc0000101, 0xc0000102, /* bases of FS and GS, and the kernel's GS */
};

bool svm_gives_virtual;
static bool has_tsc_ratio;    /* the same on all CPUs */
static uint8_t *iopm, *msrpm; /* the same for all */

static bool is_there(void)
{
	if (cpuid(0x80000000U, 0).eax < CPUID_SVM ||
	    (cpuid(0x80000001U, 0).ecx & CPUID_E1_ECX_SVM) == 0) {
		return false;
	}
	return (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS) == 0 &&
	       (cpuid(CPUID_SVM, 0).edx & CPUID_SVM_EDX_NPT) != 0;
}

/* Two bits each: reads, writes (section 15.11). */
static void let_through(uint32_t msr)
{
	uint32_t base = msr < 0x2000 ? 0 : 0x800;
	uint32_t bit = (msr & 0x1fff) * 2;

	msrpm[base + bit / 8] &= (uint8_t) ~(3U << (bit % 8));
}

static int maps_create(void)
{
	iopm = page_alloc(IOPM_ORDER);
	msrpm = page_alloc(MSRPM_ORDER);
	if (iopm == NULL || msrpm == NULL) {
		return -ENOMEM;
	}
	memset(iopm, 0xff, PAGE_SIZE << IOPM_ORDER);
	memset(msrpm, 0xff, MSRPM_BYTES);
	for (unsigned int i = 0; i < ARRAY_SIZE(own_msrs); i++) {
		let_through(own_msrs[i]);
	}
	return 0;
}

static int svm_cpu_init(struct cpu *cpu)
{
	struct svm_cpu *s = pool_alloc(sizeof(*s));
	void *save = page_alloc(0);

	if (s != NULL) {
		s->host = page_alloc(0);
	}
	if (s == NULL || save == NULL || s->host == NULL || (iopm == NULL && maps_create() != 0)) {
		return -ENOMEM;
	}
	tsc_aux_init(true);
	has_tsc_ratio = (cpuid(CPUID_SVM, 0).edx & CPUID_SVM_EDX_TSC) != 0;
	svm_gives_virtual = (cpuid(CPUID_SVM, 0).edx & CPUID_SVM_EDX_NRIP) == 0;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, arch_virt_to_phys(save).v);
	s->host_pa = arch_virt_to_phys(s->host).v;
	s->nr_asids = cpuid(CPUID_SVM, 0).ebx;
	s->asid_age = 1;
	s->next_asid = 1;
	cpu->arch.svm = s;
	__asm__ volatile("vmsave %0" : : "a"(s->host_pa) : "memory");
	return 0;
}

static int vcpu_init(struct vcpu *v)
{
	v->arch.vmcb = page_alloc(0);
	if (v->arch.vmcb == NULL) {
		return -ENOMEM;
	}
	v->arch.vmcb_pa = arch_virt_to_phys(v->arch.vmcb).v;
	return 0;
}

static void set_intercepts(struct vmcb *c)
{
	c->cr_reads = 0;
	c->cr_writes = 0;
	c->exceptions = (uint32_t)(BIT(EXCP_DB) | BIT(EXCP_AC));
	c->misc1 = (uint32_t)(SVM_INTR | SVM_NMI | SVM_SMI | SVM_INIT | SVM_RDPMC | SVM_CPUID |
			      SVM_RSM | SVM_INVD | SVM_HLT | SVM_INVLPGA | SVM_IOIO | SVM_MSR |
			      SVM_TASK | SVM_FERR | SVM_SHUTDOWN);
	c->misc2 = (uint32_t)(SVM2_ALL_SVM | SVM2_WBINVD | SVM2_MONITOR | SVM2_MWAIT | SVM2_XSETBV);
	c->iopm_pa = arch_virt_to_phys(iopm).v;
	c->msrpm_pa = arch_virt_to_phys(msrpm).v;
	c->vintr = SVM_VINTR_MASKING;
	c->np_enable = 1;
}

static struct vmcb_segment flat(uint16_t attributes)
{
	return (struct vmcb_segment){ .attributes = attributes, .limit = UINT32_MAX };
}

/* Where PVH's entry begins. */
static void reset_pvh(struct vcpu *v, struct vmcb *c)
{
	c->cs = flat(VMCB_SEG_CODE32);
	c->ds = c->es = c->ss = c->fs = c->gs = flat(VMCB_SEG_DATA32);
	c->tr = (struct vmcb_segment){ .attributes = VMCB_SEG_TSS32, .limit = 0x67 };
	c->ldtr = (struct vmcb_segment){ .attributes = VMCB_SEG_LDT };
	c->cr0 = CR0_RESET;
	c->rip = v->arch.entry;
	v->arch.gpr[INSN_RBX] = v->arch.arg;
}

static struct vmcb_segment real(uint64_t base, uint16_t attributes)
{
	return (struct vmcb_segment){ .selector = (uint16_t)(base >> 4),
				      .attributes = attributes,
				      .limit = UINT16_MAX,
				      .base = base };
}

/* Where a SIPI's does: AMD APM vol. 2 section 14.1.3. */
static void reset_sipi(struct vcpu *v, struct vmcb *c)
{
	c->cs = real(v->arch.entry, VMCB_SEG_CODE16);
	c->ds = c->es = c->ss = c->fs = c->gs = real(0, VMCB_SEG_DATA16);
	c->tr = real(0, VMCB_SEG_TSS32);
	c->ldtr = c->gdtr = c->idtr = real(0, VMCB_SEG_LDT);
	c->cr0 = CR0_ET;
	v->arch.gpr[INSN_RDX] = v->domain->arch.cpuid.basic[1].eax;
}

static void reset(struct vcpu *v)
{
	struct vmcb *c = v->arch.vmcb;

	memset(c, 0, sizeof(*c));
	set_intercepts(c);
	c->n_cr3 = arch_virt_to_phys(v->domain->arch.p2m_root).v;
	c->efer = EFER_SVME;
	c->dr6 = DR6_RESET;
	c->dr7 = DR7_RESET;
	c->rflags = 2;
	c->pat = PAT_RESET;
	if (v->arch.arg == HVM_SIPI) {
		reset_sipi(v, c);
	} else {
		reset_pvh(v, c);
	}
}

static void set_tsc(struct vcpu *v, uint64_t offset)
{
	v->arch.vmcb->tsc_offset = offset;
}

/* Of the TSC's numbers the control block has one. We read the machine's whatever the ratio is. */
static void turn_to(const struct domain *d)
{
	const struct tsc *t = &d->arch.tsc;

	if (has_tsc_ratio) {
		wrmsr(MSR_TSC_RATIO, t->fraction != 0 ? t->ratio : TSC_RATIO_ONE);
	}
}

static const struct tsc_scaler *get_scaler(void)
{
	static const struct tsc_scaler ratio = { .fraction = 32, .bits = 40 };

	return has_tsc_ratio ? &ratio : NULL;
}

static uint64_t npt_leaf(enum p2m_type type)
{
	uint64_t attr = PTE_P | PTE_U | PTE_A | PTE_D;

	switch (type) {
	case P2M_RAM:
		return attr | PTE_W;
	case P2M_DEVICE:
		return attr | PTE_W | PTE_NX | PTE_PCD | PTE_PWT;
	case P2M_GRANT:
		return attr | PTE_W | PTE_NX;
	case P2M_RAM_RO:
	case P2M_GRANT_RO:
	default:
		return attr | PTE_NX;
	}
}

static unsigned int npt_max_level(void)
{
	static unsigned int level;

	if (level == 0) {
		level = (cpuid(0x80000001U, 0).edx & CPUID_E1_EDX_1GB) != 0 ? 3 : 2;
	}
	return level;
}

const struct hvm_ops svm_ops = {
	.name = "SVM",
	.is_there = is_there,
	.cpu_init = svm_cpu_init,
	.vcpu_init = vcpu_init,
	.reset = reset,
	.load = svm_load,
	.unload = svm_unload,
	.enter = svm_enter,
	.modes = svm_modes,
	.inject = svm_inject,
	.get = svm_get,
	.set = svm_set,
	.go_to = svm_go_to,
	.step = svm_step,
	.turn_to = turn_to,
	.set_tsc = set_tsc,
	.tsc_scaler = get_scaler,
	.linear = svm_linear,
	.back_up = svm_back_up,
	.dump = svm_dump,
	.p2m = { .leaf = npt_leaf,
		 .table = PTE_P | PTE_W | PTE_U | PTE_A,
		 .max_level = npt_max_level },
};
