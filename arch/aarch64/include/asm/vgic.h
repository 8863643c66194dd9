/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GICv3 or GICv2 of a domain: register model and the choice of what goes into list registers.
 *
 * Nothing here touches hardware: what it asks of the machine are the vgic_hw_*() functions at the
 * end, which irq/vgic_hw.c implements and a unit test replaces.
 *
 * Field letters: (g) under vgic.lock; (a) atomic, any CPU; (v) only by the vCPU's own CPU;
 * (c) constant.
 * An interrupt is in at most one place: latched in a bank, or in one list register of one vCPU.
 * Spec: Arm IHI 0069 (GICv3), chapters 8.9 (GICD), 8.11 (GICR), 11 (virtualization).
 */
#ifndef ASM_VGIC_H
#define ASM_VGIC_H

#include <asm/gic.h>
#include <hyp/lock.h>
#include <hyp/types.h>

#define VGIC_MAX_CPUS	 16
#define VGIC_SPI_BANKS	 CONFIG_VGIC_SPI_BANKS /* at most; 32 SPIs each */
#define VGIC_MAX_LRS	 16
#define VGIC_INTID_END	 MIN(32 + 32 * VGIC_SPI_BANKS, 1020)
#define VGIC_GICD_SIZE	 0x10000UL
#define VGIC_GICR_STRIDE 0x20000UL
#define VGIC_NO_TARGET	 0xff

#define VGIC_PPI_UPCALL 31
#define VGIC_PPI_PTIMER 30
#define VGIC_PPI_VTIMER 27

/* List register 0 is the virtual timer's: its interrupt never waits for a free one. */
#define VGIC_LR_VTIMER 0

/* List register fields, ICH_LR<n>_EL2. */
#define LR_PENDING	BIT(62)
#define LR_ACTIVE	BIT(63)
#define LR_STATE	(LR_PENDING | LR_ACTIVE)
#define LR_HW		BIT(61)
#define LR_GROUP1	BIT(60)
#define LR_PRIO_SHIFT	48
#define LR_PINTID_SHIFT 32
#define LR_EOI		BIT(41)
#define LR_PRIO_MASK	(0xffUL << LR_PRIO_SHIFT)
#define LR_CPU_SHIFT	LR_PINTID_SHIFT /* GICv2, an SGI: who sent it */

/* 32 interrupts, one bit each: SGIs and PPIs of a vCPU, or a word of SPIs. */
struct vgic_bank {
	uint32_t enabled;     /* (g) */
	uint32_t group;	      /* (g) in group 1 */
	uint32_t open;	      /* (g) enabled, and so is its group: may be delivered */
	uint32_t pending;     /* (g) latched, not in a list register */
	uint32_t line;	      /* (g) input level of level-sensitive ones */
	uint32_t edge;	      /* (g) ICFGR says edge */
	uint32_t listed;      /* (g) pending in a list register, as last seen */
	uint32_t latched;     /* (g) listed because of a latch, not of a level */
	uint32_t active;      /* (g) active, as last seen or as written */
	uint32_t in_lr;	      /* (g) occupies a list register */
	uint32_t drop;	      /* (g) pending state to be removed from the list register */
	uint32_t drop_active; /* (g) the same for active */
	uint32_t once;	      /* (c) cannot be pending where it is active: a GICv2's SGIs */
	uint32_t hw;	      /* (c) a device's: see irq/vgic_spi.c */
	uint32_t hw_edge;     /* (c) of those, what the plan says of their ICFGR */
	uint8_t prio[32];     /* (g) */
};

/** enum vgic_work - what a vCPU's next vgic_flush() is for; above, a bit each, what was raised. */
enum vgic_work {
	VGIC_INBOX = 1,	  /* private interrupts were raised: those of VGIC_RAISE() */
	VGIC_RAISED = 2,  /* something else may be deliverable that was not */
	VGIC_CHANGED = 4, /* what is in list registers has to be looked at again */
};

/** struct vgic_hw_state - the virtual CPU interface beside its list registers; meaning only to vgic_hw.c. */
struct vgic_hw_state {
	uint64_t vmcr;
	uint64_t apr[8];
};

/* In one word, so that no interrupt can be without the work that brings it on. */
#define VGIC_RAISE(bits) ((uint64_t)(bits) << 32)

