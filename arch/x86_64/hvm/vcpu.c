/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vCPU on its CPU, and off it: the same for all vendors.
 *
 * A guest is entered again and again until its CPU has to choose. Interrupts of ours are open for a moment each time
 * that it was left for one; so is what they woke up seen before it is entered again.
 * Spec: Xen public hvm/params.h (HVM_PARAM_CALLBACK_IRQ), AMD APM vol. 2 section 8.
 */
#include <asm/arch.h>
#include <asm/compat.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <asm/mitigate.h>
#include <asm/vlapic.h>
#include <hyp/arch/cpu.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/pool.h>
#include <hyp/xen.h>
#include <string.h>

const struct hvm_ops *hvm;

int hvm_choose(void)
{
	static const struct hvm_ops *const known[] = { &svm_ops, &vmx_ops };

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i]->is_there()) {
			hvm = known[i];
			return hvm->cpu_init(this_cpu());
		}
	}
	hyp_printf(
		"PC: the CPU has neither SVM with nested paging nor VMX with EPT and unrestricted "
		"guests, or the firmware has switched them off");
	return -ENODEV;
}

int arch_domain_init(struct domain *d)
{
	int err;

	if (hvm == NULL) {
		return -ENODEV;
	}
	err = hvm_tsc_init(d);
	if (err == 0) {
		cpuid_init(d);
	}
	return err;
}

int arch_domain_reset(struct domain *d)
{
	d->arch.callback_vector = 0;
	d->arch.is_narrow = false;
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		struct arch_vcpu *a = &d->vcpus[i]->arch;

		vlapic_reset(&a->vlapic);
		a->upcall_vector = 0;
		a->must_upcall = false;
		a->must_init = false;
		a->awaits_sipi = i != 0;
	}
	return 0;
}

/* All but the first wait for a SIPI, as an INIT would have left them. */
int arch_vcpu_init(struct vcpu *v)
{
	int err;

	if (v->id >= VLAPIC_MAX_CPUS) {
		return -EINVAL;
	}
	vlapic_init(&v->domain->arch.apics, &v->arch.vlapic);
	v->arch.awaits_sipi = v->id != 0;
	v->arch.compat = page_alloc(0);
	if (v->arch.compat == NULL) {
		return -ENOMEM;
	}
	err = fp_vcpu_init(v);
	return err == 0 ? hvm->vcpu_init(v) : err;
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
	memset(v->arch.gpr, 0, sizeof(v->arch.gpr));
	memset(v->arch.dr, 0, sizeof(v->arch.dr));
	fp_reset(v);
	v->arch.tsc_aux = 0;
	v->arch.is_halted = false;
	v->arch.is_stepping = false;
	v->arch.is_at_int = false;
	vmsr_reset(&v->arch.vmsr);
	v->arch.asid_age = 0;
	v->arch.timed_info = NULL;
	hvm->reset(v);
	hvm_tsc_reset(v);
}

/* The control block has DR6 and DR7 alone; in the hypervisor no breakpoint is on. */
static void dr_load(const uint64_t dr[4])
{
	__asm__ volatile("mov %0, %%dr0\n\tmov %1, %%dr1\n\tmov %2, %%dr2\n\tmov %3, %%dr3"
			 :
			 : "r"(dr[0]), "r"(dr[1]), "r"(dr[2]), "r"(dr[3]));
}

static void dr_save(uint64_t dr[4])
{
	__asm__ volatile("mov %%dr0, %0\n\tmov %%dr1, %1\n\tmov %%dr2, %2\n\tmov %%dr3, %3"
			 : "=r"(dr[0]), "=r"(dr[1]), "=r"(dr[2]), "=r"(dr[3]));
}

static __noinline void turn_to(const struct domain *d)
{
	this_cpu()->arch.last_domain = d;
	mitigate_switch();
	if (hvm->turn_to != NULL) {
		hvm->turn_to(d);
	}
}

static void load(struct vcpu *v)
{
	if (v->arch.is_fresh) {
		v->arch.is_fresh = false;
		reset(v);
	}
	if (this_cpu()->arch.last_domain != v->domain) {
		turn_to(v->domain);
	}
	fp_load(v);
	tsc_aux_load(v);
	dr_load(v->arch.dr);
	hvm->load(v);
	v->arch.is_loaded = true;
	hvm_time_tell(v);
}

static void unload(struct vcpu *v)
{
	v->arch.is_loaded = false;
	hvm->unload(v);
	dr_save(v->arch.dr);
	fp_save(v);
}

void arch_vcpu_run(struct vcpu *v)
{
	load(v);
	while (!cpu_must_choose(this_cpu())) {
		if (unlikely(__atomic_load_n(&v->arch.must_init, __ATOMIC_RELAXED))) {
			apic_take_init(v);
		} else if (unlikely(v->arch.is_halted) && !arch_vcpu_has_pending(v)) {
			trap_suspend(v);
		} else {
			v->arch.is_halted = false;
			hvm->enter(v);
		}
	}
	unload(v);
}

void hvm_halt(struct vcpu *v, bool is_masked)
{
	v->arch.is_halted = is_masked;
	trap_suspend(v);
}

void hvm_wake(struct vcpu *v)
{
	trap_wake(v);
	if (v->cpu != this_cpu()->id) {
		arch_cpu_kick(v->cpu);
	}
}

/*
 * With a vector of its own it goes through the vCPU's APIC, once that takes something: else the event that came first
 * would be lost, and no other has an edge. Without one what waits is seen in vcpu_info itself. In either case the CPU
 * only has to come by.
 */
void arch_vcpu_set_upcall(struct vcpu *v)
{
	__atomic_store_n(&v->arch.must_upcall, true, __ATOMIC_SEQ_CST);
	hvm_wake(v);
}

