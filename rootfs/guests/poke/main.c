/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that does everything a guest may try and should survive: every register of the virtual
 * GIC at every width, every system register encoding, hypercalls, PSCI and SMCCC calls with
 * nonsense, undefined instructions. Then it waits for a key, each a thing that must end this
 * domain and nothing else.
 */
#include "poke.h"

void poke_main(void)
{
	say("begins\n");
	poke_gic();
	poke_sysregs();
	poke_calls();
	poke_firmware();
	poke_hypercalls();
	poke_instructions();
	poke_features();
	interrupts_work();
	suspend_wakes();
	say("survived\n");
	for (;;) {
		deadly(get());
	}
}
