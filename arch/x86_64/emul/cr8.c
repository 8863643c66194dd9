// SPDX-License-Identifier: Apache-2.0
/*
 * MOV to CR8: asm/insn.h. By its REX prefix, or, in 32-bit code of AMD's CPUs, by LOCK before MOV to CR0.
 * Spec: AMD APM vol. 3, "MOV CRn"; Intel SDM vol. 2B, "MOV - Move to/from Control Registers".
 */
#include <asm/insn.h>

#define REX_R 4U
#define REX_B 1U

static bool is_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0x67 || byte == 0xf2 || byte == 0xf3 || byte == 0x64 ||
	       byte == 0x65 || (byte & 0xe7) == 0x26;
}

unsigned int insn_cr8_source(const uint8_t *code, size_t size, enum insn_mode mode,
			     unsigned int *reg)
{
	bool has_lock = false;
	uint8_t rex = 0, modrm;
	size_t at = 0;

	size = MIN(size, (size_t)INSN_MAX_BYTES);
	for (; at < size && (is_prefix(code[at]) || code[at] == 0xf0); at++) {
		has_lock = has_lock || code[at] == 0xf0;
	}
	if (mode == INSN_64 && at < size && (code[at] & 0xf0) == 0x40) {
		rex = code[at++];
	}
	if (size < 3 || at > size - 3 || code[at] != 0x0f || code[at + 1] != 0x22) {
		return 0;
	}
	modrm = code[at + 2];
	if ((modrm >> 3 & 7) != 0 || ((rex & REX_R) != 0) == has_lock) {
		return 0;
	}
	*reg = (modrm & 7U) | ((rex & REX_B) != 0 ? 8U : 0);
	return (unsigned int)at + 3;
}
