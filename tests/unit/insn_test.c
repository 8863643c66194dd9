// SPDX-License-Identifier: Apache-2.0
/*
 * What the decoder takes and refuses, by hand where the disassembler of insn_oracle_test.c is no judge, and what decoded
 * instructions compute.
 */
#include <unit.h>

#include <asm/insn.h>
#include <string.h>

#define CODE(...) ((const uint8_t[]){ __VA_ARGS__ }), sizeof((const uint8_t[]){ __VA_ARGS__ })

static struct insn i;
static uint64_t regs[INSN_NR_REGS];

static void is(const uint8_t *code, size_t size, enum insn_mode mode, enum insn_op op)
{
	assert_true(insn_decode(code, size, mode, &i));
	assert_int_equal(i.op, op);
	assert_int_equal(i.length, size);
	/* cut anywhere, it is nothing; with more behind, it is the same */
	for (size_t n = 0; n < size; n++) {
		struct insn less;

		assert_false(insn_decode(code, n, mode, &less));
	}
}

static void is_none(const uint8_t *code, size_t size, enum insn_mode mode)
{
	assert_false(insn_decode(code, size, mode, &i));
}

static int set_up(void **state)
{
	(void)state;
	for (uint64_t n = 0; n < INSN_NR_REGS; n++) {
		regs[n] = 0x1111111111111111 * n;
	}
	return 0;
}

/* What Linux's readl, writel and their like are made of. */
static void accessors(void **state)
{
	(void)state;
	is(CODE(0x8b, 0x00), INSN_64, INSN_LOAD); /* mov (%rax),%eax */
	assert_int_equal(i.bytes, 4);
	assert_int_equal(i.reg, INSN_RAX);
	assert_int_equal(insn_offset(&i, regs, 0), 0);
	is(CODE(0x89, 0xb7, 0x00, 0x03, 0x00, 0x00), INSN_64,
	   INSN_STORE); /* mov %esi,0x300(%rdi) */
	assert_int_equal(insn_offset(&i, regs, 0), 0x7777777777777a77);
	assert_int_equal(insn_value(&i, regs), 0x66666666);
	is(CODE(0xc7, 0x04, 0x25, 0xb0, 0xd0, 0x5f, 0xff, 0, 0, 0, 0), INSN_64,
	   INSN_STORE); /* EOI */
	assert_int_equal(insn_offset(&i, regs, 0), 0xffffffffff5fd0b0);
	assert_int_equal(insn_value(&i, regs), 0);
	is(CODE(0x0f, 0xb6, 0x41, 0x03), INSN_64, INSN_LOAD); /* movzbl 3(%rcx),%eax */
	assert_int_equal(i.bytes, 1);
	assert_int_equal(i.reg_bytes, 4);
	is(CODE(0x87, 0x3b), INSN_32, INSN_XCHG); /* xchg %edi,(%ebx) */
	assert_true(i.is_locked);
	assert_int_equal(insn_offset(&i, regs, 0), 0x33333333);
}

static void addresses(void **state)
{
	(void)state;
	is(CODE(0x8b, 0x05, 0xfe, 0xff, 0xff, 0xff), INSN_64, INSN_LOAD);
	assert_int_equal(insn_offset(&i, regs, 0x1006), 0x1004);
	is(CODE(0x67, 0x8b, 0x05, 0xfe, 0xff, 0xff, 0xff), INSN_64, INSN_LOAD);
	assert_int_equal(insn_offset(&i, regs, 0x100000007), 5);
	is(CODE(0x8b, 0x05, 0xfe, 0xff, 0xff, 0xff), INSN_32, INSN_LOAD); /* not relative there */
	assert_int_equal(insn_offset(&i, regs, 0x1006), 0xfffffffe);
	is(CODE(0x4a, 0x8b, 0x44, 0xbb, 0x80), INSN_64, INSN_LOAD); /* -128(%rbx,%r15,4) */
	assert_int_equal(insn_offset(&i, regs, 0),
			 0x3333333333333333 + 4 * 0xffffffffffffffff - 0x80);
	is(CODE(0x67, 0x8b, 0x42, 0x10), INSN_32, INSN_LOAD); /* 16 bits: 0x10(%bp,%si) */
	assert_int_equal(insn_offset(&i, regs, 0), 0xbbcb);
	assert_int_equal(i.segment, INSN_SS);
	is(CODE(0x67, 0x8b, 0x06, 0x34, 0x12), INSN_32, INSN_LOAD);
	assert_int_equal(insn_offset(&i, regs, 0), 0x1234);
	is(CODE(0xa1, 1, 2, 3, 4, 5, 6, 7, 0x80), INSN_64, INSN_LOAD);
	assert_int_equal(insn_offset(&i, regs, 0), 0x8007060504030201);
}

