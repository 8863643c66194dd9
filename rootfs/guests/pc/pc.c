// SPDX-License-Identifier: Apache-2.0
/* Interrupt table, console and local APIC of bare-metal guests of a PC. */
#include "pc.h"

#include <xen/sched.h>

#define XEN_LEAF_TIME 0x40000003U
#define LINE_BYTES    200U
#define APIC_ICR      0x300U
#define APIC_ICR_HIGH 0x310U
#define APIC_SVR      0xf0U
#define APIC_ID	      0x20U
#define ICR_NMI	      0x4400U
#define ICR_SELF      0x44000U
#define INTEL_ECX     0x6c65746eU /* "ntel" of "GenuineIntel" */
#define VMCALL_LAST   0xc1	  /* last of three bytes */

extern const char trap_stubs[256][16];
extern const char try_failed[];
extern uint8_t *const hypercall_sites[], *const hypercall_sites_end[];
extern uint64_t pc_gdt[];

static struct {
	uint64_t lo, hi;
} idt[256] __attribute__((aligned(16)));

/* One stack for privilege level 0, should an exception come from 3. */
static uint8_t user_traps[8192] __attribute__((aligned(16)));
static struct {
	uint32_t reserved;
	uint64_t rsp0;
	uint8_t rest[92];
} __attribute__((packed)) tss;

uint64_t try_vector, try_error;
uint64_t try_sp; /* stack of the try_call() that is under way; 0: none is */

static char line[LINE_BYTES];
static unsigned int line_len;

void say(const char *s)
{
	for (; *s != '\0'; s++) {
		line[line_len++] = *s;
		if (*s == '\n' || line_len == sizeof(line)) {
			hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, line_len,
				  (uint64_t)line, 0);
			line_len = 0;
		}
	}
}

static void say_digits(uint64_t n, unsigned int base)
{
	char digits[21];
	unsigned int i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n != 0);
	say(&digits[i]);
}

void say_number(uint64_t n)
{
	say_digits(n, 10);
}

void say_hex(uint64_t n)
{
	say_digits(n, 16);
}

void get_line(char *to, size_t size)
{
	size_t n = 0;
	char c = 0;

	while (c != '\n' && c != '\r') {
		if (hypercall(__HYPERVISOR_console_io, CONSOLEIO_read, 1, (uint64_t)&c, 0) != 1) {
			hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
			c = 0;
		} else if (c != '\n' && c != '\r' && n + 1 < size) {
			to[n++] = c;
		}
	}
	to[n] = '\0';
}

void shut_down(unsigned int reason)
{
	struct sched_shutdown off = { .reason = reason };

	for (;;) {
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uint64_t)&off, 0, 0);
	}
}

uint32_t tsc_khz(void)
{
	return cpuid(XEN_LEAF_TIME, 0).ecx;
}

bool apic_is_x2(void)
{
	return (rdmsr(MSR_APIC_BASE) & APIC_EXTD) != 0;
}

static bool is_x2;

void apic_go_x2(void)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_EXTD);
	is_x2 = true;
}

uint32_t apic_read(unsigned int reg)
{
	return is_x2 ? (uint32_t)rdmsr(MSR_X2APIC + reg / 16)
		     : *(volatile uint32_t *)(APIC_PAGE + reg);
}

void apic_write(unsigned int reg, uint32_t value)
{
	if (is_x2) {
		wrmsr(MSR_X2APIC + reg / 16, value);
	} else {
		*(volatile uint32_t *)(APIC_PAGE + reg) = value;
	}
}

void apic_self_ipi(uint8_t vector)
{
	apic_write(APIC_ICR, ICR_SELF | vector);
}

void apic_self_nmi(void)
{
	if (is_x2) {
		wrmsr(X2APIC_ICR, (uint64_t)apic_read(APIC_ID) << 32 | ICR_NMI);
	} else {
		apic_write(APIC_ICR_HIGH, apic_read(APIC_ID));
		apic_write(APIC_ICR, ICR_NMI);
	}
}

void apic_eoi(void)
{
	apic_write(0xb0, 0);
}

static void make_gate(unsigned int vector)
{
	uint64_t at = (uint64_t)trap_stubs[vector];

	idt[vector].lo = (at & 0xffff) | 8UL << 16 | 0x8e00UL << 32 | (at & 0xffff0000UL) << 32;
	idt[vector].hi = at >> 32;
}

static void make_task(void)
{
	uint64_t at = (uint64_t)&tss;

	tss.rsp0 = (uint64_t)user_traps + sizeof(user_traps);
	pc_gdt[5] = (sizeof(tss) - 1) | (at & 0xffffff) << 16 | 0x89UL << 40 | (at >> 24) << 56;
	__asm__ volatile("ltr %w0" : : "r"(40));
}

void pc_trap(struct pc_frame *f)
{
	if (try_sp != 0 && f->vector < 32 && f->vector != 1 && f->vector != 2) {
		try_vector = f->vector;
		try_error = f->error;
		f->rip = (uint64_t)try_failed;
		f->rsp = try_sp;
		f->cs = 8;
		f->ss = 16;
		f->rflags = 2;
		return;
	}
	guest_trap(f);
}

/* The instruction for hypercalls is the CPU vendor's, whoever runs us: VMMCALL stands everywhere, VMCALL is Intel's. */
static void choose_hypercall(void)
{
	uint32_t eax = 0, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (ecx != INTEL_ECX) {
		return;
	}
	for (uint8_t *const *site = hypercall_sites; site < hypercall_sites_end; site++) {
		(*site)[2] = VMCALL_LAST;
	}
}

void pc_start(const struct hvm_start_info *info)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idtr = { sizeof(idt) - 1, (uint64_t)idt };

	choose_hypercall();
	for (unsigned int i = 0; i < ARRAY_SIZE(idt); i++) {
		make_gate(i);
	}
	__asm__ volatile("lidt %0" : : "m"(idtr));
	make_task();
	is_x2 = apic_is_x2();
	apic_write(APIC_SVR, 0x1ff);
	guest_main(info);
	shut_down(SHUTDOWN_poweroff);
}
