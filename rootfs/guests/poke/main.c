/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that does everything a guest may try and should survive: every register of the virtual
 * GIC at every width, every system register encoding, hypercalls, PSCI and SMCCC calls with
 * nonsense, undefined instructions. Then it waits for a key, each a thing that must end this
 * domain and nothing else.
 *
 * Places are those of Xen's public arch-arm.h, fixed on purpose: it pokes at what is there.
 */
#include <stdbool.h>
#include <stdint.h>

#define GICD	0x03001000UL
#define GICR	0x03020000UL
#define UART	0x22000000UL
#define UART_FR 0x18
#define FR_RXFE (1U << 4)
#define FR_TXFF (1U << 5)
#define HOLE	0x10000000UL
#define RAM	0x40000000UL
#define RAM_END 0x80000000UL /* no domain with this guest has so much */

#define CPU_OFF		    0x84000002U
#define CPU_ON_64	    0xc4000003U
#define SYSTEM_OFF	    0x84000008U
#define SYSTEM_RESET	    0x84000009U
#define HYPERCALL_SCHED_OP  29
#define SCHEDOP_WATCHDOG    6
#define TIMER_PPI	    27
#define HYPERCALL_MEMORY_OP 12

uint64_t hvc0(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);
uint64_t smc0(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);
uint64_t hvc1(uint64_t x0);
uint64_t smc1(uint64_t x0);
uint64_t hvc_last(uint64_t x0);
uint64_t xen_call(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
uint64_t call_code(const uint32_t *code, uint64_t x1);
void poke_exception(uint64_t esr);
void poke_irq(void);
void poke_stray(void);
void poke_main(void);

static unsigned long exceptions, accesses, interrupts;
static bool dies_in_timer;
static uint32_t code[2] __attribute__((aligned(64)));
static uint64_t seed = 1;

static uint64_t next_random(void)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return seed ^ seed >> 29;
}

static uint32_t read32(uint64_t at)
{
	uint32_t v;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(at) : "memory");
	return v;
}

static void write32(uint64_t at, uint32_t v)
{
	__asm__ volatile("str %w0, [%1]" : : "r"(v), "r"(at) : "memory");
}

static void put(char c)
{
	while ((read32(UART + UART_FR) & FR_TXFF) != 0) {
	}
	write32(UART, (uint8_t)c);
}

static void say(const char *text)
{
	while (*text != '\0') {
		put(*text++);
	}
}

static void say_number(unsigned long n)
{
	char digits[20];
	unsigned int i = 0;

	do {
		digits[i++] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	while (i > 0) {
		put(digits[--i]);
	}
}

static void done(const char *what)
{
	say("");
	say(what);
	say(": ");
	say_number(accesses);
	say(" tried, ");
	say_number(exceptions);
	say(" exceptions\n");
	accesses = 0;
	exceptions = 0;
}

void poke_exception(uint64_t esr)
{
	(void)esr;
	exceptions++;
}

void poke_stray(void)
{
	say("exception from where none can come\n");
}

void poke_irq(void)
{
	uint64_t intid;

	__asm__ volatile("mrs %0, icc_iar1_el1" : "=r"(intid));
	if (intid == TIMER_PPI && dies_in_timer) {
		(void)hvc0(SYSTEM_RESET, 0, 0, 0); /* active, never ended */
	}
	__asm__ volatile("msr icc_eoir1_el1, %0" : : "r"(intid));
	interrupts++;
}

/* One register at all widths, read and written. */
static void poke_place(uint64_t at, uint64_t value)
{
	uint64_t v;

	accesses += 8;
	__asm__ volatile("ldrb %w0, [%1]" : "=r"(v) : "r"(at) : "memory");
	__asm__ volatile("ldrh %w0, [%1]" : "=r"(v) : "r"(at & ~1UL) : "memory");
	__asm__ volatile("ldrsw %0, [%1]" : "=r"(v) : "r"(at & ~3UL) : "memory");
	__asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(at & ~7UL) : "memory");
	__asm__ volatile("strb %w0, [%1]" : : "r"(value), "r"(at) : "memory");
	__asm__ volatile("strh %w0, [%1]" : : "r"(value), "r"(at & ~1UL) : "memory");
	__asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(at & ~3UL) : "memory");
	__asm__ volatile("str xzr, [%0]" : : "r"(at & ~7UL) : "memory");
}

static void poke_frame(uint64_t base, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += at < 0x1000 ? 3 : 61) {
		poke_place(base + at, next_random());
	}
	poke_place(base + size - 8, ~0UL);
}

