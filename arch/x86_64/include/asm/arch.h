/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of arch/x86_64 need of each other; nobody else includes this. */
#ifndef ASM_ARCH_H
#define ASM_ARCH_H

#include <asm/acpi.h>
#include <asm/boot_info.h>
#include <asm/regs.h>
#include <hyp/types.h>

struct cpu;
struct plan;

/* The order of boot/../trap/vectors.S's pushes. */
struct trap_regs {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* boot/ */
extern uint64_t hyp_pml4[], hyp_map_pdpt[]; /* our tables */
extern struct cpu *ap_cpu;		    /* who is being started; NULL: nobody was yet */
extern uint32_t boot_from;		    /* enum boot_from */
void __noreturn boot_main(uint64_t loader_info);
void __noreturn secondary_main(struct cpu *cpu);

/** cpu_init() - descriptor tables, GS and control bits of this CPU, whose stacks are there. */
void cpu_init(struct cpu *cpu);
/** cpu_stacks_create() - @cpu's interrupt stacks, with guards. Return: 0; -ENOMEM. */
int __must_check cpu_stacks_create(struct cpu *cpu);

/**
 * loader_tree() - boot/loader.c: what a loader says, as the device tree that the core reads.
 * @from: which loader it was
 * @at:   machine address of what it says
 * @rsdp: set to the machine address of ACPI's root; 0: none given
 * Return: machine address of the tree; 0: there is nothing at @at, or no sense in it.
 */
uint64_t loader_tree(enum boot_from from, uint64_t at, uint64_t *rsdp);

/* boot/firmware.c */
extern struct acpi_facts acpi;
extern const char
	*acpi_why; /* what is missing, so that nothing works without it; NULL: all is there */

/** firmware_read() - @rsdp: machine address of ACPI's root; 0: none. Context: boot CPU, before there is a console. */
void firmware_read(uint64_t rsdp);
/** acpi_port() - a register's I/O port; 0: it has none. */
uint16_t acpi_port(const struct acpi_gas *g);
/** acpi_gsi_of() - the I/O APICs' number of ISA interrupt @irq. */
uint32_t acpi_gsi_of(unsigned int irq);
/** firmware_irq() - the ISA interrupt to use instead of @irq, which the board's description has for the console. */
unsigned int firmware_irq(unsigned int irq);
/** firmware_say() - what was taken from the firmware instead of the board's description, to the log. */
void firmware_say(void);

/* mm/tables.c */
/** stack_is_behind_call() - does @word point behind a call instruction of ours? */
bool stack_is_behind_call(uint64_t word);
/** stack_end() - of the stack of this CPU that @sp is in; 0: of none. */
uint64_t stack_end(uint64_t sp);
/** tables_init() - areas for arch_map(); boot CPU, after the pool. */
void tables_init(void);
/** window_init() - @cpu's pages for arch_window() and arch_window_pair(). Return: 0; -ENOMEM. */
int __must_check window_init(struct cpu *cpu);
/** tables_sync_others() - all other CPUs that are up leave their guests, if they are in one, and flush their TLBs, now. */
void tables_sync_others(void);
/** tables_flush_all() - this CPU's TLB. Context: any, NMI too. */
void tables_flush_all(void);

/* irq/ */
#define VECTOR_FIRST_IRQ 0x30U /* of devices, one after the other */
#define VECTOR_FIRST_MSI 0x40U /* messages of functions that domains have: irq/msi.c */
#define VECTOR_LAST_MSI	 0xdfU
#define VECTOR_IOMMU	 0xe0U
#define VECTOR_TIMER	 0xf0U
#define VECTOR_KICK	 0xf1U
#define VECTOR_SPURIOUS	 0xffU

/** apic_init() - map the local APIC, or choose x2APIC; boot CPU. Return: 0; -ENOMEM. */
int __must_check apic_init(void);
/** apic_cpu_init() - this CPU's local APIC: on, everything else masked. */
void apic_cpu_init(void);
uint32_t apic_id(void);
void apic_eoi(void);
/** apic_ipi() - write @low to the interrupt command register, for the CPU with @id. */
void apic_ipi(uint32_t id, uint32_t low);
/** apic_look_again() - at what waits to be taken: see arch_cpu_idle(). */
void apic_look_again(void);
/** apic_timer_set() - count down from @count once; 0: off. apic_timer_read() - what is left. */
void apic_timer_set(uint32_t count);
uint32_t apic_timer_read(void);

/* Interrupt command: level asserted, one CPU by its ID; or with a vector. */
#define IPI_FIXED   0x00004000U
#define IPI_NMI	    0x00004400U
#define IPI_INIT    0x00004500U
#define IPI_STARTUP 0x00004600U

/** time_calibrate() - the counter's and the APIC timer's rates, if ACPI has a timer. Context: boot CPU, pc_read() and apic_init() done. */
void time_calibrate(void);
/** time_is_known() - did it succeed? */
bool time_is_known(void);
/** tsc_to_ns() - when the TSC reads @tsc, on arch_now_ns()'s clock. */
uint64_t tsc_to_ns(uint64_t tsc);
/** delay_us() - wait. Context: after time_calibrate(). */
void delay_us(uint64_t us);

/** irq_open() - take what waits for this CPU, now. Context: masked, no lock held, nothing loaded that a handler may not see. */
static inline void irq_open(void)
{
	__asm__ volatile("sti\n\tnop\n\tcli" : : : "memory");
}

/** irq_lines() - those of I/O APICs that have handlers: off, or as the IOMMU, if there is one, wants them. Context: the builder. */
void irq_lines(bool on);
/** irq_handle() - an interrupt of ours, by its vector. Context: masked. */
void irq_handle(unsigned int vector);

/* trap/ */
/** traps_init() - the interrupt descriptor table, once. traps_load() - for this CPU. */
void traps_init(void);
void traps_load(void);
void trap_entry(struct trap_regs *regs);

#endif
