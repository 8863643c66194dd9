/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pointers of a guest with its MMU on: to pages that are read only, not mapped, not there at the second stage, a device,
 * somebody else's on the machine; and structures that begin on a good page and end on such a one.
 *
 * Each call has one right answer: -EFAULT where a byte that it needs cannot be had, else none.
 */
#include "poke.h"

#define EFAULT	    (-14)
#define PAGE	    0x1000UL
#define SPECIAL	    RAM_END /* virtual: pairs of a good page and a special one */
#define GOOD	    SCRATCH
#define ELSE	    (SCRATCH + 16 * PAGE) /* what special pages that exist are backed by */
#define OTHERS	    (RAM + 0x1000000)	  /* guest-physical: behind this domain's memory */
#define DOMID_SELF  0x7ff0U
#define DESC_TABLE  3UL
#define DESC_PAGE   3UL
#define DESC_BLOCK  1UL
#define DESC_AF	    (1UL << 10)
#define DESC_USER   (1UL << 6)
#define DESC_RO	    (2UL << 6)
#define ATTR_NORMAL (1UL << 2)
#define MAIR	    0x4400UL /* 0: device; 1: not cacheable, as all was before */
#define TCR	    ((64UL - 39) | 1UL << 23 | 2UL << 32)
#define SCTLR_OFF   0x30d00800UL
#define SCTLR_M	    1UL

enum call {
	FEATURES,
	EXTRAVERSION,
	CONSOLE_WRITE,
	HVM_PARAM,
	GRANT_SIZE,
	RUNSTATE,
	NR_CALLS
};
enum access {
	NONE,
	READ_ONLY,
	ALL
};

static uint64_t level1[512] __attribute__((aligned(4096)));
static uint64_t level2[512] __attribute__((aligned(4096)));
static uint64_t level3[512] __attribute__((aligned(4096)));

static const struct {
	uint64_t desc;
	enum access access;
} specials[] = {
	{ 0, NONE },
	{ ELSE | ATTR_NORMAL | DESC_AF | DESC_PAGE, ALL },
	{ ELSE | ATTR_NORMAL | DESC_AF | DESC_USER | DESC_PAGE, ALL },
	{ ELSE | ATTR_NORMAL | DESC_AF | DESC_RO | DESC_PAGE, READ_ONLY },
	{ ELSE | ATTR_NORMAL | DESC_PAGE, NONE }, /* access flag */
	{ HOLE | ATTR_NORMAL | DESC_AF | DESC_PAGE, NONE },
	{ OTHERS | ATTR_NORMAL | DESC_AF | DESC_PAGE, NONE },
	{ (GICD & ~(PAGE - 1)) | DESC_AF | DESC_PAGE, NONE },
	{ (GICR & ~(PAGE - 1)) | DESC_AF | DESC_PAGE, NONE },
	{ UART | DESC_AF | DESC_PAGE, NONE },
	{ 1UL << 46 | ATTR_NORMAL | DESC_AF | DESC_PAGE, NONE }, /* more bits than there are */
};

static void mmu(bool on)
{
	if (on) {
		__asm__ volatile("msr mair_el1, %0" : : "r"(MAIR));
		__asm__ volatile("msr tcr_el1, %0" : : "r"(TCR));
		__asm__ volatile("msr ttbr0_el1, %0" : : "r"(level1));
	}
	__asm__ volatile(
		"isb\n\ttlbi vmalle1\n\tic iallu\n\tdsb nsh\n\tisb\n\tmsr sctlr_el1, %0\n\tisb"
		:
		: "r"(on ? SCTLR_OFF | SCTLR_M : SCTLR_OFF)
		: "memory");
}

static void make_tables(void)
{
	level1[0] = DESC_AF | DESC_BLOCK;
	level1[1] = RAM | ATTR_NORMAL | DESC_AF | DESC_BLOCK;
	level1[2] = (uint64_t)level2 | DESC_TABLE;
	level2[0] = (uint64_t)level3 | DESC_TABLE;
	for (unsigned int i = 0; i < ARRAY_SIZE(specials); i++) {
		level3[2 * i] = GOOD | ATTR_NORMAL | DESC_AF | DESC_PAGE;
		level3[2 * i + 1] = specials[i].desc;
	}
}

/* A structure by which @call asks about oneself, in both pages that may back @at. */
static void prepare(enum call call, uint64_t at)
{
	uint64_t offset = at & (PAGE - 1);

	for (uint64_t i = 0; i < 32; i += 4) {
		bool is_over = offset + i >= PAGE;
		uint64_t to = is_over ? ELSE + (offset + i - PAGE) : GOOD + offset + i;
		bool has_domid = i == 0 && (call == HVM_PARAM || call == GRANT_SIZE);

		write32(to, has_domid ? DOMID_SELF : 0);
		write32(offset + i < 64 ? ELSE + offset + i : to, has_domid ? DOMID_SELF : 0);
	}
}

static int64_t make(enum call call, uint64_t at)
{
	switch (call) {
	case FEATURES:
		return (int64_t)xen_call(17, 6, at, 0, 0);
	case EXTRAVERSION:
		return (int64_t)xen_call(17, 1, at, 0, 0);
	case CONSOLE_WRITE:
		return (int64_t)xen_call(18, 0, 16, at, 0);
	case HVM_PARAM:
		return (int64_t)xen_call(34, 1, at, 0, 0);
	case GRANT_SIZE:
		return (int64_t)xen_call(20, 6, at, 1, 0);
	default:
		return (int64_t)xen_call(24, 4, 0, at, 0);
	}
}

static bool is_right(enum call call, uint64_t at, enum access access)
{
	bool is_read_only = call == CONSOLE_WRITE;
	bool is_allowed = access == ALL || (access == READ_ONLY && is_read_only);
	uint64_t since;
	int64_t rc;

	prepare(call, at);
	accesses++;
	since = counter();
	rc = make(call, at);
	timed(since, (uint64_t)call << 60 | at);
	return is_allowed ? rc >= 0 : rc == EFAULT;
}

static void complain(enum call call, uint64_t at)
{
	say("wrong answer to call ");
	say_number(call);
	say(" at 0x");
	say_hex(at);
	say("\n");
}

static unsigned int try(enum call call, uint64_t at, enum access access)
{
	if (is_right(call, at, access)) {
		return 0;
	}
	complain(call, at);
	return 1;
}

void poke_pointers(void)
{
	static const uint64_t never[] = { 0xffffff8000000000, ~0UL - 3, 1UL << 39, 1UL << 47 };
	unsigned int wrong = 0;

	make_tables();
	mmu(true);
	for (unsigned int call = 0; call < NR_CALLS; call++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(specials); i++) {
			uint64_t at = SPECIAL + (2 * i + 1) * PAGE;

			wrong += try(call, at, specials[i].access);
			wrong += try(call, at + 3, specials[i].access);
			wrong += try(call, at - 4, specials[i].access);
		}
		for (unsigned int i = 0; i < ARRAY_SIZE(never); i++) {
			wrong += try(call, never[i], NONE);
		}
	}
	mmu(false);
	done("pointers");
	say("");
	say_number(wrong);
	say(" wrong answers\n");
}
