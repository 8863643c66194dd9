// SPDX-License-Identifier: Apache-2.0
/*
 * The disassembler's answers, as the decoder would say them: tests/unit/insn_oracle.h.
 *
 * Where the two differ on purpose: the decoder takes no REP prefix with anything but strings, no LOCK where it makes the
 * instruction undefined, no MOVSXD without REX.W, and no opcode that is an alias of another (82). Of segments it
 * notes in 64-bit mode what has a base. Encodings that only differ in these count as "none of ours".
 *
 * The disassembler is wrong about two things, and no answer of its counts there: an operand size prefix that stands before
 * REP, which it forgets; and a prefix of ES, CS, SS or DS behind one of FS or GS, which does nothing in 64-bit mode (AMD
 * APM vol. 3, 1.2.4).
 */
#include "insn_oracle.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static csh handles[2];
static cs_insn *insns[2];
static char said[256];

struct reg {
	uint8_t nr, bytes;
	bool is_high;
};

static const x86_reg regs64[16] = { X86_REG_RAX, X86_REG_RCX, X86_REG_RDX, X86_REG_RBX,
				    X86_REG_RSP, X86_REG_RBP, X86_REG_RSI, X86_REG_RDI,
				    X86_REG_R8,	 X86_REG_R9,  X86_REG_R10, X86_REG_R11,
				    X86_REG_R12, X86_REG_R13, X86_REG_R14, X86_REG_R15 };
static const x86_reg regs32[16] = { X86_REG_EAX,  X86_REG_ECX,	X86_REG_EDX,  X86_REG_EBX,
				    X86_REG_ESP,  X86_REG_EBP,	X86_REG_ESI,  X86_REG_EDI,
				    X86_REG_R8D,  X86_REG_R9D,	X86_REG_R10D, X86_REG_R11D,
				    X86_REG_R12D, X86_REG_R13D, X86_REG_R14D, X86_REG_R15D };
static const x86_reg regs16[16] = { X86_REG_AX,	  X86_REG_CX,	X86_REG_DX,   X86_REG_BX,
				    X86_REG_SP,	  X86_REG_BP,	X86_REG_SI,   X86_REG_DI,
				    X86_REG_R8W,  X86_REG_R9W,	X86_REG_R10W, X86_REG_R11W,
				    X86_REG_R12W, X86_REG_R13W, X86_REG_R14W, X86_REG_R15W };
static const x86_reg regs8[16] = { X86_REG_AL,	 X86_REG_CL,   X86_REG_DL,   X86_REG_BL,
				   X86_REG_SPL,	 X86_REG_BPL,  X86_REG_SIL,  X86_REG_DIL,
				   X86_REG_R8B,	 X86_REG_R9B,  X86_REG_R10B, X86_REG_R11B,
				   X86_REG_R12B, X86_REG_R13B, X86_REG_R14B, X86_REG_R15B };
static const x86_reg high8[4] = { X86_REG_AH, X86_REG_CH, X86_REG_DH, X86_REG_BH };

static bool find_reg(const x86_reg *table, unsigned int nr, x86_reg reg, uint8_t bytes,
		     bool is_high, struct reg *r)
{
	for (unsigned int n = 0; n < nr; n++) {
		if (table[n] == reg) {
			*r = (struct reg){ (uint8_t)n, bytes, is_high };
			return true;
		}
	}
	return false;
}

/* Return: is it a general register? */
static bool as_reg(x86_reg reg, struct reg *r)
{
	*r = (struct reg){ INSN_NO_REG, 0, false };
	return find_reg(regs64, 16, reg, 8, false, r) || find_reg(regs32, 16, reg, 4, false, r) ||
	       find_reg(regs16, 16, reg, 2, false, r) || find_reg(regs8, 16, reg, 1, false, r) ||
	       find_reg(high8, 4, reg, 1, true, r);
}

void oracle_begin(void)
{
	static const cs_mode modes[2] = { CS_MODE_32, CS_MODE_64 };

	for (int n = 0; n < 2; n++) {
		if (cs_open(CS_ARCH_X86, modes[n], &handles[n]) != CS_ERR_OK) {
			abort();
		}
		cs_option(handles[n], CS_OPT_DETAIL, CS_OPT_ON);
		insns[n] = cs_malloc(handles[n]);
	}
}

const char *oracle_said(void)
{
	return said;
}

static enum oracle_verdict finding(enum oracle_verdict verdict, const cs_insn *c, const char *what)
{
	snprintf(said, sizeof(said), "%s: \"%s %s\", %u bytes", what, c->mnemonic, c->op_str,
		 c->size);
	return verdict;
}

