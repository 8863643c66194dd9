/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the poke guest share: each pokes at one subject, poke_main() calls one after the other.
 *
 * An access or a call is counted in `accesses`; an exception that it ends in is counted in `exceptions` and its
 * instruction skipped. done() prints both and begins anew.
 *
 * Places are those of Xen's public arch-arm.h, fixed on purpose: it pokes at what is there.
 */
#ifndef POKE_H
#define POKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GICD	 0x03001000UL
#define GICR	 0x03020000UL
#define UART	 0x22000000UL
#define HOLE	 0x10000000UL
#define DEVICE_1 GICD
#define DEVICE_2 UART
#define RAM	 0x40000000UL
#define RAM_END	 0x80000000UL /* no domain with this guest has so much */

#define SCRATCH \
	(RAM + 0x800000) /* to RAM + 16 MiB less the device tree nothing of ours lies there */
#define SCRATCH_BYTES 0x400000UL

#define UART_FR	  0x18
#define UART_IMSC 0x38
#define INT_TX	  0x20U
#define FR_RXFE	  (1U << 4)
#define FR_TXFF	  (1U << 5)

#define CPU_SUSPEND   0x84000001U
#define CPU_OFF	      0x84000002U
#define CPU_ON_64     0xc4000003U
#define SYSTEM_OFF    0x84000008U
#define SYSTEM_RESET  0x84000009U
#define SYSTEM_RESET2 0x84000012U
#define SMC64	      0x40000000U

#define HYPERCALL_MEMORY_OP  12
#define HYPERCALL_CONSOLE_IO 18
#define HYPERCALL_GRANT_OP   20
#define HYPERCALL_VCPU_OP    24
#define HYPERCALL_SCHED_OP   29
#define HYPERCALL_EVTCHN_OP  32
#define SCHEDOP_SHUTDOWN     2
#define SCHEDOP_WATCHDOG     6
#define VCPUOP_DOWN	     2

#define TIMER_PPI 27
#define UART_SPI  32

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What head.S makes of its arguments; x0 comes back. */
uint64_t hvc0(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);
uint64_t smc0(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);
uint64_t hvc1(uint64_t x0);
uint64_t smc1(uint64_t x0);
uint64_t hvc_last(uint64_t x0);
typedef int64_t xen_caller(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
xen_caller xen_call;
uint64_t call_code(const uint32_t *code, uint64_t x1);

/* head.S calls */
void poke_exception(uint64_t esr);
void poke_irq(void);
void poke_stray(void);
void poke_main(const void *fdt);

/* count.c */
extern unsigned long exceptions, accesses, interrupts;

/** last_esr - what the last exception was; stepped_to - where the last step ended. */
extern uint64_t last_esr, stepped_to;
#define EC_STEP 0x33 /* software step in EL1 */

/** done() - the line "WHAT: N tried, N exceptions, worst N ticks" of a subject that is through. */
void done(const char *what);

/** next_random() - the same numbers after the same seed. */
uint64_t next_random(void);
void set_seed(uint64_t seed);

/** counter() - the virtual counter, now. */
uint64_t counter(void);

/**
 * timed() - what began at @since has ended: how long, is kept if nothing took longer.
 * @what: which of them it was, printed in hexadecimal
 *
 * Under an emulator that counts instructions that is how long the hypervisor let no interrupt through.
 */
void timed(uint64_t since, uint64_t what);

/** run_word() - run one instruction, written as a number; what is in x1 goes to its x1 and x2. Return: its x2. */
uint64_t run_word(uint32_t word, uint64_t x1);

/* say.c */
void say(const char *text);
void say_number(unsigned long n);
void say_hex(unsigned long n);
void put(char c);
char get(void);

/* A subject each; @n says how often, or one of how many. */
void poke_gic(unsigned int step);
void poke_icc(void);
void poke_sysregs(void);
void poke_maintenance(void);
void poke_calls(void);
void poke_firmware(void);
void flood_calls(unsigned long n);
/** poke_hypercalls_by() - @call: how they are made; @what: the name of that */
void poke_hypercalls_by(xen_caller *call, const char *what, unsigned long n);
void poke_pointers(void);
void poke_instructions(void);
void poke_features(void);
void storm_sgi(unsigned long n);
void storm_timer(unsigned long n);
void storm_level(unsigned long n);
void flood_console(unsigned long n);
void flood_events(unsigned long n);
void abuse_watchdog(unsigned long n);

/** is_end() - is this the number of a PSCI call that ends the vCPU or the domain? */
bool is_end(uint64_t fn);

/** interrupts_ready() - the interrupt controller as a kernel sets it up; @on: interrupts that may come, of the first 64. */
void interrupts_ready(uint64_t on);

/** interrupts_work() - after all that the interrupt controller must still do so. */
void interrupts_work(void);

/** suspend_wakes() - and so must CPU_SUSPEND; the interrupt controller is set up. */
void suspend_wakes(void);

/** storm_left - interrupts until the handler itself ends what raises them; 0: no storm. */
extern volatile unsigned long storm_left;

/** command() - read a line, do what it says. */
void command(void);

/** deadly() - do what @key stands for and ends this domain; nothing for other keys. */
void deadly(char key);

/** dies_in_handler - the next interrupt of a device is to be this domain's end. */
extern bool dies_in_handler;

/** keep_awake() - by a timer that has expired, and whose interrupt is masked. */
static inline void keep_awake(bool on)
{
	__asm__ volatile("msr cntv_cval_el0, xzr");
	__asm__ volatile("msr cntv_ctl_el0, %0\n\tisb" : : "r"((uint64_t)on));
}

static inline uint32_t read32(uint64_t at)
{
	uint32_t v;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(at) : "memory");
	return v;
}

static inline void write32(uint64_t at, uint32_t v)
{
	__asm__ volatile("str %w0, [%1]" : : "r"(v), "r"(at) : "memory");
}

#endif
