/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of arch/aarch64 need of each other; nobody else includes this. */
#ifndef ASM_ARCH_H
#define ASM_ARCH_H

#include <asm/domain.h>
#include <asm/spectre.h>
#include <asm/sysreg.h>
#include <hyp/types.h>

struct cpu;
struct plan;
struct vcpu;

/* boot/ */
extern uint64_t image_pa;			   /* machine address of __image_start */
extern uint64_t hyp_l0[], hyp_l1[];		   /* our tables */
extern char vectors[SPECTRE_VECTORS_COUNT][0x800]; /* by enum spectre_vectors */
void secondary_cpu(void);			   /* entry, MMU off; x0 = struct cpu */
void __noreturn boot_main(uint64_t loader_fdt);
void __noreturn secondary_main(struct cpu *cpu);

/* boot/cpus.c */
/** cpu_fault_stack_create() - @cpu's stack for faults of our own, between unmapped pages. Return: 0; -ENOMEM. */
int __must_check cpu_fault_stack_create(struct cpu *cpu);

/* boot/quirks.c */
/** quirks_cpu_init() - @cpu's errata and mitigations. Context: that CPU, before it enters a guest. */
void quirks_cpu_init(struct cpu *cpu);
/** quirks_report() - into the log, once for all CPUs that are alike. Context: all are online. */
void quirks_report(const struct plan *plan);

/* mm/tables.c */
/** stack_is_behind_call() - does @word point behind a call instruction of ours? */
bool stack_is_behind_call(uint64_t word);
/** stack_end() - of the stack of this CPU that @sp is in; 0: of none. */
uint64_t stack_end(uint64_t sp);
/** tables_init() - areas for arch_map(); boot CPU, after the pool. */
void tables_init(void);
/** window_init() - @cpu's pages for arch_window() and arch_window_pair(). Return: 0; -ENOMEM. */
int __must_check window_init(struct cpu *cpu);

/* mm/stage2.c */
/** stage2_cpu_init() - this CPU's VTCR_EL2. */
void stage2_cpu_init(void);

#define GIC_SPURIOUS 1020
#define GIC_SGI_KICK 0

struct plan_range;

/**
 * struct gic_ops - an interrupt controller, chosen once while booting; see irq/gic.c. All but route,
 * ppi_enable and ppi_pend concern the CPU that calls.
 */
struct gic_ops {
	const char *name;
	/* the distributor is mapped and has been cleared of SPIs: what is left of it, and turn it on */
	int (*init)(const struct plan *plan);
	int (*cpu_init)(struct cpu *cpu);
	uint32_t (*ack)(void);
	void (*drop)(uint32_t intid);
	void (*deactivate)(uint32_t intid);
	void (*kick)(unsigned int cpu);
	void (*kicked)(void); /* what others left for this CPU to do; may be NULL */
	void (*route)(uint32_t intid, unsigned int cpu);
	void (*ppi_enable)(unsigned int cpu, uint32_t intid, bool enable);
	void (*ppi_pend)(unsigned int cpu, uint32_t intid, bool pend);
	bool (*ppi_unpend)(uint32_t intid); /* returns: was it pending? */
	void (*ppi_activate)(uint32_t intid);
	void (*wait_disabled)(void); /* until writes to GICD_ICENABLER have taken effect */
	/* list registers, in GICv3's format */
	uint64_t (*lr_read)(unsigned int n);
	void (*lr_write)(unsigned int n, uint64_t value);
	uint32_t (*lr_empty)(void);
	unsigned int (*nr_lrs)(void);
	/* ICH_HCR_EL2, GICH_HCR: the same bits */
	uint32_t (*hcr_read)(void);
	void (*hcr_write)(uint32_t value);
	/* the virtual CPU interface, for a vCPU that comes and goes */
	void (*guest_on)(void);
	void (*guest_off)(void);
	void (*state_save)(struct vgic_hw_state *s);
	void (*state_load)(const struct vgic_hw_state *s);
	unsigned int (*priority_mask)(void);
};

/* irq/gic.c; irq/gicv3.c, irq/gicv2.c */
extern const struct gic_ops *gic;
extern const struct gic_ops gicv3_ops, gicv2_ops;
extern volatile uint8_t *gic_dist;

/** gic_has_sysregs() - this CPU has GICv3's system registers. */
static inline bool gic_has_sysregs(void)
{
	return ((read_sysreg(id_aa64pfr0_el1) >> 24) & 0xf) != 0;
}

