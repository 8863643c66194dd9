/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that does everything a guest may try and should survive: every register of the virtual
 * GIC at every width, every system register encoding, hypercalls, PSCI and SMCCC calls with
 * nonsense, undefined instructions. Then it waits for lines: a key each for the things that
 * must end this domain and nothing else, a word for each subject. Told "prompt" by its bootargs it waits at once.
 */
#include "poke.h"

#include <libfdt.h>

static bool is_told_to_wait(const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen"), len = 0;
	const char *args = fdt_getprop(fdt, chosen, "bootargs", &len);

	return args != NULL && len == sizeof("prompt") && args[0] == 'p';
}

static void poke_at_all(void)
{
	poke_gic(13);
	poke_sysregs();
	poke_calls();
	poke_firmware();
	poke_hypercalls(20000);
	poke_instructions();
	poke_features();
	interrupts_work();
	suspend_wakes();
	say("survived\n");
}

void poke_main(const void *fdt)
{
	say("begins\n");
	if (is_told_to_wait(fdt)) {
		say("waits\n");
	} else {
		poke_at_all();
	}
	for (;;) {
		command();
	}
}
