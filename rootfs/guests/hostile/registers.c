// SPDX-License-Identifier: Apache-2.0
/*
 * All model-specific registers, all ports, all leaves of CPUID, all registers of the local APIC, at every width. Left out is what
 * would be this domain's end by its own hand.
 */
#include "poke.h"

#define HYPERCALL_PAGE 0x40000000U
#define SLEEP_PORT     0xb004U
#define APIC_ICR       0x300U

static const uint8_t rdmsr_code[] = { 0x0f, 0x32, 0xc3 };
static const uint8_t wrmsr_code[] = { 0x0f, 0x30, 0xc3 };

/* Whatever was done to it: on, and nothing waits or is in service. */
static void apic_again(void)
{
	apic_write(0x380, 0);
	for (unsigned int lvt = 0x320; lvt <= 0x370; lvt += 0x10) {
		apic_write(lvt, 0x10000);
	}
	apic_write(0x80, 0);
	apic_write(0xf0, 0x1ff);
	for (unsigned int i = 0; i < 300; i++) {
		apic_eoi();
	}
	sti();
	__asm__ volatile("nop\n\tnop");
	cli();
}

static void poke_msr(uint32_t msr)
{
	struct pc_regs r = { .rcx = msr };
	bool was_read = try(rdmsr_code, &r);

	if (msr == MSR_EFER || msr == MSR_APIC_BASE) {
		return;
	}
	if (was_read) { /* as it was, then a bit of it changed */
		r.rcx = msr;
		(void)try(wrmsr_code, &r);
		r.rcx = msr;
		r.rax ^= 1UL << (next_random() & 31);
		(void)try(wrmsr_code, &r);
	}
	r = (struct pc_regs){ .rcx = msr,
			      .rax = (uint32_t)next_random(),
			      .rdx = (uint32_t)next_random() };
	if (msr == HYPERCALL_PAGE) {
		r.rax = SCRATCH;
		r.rdx = 0;
	}
	if ((msr & ~0xffU) !=
	    MSR_X2APIC) { /* those have their turn, which does not stop this vCPU */
		(void)try(wrmsr_code, &r);
	}
}

void poke_msrs(void)
{
	static const uint32_t ranges[][2] = {
		{ 0, 0x2000 },
		{ HYPERCALL_PAGE, 0x200 },
		{ 0xc0000000U, 0x2000 },
		{ 0xc0010000U, 0x2000 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(ranges); i++) {
		for (uint32_t n = 0; n < ranges[i][1]; n++) {
			poke_msr(ranges[i][0] + n);
		}
	}
	for (unsigned int i = 0; i < 1000; i++) {
		poke_msr((uint32_t)next_random());
	}
	apic_again(); /* a bit that was changed may have switched it off */
	done("MSRs");
}

static void poke_port(uint16_t port)
{
	uint32_t value = (uint32_t)next_random();

	accesses++;
	__asm__ volatile("inb %%dx, %%al" : : "d"(port) : "rax");
	if (port % 5 == 0) {
		accesses += 2;
		__asm__ volatile("inw %%dx, %%ax\n\tinl %%dx, %%eax" : : "d"(port) : "rax");
	}
	if (port < SLEEP_PORT - 4 || port > SLEEP_PORT + 4) {
		accesses++;
		__asm__ volatile("outb %%al, %%dx" : : "d"(port), "a"(value));
		if (port % 5 == 1) {
			accesses += 2;
			__asm__ volatile("outw %%ax, %%dx\n\toutl %%eax, %%dx"
					 :
					 : "d"(port), "a"(value));
		}
	}
}

void poke_ports(void)
{
	for (uint32_t port = 0; port <= UINT16_MAX; port++) {
		poke_port((uint16_t)port);
	}
	done("ports");
}

void poke_cpuid(void)
{
	static const uint32_t bases[] = { 0, 0x40000000U, 0x40000100U, 0x80000000U, 0x8fffff00U };
	uint32_t seen = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(bases); i++) {
		for (uint32_t n = 0; n < 0x40; n++) {
			for (uint32_t sub = 0; sub < 40; sub++) {
				seen |= cpuid(bases[i] + n, sub).eax;
				accesses++;
			}
		}
	}
	for (unsigned int i = 0; i < 2000; i++) {
		seen |= cpuid((uint32_t)next_random(), (uint32_t)next_random()).eax;
		accesses++;
	}
	done(seen != 0 ? "CPUID leaves" : "no CPUID leaf at all");
}

static void poke_apic_register(uint64_t at, uint64_t value)
{
	accesses += 8;
	(void)*(volatile uint8_t *)at;
	(void)*(volatile uint16_t *)at;
	(void)*(volatile uint32_t *)at;
	(void)*(volatile uint64_t *)at;
	if (at - APIC_PAGE >= APIC_ICR - 8 && at - APIC_PAGE < APIC_ICR + 16) {
		value &= 0xf0; /* no INIT to oneself */
	}
	*(volatile uint8_t *)at = (uint8_t)value;
	*(volatile uint16_t *)at = (uint16_t)value;
	*(volatile uint32_t *)at = (uint32_t)value;
	*(volatile uint64_t *)at = value;
}

/* An access of 8 bytes at the last 4 reaches over the page's end, where nothing is. */
void poke_apic(void)
{
	for (uint64_t offset = 0; offset <= 0xff8; offset += 4) {
		poke_apic_register(APIC_PAGE + offset, next_random());
	}
	apic_again();
	done("APIC page");
}

void poke_x2apic(void)
{
	apic_go_x2();
	for (uint32_t msr = MSR_X2APIC; msr < MSR_X2APIC + 0x100; msr++) {
		for (unsigned int i = 0; i < 8; i++) {
			struct pc_regs r = { .rcx = msr };

			(void)try(rdmsr_code, &r);
			r.rcx = msr;
			r.rax = msr == X2APIC_ICR ? next_random() & 0xf0 : next_random();
			r.rdx = (i & 1) != 0 ? next_random() : 0;
			(void)try(wrmsr_code, &r);
		}
	}
	apic_again();
	done("x2APIC");
}
