/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that does everything a guest may try and should survive: every register of the virtual
 * GIC at every width, every system register encoding, hypercalls, PSCI and SMCCC calls with
 * nonsense, undefined instructions. Then it waits for lines: a key each for the things that
 * must end this domain and nothing else, a word for each subject. Told "prompt" by its bootargs it waits at once,
 * told "attack" it does what others could suffer from, and dies.
 */
#include "poke.h"

#include <libfdt.h>

static bool is_told(const void *fdt, const char *what)
{
	const char *args = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "bootargs", NULL);

	while (args != NULL && *what != '\0' && *args == *what) {
		args++;
		what++;
	}
	return args != NULL && *what == '\0' && *args == '\0';
}

/* Each way to keep others from their time, and the end: nobody types, so that two runs are the same to the digit. */
static void attack(void)
{
	poke_hypercalls_by(xen_call, "hypercalls", 20000);
	poke_pointers();
	poke_sysregs();
	poke_icc();
	poke_gic(13);
	flood_calls(5000);
	poke_instructions();
	poke_maintenance();
	storm_sgi(3000);
	storm_timer(3000);
	storm_level(3000);
	flood_console(16384);
	flood_events(10000);
	abuse_watchdog(5000);
	interrupts_work();
	say("attacked\n");
	deadly('h');
}

static void poke_at_all(void)
{
	poke_gic(13);
	poke_sysregs();
	poke_calls();
	poke_firmware();
	poke_hypercalls_by(xen_call, "hypercalls", 20000);
	poke_instructions();
	poke_features();
	interrupts_work();
	suspend_wakes();
	say("survived\n");
}

void poke_main(const void *fdt)
{
	say("begins\n");
	if (is_told(fdt, "prompt")) {
		say("waits\n");
	} else if (is_told(fdt, "attack")) {
		attack();
	} else {
		poke_at_all();
	}
	for (;;) {
		command();
	}
}
