/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vCPU on its CPU, and off it: the same for all vendors. Its FP registers are in the hardware while it is on; we
 * never use any.
 *
 * A guest is entered again and again until its CPU has to choose. Interrupts of ours are open for a moment each time
 * that it was left for one; so is what they woke up seen before it is entered again.
 * Spec: Xen public hvm/params.h (HVM_PARAM_CALLBACK_IRQ), AMD APM vol. 2 section 8.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <hyp/arch/cpu.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/xen.h>
#include <string.h>

#define FCW_RESET   0x37fU
#define MXCSR_RESET 0x1f80U
#define MXCSR_AT    24

const struct hvm_ops *hvm;

int hvm_choose(void)
{
	static const struct hvm_ops *const known[] = { &svm_ops };

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i]->is_there()) {
			hvm = known[i];
			return hvm->cpu_init(this_cpu());
		}
	}
	hyp_printf(
		"PC: the CPU has no SVM with nested paging, or the firmware has switched it off");
	return -ENODEV;
}

int arch_domain_init(struct domain *d)
{
	(void)d;
	return hvm == NULL ? -ENODEV : 0;
}

int arch_domain_reset(struct domain *d)
{
	d->arch.callback_vector = 0;
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		d->vcpus[i]->arch.timed_info = NULL;
	}
	return 0;
}

int arch_vcpu_init(struct vcpu *v)
{
	return hvm->vcpu_init(v);
}

void arch_vcpu_set_entry(struct vcpu *v, gpa_t entry, uint64_t arg)
{
	v->arch.entry = entry.v;
	v->arch.arg = arg;
	v->arch.is_fresh = true;
}

/* Also so that nothing of the last life is left in them. */
static void reset(struct vcpu *v)
{
	uint8_t *fp = v->arch.fp.bytes;
	uint32_t mxcsr = MXCSR_RESET;
	uint16_t fcw = FCW_RESET;

	memset(v->arch.gpr, 0, sizeof(v->arch.gpr));
	memset(fp, 0, sizeof(v->arch.fp.bytes));
	memcpy(fp, &fcw, sizeof(fcw));
	memcpy(fp + MXCSR_AT, &mxcsr, sizeof(mxcsr));
	v->arch.asid_age = 0;
	v->arch.timed_info = NULL;
	hvm->reset(v);
}

static void load(struct vcpu *v)
{
	if (v->arch.is_fresh) {
		v->arch.is_fresh = false;
		reset(v);
	}
	__asm__ volatile("fxrstor64 %0" : : "m"(v->arch.fp));
	hvm->load(v);
	v->arch.is_loaded = true;
}

static void unload(struct vcpu *v)
{
	v->arch.is_loaded = false;
	hvm->unload(v);
	__asm__ volatile("fxsave64 %0" : "=m"(v->arch.fp));
}

void arch_vcpu_run(struct vcpu *v)
{
	load(v);
	while (!cpu_must_choose(this_cpu())) {
		hvm->enter(v);
	}
	unload(v);
}

/* What waits is looked for on the way in, in vcpu_info itself: the CPU only has to come by. */
void arch_vcpu_set_upcall(struct vcpu *v)
{
	trap_wake(v);
	if (v->cpu != this_cpu()->id) {
		arch_cpu_kick(v->cpu);
	}
}

int hvm_pending(struct vcpu *v)
{
	uint8_t vector = arch_domain_upcall_vector(v->domain);

	return vector != 0 && trap_has_upcall(v) ? vector : -1;
}

void arch_domain_set_upcall_vector(struct domain *d, uint8_t vector)
{
	__atomic_store_n(&d->arch.callback_vector, vector, __ATOMIC_RELAXED);
}

uint8_t arch_domain_upcall_vector(const struct domain *d)
{
	return __atomic_load_n(&d->arch.callback_vector, __ATOMIC_RELAXED);
}

/* The upcall is a level: its guest takes it back in vcpu_info. */
void hvm_taken(struct vcpu *v, int vector)
{
	(void)v;
	(void)vector;
}

bool arch_vcpu_has_pending(struct vcpu *v)
{
	return hvm_pending(v) >= 0;
}

/* No device of the hypervisor's that a guest of a PC sees has an interrupt line yet. */
void arch_domain_set_irq(struct domain *d, unsigned int intid, bool level)
{
	(void)d;
	(void)intid;
	(void)level;
}

int arch_vcpu_translate(struct vcpu *v, uint64_t va, bool is_write, paddr_t *pa)
{
	struct hvm_modes m;
	enum p2m_type type;
	uint64_t at;
	int err;

	hvm->modes(v, &m);
	err = guest_walk(v, &m, va, is_write, &at);
	if (err == 0) {
		err = arch_p2m_lookup(v->domain, gpa(at), pa, &type);
	}
	/* What is another domain's may be taken back while we write. */
	if (err != 0 || (type != P2M_RAM && (is_write || type != P2M_RAM_RO))) {
		return -EFAULT;
	}
	return 0;
}

void arch_vcpu_dump(struct vcpu *v)
{
	static const char *const names[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp",
					       "rsi", "rdi", "r8",  "r9",  "r10", "r11",
					       "r12", "r13", "r14", "r15" };
	const uint64_t *r = v->arch.gpr;
	struct hvm_modes m;

	if (!v->arch.is_loaded) {
		return;
	}
	hvm->modes(v, &m);
	hyp_printf("%s: vCPU %u at RIP 0x%lx, RFLAGS 0x%lx, CPL %u%s", v->domain->name, v->id,
		   m.rip, m.rflags, m.cpl, m.is_long ? "" : ", not 64-bit");
	for (unsigned int i = 0; i < 16; i += 4) {
		hyp_printf("  %-3s 0x%016lx  %-3s 0x%016lx  %-3s 0x%016lx  %-3s 0x%016lx", names[i],
			   r[i], names[i + 1], r[i + 1], names[i + 2], r[i + 2], names[i + 3],
			   r[i + 3]);
	}
	hyp_printf("  CR0 0x%lx  CR3 0x%lx  CR4 0x%lx  EFER 0x%lx", m.cr0, m.cr3, m.cr4, m.efer);
	hvm->dump(v);
}

/* A PC's guest is told by its start info. */
int arch_domain_fdt(struct domain *d, void *fdt)
{
	(void)d;
	(void)fdt;
	return 0;
}
