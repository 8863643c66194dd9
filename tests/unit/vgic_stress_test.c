// SPDX-License-Identifier: Apache-2.0
/* Many runs of tests/unit/vgic_stress.h, of every kind of machine; the numbers are the same each time. */
#include "vgic_stress.h"

#include <unit.h>

#define RUNS   1000
#define EVENTS 400

static uint8_t bytes[1 + 3 * EVENTS];

static void run(uint8_t how)
{
	static uint64_t seed = 1;

	for (unsigned int r = 0; r < RUNS; r++) {
		bytes[0] = how;
		for (size_t i = 1; i < sizeof(bytes); i++) {
			seed = seed * 6364136223846793005UL + 1442695040888963407UL;
			bytes[i] = (uint8_t)(seed >> 56);
		}
		vgic_stress(bytes, sizeof(bytes));
	}
}

static void gicv3_loses_nothing(void **state)
{
	(void)state;
	for (uint8_t cpus = 0; cpus < 4; cpus++) {
		run(cpus);
	}
}

static void gicv2_loses_nothing(void **state)
{
	(void)state;
	for (uint8_t cpus = 0; cpus < 4; cpus++) {
		run(0x80 | cpus);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gicv3_loses_nothing),
		cmocka_unit_test(gicv2_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
