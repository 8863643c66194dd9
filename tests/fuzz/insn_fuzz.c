// SPDX-License-Identifier: Apache-2.0
/*
 * The decoder on any bytes, beside a disassembler; and what decoded instructions compute, on any registers.
 *
 * The input: a byte whose lowest bit is the mode, 15 of code, then registers and a value from memory.
 */
#include "../unit/insn_oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t mode;
	uint8_t code[INSN_MAX_BYTES];
	uint64_t memory;
	uint64_t rflags;
	uint64_t regs[INSN_NR_REGS];
};

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	oracle_begin();
	return 0;
}

static uint64_t cut(uint64_t value, unsigned int bytes)
{
	return bytes == 8 ? value : value & ((1ULL << 8 * bytes) - 1);
}

/* All sizes are sizes, all registers are registers, and nothing but the destination changes. */
static void check(const struct insn *i, struct input *in)
{
	uint64_t regs[INSN_NR_REGS], value, rflags = in->rflags;
	unsigned int changed = 0;

	must(i->bytes == 1 || i->bytes == 2 || i->bytes == 4 || i->bytes == 8);
	must(i->reg < INSN_NR_REGS || (i->reg == INSN_NO_REG && !i->to_reg));
	must((i->base < INSN_NR_REGS || i->base == INSN_NO_REG) &&
	     (i->index < INSN_NR_REGS || i->index == INSN_NO_REG));
	must(i->length > 0 && i->length <= INSN_MAX_BYTES && i->scale <= 3 &&
	     i->segment <= INSN_GS);
	value = insn_offset(i, in->regs, in->memory);
	must(cut(value, i->addr_bytes) == value);
	must(cut(insn_value(i, in->regs), i->bytes) == insn_value(i, in->regs));
	memcpy(regs, in->regs, sizeof(regs));
	value = cut(in->memory, i->bytes);
	if (i->op == INSN_OR || i->op == INSN_AND) {
		value = insn_logic(i, regs, value, &rflags);
		must(cut(value, i->bytes) == value && ((rflags ^ in->rflags) & ~0x8c5ULL) == 0);
		must((rflags >> 6 & 1) == (value == 0));
	}
	if (i->op == INSN_STOS || i->op == INSN_MOVS) {
		insn_string_is_idle(i, regs);
		insn_string_step(i, regs, rflags);
		regs[INSN_RCX] = in->regs[INSN_RCX];
		regs[INSN_RSI] = in->regs[INSN_RSI];
		regs[INSN_RDI] = in->regs[INSN_RDI];
	} else if (i->to_reg) {
		insn_load(i, regs, value);
		regs[i->reg] = in->regs[i->reg];
	}
	for (unsigned int n = 0; n < INSN_NR_REGS; n++) {
		changed += regs[n] != in->regs[n];
	}
	must(changed == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { 0 };
	enum oracle_verdict v;
	enum insn_mode mode;
	struct insn i;

	memcpy(&in, data, size < sizeof(in) ? size : sizeof(in));
	mode = (in.mode & 1) != 0 ? INSN_64 : INSN_32;
	v = oracle_compare(in.code, mode);
	if (v != ORACLE_SAME && v != ORACLE_NEITHER) {
		fprintf(stderr, "%s\n", oracle_said());
		abort();
	}
	if (insn_decode(in.code, INSN_MAX_BYTES, mode, &i)) {
		check(&i, &in);
		for (size_t n = i.length; n-- > 0;) {
			must(!insn_decode(in.code, n, mode, &i)); /* not whole */
		}
	}
	return 0;
}
