/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake machine, as tests drive it: RAM is an array, the clock a variable, an interrupt a function call.
 *
 * A guest's virtual addresses are its physical ones. Machine addresses below HOST_RAM_BASE + HOST_RAM_BYTES are RAM of
 * the array; any other is taken for a host pointer (pages of the pool), so that a wrong one is a sanitizer's finding.
 */
#ifndef HOST_H
#define HOST_H

#include <hyp/arch/pci.h>
#include <hyp/types.h>
#include <setjmp.h>

#define HOST_RAM_BASE	 0x40000000UL
#define HOST_RAM_BYTES	 (64 * MIB)
#define HOST_COUNTER_HZ	 62500000UL
#define HOST_CPUS	 4
#define HOST_MSIS	 20
#define HOST_MSI_ADDRESS 0xfee00000UL
#define HOST_BAR_BASE	 0xd0000000UL /* memory of PCI functions, up to configuration space */
#define HOST_BAR_BYTES	 0x4000UL
#define HOST_PCI_BASE	 0xf0000000UL /* not where a plan shows it to domains */

enum host_end {
	HOST_RUNS,
	HOST_POWERED_OFF,
	HOST_RESET,
	HOST_STOPPED,
	HOST_PANICKED,
	HOST_HALTED
};

struct host {
	uint64_t now_ns;	 /* arch_now_ns() */
	uint64_t step_ns;	 /* how much each reading of the clock advances it */
	uint64_t timer_ns;	 /* TIMER_OFF: none */
	unsigned int cpu;	 /* that runs */
	unsigned int irq_masked; /* depth */
	bool window_open;
	long allocs_left;     /* allocations until they fail; -1: they never do */
	long maps_left;	      /* arch_map() calls until they fail; -1: they never do */
	uint64_t flushed;     /* arch_cache_flush()ed last: machine address, ... */
	size_t flushed_len;   /* ... bytes */
	unsigned int mapped;  /* arch_map()s not undone */
	bool has_no_pci;      /* the machine has no configuration space */
	bool has_iommu;	      /* it guards every function */
	uint16_t guarded;     /* the function that reaches its domain's memory; 0: none does */
	bool is_by_machine;   /* it does so by the machine's addresses */
	unsigned int nr_msis; /* arch_msi_alloc()ed */
	struct msi_message msi[HOST_MSIS]; /* where what arrives at each goes */
	size_t cleaned;			   /* bytes of arch_cache_clean() */
	unsigned int allocated;		   /* allocations not given back */
	enum host_end end;		   /* how the board ended */
	jmp_buf end_jmp;		   /* where it ends, when end_is_expected */
	bool end_is_expected;
	char log[65536]; /* what hyp_printf() said */
	size_t log_len;
	char uart[262144]; /* what the UART sent */
	size_t uart_len;
	size_t uart_room;  /* characters that it takes before it is full */
	const char *typed; /* what it will receive */
	bool uart_rx_irq;
	bool uart_tx_irq;
	/* How often guest_read() and its like took each byte of [reads_from, + reads_len); NULL: nobody asks. */
	uint8_t *reads;
	uintptr_t reads_from;
	size_t reads_len;
	bool flips;   /* each such byte changes once it was read */
	uint8_t seed; /* each byte of the next random number; 0: no source */
};

struct domain;

extern struct host host;
extern uint8_t host_ram[HOST_RAM_BYTES];
extern uint8_t host_device[]; /* one page: the registers of every device */
extern uint8_t host_bar[];    /* what lies at HOST_BAR_BASE, each HOST_BAR_BYTES again */

/** host_reset() - a new machine: memory zero, clock 0, nothing allocated, nothing mapped. */
void host_reset(void);

/** host_advance() - let time pass; a timer that is due goes off. */
void host_advance(uint64_t ns);

/** struct host_spi - an interrupt that a domain was given. */
struct host_spi {
	struct domain *owner;
	unsigned int intid;
	bool is_edge;
	unsigned int quiesced; /* arch_irq_quiesce() calls */
};

/** host_spi() - what arch_irq_assign() was told of @intid; NULL: nothing. */
const struct host_spi *host_spi(unsigned int intid);

/** host_raise() - call the handler of a physical interrupt. */
void host_raise(unsigned int irq);

/** host_ended() - the end of the board: back to host.end_jmp, or a failed test when none was expected. */
void __noreturn host_ended(enum host_end how);

/** HOST_ENDS() - run @what, which ends the board; how it did is in host.end. */
#define HOST_ENDS(what)                          \
	do {                                     \
		host.end_is_expected = true;     \
		if (setjmp(host.end_jmp) == 0) { \
			what;                    \
		}                                \
		host.end_is_expected = false;    \
	} while (0)

#endif
