/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instructions by which guests reach registers in memory, decoded where the hardware does not:
 *
 *   MOV r,m  m,r  m,imm  moffs     MOVZX, MOVSX, MOVSXD     STOS, MOVS (REP)     OR, AND, XCHG with memory
 *
 * Anything else is not decoded, and the caller crashes the domain with the bytes; nor are REP prefixes where they mean nothing
 * or a hint (XACQUIRE). Decoding is pure; so is what is
 * computed: the caller fetches the bytes, makes the access, and sets registers to what insn_*() say.
 *
 * Spec: Intel SDM vol. 2A, chapter 2 (format), vol. 2B for each instruction; AMD APM vol. 3, chapter 1.
 */
#ifndef ASM_INSN_H
#define ASM_INSN_H

#include <hyp/types.h>

#define INSN_MAX_BYTES 15

/** enum insn_mode - the code segment's: CS.L and CS.D. 16-bit code is not decoded. */
enum insn_mode {
	INSN_32,
	INSN_64
};

enum insn_op {
	INSN_LOAD,  /* register := memory, as it is, zero- or sign-extended */
	INSN_STORE, /* memory := register or immediate */
	INSN_STOS,  /* [rDI] := rAX */
	INSN_MOVS,  /* [rDI] := [rSI]; both may be registers of a device */
	INSN_OR,
	INSN_AND, /* these two: memory with register or immediate, or register with memory */
	INSN_XCHG,
};

/* Number of a general register, as ModRM and REX have it. */
enum {
	INSN_RAX,
	INSN_RCX,
	INSN_RDX,
	INSN_RBX,
	INSN_RSP,
	INSN_RBP,
	INSN_RSI,
	INSN_RDI,
	INSN_NR_REGS = 16
};

/* Segments as numbered in ModRM of MOV Sreg. In 64-bit mode only FS and GS have bases, and no other prefix is noted. */
enum insn_segment {
	INSN_ES,
	INSN_CS,
	INSN_SS,
	INSN_DS,
	INSN_FS,
	INSN_GS
};

#define INSN_NO_REG 0xffU

struct insn {
	enum insn_op op;
	uint8_t length;
	uint8_t bytes;	     /* of the access: 1, 2, 4 or 8 */
	uint8_t reg_bytes;   /* of the register operand: as bytes, but for extending loads */
	uint8_t reg;	     /* register operand; INSN_NO_REG: imm */
	bool is_high;	     /* it is AH, CH, DH, BH: bits 8 to 15 of reg (already 0 to 3) */
	bool is_sign;	     /* a load that extends the sign */
	bool to_reg;	     /* OR, AND: the register is the destination, memory is read only */
	bool is_locked;	     /* LOCK, or XCHG */
	bool is_repeated;    /* REP */
	uint64_t imm;	     /* sign-extended to 64 bits, cut to bytes */
	uint8_t segment;     /* of the memory operand (MOVS: of the source) */
	uint8_t addr_bytes;  /* 2, 4 or 8 */
	uint8_t base, index; /* INSN_NO_REG: none */
	uint8_t scale;	     /* shift of index */
	bool is_rip;	     /* relative to the next instruction */
	int64_t disp;
};

/**
 * insn_decode() - decode the instruction at @code.
 * @size: bytes there; more than INSN_MAX_BYTES are not looked at
 * Return: true; false: not one of these, not whole, or its LOCK prefix makes it undefined.
 */
bool __must_check insn_decode(const uint8_t *code, size_t size, enum insn_mode mode,
			      struct insn *i);

/**
 * insn_offset() - the effective address of the memory operand (MOVS: of the source; STOS: [rDI]), within its segment.
 * @next: RIP behind the instruction
 */
uint64_t insn_offset(const struct insn *i, const uint64_t regs[INSN_NR_REGS], uint64_t next);

/** insn_string_dest() - where STOS and MOVS write, within ES. */
uint64_t insn_string_dest(const struct insn *i, const uint64_t regs[INSN_NR_REGS]);

/** insn_value() - the register or immediate operand, zero-extended from @i->bytes: what a store writes. */
uint64_t insn_value(const struct insn *i, const uint64_t regs[INSN_NR_REGS]);

/**
 * insn_load() - set the register operand from what was read: LOAD, XCHG, and OR and AND to_reg (their result).
 * @value: zero-extended from @i->bytes
 */
void insn_load(const struct insn *i, uint64_t regs[INSN_NR_REGS], uint64_t value);

/**
 * insn_logic() - OR's or AND's result of @memory and the other operand, and the flags in @rflags.
 * Return: it, zero-extended: to be written to memory, or by insn_load() to the register.
 */
uint64_t insn_logic(const struct insn *i, const uint64_t regs[INSN_NR_REGS], uint64_t memory,
		    uint64_t *rflags);

/**
 * insn_string_step() - after one turn of STOS or MOVS: move rDI (and rSI) by the direction flag, count rCX down if
 * repeated.
 * Return: is the instruction done? Else RIP stays, and it is made again.
 */
bool insn_string_step(const struct insn *i, uint64_t regs[INSN_NR_REGS], uint64_t rflags);

/**
 * insn_cr8_source() - a MOV to CR8.
 * @reg: set to the general register that is moved
 * Return: its length; 0: it is something else, or not whole.
 */
unsigned int __must_check insn_cr8_source(const uint8_t *code, size_t size, enum insn_mode mode,
					  unsigned int *reg);

/** insn_string_is_idle() - is it repeated no times at all: rCX is 0? Then nothing is accessed. */
bool insn_string_is_idle(const struct insn *i, const uint64_t regs[INSN_NR_REGS]);

#endif