struct vgic_cpu {
	struct vgic *vgic; /* (c) */
	struct vgic_bank priv;
	uint32_t id;			 /* (c) vCPU number = affinity level 0 */
	unsigned int cpu;		 /* (c) physical CPU */
	uint64_t work;			 /* (a) enum vgic_work, before the guest is entered */
	bool is_online;			 /* (a) on its CPU: work will be seen */
	bool is_asleep;			 /* (g) GICR_WAKER.ProcessorSleep */
	bool is_short;			 /* (v) something deliverable waits for a list register */
	uint8_t nr_lrs;			 /* (v) of this CPU */
	uint32_t lr_used;		 /* (v) one bit a list register */
	uint32_t lr_general;		 /* (c) those for any interrupt: all but the timer's */
	uint16_t lr_intid[VGIC_MAX_LRS]; /* (v) */
	uint64_t timer_lr; /* (a) ready to be written when the timer fires; 0: not deliverable */
	bool timer_is_pended; /* (g) its guest made the timer's interrupt pending, perhaps seen since */
	uint32_t spi_mine[VGIC_SPI_BANKS]; /* (g) routed to us */
	/* GICv2: who sent an SGI, a bit each, (a) while it waits; (g) the one in the list register */
	uint8_t sgi_from[GIC_NR_SGIS];
	uint8_t sgi_listed[GIC_NR_SGIS];
	struct {
		uint64_t lr[VGIC_MAX_LRS]; /* of those in lr_used */
		struct vgic_hw_state hw;
	} saved; /* (v) while it is off its CPU but not at its end */
};

struct vgic {
	spinlock_t lock;
	bool is_v2;	      /* (c) a GICv2 */
	uint32_t groups;      /* (g) GICD_CTLR.EnableGrp0 and EnableGrp1 */
	uint32_t nr_cpus;     /* (c) */
	uint32_t nr_banks;    /* (c) of SPIs: what the guest sees, and what costs time */
	uint32_t redist_size; /* (c) bytes of redistributors: none of a GICv2 */
	struct vgic_cpu *cpus[VGIC_MAX_CPUS]; /* (c) */
	struct vgic_bank spi[VGIC_SPI_BANKS];
	uint8_t route[VGIC_SPI_BANKS * 32];    /* (g) vCPU number or VGIC_NO_TARGET */
	uint64_t irouter[VGIC_SPI_BANKS * 32]; /* (g) as written; GICv2: GICD_ITARGETSR */
	uint8_t holder[VGIC_SPI_BANKS * 32];   /* (g) of those in_lr: the vCPU number */
};

/** vgic_init() / vgic_cpu_init() - reset state; every vCPU is added before any runs. */
void vgic_init(struct vgic *g, bool is_v2);
void vgic_cpu_init(struct vgic *g, struct vgic_cpu *vc, uint32_t id, unsigned int cpu);

/** vgic_reset() - reset state again. Context: no vCPU is online; lines may be set meanwhile. */
void vgic_reset(struct vgic *g);

/**
 * vgic_cpu_online() - @vc begins to run on this CPU: private interrupts at reset, list registers
 * empty.
 */
void vgic_cpu_online(struct vgic_cpu *vc);

/** vgic_cpu_offline() - @vc leaves this CPU. */
void vgic_cpu_offline(struct vgic_cpu *vc);

/** vgic_start() - @vc begins at reset: vgic_cpu_online(), and its CPU interface with it. */
void vgic_start(struct vgic_cpu *vc);

/** vgic_save() / vgic_load() - @vc leaves this CPU, to go on later; it is back. */
void vgic_save(struct vgic_cpu *vc);
void vgic_load(struct vgic_cpu *vc);

/** vgic_has_pending() - could @vc, which is on this CPU, take an interrupt? One of its running priority counts too. */
bool vgic_has_pending(const struct vgic_cpu *vc);

/** vgic_set_private_line() - input level of PPI @intid of @vc. Context: any CPU. */
void vgic_set_private_line(struct vgic_cpu *vc, unsigned int intid, bool level);

/** vgic_raise_private() - edge of SGI or PPI @intid of @vc. Context: any CPU; kicks it. */
void vgic_raise_private(struct vgic_cpu *vc, unsigned int intid);

/** vgic_set_line() - input level of SPI @intid. Context: any CPU. */
void vgic_set_line(struct vgic *g, unsigned int intid, bool level);

/**
 * vgic_spi_assign() - SPI @intid, edge-triggered or level, is a device's, and @g's from now on.
 * Context: before any vCPU runs. Return: 0; -EINVAL no such SPI; -EBUSY it is already.
 */
int __must_check vgic_spi_assign(struct vgic *g, unsigned int intid, bool is_edge);

/**
 * vgic_spi_fired() - physical SPI @intid, one of @g's, was acknowledged; it is active until the guest
 * deactivates it. Context: any CPU.
 */
void vgic_spi_fired(struct vgic *g, unsigned int intid);

/**
 * vgic_spi_quiesce() - all physical SPIs of @g as when they were assigned: disabled, not pending, not
 * active. Context: no vCPU of @g is online.
 */
