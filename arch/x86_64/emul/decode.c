// SPDX-License-Identifier: Apache-2.0
/*
 * The decoder: asm/insn.h. A row for each opcode says what it is; prefixes, ModRM, SIB, displacement and immediate are
 * read in their order, each byte only if it is there.
 * Spec: Intel SDM vol. 2A, 2.1 (prefixes, ModRM, SIB), 2.2.1 (REX); vol. 2D, appendix A (opcode map).
 */
#include <asm/insn.h>

#define PREFIX_OPSIZE 0x66
#define PREFIX_ADDR   0x67
#define PREFIX_LOCK   0xf0
#define PREFIX_REPNE  0xf2
#define PREFIX_REP    0xf3
#define ESCAPE	      0x0f

#define REX_W 8U
#define REX_R 4U
#define REX_X 2U
#define REX_B 1U

/* What a row says besides the operation. */
enum {
	BYTE = 1,      /* 8-bit operand */
	TO_REG = 2,    /* a register is the destination */
	IMM8 = 4,      /* an immediate of a byte, extended */
	IMMZ = 8,      /* one of the operand's size, at most 4 bytes */
	GROUP = 0x10,  /* the ModRM's middle field is part of the opcode */
	MOFFS = 0x20,  /* no ModRM but an address; the register is rAX */
	STRING = 0x40, /* no ModRM */
	SIGN = 0x80,
	LOCKS = 0x100, /* may be locked */
	ONLY_W =
		0x200, /* with REX.W only: another instruction in 32-bit mode, and of no use without */
	WORD = 0x400, /* memory operand of 16 bits; BYTE: of 8; the register's is the operand size */
	DWORD = 0x800, /* of 32 */
	EXTENDS = 0x1000,
};

struct row {
	uint8_t opcode;
	uint8_t ext; /* with GROUP */
	uint8_t op;
	uint16_t is;
};

static const struct row one_byte[] = {
	{ 0x08, 0, INSN_OR, BYTE | LOCKS },
	{ 0x09, 0, INSN_OR, LOCKS },
	{ 0x0a, 0, INSN_OR, BYTE | TO_REG },
	{ 0x0b, 0, INSN_OR, TO_REG },
	{ 0x20, 0, INSN_AND, BYTE | LOCKS },
	{ 0x21, 0, INSN_AND, LOCKS },
	{ 0x22, 0, INSN_AND, BYTE | TO_REG },
	{ 0x23, 0, INSN_AND, TO_REG },
	{ 0x63, 0, INSN_LOAD, TO_REG | SIGN | EXTENDS | DWORD | ONLY_W },
	{ 0x80, 1, INSN_OR, BYTE | IMM8 | GROUP | LOCKS },
	{ 0x80, 4, INSN_AND, BYTE | IMM8 | GROUP | LOCKS },
	{ 0x81, 1, INSN_OR, IMMZ | GROUP | LOCKS },
	{ 0x81, 4, INSN_AND, IMMZ | GROUP | LOCKS },
	{ 0x83, 1, INSN_OR, IMM8 | GROUP | LOCKS },
	{ 0x83, 4, INSN_AND, IMM8 | GROUP | LOCKS },
	{ 0x86, 0, INSN_XCHG, BYTE | TO_REG | LOCKS },
	{ 0x87, 0, INSN_XCHG, TO_REG | LOCKS },
	{ 0x88, 0, INSN_STORE, BYTE },
	{ 0x89, 0, INSN_STORE, 0 },
	{ 0x8a, 0, INSN_LOAD, BYTE | TO_REG },
	{ 0x8b, 0, INSN_LOAD, TO_REG },
	{ 0xa0, 0, INSN_LOAD, BYTE | TO_REG | MOFFS },
	{ 0xa1, 0, INSN_LOAD, TO_REG | MOFFS },
	{ 0xa2, 0, INSN_STORE, BYTE | MOFFS },
	{ 0xa3, 0, INSN_STORE, MOFFS },
	{ 0xa4, 0, INSN_MOVS, BYTE | STRING },
	{ 0xa5, 0, INSN_MOVS, STRING },
	{ 0xaa, 0, INSN_STOS, BYTE | STRING },
	{ 0xab, 0, INSN_STOS, STRING },
	{ 0xc6, 0, INSN_STORE, BYTE | IMM8 | GROUP },
	{ 0xc7, 0, INSN_STORE, IMMZ | GROUP },
};

static const struct row two_bytes[] = {
	{ 0xb6, 0, INSN_LOAD, TO_REG | EXTENDS | BYTE },
	{ 0xb7, 0, INSN_LOAD, TO_REG | EXTENDS | WORD },
	{ 0xbe, 0, INSN_LOAD, TO_REG | EXTENDS | BYTE | SIGN },
	{ 0xbf, 0, INSN_LOAD, TO_REG | EXTENDS | WORD | SIGN },
};

