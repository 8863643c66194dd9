/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual local APIC of a vCPU: one state, seen through xAPIC registers in memory or x2APIC MSRs.
 *
 * Nothing here touches hardware: what it asks of the machine are the vlapic_hw_*() functions at the end, which the core's
 * side implements and a unit test replaces.
 *
 * Only irr, irr_words, tmr and nmis are written by other CPUs, atomically; everything else belongs to the vCPU's own CPU (or to
 * who resets it while it is off). So there is no lock: an IPI is a bit set, then a kick.
 *
 * Spec: Intel SDM vol. 3A, chapter 11 (APIC), 11.12 (x2APIC); AMD APM vol. 2, chapter 16.
 */
#ifndef ASM_VLAPIC_H
#define ASM_VLAPIC_H

#include <hyp/types.h>

#define VLAPIC_BASE	 0xfee00000UL
#define VLAPIC_SIZE	 0x1000UL
#define VLAPIC_MAX_CPUS	 64
#define VLAPIC_VERSION	 0x14U
#define VLAPIC_BUS_HZ	 100000000U /* what the timer's divider divides: a cycle is 10 ns */
#define VLAPIC_NO_VECTOR (-1)

/* Registers: offsets in the page; an x2APIC MSR is 0x800 + offset / 16. */
#define APIC_ID	       0x020U
#define APIC_VERSION   0x030U
#define APIC_TPR       0x080U
#define APIC_APR       0x090U
#define APIC_PPR       0x0a0U
#define APIC_EOI       0x0b0U
#define APIC_LDR       0x0d0U
#define APIC_DFR       0x0e0U
#define APIC_SVR       0x0f0U
#define APIC_ISR       0x100U /* eight of each */
#define APIC_TMR       0x180U
#define APIC_IRR       0x200U
#define APIC_ESR       0x280U
#define APIC_LVT_CMCI  0x2f0U
#define APIC_ICR       0x300U
#define APIC_ICR_HIGH  0x310U
#define APIC_LVT_TIMER 0x320U
#define APIC_LVT_THERM 0x330U
#define APIC_LVT_PMC   0x340U
#define APIC_LVT_LINT0 0x350U
#define APIC_LVT_LINT1 0x360U
#define APIC_LVT_ERROR 0x370U
#define APIC_TMICT     0x380U
#define APIC_TMCCT     0x390U
#define APIC_TDCR      0x3e0U
#define APIC_SELF_IPI  0x3f0U /* x2APIC only */

#define MSR_APIC_BASE	 0x01bU
#define MSR_TSC_DEADLINE 0x6e0U
#define MSR_X2APIC	 0x800U
#define MSR_X2APIC_END	 0x900U

#define APIC_BASE_BSP	 BIT(8)
#define APIC_BASE_EXTD	 BIT(10)
#define APIC_BASE_ENABLE BIT(11)

#define APIC_SVR_ENABLE	    0x100U
#define APIC_LVT_MASKED	    0x10000U
#define APIC_TIMER_PERIODIC 0x20000U
#define APIC_TIMER_DEADLINE 0x40000U

/* Delivery modes, of ICR and of messages. */
#define APIC_FIXED  0U
#define APIC_LOWEST 1U
#define APIC_SMI    2U
#define APIC_NMI    4U
#define APIC_INIT   5U
#define APIC_SIPI   6U
#define APIC_EXTINT 7U

#define VLAPIC_NR_LVT \
	6 /* timer, thermal, performance, LINT0, LINT1, error: in the order of their registers */

struct vlapic_set;

struct vlapic {
	struct vlapic_set *set; /* constant */
	uint32_t id;		/* constant: APIC ID, = index in the set */
	uint64_t base;		/* IA32_APIC_BASE */
	uint32_t irr[8];	/* written by any CPU, atomically */
	uint32_t tmr[8];	/* the same */
	uint32_t nmis;		/* the same: NMIs that wait; vlapic_take_nmi() */
	uint32_t isr[8];
	uint32_t
		irr_words; /* the same as irr: a bit for each word of it that is not 0, set behind the word's own */
	uint32_t isr_words; /* of isr */
	uint32_t tpr, ldr, dfr, svr;
	uint32_t esr;	      /* as the guest reads it */
	uint32_t esr_pending; /* what its next write to ESR shows */
	uint64_t icr;
	uint32_t lvt[VLAPIC_NR_LVT];
	uint32_t tmict, tdcr;
	uint64_t tsc_deadline; /* guest's TSC; 0: disarmed */
	uint64_t timer_start;  /* ns, when tmict was written, moved on by whole periods */
	uint64_t timer_due;    /* ns, when it goes off next */
	bool is_timer_on;      /* one-shot or periodic: counting */
};

/* Ticks of a periodic timer come no faster than this; those in between are lost, as they are on a slow CPU. */
#define VLAPIC_MIN_PERIOD_NS 20000U

/** struct vlapic_set - the APICs of a domain. */
struct vlapic_set {
	unsigned int nr;
	struct vlapic *cpus[VLAPIC_MAX_CPUS];
};

/** vlapic_init() - add @l to @set, with the next APIC ID, as at power-on; the first one is the BSP. */
void vlapic_init(struct vlapic_set *set, struct vlapic *l);

/** vlapic_reset() - as at power-on. Context: its vCPU is off its CPU, and its timer not armed. */
void vlapic_reset(struct vlapic *l);

/** vlapic_init_signal() - as an INIT leaves it: all but APIC ID and IA32_APIC_BASE. Context: its vCPU's own CPU. */
void vlapic_init_signal(struct vlapic *l);

