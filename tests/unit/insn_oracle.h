/* SPDX-License-Identifier: Apache-2.0 */
/* What libcapstone says of an instruction, beside what the decoder says. */
#ifndef TESTS_INSN_ORACLE_H
#define TESTS_INSN_ORACLE_H

#include <asm/insn.h>

/** oracle_begin() - open the disassembler for both modes. */
void oracle_begin(void);

/** enum oracle_verdict - ORACLE_SAME counts; the others are findings but for ORACLE_NEITHER. */
enum oracle_verdict {
	ORACLE_SAME,	/* both decoded it, and agree in everything */
	ORACLE_NEITHER, /* neither did, or the disassembler says that it is none of ours */
	ORACLE_MISSED,	/* one of ours, but the decoder did not take it */
	ORACLE_WRONG,	/* they differ; oracle_said() says in what */
};

/** oracle_compare() - @code is INSN_MAX_BYTES long. */
enum oracle_verdict oracle_compare(const uint8_t *code, enum insn_mode mode);

/** oracle_said() - the last finding, in words. */
const char *oracle_said(void);

#endif