void arch_vcpu_set_upcall_vector(struct vcpu *v, uint8_t vector)
{
	__atomic_store_n(&v->arch.upcall_vector, vector, __ATOMIC_SEQ_CST);
	if (trap_has_upcall(v)) {
		arch_vcpu_set_upcall(v);
	}
}

static void raise_upcall(struct vcpu *v, uint8_t vector)
{
	struct vlapic *l = &v->arch.vlapic;

	if ((l->base & APIC_BASE_ENABLE) != 0 && (l->svr & APIC_SVR_ENABLE) != 0 &&
	    __atomic_exchange_n(&v->arch.must_upcall, false, __ATOMIC_SEQ_CST)) {
		vlapic_raise(l, vector, false);
	}
}

void arch_domain_set_upcall_vector(struct domain *d, uint8_t vector)
{
	__atomic_store_n(&d->arch.callback_vector, vector, __ATOMIC_RELAXED);
}

uint8_t arch_domain_upcall_vector(const struct domain *d)
{
	return __atomic_load_n(&d->arch.callback_vector, __ATOMIC_RELAXED);
}

static int pending_in_apic(struct vcpu *v)
{
	v->arch.is_by_apic = true;
	return vlapic_is_quiet(&v->arch.vlapic) ? -1 : vlapic_pending(&v->arch.vlapic);
}

static __noinline int pending_by_own_vector(struct vcpu *v, uint8_t vector)
{
	if (unlikely(__atomic_load_n(&v->arch.must_upcall, __ATOMIC_RELAXED))) {
		raise_upcall(v, vector);
	}
	return pending_in_apic(v);
}

/* The domain's vector is a level: its guest takes it back in vcpu_info. */
int hvm_pending(struct vcpu *v)
{
	uint8_t own = __atomic_load_n(&v->arch.upcall_vector, __ATOMIC_RELAXED);
	uint8_t vector = arch_domain_upcall_vector(v->domain);

	if (own != 0) {
		return pending_by_own_vector(v, own);
	}
	if (vector != 0 && trap_has_upcall(v)) {
		v->arch.is_by_apic = false;
		return vector;
	}
	return pending_in_apic(v);
}

void hvm_taken(struct vcpu *v, int vector)
{
	if (v->arch.is_by_apic) {
		vlapic_take(&v->arch.vlapic, (uint8_t)vector);
	}
}

void hvm_give_back(struct vcpu *v, int vector)
{
	vlapic_untake(&v->arch.vlapic, (uint8_t)vector);
}

/* Of a vCPU that sleeps with interrupts masked only an NMI counts, and an INIT, which is seen by itself. */
bool arch_vcpu_has_pending(struct vcpu *v)
{
	return __atomic_load_n(&v->arch.vlapic.nmis, __ATOMIC_RELAXED) != 0 ||
	       (!v->arch.is_halted && hvm_pending(v) >= 0);
}

/* No device of the hypervisor's that a guest of a PC sees has an interrupt line yet. */
void arch_domain_set_irq(struct domain *d, unsigned int intid, bool level)
{
	(void)d;
	(void)intid;
	(void)level;
}

/* Beyond 32 bits there is nothing for its code but what compat/ has made of its structures. */
static int translate_wide(const struct vcpu *v, uint64_t va, paddr_t *pa)
{
	if (va - COMPAT_AREA_BASE >= COMPAT_AREA_BYTES) {
		return -EFAULT;
	}
	*pa = paddr(arch_virt_to_phys(v->arch.compat).v + (va - COMPAT_AREA_BASE));
	return 0;
}

int arch_vcpu_translate(struct vcpu *v, uint64_t va, bool is_write, paddr_t *pa)
{
	const struct hvm_modes *modes = v->arch.modes;
	struct hvm_modes m;
	enum p2m_type type;
	uint64_t at;
	int err;

	if (v->arch.is_compat && va > UINT32_MAX) {
		return translate_wide(v, va, pa);
	}
	if (unlikely(modes == NULL)) {
		hvm->modes(v, &m);
		modes = &m;
	}
	err = guest_walk(v, modes, va, is_write, &at);
	if (err == 0) {
		err = arch_p2m_lookup(v->domain, gpa(at), pa, &type);
	}
	/* What is another domain's may be taken back while we write. */
	if (err != 0 || (type != P2M_RAM && (is_write || type != P2M_RAM_RO))) {
		return -EFAULT;
	}
	return 0;
}

/* Where its tables lead to by now: a triple fault is most often one of these without a page. */
static void dump_mapping(struct vcpu *v, const struct hvm_modes *m, const char *name, uint64_t va)
{
	uint64_t at;

	if (guest_walk(v, m, va, false, &at) == 0) {
		hyp_printf("  %s 0x%lx is at 0x%lx", name, va, at);
	} else {
		hyp_printf("  %s 0x%lx is not mapped", name, va);
	}
}

void arch_vcpu_dump(struct vcpu *v)
{
	static const char *const names[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp",
					       "rsi", "rdi", "r8",  "r9",  "r10", "r11",
					       "r12", "r13", "r14", "r15" };
	const uint64_t *r = v->arch.gpr;
	struct hvm_modes m;
	uint64_t idt;

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
	idt = hvm->dump(v);
	dump_mapping(v, &m, "RIP", m.rip);
	dump_mapping(v, &m, "RSP", r[INSN_RSP]);
	dump_mapping(v, &m, "IDT", idt);
}

/* A PC's guest is told by its start info. */
int arch_domain_fdt(struct domain *d, void *fdt)
{
	(void)d;
	(void)fdt;
	return 0;
}
