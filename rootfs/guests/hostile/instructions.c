// SPDX-License-Identifier: Apache-2.0
/* Instructions that are the hypervisor's, or that a guest has no use for; and bits of control registers. */
#include "poke.h"

/* PAE; and what not every CPU has: QEMU lets it be set, and gives the guest up for it (deadly()). */
#define CR4_KEPT (1UL << 5 | ~0x7ffUL)

/* Each with a return behind it. */
static const uint8_t codes[][8] = {
	{ 0x0f, 0x01, 0xd8, 0xc3 },		/* VMRUN */
	{ 0x0f, 0x01, 0xda, 0xc3 },		/* VMLOAD */
	{ 0x0f, 0x01, 0xdb, 0xc3 },		/* VMSAVE */
	{ 0x0f, 0x01, 0xdc, 0xc3 },		/* STGI */
	{ 0x0f, 0x01, 0xdd, 0xc3 },		/* CLGI */
	{ 0x0f, 0x01, 0xde, 0xc3 },		/* SKINIT */
	{ 0x0f, 0x01, 0xdf, 0xc3 },		/* INVLPGA */
	{ 0x0f, 0x01, 0xc1, 0xc3 },		/* VMCALL, which is not AMD's */
	{ 0x0f, 0x01, 0xc2, 0xc3 },		/* VMLAUNCH */
	{ 0x0f, 0x01, 0xc4, 0xc3 },		/* VMXOFF */
	{ 0x0f, 0xc7, 0x32, 0xc3 },		/* VMPTRLD */
	{ 0xf3, 0x0f, 0xc7, 0x32, 0xc3 },	/* VMXON */
	{ 0x0f, 0x78, 0xc0, 0xc3 },		/* VMREAD */
	{ 0x0f, 0x01, 0xc8, 0xc3 },		/* MONITOR */
	{ 0x0f, 0x01, 0xc9, 0xc3 },		/* MWAIT */
	{ 0x0f, 0x33, 0xc3 },			/* RDPMC */
	{ 0x0f, 0x08, 0xc3 },			/* INVD */
	{ 0x0f, 0x09, 0xc3 },			/* WBINVD */
	{ 0x0f, 0xaa, 0xc3 },			/* RSM */
	{ 0x0f, 0x37, 0xc3 },			/* GETSEC */
	{ 0x0f, 0x01, 0xd1, 0xc3 },		/* XSETBV */
	{ 0x0f, 0x01, 0xd0, 0xc3 },		/* XGETBV */
	{ 0x0f, 0x01, 0xf9, 0xc3 },		/* RDTSCP */
	{ 0x66, 0x0f, 0x38, 0x82, 0x02, 0xc3 }, /* INVPCID */
	{ 0xf3, 0x0f, 0xc7, 0xf8, 0xc3 },	/* RDPID */
	{ 0x0f, 0x01, 0xfc, 0xc3 },		/* CLZERO */
	{ 0x0f, 0x0b, 0xc3 },			/* UD2 */
	{ 0x66, 0x66, 0x0f, 0x01, 0xd9, 0xc3 }, /* VMMCALL, longer than it need be */
	{ 0x0f, 0x22, 0xc8, 0xc3 },		/* MOV to CR1 */
};

void poke_instructions(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++) {
		for (unsigned int n = 0; n < 8; n++) {
			struct pc_regs r = { .rax = n < 4 ? n : next_random(),
					     .rcx = next_random() & 3,
					     .rdx = SCRATCH,
					     .rsi = next_random(),
					     .rdi = next_random() };

			if (codes[i][4] == 0xd9) {
				r.rax = 63; /* a number that nobody has */
			}
			(void)try(codes[i], &r);
		}
	}
	done("instructions");
}

/* MOV CR4,RAX; RET, and the same of the others. */
static const uint8_t to_cr0[] = { 0x0f, 0x22, 0xc0, 0xc3 };
static const uint8_t to_cr4[] = { 0x0f, 0x22, 0xe0, 0xc3 };
static const uint8_t to_cr8[] = { 0x44, 0x0f, 0x22, 0xc0, 0xc3 };
static const uint8_t to_dr7[] = { 0x0f, 0x23, 0xf8, 0xc3 };
static const uint8_t to_efer[] = { 0xb9, 0x80, 0x00, 0x00, 0xc0, 0x0f, 0x30, 0xc3 };

static void flip(const uint8_t *code, uint64_t was, uint64_t kept)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		struct pc_regs r = { .rax = was ^ 1UL << bit };

		if ((kept >> bit & 1) == 0) {
			(void)try(code, &r);
			r = (struct pc_regs){ .rax = was };
			(void)try(code, &r);
		}
	}
}

void poke_controls(void)
{
	uint64_t cr0, cr4;

	__asm__ volatile("mov %%cr0, %0\n\tmov %%cr4, %1" : "=r"(cr0), "=r"(cr4));
	flip(to_cr0, cr0, 1UL | 1UL << 31);
	flip(to_cr4, cr4, CR4_KEPT);
	flip(to_cr8, 0, 0);
	flip(to_dr7, 0x400, 1UL << 13); /* GD: some emulators fault there for ever */
	flip(to_efer, rdmsr(MSR_EFER), 1UL << 8);
	done("control registers");
}
