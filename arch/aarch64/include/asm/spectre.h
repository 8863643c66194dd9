/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speculation: what a CPU suffers from, what is done about it when a guest is left, and what its
 * guests are told. Pure decision; boot/quirks.c reads the registers and acts.
 * Spec: Arm "Cache speculation side-channels", "Spectre-BHB", DEN0028F 7.4 to 7.6.
 */
#ifndef ASM_SPECTRE_H
#define ASM_SPECTRE_H

#include <hyp/types.h>

/** struct spectre_ids - the registers that it depends on. */
struct spectre_ids {
	uint32_t midr;
	uint64_t pfr0;	/* CSV2 59:56 */
	uint64_t pfr1;	/* SSBS 7:4 */
	uint64_t isar2; /* CLRBHB 31:28 */
	uint64_t mmfr1; /* ECBHB 63:60 */
	/* The firmware's answer of ARCH_FEATURES about workaround 1, 2 and 3. */
	int32_t firmware[3];
};

enum spectre_state {
	SPECTRE_UNAFFECTED,
	SPECTRE_MITIGATED,
	SPECTRE_VULNERABLE
};

/** enum spectre_vectors - what a guest's exit begins with, once its registers are saved. */
enum spectre_vectors {
	SPECTRE_VECTORS_PLAIN,	  /* nothing */
	SPECTRE_VECTORS_LOOP,	  /* branches that push a guest's out of the history */
	SPECTRE_VECTORS_CLRBHB,	  /* the instruction for that */
	SPECTRE_VECTORS_FIRMWARE, /* a call of the firmware */
	SPECTRE_VECTORS_COUNT,
};

struct spectre {
	enum spectre_state v2;	/* branch target injection */
	enum spectre_state bhb; /* branch history injection */
	enum spectre_state v4;	/* speculative store bypass */
	enum spectre_vectors vectors;
	uint32_t arg;	       /* of the vectors: the loop's rounds, or the firmware's function */
	bool asks_firmware_v4; /* its workaround 2 is to be switched on, once */
	int32_t workaround[3]; /* ARCH_FEATURES for guests on this CPU */
};

/** spectre_decide() - fill @s for a CPU. Context: any. */
void spectre_decide(const struct spectre_ids *ids, struct spectre *s);

/** spectre_state_name() - in words. */
const char *spectre_state_name(enum spectre_state state);

#endif