static bool op_of(const cs_insn *c, enum insn_op *op)
{
	switch (c->id) {
	case X86_INS_MOV:
	case X86_INS_MOVABS:
		*op = c->detail->x86.operands[0].type == X86_OP_MEM ? INSN_STORE : INSN_LOAD;
		return true;
	case X86_INS_MOVZX:
	case X86_INS_MOVSX:
	case X86_INS_MOVSXD:
		*op = INSN_LOAD;
		return true;
	case X86_INS_OR:
		*op = INSN_OR;
		return true;
	case X86_INS_AND:
		*op = INSN_AND;
		return true;
	case X86_INS_XCHG:
		*op = INSN_XCHG;
		return true;
	case X86_INS_STOSB:
	case X86_INS_STOSW:
	case X86_INS_STOSD:
	case X86_INS_STOSQ:
		*op = INSN_STOS;
		return true;
	case X86_INS_MOVSB:
	case X86_INS_MOVSW:
	case X86_INS_MOVSD:
	case X86_INS_MOVSQ:
		*op = INSN_MOVS;
		return c->detail->x86.opcode[0] == 0xa4 ||
		       c->detail->x86.opcode[0] == 0xa5; /* not SSE's */
	default:
		return false;
	}
}

static bool is_string(enum insn_op op)
{
	return op == INSN_STOS || op == INSN_MOVS;
}

/* The memory operand that the decoder speaks of, and the other one. */
static const cs_x86_op *operand(const cs_insn *c, enum insn_op op, bool is_memory)
{
	const cs_x86 *x = &c->detail->x86;
	int first = op == INSN_MOVS ? 1 : 0;

	for (int n = 0; n < x->op_count; n++) {
		const cs_x86_op *o = &x->operands[(n + first) % x->op_count];

		if ((o->type == X86_OP_MEM) == is_memory) {
			return o;
		}
	}
	return NULL;
}

/* How the instruction is encoded, where that is what the two differ in on purpose. */
static bool is_on_purpose(const uint8_t *code, const cs_insn *c, enum insn_op op)
{
	const cs_x86 *x = &c->detail->x86;
	bool has_lock = false, has_rep = false;
	unsigned int n;

	for (n = 0; n < c->size; n++) {
		has_lock |= code[n] == 0xf0;
		has_rep |= code[n] == 0xf2 || code[n] == 0xf3;
		if (memchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3", code[n], 11) == NULL &&
		    (code[n] & 0xf0) != 0x40) {
			break;
		}
	}
	if (has_rep && !is_string(op)) {
		return true;
	}
	if (has_lock && (is_string(op) || op == INSN_LOAD || op == INSN_STORE ||
			 (op != INSN_XCHG && x->operands[0].type != X86_OP_MEM))) {
		return true;
	}
	return (x->opcode[0] == 0x63 && (x->rex & 8) == 0) || x->opcode[0] == 0x82;
}

/* Is there one of @second behind one of @first? */
static bool has_in_turn(const uint8_t *code, size_t size, const char *first, const char *second)
{
	bool is_seen = false;

	for (size_t n = 0; n < size; n++) {
		if (is_seen && memchr(second, code[n], strlen(second)) != NULL) {
			return true;
		}
		is_seen |= memchr(first, code[n], strlen(first)) != NULL;
	}
	return false;
}

static bool is_misread(const uint8_t *code, const cs_insn *c, enum insn_op op, enum insn_mode mode)
{
	if (is_string(op) && has_in_turn(code, c->size, "\x66", "\xf2\xf3")) {
		return true;
	}
	return mode == INSN_64 && has_in_turn(code, c->size, "\x64\x65", "\x26\x2e\x36\x3e");
}

static uint8_t segment_of(x86_reg reg, const struct insn *i)
{
	switch (reg) {
	case X86_REG_ES:
		return INSN_ES;
	case X86_REG_CS:
		return INSN_CS;
	case X86_REG_SS:
		return INSN_SS;
	case X86_REG_DS:
		return INSN_DS;
	case X86_REG_FS:
		return INSN_FS;
	case X86_REG_GS:
		return INSN_GS;
	default:
		return i->base == INSN_RBP || i->base == INSN_RSP ? INSN_SS : INSN_DS;
	}
}