static inline uint32_t gic_read(const volatile uint8_t *base, uint32_t at)
{
	return *(const volatile uint32_t *)(base + at);
}

static inline void gic_write(volatile uint8_t *base, uint32_t at, uint32_t value)
{
	*(volatile uint32_t *)(base + at) = value;
}

/** gic_wait() - until register @at of @base has none of @bits; panics when that never happens. */
void gic_wait(const volatile uint8_t *base, uint32_t at, uint32_t bits);
/** gic_private_init() - at @base: SGIs and PPIs disabled, none pending or active; then ours enabled. */
void gic_private_init(volatile uint8_t *base);
/** gic_map() - @range of the interrupt controller's registers. Return: NULL: no room. */
volatile uint8_t *gic_map(const struct plan_range *range);
/** gicv2_guest_interface() - machine address of the page that a guest finds GICC at. */
uint64_t gicv2_guest_interface(void);

/** gic_cpu_init() - this CPU's part. Return: 0; -ENODEV the board does not have one for this CPU. */
static inline int __must_check gic_cpu_init(struct cpu *cpu)
{
	return gic->cpu_init(cpu);
}

/** gic_handle() - an acknowledged interrupt @intid that is not the virtual timer's. */
void gic_handle(uint32_t intid);
/**
 * irq_to_guest() - irq/assign.c: acknowledged SPI @intid is its owner's to deal with. Return: false:
 * no guest has it.
 */
bool irq_to_guest(uint32_t intid);

/** gic_ack() - acknowledge the next interrupt of this CPU; >= 1020: none. */
static inline uint32_t gic_ack(void)
{
	return gic->ack();
}

/**
 * gic_drop() - end of the running priority; gic_deactivate() - the interrupt may fire again
 * (EOImode = 1).
 */
static inline void gic_drop(uint32_t intid)
{
	gic->drop(intid);
}

static inline void gic_deactivate(uint32_t intid)
{
	gic->deactivate(intid);
}

/* irq/time.c */
/** counter_to_ns() - when the physical counter has reached @ticks, on arch_now_ns()'s clock; TIMER_OFF: never. */
uint64_t counter_to_ns(uint64_t ticks);

/* psci/psci.c: the firmware */
int64_t psci_call(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3);
/** firmware_call() - the same for 32-bit results. Return: -1 too where the firmware has no SMCCC. */
int32_t firmware_call(uint32_t fn, uint32_t a1);

/* trap/ */
/** trap_return() - last stop before the guest. Return: true enter it, false @v leaves this CPU. */
bool trap_return(struct vcpu *v);
/** trap_irq() - a physical interrupt while a vCPU is on this CPU, or none. Return: as trap_return(). */
bool trap_irq(void);
/** inject_undef() - the instruction at PC is undefined for the guest. */
void inject_undef(void);
/** pstate_skip() - the guest's PSTATE was @pstate: what else changes when an instruction is stepped over. */
void pstate_skip(uint64_t pstate);

/** pc_skip() - step over the trapped instruction. */
static inline void pc_skip(uint64_t esr)
{
	uint64_t pstate = read_sysreg(spsr_el2);

	write_sysreg(read_sysreg(elr_el2) + 2 + ((esr & ESR_IL) >> 24), elr_el2); /* 4, or 2 */
	if (unlikely((pstate & (PSR_SS | PSR_AARCH32)) != 0)) {
		pstate_skip(pstate);
	}
}

void handle_smccc(struct vcpu *v, struct guest_regs *regs);
void handle_sysreg(struct vcpu *v, struct guest_regs *regs, uint64_t esr);
void handle_instruction_abort(struct vcpu *v, struct guest_regs *regs, uint64_t esr);
void handle_data_abort(struct vcpu *v, struct guest_regs *regs, uint64_t esr);
/** esr_class() - the exception class in words. */
const char *esr_class(uint64_t esr);

/* vcpu/ */
void guest_enter(struct guest_regs **frame, struct guest_saved *state);
void el1_save(struct el1_state *s);
void el1_load(const struct el1_state *s);
void fp_save(struct fp_state *s);
void fp_load(const struct fp_state *s);

/** ptimer_reset() - off, as at reset. ptimer_read() / _write() - register CNTP_*_EL0 with Op2 @op2 of @v, on its CPU. */
void ptimer_reset(struct vcpu *v);
uint64_t ptimer_read(struct vcpu *v, unsigned int op2);
void ptimer_write(struct vcpu *v, unsigned int op2, uint64_t value);

#endif
