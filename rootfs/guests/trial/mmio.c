// SPDX-License-Identifier: Apache-2.0
/* Every instruction that a driver may reach registers with: on the local APIC's, of which TPR and LDR keep what is written. */
#include "trial.h"

#define APIC_ID	 (APIC_PAGE + 0x20)
#define APIC_VER (APIC_PAGE + 0x30)
#define APIC_TPR (APIC_PAGE + 0x80)
#define APIC_LDR (APIC_PAGE + 0xd0)

static volatile uint32_t *const tpr = (volatile uint32_t *)APIC_TPR;

static uint32_t read(uint64_t at)
{
	return *(volatile uint32_t *)at;
}

static void moves(void)
{
	uint32_t version = read(APIC_VER), part, keep;
	uint64_t extended;

	*tpr = 0x30;
	verdict("MOV m,r", read(APIC_TPR) == 0x30);
	__asm__ volatile("movl $0x20, (%0)" : : "r"(tpr) : "memory");
	verdict("MOV m,imm", read(APIC_TPR) == 0x20);
	__asm__ volatile("movzbl (%1), %0" : "=r"(part) : "r"(APIC_VER));
	verdict("MOVZX", part == (version & 0xff));
	__asm__ volatile("movslq (%1), %0" : "=r"(extended) : "r"(APIC_VER));
	verdict("MOVSXD", extended == (uint64_t)(int64_t)(int32_t)version);
	__asm__ volatile("movabsl 0xfee00030, %%eax" : "=a"(part));
	verdict("MOV moffs", part == version);
	keep = 0x40;
	__asm__ volatile("xchgl %0, (%1)" : "+r"(keep) : "r"(tpr) : "memory");
	verdict("XCHG", keep == 0x20 && read(APIC_TPR) == 0x40);
	__asm__ volatile("orl $0x20, (%0)\n\tandl $~0x40, (%0)" : : "r"(tpr) : "memory");
	verdict("OR and AND", read(APIC_TPR) == 0x20);
}

static uint32_t buffer[8];

static void strings(void)
{
	uint64_t to = APIC_TPR, from, count = 0;
	uint32_t version = read(APIC_VER);

	__asm__ volatile("stosl" : "+D"(to) : "a"(0x10) : "memory");
	verdict("STOS", read(APIC_TPR) == 0x10 && to == APIC_TPR + 4);
	to = APIC_TPR;
	__asm__ volatile("rep stosl" : "+D"(to), "+c"(count) : "a"(0x50) : "memory");
	verdict("REP STOS of nothing", read(APIC_TPR) == 0x10 && to == APIC_TPR && count == 0);
	from = APIC_VER;
	to = (uint64_t)buffer;
	__asm__ volatile("movsl" : "+S"(from), "+D"(to) : : "memory");
	verdict("MOVS from a register",
		buffer[0] == version && from == APIC_VER + 4 && to == (uint64_t)&buffer[1]);
	buffer[0] = 0x60;
	from = (uint64_t)buffer;
	to = APIC_TPR;
	count = 1;
	__asm__ volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
	verdict("REP MOVS to a register", read(APIC_TPR) == 0x60 && count == 0);
	from = APIC_VER;
	to = (uint64_t)&buffer[2];
	count = 4;
	__asm__ volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
	verdict("REP MOVS of four", buffer[2] == version && from == APIC_VER + 16 && count == 0);
	*tpr = 0x10;
	from = APIC_TPR;
	to = APIC_LDR;
	__asm__ volatile("movsl" : "+S"(from), "+D"(to) : : "memory");
	verdict("MOVS from register to register", from == APIC_TPR + 4 && to == APIC_LDR + 4);
}

void try_mmio(void)
{
	moves();
	strings();
	*tpr = 0;
}