struct reader {
	const uint8_t *code;
	size_t size;
	size_t at;
	bool is_short; /* a byte was asked for that is not there */
	bool is_64;
	uint8_t rex;
	bool has_opsize, has_addr, has_lock;
	uint8_t segment; /* override, or INSN_NO_REG */
	bool has_rep;
};

static uint8_t next(struct reader *r)
{
	if (r->at >= r->size) {
		r->is_short = true;
		return 0;
	}
	return r->code[r->at++];
}

/* @bytes of them, little endian, the last one's sign extended. */
static int64_t next_signed(struct reader *r, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int n = 0; n < bytes; n++) {
		value |= (uint64_t)next(r) << 8 * n;
	}
	return (int64_t)(value << (64 - 8 * bytes)) >> (64 - 8 * bytes);
}

/* In 64-bit mode the prefixes of ES, CS, SS and DS do nothing. Return: was it one of a segment? */
static bool segment_prefix(struct reader *r, uint8_t byte)
{
	if (byte == 0x64 || byte == 0x65) {
		r->segment = byte == 0x64 ? INSN_FS : INSN_GS;
		return true;
	}
	if ((byte & 0xe7) != 0x26) {
		return false;
	}
	if (!r->is_64) {
		r->segment = byte >> 3 & 3;
	}
	return true;
}

/* Return: was @byte a prefix? A REX counts only right before the opcode. */
static bool prefix(struct reader *r, uint8_t byte)
{
	if (r->is_64 && (byte & 0xf0) == 0x40) {
		r->rex = byte;
		return true;
	}
	switch (byte) {
	case PREFIX_OPSIZE:
		r->has_opsize = true;
		break;
	case PREFIX_ADDR:
		r->has_addr = true;
		break;
	case PREFIX_LOCK:
		r->has_lock = true;
		break;
	case PREFIX_REPNE:
	case PREFIX_REP:
		r->has_rep = true;
		break;
	default:
		if (!segment_prefix(r, byte)) {
			return false;
		}
	}
	r->rex = 0;
	return true;
}

static const struct row *find_in(const struct row *rows, size_t nr, uint8_t opcode, uint8_t ext)
{
	for (size_t n = 0; n < nr; n++) {
		if (rows[n].opcode == opcode && ((rows[n].is & GROUP) == 0 || rows[n].ext == ext)) {
			return &rows[n];
		}
	}
	return NULL;
}

/* The opcode's row; the byte behind it, which decides for some, is only looked at. */
static const struct row *find_row(struct reader *r)
{
	uint8_t opcode = next(r);
	const struct row *rows = one_byte;
	size_t nr = ARRAY_SIZE(one_byte);
	uint8_t ext;

	while (prefix(r, opcode) && !r->is_short) {
		opcode = next(r);
	}
	if (opcode == ESCAPE) {
		rows = two_bytes;
		nr = ARRAY_SIZE(two_bytes);
		opcode = next(r);
	}
	ext = r->at < r->size ? r->code[r->at] >> 3 & 7 : 0;
	return find_in(rows, nr, opcode, ext);
}

static void set_sizes(const struct reader *r, const struct row *row, struct insn *i)
{
	uint8_t size = (r->rex & REX_W) != 0 ? 8 : r->has_opsize ? 2 : 4;

	i->reg_bytes = size;
	i->bytes = (row->is & BYTE) != 0    ? 1
		   : (row->is & WORD) != 0  ? 2
		   : (row->is & DWORD) != 0 ? 4
					    : size;
	if ((row->is & EXTENDS) == 0) {
		i->reg_bytes = i->bytes;
	}
	i->addr_bytes = r->is_64 ? (r->has_addr ? 4 : 8) : (r->has_addr ? 2 : 4);
}

/* A byte register without REX: 4 to 7 are the high ones of 0 to 3. */
static void set_reg(const struct reader *r, struct insn *i, uint8_t reg)
{
	i->reg = reg | ((r->rex & REX_R) != 0 ? 8 : 0);
	if (i->reg_bytes == 1 && r->rex == 0 && reg >= 4) {
		i->is_high = true;
		i->reg = reg - 4;
	}
}

static void read_sib(struct reader *r, struct insn *i, uint8_t mod)
{
	uint8_t sib = next(r);
	uint8_t index = (sib >> 3 & 7) | ((r->rex & REX_X) != 0 ? 8 : 0);

	i->scale = sib >> 6;
	i->index = index == INSN_RSP ? INSN_NO_REG : index;
	i->base = (sib & 7) | ((r->rex & REX_B) != 0 ? 8 : 0);
	if ((sib & 7) == INSN_RBP && mod == 0) {
		i->base = INSN_NO_REG;
		i->disp = next_signed(r, 4);
	}
}

