// SPDX-License-Identifier: Apache-2.0
/* The ways in which a guest can end itself, and nobody else. */
#include "poke.h"

#include <xen/sched.h>

/* Instructions at a device's register that nobody decodes, RDX leading there. */
static const uint8_t at_device[][8] = {
	{ 0x01, 0x02, 0xc3 },		  /* a: ADD */
	{ 0xff, 0x32, 0x58, 0xc3 },	  /* b: PUSH */
	{ 0x0f, 0x28, 0x02, 0xc3 },	  /* c: MOVAPS */
	{ 0xf0, 0x0f, 0xb1, 0x0a, 0xc3 }, /* d: LOCK CMPXCHG */
	{ 0x0f, 0xc7, 0x0a, 0xc3 },	  /* e: CMPXCHG8B */
	{ 0xdd, 0x02, 0xc3 },		  /* f: FLD */
	{ 0xff, 0x22, 0xc3 },		  /* g: JMP */
};

static void triple_fault(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("lidt %0\n\tud2" : : "m"(none));
}

/* An interrupt whose frame is to be pushed where a device is. */
static void stack_at_device(void)
{
	apic_self_ipi(VECTOR_STORM);
	__asm__ volatile("mov %0, %%rsp\n\tsti\n\tnop\n\tnop" : : "r"(APIC_PAGE + 0x800));
}

static void strings(void)
{
	__asm__ volatile("rep insb" : : "D"(SCRATCH), "c"(100), "d"(0x60) : "memory");
}

void deadly(char key)
{
	if (key >= 'a' && key <= 'g') {
		__asm__ volatile("call *%0"
				 :
				 : "r"(at_device[key - 'a']), "d"(APIC_PAGE + 0x80)
				 : "rax", "rcx", "memory");
	}
	switch (key) {
	case 'h':
		(void)*(volatile uint32_t *)HOLE;
		break;
	case 'i':
		*(volatile uint32_t *)(RAM + 0x1000000) = 1; /* behind its memory */
		break;
	case 'j':
		__asm__ volatile("jmp *%0" : : "r"(HOLE));
		break;
	case 'k':
		__asm__ volatile("mov %0, %%cr3" : : "r"(HOLE) : "memory");
		break;
	case 's':
		strings();
		break;
	case 't':
		triple_fault();
		break;
	case 'u': /* CR4.UMIP on a CPU without: QEMU takes it, and the next entry fails */
		__asm__ volatile("mov %0, %%cr4\n\tcpuid"
				 :
				 : "r"(0xe20UL)
				 : "rax", "rbx", "rcx", "rdx");
		break;
	case 'v':
		stack_at_device();
		break;
	case 'r':
		shut_down(SHUTDOWN_reboot);
	case 'x':
		shut_down(SHUTDOWN_crash);
	default:
		return;
	}
	say("still here\n");
}
