/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bare-metal guests of a PC share. A guest brings guest_main() and guest_trap(); it runs in 64-bit mode at privilege
 * level 0 with the first 4 GiB mapped as they are, interrupts masked, on one vCPU.
 */
#ifndef PC_H
#define PC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MSR_TSC	      0x10U
#define MSR_APIC_BASE 0x1bU
#define MSR_X2APIC    0x800U
#define MSR_EFER      0xc0000080U
#define X2APIC_EOI    0x80bU
#define X2APIC_ICR    0x830U
#define X2APIC_SELF   0x83fU
#define APIC_EXTD     0x400U
#define APIC_PAGE     0xfee00000UL

#define RFLAGS_TF 0x100UL
#define RFLAGS_IF 0x200UL

/** struct pc_frame - what an interrupt or exception found. Changes go back but for the callee-saved ones, which are not here. */
struct pc_frame {
	uint64_t tsc; /* of its first instructions */
	uint64_t r11, r10, r9, r8, rbp, rdi, rsi, rbx, rcx, rdx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/** struct pc_regs - what try_call() gives the code and takes of it. */
struct pc_regs {
	uint64_t rax, rcx, rdx, rbx, rsi, rdi;
};

/* The guest's. */
void guest_main(const struct hvm_start_info *info);
/** guest_trap() - @f: where it came. Exceptions in a try_call() do not come here. */
void guest_trap(struct pc_frame *f);

/* head.S */
int64_t hypercall(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
/** hypercall_narrow() - the same from 32-bit code: of each argument the low 32 bits. */
int64_t hypercall_narrow(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
extern const char hypercall_insn[];
/** try_call() - call @code, which returns, with @r. Return: false: it ended in the exception try_vector. */
bool try_call(const void *code, struct pc_regs *r);

/* pc.c */
extern uint64_t try_vector, try_error;
void pc_start(const struct hvm_start_info *info);
void pc_trap(struct pc_frame *f);

/** say() - text; say_number(), say_hex() - a number; a line goes out at its end. */
void say(const char *s);
void say_number(uint64_t n);
void say_hex(uint64_t n);
/** get_line() - what is typed up to a line's end, at most @size - 1. Asks again and again, and yields meanwhile. */
void get_line(char *line, size_t size);

void shut_down(unsigned int reason) __attribute__((noreturn));

/** tsc_khz() - by Xen's leaf. */
uint32_t tsc_khz(void);

/* time.c */
/** pc_shared - Xen's shared info, once shared_map() has put it there in our physical space. */
extern union pc_shared {
	volatile struct shared_info info;
	uint8_t page[4096];
} __attribute__((aligned(4096))) pc_shared;
/** shared_map() - once. Return: false: that failed. */
bool shared_map(void);

/* xAPIC or x2APIC, whichever is on; @reg: offset in the page. */
uint32_t apic_read(unsigned int reg);
void apic_write(unsigned int reg, uint32_t value);
bool apic_is_x2(void);
/** apic_go_x2() - for ever. */
void apic_go_x2(void);
/** apic_self_ipi() - fixed, @vector. apic_self_nmi() - one of those. */
void apic_self_ipi(uint8_t vector);
void apic_self_nmi(void);
void apic_eoi(void);

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/** time_ns() - Xen's time when the TSC is @tsc, by what vcpu_info says of it, which is not changed while we read. */
static inline uint64_t time_ns(uint64_t tsc)
{
	const volatile struct vcpu_time_info *t = &pc_shared.info.vcpu_info[0].time;
	uint64_t ticks = tsc - t->tsc_timestamp;

	ticks = t->tsc_shift < 0 ? ticks >> -t->tsc_shift : ticks << t->tsc_shift;
	return t->system_time + (uint64_t)(((unsigned __int128)ticks * t->tsc_to_system_mul) >> 32);
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t sub)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(sub));
	return r;
}

static inline void sti(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/* Asleep with interrupts let in by its last instruction; masked again when it is over. */
static inline void sti_hlt_cli(void)
{
	__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

#endif
