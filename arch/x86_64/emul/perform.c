// SPDX-License-Identifier: Apache-2.0
/*
 * What a decoded instruction computes: asm/insn.h.
 * Spec: Intel SDM vol. 1, 3.4.1.1 (registers of 8, 16, 32 bits), 3.6 (address size); vol. 2 for each instruction.
 */
#include <asm/insn.h>

#define RFLAGS_CF BIT(0)
#define RFLAGS_PF BIT(2)
#define RFLAGS_ZF BIT(6)
#define RFLAGS_SF BIT(7)
#define RFLAGS_DF BIT(10)
#define RFLAGS_OF BIT(11)

static uint64_t cut(uint64_t value, unsigned int bytes)
{
	return bytes == 8 ? value : value & ((1UL << 8 * bytes) - 1);
}

/* Registers that are part of an address, or count. Of 4 bytes the rest becomes zero, of 2 it stays. */
static void set_part(uint64_t *reg, uint64_t value, unsigned int bytes)
{
	*reg = bytes == 2 ? (*reg & ~0xffffUL) | (value & 0xffff) : cut(value, bytes);
}

uint64_t insn_offset(const struct insn *i, const uint64_t regs[INSN_NR_REGS], uint64_t next)
{
	uint64_t at = (uint64_t)i->disp;

	if (i->is_rip) {
		at += next;
	}
	if (i->base != INSN_NO_REG) {
		at += regs[i->base];
	}
	if (i->index != INSN_NO_REG) {
		at += regs[i->index] << i->scale;
	}
	return cut(at, i->addr_bytes);
}

uint64_t insn_string_dest(const struct insn *i, const uint64_t regs[INSN_NR_REGS])
{
	return cut(regs[INSN_RDI], i->addr_bytes);
}

uint64_t insn_value(const struct insn *i, const uint64_t regs[INSN_NR_REGS])
{
	if (i->reg == INSN_NO_REG) {
		return i->imm;
	}
	return cut(regs[i->reg] >> (i->is_high ? 8 : 0), i->bytes);
}

static uint64_t extended(const struct insn *i, uint64_t value)
{
	unsigned int shift = 64 - 8U * i->bytes;

	return i->is_sign ? (uint64_t)((int64_t)(value << shift) >> shift) : value;
}

void insn_load(const struct insn *i, uint64_t regs[INSN_NR_REGS], uint64_t value)
{
	uint64_t *reg = &regs[i->reg];

	value = extended(i, value);
	if (i->reg_bytes == 1) {
		unsigned int shift = i->is_high ? 8 : 0;

		*reg = (*reg & ~(0xffUL << shift)) | (value & 0xff) << shift;
		return;
	}
	set_part(reg, value, i->reg_bytes);
}

uint64_t insn_logic(const struct insn *i, const uint64_t regs[INSN_NR_REGS], uint64_t memory,
		    uint64_t *rflags)
{
	uint64_t other = insn_value(i, regs);
	uint64_t result = i->op == INSN_OR ? memory | other : memory & other;
	uint64_t flags = *rflags & ~(RFLAGS_CF | RFLAGS_PF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF);

	flags |= result == 0 ? RFLAGS_ZF : 0;
	flags |= (result >> (8U * i->bytes - 1) & 1) != 0 ? RFLAGS_SF : 0;
	flags |= __builtin_parityl(result & 0xff) == 0 ? RFLAGS_PF : 0;
	*rflags = flags;
	return result;
}

bool insn_string_is_idle(const struct insn *i, const uint64_t regs[INSN_NR_REGS])
{
	return i->is_repeated && cut(regs[INSN_RCX], i->addr_bytes) == 0;
}

bool insn_string_step(const struct insn *i, uint64_t regs[INSN_NR_REGS], uint64_t rflags)
{
	uint64_t by = (rflags & RFLAGS_DF) != 0 ? -(uint64_t)i->bytes : i->bytes;

	set_part(&regs[INSN_RDI], regs[INSN_RDI] + by, i->addr_bytes);
	if (i->op == INSN_MOVS) {
		set_part(&regs[INSN_RSI], regs[INSN_RSI] + by, i->addr_bytes);
	}
	if (!i->is_repeated) {
		return true;
	}
	set_part(&regs[INSN_RCX], regs[INSN_RCX] - 1, i->addr_bytes);
	return cut(regs[INSN_RCX], i->addr_bytes) == 0;
}
