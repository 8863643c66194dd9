/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A made-up machine's memory with ACPI tables in it. Each mapping is a copy on its own, freed by the next one, so that
 * the sanitizer sees every byte read too many or too late.
 */
#ifndef TESTS_ACPI_WORLD_H
#define TESTS_ACPI_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ACPI_WORLD_BYTES 0x200000U

struct acpi_world {
	uint8_t ram[ACPI_WORLD_BYTES];
	uint8_t *mapped;
	unsigned int nr_maps;
};

static inline const void *acpi_world_map(void *ctx, uint64_t pa, size_t bytes)
{
	struct acpi_world *w = ctx;

	free(w->mapped);
	w->mapped = NULL;
	w->nr_maps++;
	if (pa >= ACPI_WORLD_BYTES || bytes > ACPI_WORLD_BYTES - pa) {
		return NULL;
	}
	w->mapped = malloc(bytes);
	memcpy(w->mapped, w->ram + pa, bytes);
	return w->mapped;
}

static inline void acpi_put(struct acpi_world *w, uint64_t at, uint64_t value, unsigned int bytes)
{
	for (unsigned int n = 0; n < bytes; n++) {
		w->ram[at + n] = (uint8_t)(value >> 8 * n);
	}
}

/* Make the sum of @bytes at @at zero by the one at @at + @where. */
static inline void acpi_seal(struct acpi_world *w, uint64_t at, uint32_t bytes, uint32_t where)
{
	uint8_t sum = 0;

	w->ram[at + where] = 0;
	for (uint32_t n = 0; n < bytes; n++) {
		sum = (uint8_t)(sum + w->ram[at + n]);
	}
	w->ram[at + where] = (uint8_t)-sum;
}

static inline void acpi_table(struct acpi_world *w, uint64_t at, const char *name, uint32_t bytes)
{
	memcpy(w->ram + at, name, 4);
	acpi_put(w, at + 4, bytes, 4);
	acpi_seal(w, at, bytes, 9);
}

static inline void acpi_gas(struct acpi_world *w, uint64_t at, uint8_t space, uint8_t bits,
			    uint64_t address)
{
	acpi_put(w, at, space, 1);
	acpi_put(w, at + 1, bits, 1);
	acpi_put(w, at + 4, address, 8);
}

#endif