static void poke_gic(void)
{
	poke_frame(GICD, 0x10000);
	done("distributor");
	poke_frame(GICR, 0x20000);
	done("redistributor");
}

/* MRS and MSR of one encoding: written as an instruction, run, whatever comes of it. */
static void poke_sysreg(uint32_t op, bool read)
{
	code[0] = 0xd5000000U | (read ? 1U << 21 : 0) | op | 2; /* to or from x2 */
	code[1] = 0xd65f03c0U;					/* ret */
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb"
			 :
			 : "r"(code)
			 : "memory");
	accesses++;
	(void)call_code(code, next_random());
}

/* Not written: what the guest itself stands on, and what has its vCPU's clock or interrupts. */
static bool is_own_ground(uint32_t op0, uint32_t crn)
{
	return op0 == 3 && (crn <= 2 || crn == 4 || crn == 5 || crn == 6 || crn == 10 ||
			    crn == 12 || crn == 14);
}

static void poke_sysregs(void)
{
	for (uint32_t i = 0; i < 2 * 8 * 16 * 16 * 8; i++) {
		uint32_t op0 = 2 + (i >> 14);
		uint32_t op1 = i >> 11 & 7;
		uint32_t crn = i >> 7 & 15;
		uint32_t crm = i >> 3 & 15;
		uint32_t op = op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | (i & 7) << 5;

		poke_sysreg(op, true);
		if (!is_own_ground(op0, crn)) {
			poke_sysreg(op, false);
		}
	}
	done("system registers");
}

static bool is_end(uint64_t fn)
{
	uint32_t f = (uint32_t)fn;

	return f == CPU_OFF || f == SYSTEM_OFF || f == SYSTEM_RESET;
}

static void poke_calls(void)
{
	static const uint32_t bases[] = { 0,	       0x80000000U, 0x84000000U,
					  0xc4000000U, 0xc0000000U, 0x86000000U };

	for (unsigned int b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
		for (uint32_t i = 0; i < 0x200; i++) {
			uint64_t fn = bases[b] + i;

			if (!is_end(fn)) {
				accesses += 2;
				(void)hvc0(fn, next_random(), next_random(), next_random());
				(void)smc0(fn, next_random() & 7, next_random(), 0);
			}
		}
	}
	(void)hvc0(CPU_ON_64, 0, RAM, 0); /* oneself */
	(void)hvc0(CPU_ON_64, 99, RAM, 0);
	(void)hvc0(CPU_ON_64, ~0UL, 1, 0);
	(void)hvc1(0);
	(void)hvc_last(0);
	(void)smc1(0);
	done("PSCI and SMCCC calls");
}

/* A pointer: into RAM, to its end, to nothing, misaligned, or anything. */
static uint64_t some_pointer(void)
{
	switch (next_random() & 7) {
	case 0:
		return HOLE;
	case 1:
		return GICD;
	case 2:
		return 0;
	case 3:
		return next_random();
	case 4:
		return ~0UL - 3;
	default:
		return RAM + 0x800000 + (next_random() & 0x3fffff);
	}
}

static void poke_hypercalls(void)
{
	for (unsigned int i = 0; i < 20000; i++) {
		uint64_t nr = next_random() % 64;
		uint64_t cmd = next_random() % 40;

		/* leave the domain running and its own pages where they are */
		if (nr == HYPERCALL_SCHED_OP || nr == HYPERCALL_MEMORY_OP) {
			continue;
		}
		accesses++;
		(void)xen_call(nr, cmd, some_pointer(), some_pointer(), next_random());
	}
	(void)xen_call(~0UL, 0, 0, 0, 0);
	done("hypercalls");
}

/* Extensions that are hidden, debug, and what does not exist at all. */
static void poke_instructions(void)
{
	static const uint32_t words[] = {
		0x00000000,	  /* udf */
		0xd4200000,	  /* brk */
		0xd4400000,	  /* hlt */
		0xd4600000,	  /* reserved */
		0xdac103e2,	  /* paciza x2, a pointer authentication */
		0x04bf5002,	  /* rdvl, SVE */
		0xd503467f,	  /* smstart, SME */
		0xd5033fff,	  /* a barrier that is not assigned */
		0xd5087641,	  /* dc isw, x1: by set and way */
		0xd50b7e22,	  /* dc civac x2, of nonsense */
		0xd508831f,	  /* tlbi vmalle1is */
		0xd50c831f,	  /* tlbi alle2is: not for EL1 */
		0xd5087802,	  /* at s1e1r x2 */
		0xd50c7882,	  /* at s12e1r x2: not for EL1 */
		0xd69f03e0 ^ 0x1, /* near eret, reserved */
		0xd503203f,	  /* yield */
		0xd503205f,	  /* wfe */
		0x1e600020,	  /* FP: reserved or fmov */
	};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		code[0] = words[i];
		code[1] = 0xd65f03c0U;
		__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb"
				 :
				 : "r"(code)
				 : "memory");
		accesses++;
		(void)call_code(code, next_random());
	}
	done("instructions");
}