void vgic_spi_quiesce(struct vgic *g);

/**
 * vgic_timer_fired() - the physical timer interrupt of this CPU, whose vCPU is @vc, was
 * acknowledged.
 */
void vgic_timer_fired(struct vgic_cpu *vc);

/**
 * vgic_flush() - bring list registers up to date. Context: @vc's CPU, before it enters the guest,
 * when vc->work.
 */
void vgic_flush(struct vgic_cpu *vc);

/**
 * vgic_maintenance() - what is in this CPU's list registers has to be looked at: its maintenance interrupt
 * came, or someone asks for it. @vc: its vCPU.
 */
void vgic_maintenance(struct vgic_cpu *vc);

/** vgic_sgi() - @vc wrote @value to ICC_SGI1R_EL1. */
void vgic_sgi(struct vgic_cpu *vc, uint64_t value);

/**
 * vgic_dist_read() and its like - a register of the distributor, or of the redistributor of @vc.
 * @at: offset; @size: 1, 2, 4, 8. A width or place that the architecture does not give reads as
 * zero and ignores writes.
 * Context: any vCPU of the domain, on its own CPU.
 */
uint64_t vgic_dist_read(struct vgic *g, uint32_t at, unsigned int size);
void vgic_dist_write(struct vgic *g, uint32_t at, unsigned int size, uint64_t value);
uint64_t vgic_redist_read(struct vgic_cpu *vc, uint32_t at, unsigned int size);
void vgic_redist_write(struct vgic_cpu *vc, uint32_t at, unsigned int size, uint64_t value);

/**
 * vgic_v2_read() / vgic_v2_write() - the same of a GICv2's distributor, as @vc sees it.
 * vgic_dir() - @vc wrote @value to GICC_DIR.
 */
uint64_t vgic_v2_read(struct vgic_cpu *vc, uint32_t at, unsigned int size);
void vgic_v2_write(struct vgic_cpu *vc, uint32_t at, unsigned int size, uint64_t value);
void vgic_dir(struct vgic_cpu *vc, uint32_t value);

/* Between the files of the model; vgic.lock held. */

/** enum vgic_reg - the one-bit-an-interrupt registers that distributor and redistributor share. */
enum vgic_reg {
	VGIC_ISENABLER,
	VGIC_ICENABLER,
	VGIC_ISPENDR,
	VGIC_ICPENDR,
	VGIC_ISACTIVER,
	VGIC_ICACTIVER,
};

/**
 * vgic_bank_read() / vgic_bank_write() - @vc: owner of a private bank; NULL for SPIs. @g: their
 * domain's.
 */
uint32_t vgic_bank_read(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b,
			enum vgic_reg reg);
void vgic_bank_write(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b, enum vgic_reg reg,
		     uint32_t bits);
uint64_t vgic_prio_read(const struct vgic_bank *b, uint32_t at, unsigned int size);
void vgic_prio_write(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b, uint32_t at,
		     unsigned int size, uint64_t value);
/** vgic_group_write() - GICD_IGROUPR. */
void vgic_group_write(struct vgic *g, struct vgic_cpu *vc, struct vgic_bank *b, uint32_t group);
uint32_t vgic_cfg_read(const struct vgic_bank *b, unsigned int half);
void vgic_cfg_write(struct vgic_bank *b, unsigned int half, uint32_t value);
/**
 * vgic_mark() - @vc is to pass through vgic_flush(). vgic_mark_target() - whoever SPI @intid is
 * routed to.
 */
void vgic_mark(struct vgic_cpu *vc, enum vgic_work what);
void vgic_mark_target(struct vgic *g, unsigned int intid);
/**
 * vgic_timer_update() - after a change of what decides whether the timer's interrupt can be
 * delivered.
 */
void vgic_timer_update(struct vgic_cpu *vc);
/** vgic_timer_lr() - what the list register of the timer's interrupt says beside its state. */
uint64_t vgic_timer_lr(const struct vgic_cpu *vc);
/** vgic_timer_unpend() - the timer's interrupt, as @vc's guest left it, is taken out of the hardware. The timer is off. */
void vgic_timer_unpend(struct vgic_cpu *vc);
/** vgic_groups_write() - @groups of GICD_CTLR. */
void vgic_groups_write(struct vgic *g, uint32_t groups);
/**
 * vgic_spi_route() - GICD_IROUTER of SPI number @n (INTID - 32) was written. vgic_spi_targets() -
 * GICD_ITARGETSR: the first of several.
 */