static void segments(void **state)
{
	(void)state;
	is(CODE(0x65, 0x8b, 0x00), INSN_64, INSN_LOAD);
	assert_int_equal(i.segment, INSN_GS);
	is(CODE(0x64, 0x2e, 0x8b, 0x00), INSN_64, INSN_LOAD); /* CS does nothing there */
	assert_int_equal(i.segment, INSN_FS);
	is(CODE(0x64, 0x2e, 0x8b, 0x00), INSN_32, INSN_LOAD);
	assert_int_equal(i.segment, INSN_CS);
	is(CODE(0x26, 0x8b, 0x45, 0x00), INSN_32, INSN_LOAD);
	assert_int_equal(i.segment, INSN_ES);
	is(CODE(0x3e, 0x89, 0x45, 0x00), INSN_32, INSN_STORE);
	assert_int_equal(i.segment, INSN_DS);
	is(CODE(0x64, 0xaa), INSN_64, INSN_STOS);
	assert_int_equal(i.segment, INSN_ES);
	is(CODE(0x64, 0xa4), INSN_64, INSN_MOVS);
	assert_int_equal(i.segment, INSN_FS);
}

/* A REX counts right before the opcode only; operand size before REP counts. */
static void prefixes(void **state)
{
	(void)state;
	is(CODE(0x48, 0x66, 0x8b, 0x00), INSN_64, INSN_LOAD);
	assert_int_equal(i.bytes, 2);
	is(CODE(0x66, 0x48, 0x8b, 0x00), INSN_64, INSN_LOAD);
	assert_int_equal(i.bytes, 8);
	is(CODE(0x66, 0xf3, 0xab), INSN_64, INSN_STOS);
	assert_int_equal(i.bytes, 2);
	assert_true(i.is_repeated);
	is(CODE(0x40, 0x88, 0x20), INSN_64, INSN_STORE); /* SPL, not AH */
	assert_false(i.is_high);
	assert_int_equal(i.reg, INSN_RSP);
	is(CODE(0x88, 0x20), INSN_64, INSN_STORE);
	assert_true(i.is_high);
	assert_int_equal(insn_value(&(struct insn){ .reg = INSN_RBX, .is_high = true, .bytes = 1 },
				    (uint64_t[16]){ 0, 0, 0, 0x1234 }),
			 0x12);
	is_none(CODE(0x40, 0x8b), INSN_64);
	is_none(CODE(0x48, 0x8b, 0x00), INSN_32); /* DEC */
}

static void others(void **state)
{
	(void)state;
	is_none(CODE(0x8b, 0xc1), INSN_64);    /* no memory */
	is_none(CODE(0x01, 0x00), INSN_64);    /* ADD */
	is_none(CODE(0x80, 0x00, 1), INSN_64); /* ADD, of the same opcode as OR */
	is_none(CODE(0xc7, 0x48, 0, 0, 0, 0, 0), INSN_64);
	is_none(CODE(0x8e, 0x00), INSN_64);	  /* a segment register */
	is_none(CODE(0x0f, 0x11, 0x00), INSN_64); /* SSE */
	is_none(CODE(0xc5, 0xf8, 0x11, 0x00), INSN_64);
	is_none(CODE(0x63, 0x00), INSN_32); /* ARPL */
	is_none(CODE(0x63, 0x00), INSN_64);
	is_none(CODE(0x82, 0x08, 1), INSN_32);
	is_none(CODE(0xff, 0x10), INSN_64);
	is_none(CODE(0xcd, 0x80), INSN_64);
	is_none(CODE(0xa6), INSN_64); /* CMPS */
	is_none(CODE(0xae), INSN_64);
}

