/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GIC under any sequence of events, beside a simple reference: who raised what and who has heard of it.
 * For a unit test, which brings seeded numbers, and a fuzzer, which brings its own. Anything wrong ends in abort().
 */
#ifndef TESTS_VGIC_STRESS_H
#define TESTS_VGIC_STRESS_H

#include <stddef.h>
#include <stdint.h>

/**
 * vgic_stress() - one run: a machine as the first byte says, then three bytes an event; in the end everything that was
 * raised is taken and ended, and nothing may be left anywhere.
 */
void vgic_stress(const uint8_t *bytes, size_t size);

#endif
