/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that are undefined, hidden or not for EL1. */
#include "poke.h"

/* Extensions that are hidden, debug, and what does not exist at all. */
void poke_instructions(void)
{
	static const uint32_t words[] = {
		0x00000000,	  /* udf */
		0xd4200000,	  /* brk */
		0xd4400000,	  /* hlt */
		0xd4600000,	  /* reserved */
		0xdac103e2,	  /* paciza x2, a pointer authentication */
		0x04bf5002,	  /* rdvl, SVE */
		0xd503467f,	  /* smstart, SME */
		0xd5033fff,	  /* a barrier that is not assigned */
		0xd5087641,	  /* dc isw, x1: by set and way */
		0xd50b7e22,	  /* dc civac x2, of nonsense */
		0xd508831f,	  /* tlbi vmalle1is */
		0xd50c831f,	  /* tlbi alle2is: not for EL1 */
		0xd5087802,	  /* at s1e1r x2 */
		0xd50c7882,	  /* at s12e1r x2: not for EL1 */
		0xd69f03e0 ^ 0x1, /* near eret, reserved */
		0xd503203f,	  /* yield */
		0xd503205f,	  /* wfe */
		0x1e600020,	  /* FP: reserved or fmov */
	};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		(void)run_word(words[i], next_random());
	}
	done("instructions");
}