void vgic_spi_route(struct vgic *g, unsigned int n, uint64_t irouter);
void vgic_spi_targets(struct vgic *g, unsigned int n, uint32_t targets);
/** vgic_sgi_raise() - SGI @intid from @from to @to, both of one domain. Any lock state. */
void vgic_sgi_raise(struct vgic_cpu *from, struct vgic_cpu *to, unsigned int intid);
/**
 * vgic_spi_write() - what a write of @bits to @reg of a bank of SPIs means for the devices' ones.
 * Return: the bits that are left for the model.
 */
uint32_t vgic_spi_write(struct vgic *g, struct vgic_bank *b, enum vgic_reg reg, uint32_t bits);
/**
 * vgic_spi_gate() - after a change of what decides whether the devices' SPIs @bits of @b can be
 * delivered. vgic_spi_cfg() - after a change of their ICFGR.
 */
void vgic_spi_gate(struct vgic *g, struct vgic_bank *b, uint32_t bits);
void vgic_spi_cfg(struct vgic *g, struct vgic_bank *b, uint32_t bits);
/**
 * vgic_spi_return() - a device's SPI @intid leaves a list register by our doing; @is_lost: pending
 * state goes with it that must come again.
 */
void vgic_spi_return(struct vgic *g, unsigned int intid, bool is_lost);
/** vgic_is_settled() - no other vCPU still has to take note of a register write (GICD_CTLR.RWP). */
bool vgic_is_settled(struct vgic *g);

/* The machine. All but the kick concern the CPU that calls. */

uint64_t vgic_hw_lr_read(unsigned int n);
void vgic_hw_lr_write(unsigned int n, uint64_t value);
/** vgic_hw_lr_empty() - one bit for each list register with neither an interrupt nor an open EOI. */
uint32_t vgic_hw_lr_empty(void);
/** vgic_hw_nr_lrs() - list registers of this CPU. */
unsigned int vgic_hw_nr_lrs(void);
/** vgic_hw_deactivate() - physical interrupt @intid of this CPU may fire again. */
void vgic_hw_deactivate(unsigned int intid);
/** vgic_hw_ppi_enable() / _pend() - physical private interrupt @intid of CPU @cpu. */
void vgic_hw_ppi_enable(unsigned int cpu, unsigned int intid, bool enable);
void vgic_hw_ppi_pend(unsigned int cpu, unsigned int intid, bool pend);
/** vgic_hw_ppi_unpend() - private interrupt @intid of this CPU is not pending. Return: was it? */
bool vgic_hw_ppi_unpend(unsigned int intid);
/** vgic_hw_spi_check() - can physical SPI @intid be a guest's? Return: 0; -EINVAL not there; -EBUSY ours. */
int __must_check vgic_hw_spi_check(unsigned int intid);
/** vgic_hw_spi_set() - write physical SPI @intid's bit in the register that @reg says. Any CPU. */
void vgic_hw_spi_set(unsigned int intid, enum vgic_reg reg);
/** vgic_hw_spi_pending() - GICD_ISPENDR of the physical SPIs of bank @bank, from 0. */
uint32_t vgic_hw_spi_pending(unsigned int bank);
/** vgic_hw_spi_route() - physical SPI @intid goes to CPU @cpu. */
void vgic_hw_spi_route(unsigned int intid, unsigned int cpu);
/** vgic_hw_spi_config() - ICFGR of physical SPI @intid, which is disabled by this and stays so. */
void vgic_hw_spi_config(unsigned int intid, bool is_edge);
/** vgic_hw_underflow() - a maintenance interrupt when at most one list register is in use (ICH_HCR_EL2.UIE). */
void vgic_hw_underflow(bool on);
/** vgic_hw_ppi_activate() - physical private interrupt @intid of CPU @cpu is active, as if acknowledged. */
void vgic_hw_ppi_activate(unsigned int cpu, unsigned int intid);
/** vgic_hw_state_save() / _load() - the virtual CPU interface of this CPU, its list registers apart. */
void vgic_hw_state_save(struct vgic_hw_state *s);
void vgic_hw_state_load(const struct vgic_hw_state *s);
/** vgic_hw_priority_mask() - the guest on this CPU takes interrupts of a priority value below this. */
unsigned int vgic_hw_priority_mask(void);
/** vgic_hw_has_upcall() - does @vc's guest have an event that it has not seen? Else its upcall is not pending. */
bool vgic_hw_has_upcall(const struct vgic_cpu *vc);
/** vgic_hw_wake() - should @vc wait for something, it is there. Context: any CPU, vgic.lock may be held. */
void vgic_hw_wake(struct vgic_cpu *vc);
/**
 * vgic_hw_kick() - make CPU @cpu pass through vgic_flush(); no-op for the calling one, which passes
 * anyway.
 */
void vgic_hw_kick(unsigned int cpu);

#endif