static void locks(void **state)
{
	(void)state;
	is(CODE(0xf0, 0x09, 0x00), INSN_64, INSN_OR);
	assert_true(i.is_locked);
	is(CODE(0xf0, 0x83, 0x20, 0x7f), INSN_64, INSN_AND);
	is(CODE(0xf0, 0x86, 0x00), INSN_64, INSN_XCHG);
	is_none(CODE(0xf0, 0x0b, 0x00), INSN_64); /* undefined with LOCK */
	is_none(CODE(0xf0, 0x8b, 0x00), INSN_64);
	is_none(CODE(0xf0, 0x89, 0x00), INSN_64);
	is_none(CODE(0xf0, 0xaa), INSN_64);
	is_none(CODE(0xf3, 0x89, 0x00), INSN_64); /* XRELEASE */
}

/* 15 bytes and no more, whatever there is in memory. */
static void too_long(void **state)
{
	uint8_t code[32];

	(void)state;
	memset(code, 0x26, sizeof(code));
	code[13] = 0x8b;
	code[14] = 0x00;
	assert_true(insn_decode(code, sizeof(code), INSN_64, &i));
	assert_int_equal(i.length, 15);
	code[13] = 0x26;
	code[14] = 0x8b;
	code[15] = 0x00;
	assert_false(insn_decode(code, sizeof(code), INSN_64, &i));
	memset(code, 0x26, sizeof(code));
	assert_false(insn_decode(code, sizeof(code), INSN_64, &i));
	memset(code, 0x48, sizeof(code));
	assert_false(insn_decode(code, sizeof(code), INSN_64, &i));
	assert_false(insn_decode(code, 0, INSN_64, &i));
}

static uint64_t loaded(const uint8_t *code, size_t size, uint64_t value)
{
	regs[INSN_RAX] = 0xaaaaaaaaaaaaaaaa;
	is(code, size, INSN_64, INSN_LOAD);
	insn_load(&i, regs, value);
	return regs[INSN_RAX];
}

static void loads(void **state)
{
	(void)state;
	assert_int_equal(loaded(CODE(0x8a, 0x02), 0x91), 0xaaaaaaaaaaaaaa91);
	assert_int_equal(loaded(CODE(0x8a, 0x22), 0x91), 0xaaaaaaaaaaaa91aa); /* AH */
	assert_int_equal(loaded(CODE(0x66, 0x8b, 0x02), 0x9182), 0xaaaaaaaaaaaa9182);
	assert_int_equal(loaded(CODE(0x8b, 0x02), 0x91827364), 0x91827364); /* and zeroes above */
	assert_int_equal(loaded(CODE(0x48, 0x8b, 0x02), 0x9182736455463728), 0x9182736455463728);
	assert_int_equal(loaded(CODE(0x0f, 0xb6, 0x02), 0x91), 0x91);
	assert_int_equal(loaded(CODE(0x66, 0x0f, 0xb6, 0x02), 0x91), 0xaaaaaaaaaaaa0091);
	assert_int_equal(loaded(CODE(0x0f, 0xb7, 0x02), 0x9182), 0x9182);
	assert_int_equal(loaded(CODE(0x0f, 0xbe, 0x02), 0x91), 0xffffff91);
	assert_int_equal(loaded(CODE(0x48, 0x0f, 0xbe, 0x02), 0x91), 0xffffffffffffff91);
	assert_int_equal(loaded(CODE(0x66, 0x0f, 0xbe, 0x02), 0x91), 0xaaaaaaaaaaaaff91);
	assert_int_equal(loaded(CODE(0x48, 0x0f, 0xbf, 0x02), 0x7182), 0x7182);
	assert_int_equal(loaded(CODE(0x48, 0x63, 0x02), 0x91827364), 0xffffffff91827364);
}