/**
 * vlapic_mmio_read() / vlapic_mmio_write() - an access to the page at VLAPIC_BASE, by the vCPU itself.
 * @offset: 0 ... 0xfff; @bytes: 1, 2, 4 or 8. Registers are words; of other reads the bytes that are there are
 * given, and other writes do nothing.
 * Return: false when the APIC is not there (disabled, or in x2APIC mode): the page is nothing then.
 */
bool vlapic_mmio_read(struct vlapic *l, uint32_t offset, unsigned int bytes, uint64_t *value);
bool vlapic_mmio_write(struct vlapic *l, uint32_t offset, unsigned int bytes, uint64_t value);

/** vlapic_has_msr() - is @msr this model's: IA32_APIC_BASE, IA32_TSC_DEADLINE or an x2APIC register? */
bool vlapic_has_msr(uint32_t msr);

/** vlapic_msr_read() / vlapic_msr_write() - RDMSR and WRMSR of one of those. Return: false: the guest takes a #GP. */
bool vlapic_msr_read(struct vlapic *l, uint32_t msr, uint64_t *value);
bool vlapic_msr_write(struct vlapic *l, uint32_t msr, uint64_t value);

/**
 * vlapic_raise() - interrupt @vector for @l, e.g. an event channel's upcall. A @vector below 16 is an error noted in
 * no one's ESR. Nothing happens while the APIC is disabled. Context: any CPU; kicks.
 */
void vlapic_raise(struct vlapic *l, uint8_t vector, bool is_level);

/** vlapic_nmi() - an NMI for @l. Context: any CPU; kicks. */
void vlapic_nmi(struct vlapic *l);

/**
 * vlapic_message() - an interrupt message of a device (MSI, IOAPIC) to the APICs of @set.
 * @dest: APIC ID, or logical address if @is_logical; as for xAPIC unless above 0xff
 * Return: false: nobody took it. Context: any CPU.
 */
bool vlapic_message(struct vlapic_set *set, uint32_t dest, bool is_logical, unsigned int mode,
		    uint8_t vector, bool is_level);

/**
 * vlapic_pending() - the vector that the CPU would take now if its flags allow it: the highest in IRR above PPR.
 * Return: it, or VLAPIC_NO_VECTOR. Context: own CPU.
 */
int vlapic_pending(const struct vlapic *l);

/** vlapic_is_quiet() - is nothing in IRR? Then nothing is pending, and there is no threshold. Context: own CPU. */
static inline bool vlapic_is_quiet(const struct vlapic *l)
{
	return __atomic_load_n(&l->irr_words, __ATOMIC_RELAXED) == 0;
}

/** vlapic_take() - the CPU takes @vector, which vlapic_pending() gave: from IRR to ISR. Context: own CPU. */
void vlapic_take(struct vlapic *l, uint8_t vector);

/** vlapic_untake() - @vector, which it took last, did not come about: back to IRR. One that never came here stays out. Own CPU. */
void vlapic_untake(struct vlapic *l, uint8_t vector);

/** vlapic_take_nmi() - is there an NMI? It is taken with that. Context: own CPU. */
bool vlapic_take_nmi(struct vlapic *l);

/**
 * vlapic_threshold() - the TPR below which something becomes deliverable that now is held back by TPR alone.
 * Return: priority class 1 ... 15 of the highest of IRR if it is above ISR's and not above TPR's; else 0.
 */
unsigned int vlapic_threshold(const struct vlapic *l);

/** vlapic_cr8() / vlapic_set_cr8() - the TPR as MOV CR8 sees it. Return: of the latter, false: #GP. */
static inline uint64_t vlapic_cr8(const struct vlapic *l)
{
	return l->tpr >> 4;
}
bool vlapic_set_cr8(struct vlapic *l, uint64_t value);

/** vlapic_timer() - the time asked for by vlapic_hw_timer() has come. Context: own CPU. */
void vlapic_timer(struct vlapic *l);

/** vlapic_tsc_moved() - its guest has written its TSC: a deadline is another time now. Context: own CPU. */
void vlapic_tsc_moved(struct vlapic *l);

/** vlapic_timer_due() - when that will be, ns; UINT64_MAX never: for a vCPU that comes back to its CPU. */
uint64_t vlapic_timer_due(const struct vlapic *l);

/* The machine. */

/** vlapic_hw_now_ns() - time of the APIC's timer; runs for @l as its guest's TSC does. */
uint64_t vlapic_hw_now_ns(const struct vlapic *l);
/** vlapic_hw_tsc_ns() - when @l's guest's TSC reads @tsc, on that clock; the past if it has. Saturates at UINT64_MAX - 1. */
uint64_t vlapic_hw_tsc_ns(const struct vlapic *l, uint64_t tsc);
/** vlapic_hw_timer() - call vlapic_timer() at @ns (UINT64_MAX: never), and no more at what was asked before. */
void vlapic_hw_timer(struct vlapic *l, uint64_t ns);
/** vlapic_hw_kick() - @l has something new to deliver: wake it, make its CPU look. Any CPU; its own one is no exception. */
void vlapic_hw_kick(struct vlapic *l);
/** vlapic_hw_init() - INIT for @l's vCPU: it stops and waits for a SIPI; its own CPU then calls vlapic_init_signal(). */
void vlapic_hw_init(struct vlapic *l);
/** vlapic_hw_sipi() - a SIPI: if @l's vCPU waits for one, it starts in real mode at @vector * 4 KiB. */
void vlapic_hw_sipi(struct vlapic *l, uint8_t vector);
/** vlapic_hw_eoi() - @l's guest ended level-triggered @vector: an IOAPIC's pins look again. */
void vlapic_hw_eoi(struct vlapic *l, uint8_t vector);

#endif
