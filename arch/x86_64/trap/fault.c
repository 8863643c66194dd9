/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IDT, and what comes through it: interrupts, which are open at known places only; NMIs, by which other CPUs have
 * this one flush its TLB; exceptions, which are our own fault and the end.
 *
 * Each kind that must not rely on the stack it finds has one of its own (IST).
 * Spec: AMD APM vol. 2 chapter 8.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <hyp/arch/cpu.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define VECTOR_NMI     2
#define VECTOR_DOUBLE  8
#define VECTOR_PF      14
#define VECTOR_MCE     18
#define NR_EXCEPTIONS  32U
#define GATE_INTERRUPT 0x8e00UL

extern const char trap_vectors[256][16];

static struct {
	uint64_t lo, hi;
} idt[256] __aligned(16);

static const char *const names[NR_EXCEPTIONS] = {
	"divide error",
	"debug",
	"NMI",
	"breakpoint",
	"overflow",
	"bound range",
	"invalid opcode",
	"device not available",
	"double fault",
	"coprocessor overrun",
	"invalid TSS",
	"segment not present",
	"stack fault",
	"general protection",
	"page fault",
	"reserved",
	"x87 floating point",
	"alignment check",
	"machine check",
	"SIMD floating point",
};

static uint64_t ist_of(unsigned int vector)
{
	switch (vector) {
	case VECTOR_NMI:
		return IST_NMI;
	case VECTOR_DOUBLE:
		return IST_DOUBLE;
	case VECTOR_MCE:
		return IST_MCE;
	default:
		return vector < NR_EXCEPTIONS ? IST_FAULT : 0;
	}
}

void traps_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(idt); i++) {
		uint64_t at = (uint64_t)trap_vectors[i];

		idt[i].lo = (at & 0xffff) | SEL_CODE << 16 | (ist_of(i) | GATE_INTERRUPT) << 32 |
			    (at & 0xffff0000UL) << 32;
		idt[i].hi = at >> 32;
	}
}

void traps_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idtr = { sizeof(idt) - 1, (uint64_t)idt };

	__asm__ volatile("lidt %0" : : "m"(idtr));
}

static void take_nmi(void)
{
	struct arch_cpu *cpu = &this_cpu()->arch;

	if (__atomic_load_n(&is_panicking, __ATOMIC_ACQUIRE)) {
		arch_cpu_stop();
	}
	if (__atomic_load_n(&cpu->must_flush, __ATOMIC_ACQUIRE)) {
		tables_flush_all();
		if (hvm != NULL && hvm->flush != NULL) {
			hvm->flush();
		}
		__atomic_store_n(&cpu->must_flush, false, __ATOMIC_RELEASE);
	}
}

static const char *name_of(uint64_t vector)
{
	return vector < NR_EXCEPTIONS && names[vector] != NULL ? names[vector] : "exception";
}

static void print_page_fault(const struct trap_regs *r)
{
	hyp_printf("  CR2 0x%lx: %s, %s", read_cr2(),
		   (r->error & 16) != 0	 ? "fetch"
		   : (r->error & 2) != 0 ? "write"
					 : "read",
		   (r->error & 1) != 0 ? "not allowed" : "not mapped");
}

static void __noreturn own_fault(const struct trap_regs *r)
{
	panic_enter();
	hyp_printf("%s in the hypervisor at 0x%lx, SP 0x%lx, RFLAGS 0x%lx, error 0x%lx",
		   name_of(r->vector), r->rip, r->rsp, r->rflags, r->error);
	if (r->vector == VECTOR_PF) {
		print_page_fault(r);
	}
	hyp_printf("  rax 0x%016lx  rbx 0x%016lx  rcx 0x%016lx", r->rax, r->rbx, r->rcx);
	hyp_printf("  rdx 0x%016lx  rsi 0x%016lx  rdi 0x%016lx", r->rdx, r->rsi, r->rdi);
	hyp_printf("  rbp 0x%016lx  r8  0x%016lx  r9  0x%016lx", r->rbp, r->r8, r->r9);
	hyp_printf("  r10 0x%016lx  r11 0x%016lx  r12 0x%016lx", r->r10, r->r11, r->r12);
	hyp_printf("  r13 0x%016lx  r14 0x%016lx  r15 0x%016lx", r->r13, r->r14, r->r15);
	hyp_printf("  cs 0x%lx  ss 0x%lx  CR3 0x%lx  CR4 0x%lx", r->cs, r->ss, read_cr3(),
		   read_cr4());
	panic_at(r->rsp, "%s in the hypervisor", name_of(r->vector));
}

void trap_entry(struct trap_regs *regs)
{
	if (regs->vector == VECTOR_NMI) {
		take_nmi();
	} else if (regs->vector < NR_EXCEPTIONS) {
		own_fault(regs);
	} else {
		irq_handle((unsigned int)regs->vector);
	}
}