static void read_modrm_32(struct reader *r, struct insn *i, uint8_t mod, uint8_t rm)
{
	if (rm == INSN_RSP) {
		read_sib(r, i, mod);
	} else if (rm == INSN_RBP && mod == 0) {
		i->is_rip = r->is_64;
		i->disp = next_signed(r, 4);
	} else {
		i->base = rm | ((r->rex & REX_B) != 0 ? 8 : 0);
	}
	if (mod == 1) {
		i->disp = next_signed(r, 1);
	} else if (mod == 2) {
		i->disp = next_signed(r, 4);
	}
}

/* Spec: Intel SDM vol. 2A, table 2-1. */
static void read_modrm_16(struct reader *r, struct insn *i, uint8_t mod, uint8_t rm)
{
	static const uint8_t bases[8] = { INSN_RBX, INSN_RBX, INSN_RBP, INSN_RBP,
					  INSN_RSI, INSN_RDI, INSN_RBP, INSN_RBX };
	static const uint8_t indexes[8] = { INSN_RSI,	 INSN_RDI,    INSN_RSI,	   INSN_RDI,
					    INSN_NO_REG, INSN_NO_REG, INSN_NO_REG, INSN_NO_REG };

	if (mod == 0 && rm == 6) {
		i->disp = next_signed(r, 2);
		return;
	}
	i->base = bases[rm];
	i->index = indexes[rm];
	i->disp = mod == 0 ? 0 : next_signed(r, mod);
}

/* Return: false for a register operand. */
static bool read_modrm(struct reader *r, const struct row *row, struct insn *i)
{
	uint8_t modrm = next(r);
	uint8_t mod = modrm >> 6;

	if (mod == 3) {
		return false;
	}
	if (i->addr_bytes == 2) {
		read_modrm_16(r, i, mod, modrm & 7);
	} else {
		read_modrm_32(r, i, mod, modrm & 7);
	}
	if ((row->is & GROUP) == 0) {
		set_reg(r, i, modrm >> 3 & 7);
	}
	return true;
}

static uint64_t cut(uint64_t value, unsigned int bytes)
{
	return bytes == 8 ? value : value & ((1UL << 8 * bytes) - 1);
}

/* An immediate is one of the operand's size, but never longer than 4 bytes; that is extended. */
static void read_immediate(struct reader *r, const struct row *row, struct insn *i)
{
	unsigned int bytes = (row->is & IMM8) != 0 ? 1 : MIN(i->bytes, 4);

	if ((row->is & (IMM8 | IMMZ)) != 0) {
		i->imm = cut((uint64_t)next_signed(r, bytes), i->bytes);
	}
}

static bool read_operands(struct reader *r, const struct row *row, struct insn *i)
{
	i->reg = i->base = i->index = INSN_NO_REG;
	if ((row->is & MOFFS) != 0) {
		i->reg = INSN_RAX;
		i->disp = next_signed(r, i->addr_bytes);
	} else if ((row->is & STRING) != 0) {
		i->reg = INSN_RAX;
		i->base = row->op == INSN_MOVS ? INSN_RSI : INSN_RDI;
	} else if (!read_modrm(r, row, i)) {
		return false;
	}
	read_immediate(r, row, i);
	return true;
}

static void set_segment(const struct reader *r, struct insn *i)
{
	if (i->op == INSN_STOS) {
		i->segment = INSN_ES; /* no prefix changes that */
	} else if (r->segment != INSN_NO_REG) {
		i->segment = r->segment;
	} else {
		i->segment = i->base == INSN_RBP || i->base == INSN_RSP ? INSN_SS : INSN_DS;
	}
}

bool insn_decode(const uint8_t *code, size_t size, enum insn_mode mode, struct insn *i)
{
	struct reader r = {
		.code = code,
		.size = MIN(size, INSN_MAX_BYTES),
		.is_64 = mode == INSN_64,
		.segment = INSN_NO_REG,
	};
	const struct row *row = find_row(&r);

	*i = (struct insn){ 0 };
	if (row == NULL || ((row->is & ONLY_W) != 0 && (r.rex & REX_W) == 0) ||
	    (r.has_lock && (row->is & LOCKS) == 0) || (r.has_rep && (row->is & STRING) == 0)) {
		return false;
	}
	i->op = row->op;
	set_sizes(&r, row, i);
	if (!read_operands(&r, row, i) || r.is_short) {
		return false;
	}
	i->is_sign = (row->is & SIGN) != 0;
	i->to_reg = (row->is & TO_REG) != 0;
	i->is_locked = r.has_lock || i->op == INSN_XCHG;
	i->is_repeated = r.has_rep;
	set_segment(&r, i);
	i->length = (uint8_t)r.at;
	return true;
}
