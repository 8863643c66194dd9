// SPDX-License-Identifier: Apache-2.0
/*
 * A PC's guest that does everything a guest may try and should survive, then waits for lines: a key each for what ends this
 * domain and nothing else; "attack N" for all of it once more with another seed. Told "beat" it is the neighbour instead.
 */
#include "poke.h"

#include <string.h>

#define LINE_BYTES 32U

void guest_trap(struct pc_frame *f)
{
	if (f->vector < 32) {
		exceptions++;
		return;
	}
	if (f->vector == VECTOR_STORM) {
		interrupts++;
		storm_taken();
	}
	apic_eoi();
}

static void attack(uint64_t seed)
{
	set_seed(seed);
	if (!apic_is_x2()) {
		poke_apic();
	}
	poke_x2apic();
	poke_hypercalls_by(hypercall, "hypercalls", 20000);
	poke_hypercalls_by(hypercall_narrow, "32-bit hypercalls", 20000);
	poke_cpuid();
	poke_msrs();
	poke_ports();
	poke_instructions();
	poke_controls();
	flood_calls(20000);
	storm_ipi(10000);
	storm_timer(2000);
	flood_console(16384);
	interrupts_work();
	say("survived\n");
}

/* In each life its TSC began with it, later than Xen's time. */
static bool is_tsc_new(void)
{
	uint64_t tsc = rdtsc();

	return shared_map() && tsc / tsc_khz() < time_ns(tsc) / 2000000;
}

void guest_main(const struct hvm_start_info *info)
{
	const char *told = (const char *)info->cmdline_paddr;
	char line[LINE_BYTES];

	if (told != NULL && strcmp(told, "beat") == 0) {
		beat();
	}
	say(is_tsc_new() ? "waits\n" : "its TSC is older than it\n");
	for (;;) {
		uint64_t seed = 0;

		get_line(line, sizeof(line));
		if (line[0] != '\0' && line[1] == '\0') {
			deadly(line[0]);
		} else if (strncmp(line, "attack ", 7) == 0) {
			for (const char *c = line + 7; *c >= '0' && *c <= '9'; c++) {
				seed = seed * 10 + (uint64_t)(*c - '0');
			}
			attack(seed);
		}
	}
}