static void stores(void **state)
{
	(void)state;
	is(CODE(0x48, 0xc7, 0x00, 0xfe, 0xff, 0xff, 0xff), INSN_64, INSN_STORE);
	assert_int_equal(insn_value(&i, regs), 0xfffffffffffffffe);
	is(CODE(0xc7, 0x00, 0xfe, 0xff, 0xff, 0xff), INSN_64, INSN_STORE);
	assert_int_equal(insn_value(&i, regs), 0xfffffffe);
	is(CODE(0x66, 0xc7, 0x00, 0xfe, 0xff), INSN_64, INSN_STORE);
	assert_int_equal(insn_value(&i, regs), 0xfffe);
	is(CODE(0xc6, 0x00, 0xfe), INSN_64, INSN_STORE);
	assert_int_equal(insn_value(&i, regs), 0xfe);
	is(CODE(0x4c, 0x89, 0x38), INSN_64, INSN_STORE);
	assert_int_equal(insn_value(&i, regs), UINT64_MAX);
}

#define CF_OF 0x801U
#define PF    4U
#define ZF    0x40U
#define SF    0x80U

static uint64_t logic(const uint8_t *code, size_t size, enum insn_op op, uint64_t memory,
		      uint64_t flags)
{
	uint64_t rflags = 0x202 | CF_OF | ZF | SF | PF, result;

	is(code, size, INSN_64, op);
	result = insn_logic(&i, regs, memory, &rflags);
	assert_int_equal(rflags, 0x202 | flags);
	return result;
}

static void logicals(void **state)
{
	(void)state;
	regs[INSN_RAX] = 0xf0f0f0f0f0f0f0f0;
	assert_int_equal(logic(CODE(0x09, 0x01), INSN_OR, 0x0f, SF | PF), 0xf0f0f0ff);
	assert_int_equal(logic(CODE(0x21, 0x01), INSN_AND, 0x0f, ZF | PF), 0);
	assert_int_equal(logic(CODE(0x20, 0x01), INSN_AND, 0x1f, 0), 0x10);
	assert_int_equal(logic(CODE(0x83, 0x21, 0xf0), INSN_AND, 0x7fffffff, PF), 0x7ffffff0);
	assert_int_equal(logic(CODE(0x48, 0x83, 0x21, 0xf0), INSN_AND, UINT64_MAX, SF | PF),
			 0xfffffffffffffff0);
	assert_int_equal(logic(CODE(0x80, 0x09, 0x80), INSN_OR, 1, SF | PF), 0x81);
	assert_int_equal(logic(CODE(0x66, 0x81, 0x09, 0x00, 0x40), INSN_OR, 2, 0), 0x4002);
	/* into a register: memory is only read */
	assert_int_equal(logic(CODE(0x0b, 0x01), INSN_OR, 3, SF | PF), 0xf0f0f0f3);
	assert_true(i.to_reg);
	insn_load(&i, regs, 0xf0f0f0f3);
	assert_int_equal(regs[INSN_RAX], 0xf0f0f0f3);
}

static void exchange(void **state)
{
	(void)state;
	is(CODE(0x66, 0x87, 0x0a), INSN_64, INSN_XCHG);
	assert_int_equal(insn_value(&i, regs), 0x1111);
	insn_load(&i, regs, 0x9999);
	assert_int_equal(regs[INSN_RCX], 0x1111111111119999);
}

static void strings(void **state)
{
	(void)state;
	is(CODE(0xab), INSN_64, INSN_STOS);
	regs[INSN_RAX] = 0x123456789;
	assert_int_equal(insn_value(&i, regs), 0x23456789);
	assert_int_equal(insn_offset(&i, regs, 0), regs[INSN_RDI]);
	assert_int_equal(insn_string_dest(&i, regs), regs[INSN_RDI]);
	assert_false(insn_string_is_idle(&i, (uint64_t[16]){ 0 })); /* rCX does not count */
	assert_true(insn_string_step(&i, regs, 0));
	assert_int_equal(regs[INSN_RDI], 0x777777777777777b);
	assert_int_equal(regs[INSN_RCX], 0x1111111111111111);
	is(CODE(0xf3, 0x48, 0xa5), INSN_64, INSN_MOVS);
	regs[INSN_RCX] = 2;
	assert_int_equal(insn_offset(&i, regs, 0), regs[INSN_RSI]);
	assert_false(insn_string_step(&i, regs, 0x400)); /* backwards */
	assert_int_equal(regs[INSN_RSI], 0x666666666666665e);
	assert_int_equal(regs[INSN_RDI], 0x7777777777777773);
	assert_true(insn_string_step(&i, regs, 0x400));
	assert_int_equal(regs[INSN_RCX], 0);
	assert_true(insn_string_is_idle(&i, regs));
}