static bool same_memory(const struct insn *i, const cs_insn *c, const cs_x86_op *m,
			enum insn_mode mode)
{
	struct reg base = { INSN_NO_REG, 0, false }, index = base;
	bool is_rip = m->mem.base == X86_REG_RIP || m->mem.base == X86_REG_EIP;
	uint64_t mask = i->addr_bytes == 8 ? UINT64_MAX : (1ULL << 8 * i->addr_bytes) - 1;

	if (!is_rip) {
		as_reg((x86_reg)m->mem.base, &base);
	}
	as_reg((x86_reg)m->mem.index, &index);
	if (is_rip != i->is_rip || base.nr != i->base || index.nr != i->index ||
	    c->detail->x86.addr_size != i->addr_bytes) {
		return false;
	}
	if (index.nr != INSN_NO_REG && m->mem.scale != 1 << i->scale) {
		return false;
	}
	if ((((uint64_t)m->mem.disp ^ (uint64_t)i->disp) & mask) != 0) {
		return false;
	}
	/* of 64-bit mode only what has a base; the destination of strings is always ES */
	if (mode == INSN_64 && i->segment != INSN_FS && i->segment != INSN_GS) {
		return m->mem.segment != X86_REG_FS && m->mem.segment != X86_REG_GS;
	}
	return i->op == INSN_STOS ? i->segment == INSN_ES
				  : segment_of((x86_reg)m->mem.segment, i) == i->segment;
}

static bool same_other(const struct insn *i, const cs_x86_op *o)
{
	uint64_t mask = i->bytes == 8 ? UINT64_MAX : (1ULL << 8 * i->bytes) - 1;
	struct reg r;

	if (o == NULL) { /* strings: their register is implied */
		return i->reg == INSN_RAX;
	}
	if (o->type == X86_OP_IMM) {
		return i->reg == INSN_NO_REG && (((uint64_t)o->imm ^ i->imm) & mask) == 0 &&
		       (i->imm & ~mask) == 0;
	}
	return as_reg(o->reg, &r) && r.nr == i->reg && r.bytes == i->reg_bytes &&
	       r.is_high == i->is_high;
}

static enum oracle_verdict compare(const struct insn *i, const cs_insn *c, enum insn_op op,
				   enum insn_mode mode)
{
	const cs_x86_op *m = operand(c, op, true), *other = operand(c, op, false);

	if (i->op != op || i->length != c->size) {
		return finding(ORACLE_WRONG, c, "operation or length");
	}
	if (i->bytes != m->size) {
		return finding(ORACLE_WRONG, c, "size of the access");
	}
	if (!same_memory(i, c, m, mode)) {
		return finding(ORACLE_WRONG, c, "address");
	}
	if (!same_other(i, other)) {
		return finding(ORACLE_WRONG, c, "register or immediate");
	}
	if (i->is_sign != (c->id == X86_INS_MOVSX || c->id == X86_INS_MOVSXD)) {
		return finding(ORACLE_WRONG, c, "sign");
	}
	if (op != INSN_XCHG && !is_string(op) &&
	    i->to_reg != (c->detail->x86.operands[0].type == X86_OP_REG)) {
		return finding(ORACLE_WRONG, c, "direction");
	}
	return ORACLE_SAME;
}

enum oracle_verdict oracle_compare(const uint8_t *code, enum insn_mode mode)
{
	unsigned int n = mode == INSN_64;
	const uint8_t *at = code;
	size_t size = INSN_MAX_BYTES;
	uint64_t address = 0;
	enum insn_op op;
	struct insn i;
	bool is_ours, has = insn_decode(code, INSN_MAX_BYTES, mode, &i);
	cs_insn *c = insns[n];

	if (!cs_disasm_iter(handles[n], &at, &size, &address, c)) {
		snprintf(said, sizeof(said), "the disassembler knows no such instruction");
		return has ? ORACLE_WRONG : ORACLE_NEITHER;
	}
	is_ours = op_of(c, &op) && operand(c, op, true) != NULL;
	if (is_ours && !is_string(op)) {
		struct reg r;
		const cs_x86_op *other = operand(c, op, false);

		is_ours = other != NULL && (other->type == X86_OP_IMM || as_reg(other->reg, &r));
	}
	if (is_ours && is_misread(code, c, op, mode)) {
		return ORACLE_NEITHER;
	}
	if (!is_ours || is_on_purpose(code, c, op)) {
		return has ? finding(ORACLE_WRONG, c, "decoded what is none of ours")
			   : ORACLE_NEITHER;
	}
	return has ? compare(&i, c, op, mode) : finding(ORACLE_MISSED, c, "not decoded");
}
