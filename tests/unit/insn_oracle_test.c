// SPDX-License-Identifier: Apache-2.0
/*
 * The decoder beside a disassembler: all opcodes of one and two bytes with each ModRM byte and some SIB bytes; with every
 * third ModRM byte behind each prefix, with every 29th behind pairs of them; in both modes. A difference is printed with
 * its bytes.
 */
#include <unit.h>

#include "insn_oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t prefixes[] = { 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e,
				    0x64, 0x65, 0x40, 0x41, 0x42, 0x44, 0x48, 0x4c, 0x4f };

static unsigned int same, findings;

static void one(const uint8_t *code, enum insn_mode mode)
{
	char text[3 * INSN_MAX_BYTES + 1];
	enum oracle_verdict v = oracle_compare(code, mode);

	same += v == ORACLE_SAME;
	if (v == ORACLE_SAME || v == ORACLE_NEITHER) {
		return;
	}
	for (unsigned int n = 0; n < INSN_MAX_BYTES; n++) {
		snprintf(text + 3 * n, 4, "%02x ", code[n]);
	}
	if (findings++ < 20) {
		print_error("%s bits: %s: %s\n", mode == INSN_64 ? "64" : "32", text,
			    oracle_said());
	}
}

/* Opcode, ModRM and SIB, behind @nr bytes of prefixes that are in @code. */
static void all_opcodes(uint8_t *code, unsigned int nr, enum insn_mode mode, unsigned int step)
{
	for (unsigned int opcode = 0; opcode < 512; opcode++) {
		unsigned int at = nr;

		if (opcode >= 256) {
			code[at++] = 0x0f;
		}
		code[at++] = (uint8_t)opcode;
		for (unsigned int modrm = opcode % step; modrm < 256; modrm += step) {
			code[at] = (uint8_t)modrm;
			code[at + 1] = (uint8_t)(modrm * 37 +
						 opcode); /* SIB, or the first of a displacement */
			one(code, mode);
		}
	}
}

static void begin(uint8_t *code)
{
	/* displacement and immediate: signs that differ */
	static const uint8_t tail[INSN_MAX_BYTES] = { 0,    0,	  0,	0,    0xf5,
						      0x12, 0x83, 0x94, 0x65, 0xd6,
						      0x47, 0xb8, 0x29, 0x9a, 0x0b };

	memcpy(code, tail, sizeof(tail));
}

static void without_prefix(void **state)
{
	uint8_t code[INSN_MAX_BYTES];

	(void)state;
	same = findings = 0;
	for (int mode = INSN_32; mode <= INSN_64; mode++) {
		begin(code);
		all_opcodes(code, 0, (enum insn_mode)mode, 1);
	}
	assert_int_equal(findings, 0);
	assert_true(same > 12000);
}

static void with_a_prefix(void **state)
{
	uint8_t code[INSN_MAX_BYTES];

	(void)state;
	same = findings = 0;
	for (size_t n = 0; n < sizeof(prefixes); n++) {
		for (int mode = INSN_32; mode <= INSN_64; mode++) {
			begin(code);
			code[0] = prefixes[n];
			all_opcodes(code, 1, (enum insn_mode)mode, 3);
		}
	}
	assert_int_equal(findings, 0);
	assert_true(same > 49000);
}

/* Two prefixes: sizes, addresses and locks with REX, and a REX that does not count. */
static void with_two(void **state)
{
	uint8_t code[INSN_MAX_BYTES];

	(void)state;
	same = findings = 0;
	for (size_t n = 0; n < sizeof(prefixes) * sizeof(prefixes); n++) {
		uint8_t first = prefixes[n / sizeof(prefixes)],
			second = prefixes[n % sizeof(prefixes)];

		if (first == second || (memchr(prefixes + 5, first, 6) != NULL &&
					memchr(prefixes + 5, second, 6) != NULL)) {
			continue; /* of two segments, disassemblers do not agree which one counts */
		}
		for (int mode = INSN_32; mode <= INSN_64; mode++) {
			begin(code);
			code[0] = first;
			code[1] = second;
			all_opcodes(code, 2, (enum insn_mode)mode, 29);
		}
	}
	assert_int_equal(findings, 0);
	assert_true(same > 51000);
}

/* Every SIB byte, with each way to have a displacement. */
static void all_sibs(void **state)
{
	static const uint8_t rex[] = { 0x90, 0x41, 0x42, 0x43, 0x4f }; /* the first one: none */
	uint8_t code[INSN_MAX_BYTES];

	(void)state;
	same = findings = 0;
	for (unsigned int n = 0; n < 3 * 256 * sizeof(rex); n++) {
		unsigned int at = 0;

		begin(code);
		if (rex[n % sizeof(rex)] != 0x90) {
			code[at++] = rex[n % sizeof(rex)];
		}
		code[at++] = 0x89;
		code[at++] = (uint8_t)(n / sizeof(rex) / 256 << 6 | 4 | 3 << 3);
		code[at] = (uint8_t)(n / sizeof(rex));
		one(code, INSN_64);
	}
	assert_int_equal(findings, 0);
	assert_int_equal(same, 3 * 256 * sizeof(rex));
}

static int open_it(void **state)
{
	(void)state;
	oracle_begin();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_prefix),
		cmocka_unit_test(with_a_prefix),
		cmocka_unit_test(with_two),
		cmocka_unit_test(all_sibs),
	};

	return cmocka_run_group_tests(tests, open_it, NULL);
}