/* Addresses and counts of 32 and of 16 bits wrap, and leave or clear what is above. */
static void short_strings(void **state)
{
	(void)state;
	is(CODE(0x67, 0xf3, 0xaa), INSN_64, INSN_STOS);
	regs[INSN_RDI] = 0x5ffffffff;
	regs[INSN_RCX] = 0x700000001;
	assert_int_equal(insn_string_dest(&i, regs), 0xffffffff);
	assert_true(insn_string_step(&i, regs, 0));
	assert_int_equal(regs[INSN_RDI], 0);
	assert_int_equal(regs[INSN_RCX], 0);
	is(CODE(0x67, 0xf3, 0xa4), INSN_32, INSN_MOVS);
	regs[INSN_RDI] = 0x5ffff;
	regs[INSN_RSI] = 0x60000;
	regs[INSN_RCX] = 0x70000;
	assert_true(insn_string_is_idle(&i, regs));
	regs[INSN_RCX] = 0x70002;
	assert_false(insn_string_step(&i, regs, 0));
	assert_int_equal(regs[INSN_RDI], 0x50000);
	assert_int_equal(regs[INSN_RSI], 0x60001);
	assert_int_equal(regs[INSN_RCX], 0x70001);
}

static unsigned int cr8(const uint8_t *code, size_t size, enum insn_mode mode)
{
	unsigned int source = 99, length = insn_cr8_source(code, size, mode, &source);

	return length == 0 ? 0 : length * 100 + source;
}

/* Length and register; what is something else, or ends too early, is none. */
static void to_cr8(void **state)
{
	(void)state;
	assert_int_equal(cr8(CODE(0x44, 0x0f, 0x22, 0xc0), INSN_64), 400);
	assert_int_equal(cr8(CODE(0x45, 0x0f, 0x22, 0xc7), INSN_64), 415);
	assert_int_equal(cr8(CODE(0x66, 0x44, 0x0f, 0x22, 0x03), INSN_64), 503);
	assert_int_equal(cr8(CODE(0xf0, 0x0f, 0x22, 0xc1), INSN_32), 401);
	assert_int_equal(cr8(CODE(0x0f, 0x22, 0xc0), INSN_64), 0);	 /* CR0 */
	assert_int_equal(cr8(CODE(0x44, 0x0f, 0x22, 0xd8), INSN_64), 0); /* CR11 */
	assert_int_equal(cr8(CODE(0x44, 0x0f, 0x20, 0xc0), INSN_64), 0); /* from CR8 */
	assert_int_equal(cr8(CODE(0x44, 0x0f, 0x22), INSN_64), 0);
	assert_int_equal(cr8(CODE(0x44, 0x0f, 0x22, 0xc0), INSN_32), 0);
	assert_int_equal(cr8(CODE(0x66, 0x66), INSN_64), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(accessors, set_up),
		cmocka_unit_test_setup(addresses, set_up),
		cmocka_unit_test_setup(segments, set_up),
		cmocka_unit_test_setup(prefixes, set_up),
		cmocka_unit_test_setup(others, set_up),
		cmocka_unit_test_setup(locks, set_up),
		cmocka_unit_test_setup(too_long, set_up),
		cmocka_unit_test_setup(loads, set_up),
		cmocka_unit_test_setup(stores, set_up),
		cmocka_unit_test_setup(logicals, set_up),
		cmocka_unit_test_setup(exchange, set_up),
		cmocka_unit_test_setup(strings, set_up),
		cmocka_unit_test_setup(short_strings, set_up),
		cmocka_unit_test_setup(to_cr8, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