/* After all that the interrupt controller must still work, set up as a kernel does it. */
static void interrupts_work(void)
{
	uint64_t sgir = 3UL << 24 | 1;

	__asm__ volatile("msr icc_sre_el1, %0\n\tisb" : : "r"(7UL));
	for (uint64_t i = 0; i < 32; i += 4) {
		write32(GICR + 0x10400 + i, 0xa0a0a0a0);
	}
	write32(GICR + 0x10380, ~0U);
	write32(GICR + 0x10280, ~0U);
	write32(GICR + 0x10180, ~0U);
	write32(GICD + 0x184, ~0U);
	write32(GICD + 0x284, ~0U);
	write32(GICD + 0x384, ~0U);
	write32(GICR + 0x10100, 1U << 3);
	write32(GICD, 0x12);
	__asm__ volatile("msr icc_pmr_el1, %0" : : "r"(0xf0UL));
	__asm__ volatile("msr icc_ctlr_el1, xzr");
	__asm__ volatile("msr icc_igrpen1_el1, %0\n\tisb" : : "r"(1UL));
	interrupts = 0;
	__asm__ volatile("msr daifclr, #2");
	for (unsigned int i = 0; i < 100; i++) {
		__asm__ volatile("msr icc_sgi1r_el1, %0\n\tisb" : : "r"(sgir));
	}
	__asm__ volatile("msr daifset, #2");
	say("");
	say_number(interrupts);
	say(" of 100 interrupts\n");
}

static char get(void)
{
	while ((read32(UART + UART_FR) & FR_RXFE) != 0) {
		__asm__ volatile("yield");
	}
	return (char)read32(UART);
}

/* The virtual timer's first interrupt is this domain's end. */
static void die_in_timer(void)
{
	dies_in_timer = true;
	write32(GICR + 0x10100, 1U << TIMER_PPI);
	__asm__ volatile("msr cntv_tval_el0, %0" : : "r"(1000UL));
	__asm__ volatile("msr cntv_ctl_el0, %0\n\tisb" : : "r"(1UL));
	__asm__ volatile("msr daifclr, #2");
	for (;;) {
		__asm__ volatile("wfi");
	}
}

/* Armed for a second, and never poked. */
static void die_by_watchdog(void)
{
	uint32_t arg[2] = { 0, 1 };

	say("watchdog ");
	say_number(xen_call(HYPERCALL_SCHED_OP, SCHEDOP_WATCHDOG, (uint64_t)arg, 0, 0));
	say(" armed\n");
	for (;;) {
	}
}

/* Each ends this domain. */
static void deadly(char key)
{
	uint64_t v;

	switch (key) {
	case 'h': /* a hole */
		write32(HOLE, 0);
		break;
	case 'p': /* a pair, which the hardware does not decode */
		__asm__ volatile("ldp %0, xzr, [%1]" : "=r"(v) : "r"(GICD) : "memory");
		break;
	case 'f': /* fetched from where nothing is */
		__asm__ volatile("br %0" : : "r"(HOLE));
		break;
	case 'e': /* beyond the end of memory */
		(void)read32(RAM_END);
		break;
	case 'a': /* beyond the physical address space */
		(void)read32(1UL << 41);
		break;
	case 'x': /* exclusive on a device */
		__asm__ volatile("ldxr %w0, [%1]" : "=r"(v) : "r"(UART) : "memory");
		break;
	case 'u': /* a width that the UART does not have */
		__asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(UART + 0xff8) : "memory");
		break;
	case 't':
		die_in_timer();
		break;
	case 'w':
		die_by_watchdog();
		break;
	case 'r':
		(void)hvc0(SYSTEM_RESET, 0, 0, 0);
		break;
	case 'o':
		(void)smc0(CPU_OFF, 0, 0, 0);
		break;
	case 'q':
		(void)smc0(SYSTEM_OFF, 0, 0, 0);
		break;
	default:
		return; /* the line's end */
	}
	say("still here\n");
}

void poke_main(void)
{
	say("begins\n");
	poke_gic();
	poke_sysregs();
	poke_calls();
	poke_hypercalls();
	poke_instructions();
	interrupts_work();
	say("survived\n");
	for (;;) {
		deadly(get());
	}
}
